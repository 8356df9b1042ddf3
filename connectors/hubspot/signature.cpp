#include "connectors/hubspot/signature.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "connectors/crypto.hpp"
#include "connectors/timestamp.hpp"
#include "core/secret.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

constexpr std::string_view kV3Header = "X-HubSpot-Signature-v3";
constexpr std::string_view kTimestampHeader = "X-HubSpot-Request-Timestamp";
constexpr std::string_view kOldHeader = "X-HubSpot-Signature";
constexpr std::string_view kOldVersionHeader = "X-HubSpot-Signature-Version";

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

bool matches_v3(std::string_view secret, const WebhookRequest& request, std::string_view timestamp,
                std::string_view signature, const std::string& url) {
  std::string text = upper_case(request.method);
  text.append(url).append(request.body).append(timestamp);
  return core::equal_constant_time(to_base64(hmac(HashAlgorithm::sha256, secret, text)), signature);
}

Verification verify_v3(std::string_view secret, const WebhookRequest& request,
                       std::string_view signature, core::WallTime now) {
  const auto timestamp = core::find_header(request.headers, kTimestampHeader);
  if (!timestamp) return refuse("signature v3 without a timestamp");
  if (auto problem = timestamp_problem(*timestamp, TimestampUnit::milliseconds, kMaximumAge, now);
      !problem.empty()) {
    return refuse(std::move(problem));
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
