#include "connectors/jwt.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "connectors/crypto.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors {
namespace {

constexpr std::string_view kHeader = R"({"alg":"RS256","typ":"JWT"})";

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// OpenSSL would ask the terminal for a pass phrase.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

/// Null when the text is no RSA private key.
Key read_key(const core::Secret& pem) {
  const std::string_view text = pem.reveal();
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  if (!bio) throw std::runtime_error("no memory for a private key");
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_pass_phrase, nullptr), &EVP_PKEY_free);
  ERR_clear_error();  // left behind, it would be taken for an error of the next TLS call
  if (key && EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) key.reset();
  return key;
}

/// RFC 4648 section 5, without padding.
std::string to_base64url(std::string_view bytes) {
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::string sign_rs256(EVP_PKEY* key, std::string_view text) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t length = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size()) != 1) {
    throw std::runtime_error("RS256 is not available");
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     bytes, text.size()) != 1) {
    throw std::runtime_error("RS256 is not available");
  }
  signature.resize(length);
  return signature;
}

}  // namespace

std::optional<std::string> sign_jwt(const core::Value& claims, const core::Secret& private_key) {
  const Key key = read_key(private_key);
  if (!key) return std::nullopt;
  std::string text = to_base64url(kHeader) + '.' + to_base64url(core::dump_json(claims));
  const std::string signature = sign_rs256(key.get(), text);
  return text + '.' + to_base64url(signature);
}

bool is_rsa_private_key(const core::Secret& pem) {
  return read_key(pem) != nullptr;
}

}  // namespace assembly_sync::connectors
