#include "connectors/hubspot/signature.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/secret.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

constexpr std::string_view kV3Header = "X-HubSpot-Signature-v3";
constexpr std::string_view kTimestampHeader = "X-HubSpot-Request-Timestamp";
constexpr std::string_view kOldHeader = "X-HubSpot-Signature";
constexpr std::string_view kOldVersionHeader = "X-HubSpot-Signature-Version";

using Digest = std::array<unsigned char, 32>;  // SHA-256

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest sha256(std::string_view text) {
  Digest digest{};
  unsigned int length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(),
           digest.data(), &length) == nullptr) {
    throw std::runtime_error("HMAC-SHA-256 is not available");
  }
  return digest;
}

std::string to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string to_base64(const Digest& digest) {
  std::array<unsigned char, 64> out{};
  const int length = EVP_EncodeBlock(out.data(), digest.data(), static_cast<int>(digest.size()));
  return {out.begin(), out.begin() + length};
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// The character that an escape's two hex digits stand for, when it is one of the documented
/// twelve.
std::optional<char> documented_escape(std::string_view digits, EscapeCase escapes) {
  struct Row {
    std::string_view digits;
    char character;
  };
  constexpr std::array<Row, 12> kRows = {{{"3A", ':'},
                                          {"2F", '/'},
                                          {"3F", '?'},
                                          {"40", '@'},
                                          {"21", '!'},
                                          {"24", '$'},
                                          {"27", '\''},
                                          {"28", '('},
                                          {"29", ')'},
                                          {"2A", '*'},
                                          {"2C", ','},
                                          {"3B", ';'}}};
  const std::string wanted =
      escapes == EscapeCase::any ? upper_case(std::string(digits)) : std::string(digits);
  for (const Row& row : kRows) {
    if (row.digits == wanted) return row.character;
  }
  return std::nullopt;
}

Verification refuse(std::string reason) {
  return {.ok = false, .reason = std::move(reason)};
}

/// Ms since the epoch; nothing unless the text is digits only. The official clients let any other
/// text pass the age check, which makes a captured request valid for ever.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  const bool digits_only = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!digits_only) return std::nullopt;
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return ms;
}

bool matches_v3(std::string_view secret, const WebhookRequest& request, std::string_view timestamp,
                std::string_view signature, const std::string& url) {
  std::string text = upper_case(request.method);
  text.append(url).append(request.body).append(timestamp);
  return core::equal_constant_time(to_base64(hmac_sha256(secret, text)), signature);
}

Verification verify_v3(std::string_view secret, const WebhookRequest& request,
                       std::string_view signature, core::WallTime now) {
  const auto timestamp = core::find_header(request.headers, kTimestampHeader);
  if (!timestamp) return refuse("signature v3 without a timestamp");
  const auto sent_ms = parse_timestamp(*timestamp);
  if (!sent_ms) return refuse("timestamp is not a number");
  // Compared without subtracting: the sender's number may be as large as 64 bits allow.
  const std::int64_t now_ms = core::to_ms(now);
  if (*sent_ms < now_ms - kMaximumAge.count()) return refuse("timestamp older than 5 minutes");
  if (*sent_ms > now_ms + kMaximumAge.count()) {
    return refuse("timestamp more than 5 minutes ahead");
  }

  const std::string url = decode_for_signature(request.url, EscapeCase::upper);
  if (matches_v3(secret, request, *timestamp, signature, url)) return {.ok = true, .reason = {}};
  // Whether HubSpot decodes lower-case escapes is not documented, so both readings are believed.
  const std::string other = decode_for_signature(request.url, EscapeCase::any);
  if (other != url && matches_v3(secret, request, *timestamp, signature, other)) {
    return {.ok = true, .reason = {}};
  }
  return refuse("signature v3 does not match");
}

Verification verify_old(std::string_view secret, const WebhookRequest& request,
                        std::string_view signature) {
  const auto version = core::find_header(request.headers, kOldVersionHeader).value_or("v1");
  std::string text(secret);
  if (version == "v2") {
    text.append(upper_case(request.method)).append(request.url);
  } else if (version != "v1") {
    return refuse("unknown signature version");
  }
  text.append(request.body);
  const std::string expected = to_hex(sha256(text));
  std::fill(text.begin(), text.end(), '\0');  // it began with the secret
  if (core::equal_constant_time(expected, signature)) return {.ok = true, .reason = {}};
  return refuse("signature " + std::string(version) + " does not match");
}

}  // namespace

std::string decode_for_signature(std::string_view url, EscapeCase escapes) {
  url = url.substr(0, url.find('#'));
  std::string out;
  out.reserve(url.size());
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto decoded = url[i] == '%' && i + 2 < url.size()
                             ? documented_escape(url.substr(i + 1, 2), escapes)
                             : std::nullopt;
    out += decoded.value_or(url[i]);
    if (decoded) i += 2;
  }
  return out;
}

Verification verify_signature(std::string_view client_secret, const WebhookRequest& request,
                              core::WallTime now) {
  if (client_secret.empty()) return refuse("no client secret is configured");
  if (const auto v3 = core::find_header(request.headers, kV3Header)) {
    return verify_v3(client_secret, request, *v3, now);
  }
  if (const auto old = core::find_header(request.headers, kOldHeader)) {
    return verify_old(client_secret, request, *old);
  }
  return refuse("no signature");
}

}  // namespace assembly_sync::connectors::hubspot
