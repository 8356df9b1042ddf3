#include "daemon/sandbox/crm_signature.hpp"

#include <array>
#include <utility>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

namespace assembly_sync::sandbox {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex(const Digest& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::string base64(const Digest& digest) {
  std::array<unsigned char, 4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1> text{};
  const int size = EVP_EncodeBlock(text.data(), digest.data(), SHA256_DIGEST_LENGTH);
  return {text.begin(), text.begin() + size};
}

std::string decode_named_escapes(std::string_view uri) {
  constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"%3A", ':'},  {"%2F", '/'}, {"%3F", '?'}, {"%40", '@'}, {"%21", '!'}, {"%24", '$'},
      {"%27", '\''}, {"%28", '('}, {"%29", ')'}, {"%2A", '*'}, {"%2C", ','}, {"%3B", ';'}};
  std::string out;
  while (!uri.empty()) {
    std::size_t taken = 1;
    char c = uri.front();
    for (const auto& [escape, plain] : kEscapes) {
      if (!uri.starts_with(escape)) continue;
      c = plain;
      taken = escape.size();
    }
    out += c;
    uri.remove_prefix(taken);
  }
  return out;
}

}  // namespace

std::string crm_signature_v1(std::string_view secret, std::string_view body) {
  const std::string source = std::string(secret) + std::string(body);
  Digest digest;
  SHA256(bytes(source), source.size(), digest.data());
  return hex(digest);
}

std::string crm_signature_v3(std::string_view secret, std::string_view method, std::string_view uri,
                             std::string_view body, std::string_view timestamp) {
  const std::string source =
      std::string(method) + decode_named_escapes(uri) + std::string(body) + std::string(timestamp);
  Digest digest;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes(source), source.size(),
       digest.data(), nullptr);
  return base64(digest);
}

}  // namespace assembly_sync::sandbox
