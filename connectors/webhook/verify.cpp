#include "connectors/webhook/verify.hpp"

#include <charconv>

#include "connectors/webhook/hmac_scheme.hpp"
#include "connectors/webhook/standard_webhooks.hpp"
#include "connectors/webhook/token_schemes.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

using Kind = Setting::Kind;
using Encoding = HmacSpelling::SignatureEncoding;
using Problems = std::vector<SettingProblem>;

std::chrono::seconds tolerance_of(const VerifySettings& settings) {
  const std::string text = text_of(settings, "tolerance_seconds");
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(seconds);
}

Setting tolerance() {
  return {.name = "tolerance_seconds",
          .kind = Kind::integer,
          .default_value = "300",
          .least = 1,
          .most = 86'400};
}

Setting required_text(std::string name) {
  return {.name = std::move(name), .required = true};
}

/// A way to prove a body: its name, its settings beside `secrets`, and how to make it.
struct Scheme {
  std::string name;
  std::vector<Setting> settings;
  std::unique_ptr<Verifier> (*make)(const VerifySettings& settings, Problems& problems);
  bool has_secrets = true;
};

/// An HMAC in one fixed spelling; `spell` gives it, and the tolerance is filled in.
template <HmacSpelling (*spell)()>
std::unique_ptr<Verifier> make_spelled(const VerifySettings& settings, Problems& problems) {
  HmacSpelling spelling = spell();
  spelling.tolerance = tolerance_of(settings);
  return make_hmac({std::move(spelling)}, settings.secrets, problems);
}

HmacSpelling github() {
  return {.header = "X-Hub-Signature-256", .prefix = "sha256="};
}
HmacSpelling stripe() {
  return {.header = "Stripe-Signature",
          .signature_key = "v1",
          .timestamp_key = "t",
          .content = "{timestamp}.{body}"};
}
HmacSpelling shopify() {
  return {.header = "X-Shopify-Hmac-SHA256", .encoding = Encoding::base64};
}
HmacSpelling slack() {
  return {.header = "X-Slack-Signature",
          .prefix = "v0=",
          .content = "v0:{timestamp}:{body}",
          .timestamp_header = "X-Slack-Request-Timestamp"};
}
HmacSpelling attio() {
  return {.header = "Attio-Signature"};
}
HmacSpelling close() {
  return {.header = "close-sig-hash",
          .secret_encoding = HmacSpelling::SecretEncoding::hex,
          .content = "{timestamp}{body}",
          .timestamp_header = "close-sig-timestamp"};
}
HmacSpelling twenty() {
  return {.header = "X-Twenty-Webhook-Signature",
          .content = "{timestamp}:{body}",
          .timestamp_header = "X-Twenty-Webhook-Timestamp",
          .timestamp_unit = TimestampUnit::milliseconds};
}

/// Since version 9 `Signature`, before (and still beside it) `X-Signature`.
std::unique_ptr<Verifier> make_espocrm(const VerifySettings& settings, Problems& problems) {
  return make_hmac({{.header = "Signature", .encoding = Encoding::base64_id_hex},
                    {.header = "X-Signature", .encoding = Encoding::base64_id_raw}},
                   settings.secrets, problems);
}

std::unique_ptr<Verifier> make_any_hmac(const VerifySettings& settings, Problems& problems) {
  HmacSpelling spelling = read_spelling(settings, problems);
  spelling.tolerance = tolerance_of(settings);
  return make_hmac({std::move(spelling)}, settings.secrets, problems);
}

std::unique_ptr<Verifier> make_standard(const VerifySettings& settings, Problems& problems) {
  return make_standard_webhooks(settings.secrets, tolerance_of(settings), problems);
}

std::unique_ptr<Verifier> make_bearer(const VerifySettings& settings, Problems&) {
  return make_header_token("Authorization", "Bearer", settings.secrets);
}

std::unique_ptr<Verifier> make_header(const VerifySettings& settings, Problems&) {
  return make_header_token(text_of(settings, "header"), "", settings.secrets);
}

std::unique_ptr<Verifier> make_basic_scheme(const VerifySettings& settings, Problems& problems) {
  return make_basic(settings.secrets, problems);
}

std::unique_ptr<Verifier> make_body_token_scheme(const VerifySettings& settings, Problems&) {
  return make_body_token(text_of(settings, "field"), settings.secrets);
}

std::unique_ptr<Verifier> make_zoho(const VerifySettings& settings, Problems&) {
  return make_body_token("token", settings.secrets);
}

std::unique_ptr<Verifier> make_query_token_scheme(const VerifySettings& settings, Problems&) {
  return make_query_token(text_of(settings, "parameter"), settings.secrets);
}

std::unique_ptr<Verifier> make_none(const VerifySettings&, Problems&) {
  return make_unverified();
}

std::vector<Setting> with_tolerance(std::vector<Setting> settings) {
  settings.push_back(tolerance());
  return settings;
}

const std::vector<Scheme>& table() {
  static const std::vector<Scheme> kTable = {
      {"standard-webhooks", {tolerance()}, make_standard},
      {"github", {}, make_spelled<github>},
      {"stripe", {tolerance()}, make_spelled<stripe>},
      {"shopify", {}, make_spelled<shopify>},
      {"slack", {tolerance()}, make_spelled<slack>},
      {"pipedrive", {}, make_basic_scheme},
      {"attio", {}, make_spelled<attio>},
      {"close", {tolerance()}, make_spelled<close>},
      {"zoho", {}, make_zoho},
      {"twenty", {tolerance()}, make_spelled<twenty>},
      {"espocrm", {}, make_espocrm},
      {"hmac", with_tolerance(spelling_settings()), make_any_hmac},
      {"bearer", {}, make_bearer},
      {"header", {required_text("header")}, make_header},
      {"basic", {}, make_basic_scheme},
      {"body-token",
       {{.name = "field", .kind = Kind::field, .required = true}},
       make_body_token_scheme},
      {"query-token", {required_text("parameter")}, make_query_token_scheme},
      {"none", {}, make_none, false},
  };
  return kTable;
}

}  // namespace

std::vector<Setting::Variant> schemes() {
  std::vector<Setting::Variant> variants;
  for (const Scheme& scheme : table()) {
    Setting::Variant variant{scheme.name, {}};
    if (scheme.has_secrets) {
      variant.settings.push_back({.name = "secrets", .kind = Kind::secrets, .required = true});
    }
    variant.settings.insert(variant.settings.end(), scheme.settings.begin(), scheme.settings.end());
    variants.push_back(std::move(variant));
  }
  return variants;
}

std::unique_ptr<Verifier> make_verifier(const VerifySettings& settings, Problems& problems) {
  for (const Scheme& scheme : table()) {
    if (scheme.name != settings.scheme) continue;
    const std::size_t before = problems.size();
    auto verifier = scheme.make(settings, problems);
    return problems.size() == before ? std::move(verifier) : nullptr;
  }
  problems.push_back({{"verify", "scheme"}, "expected a known scheme, got another"});
  return nullptr;
}

}  // namespace assembly_sync::connectors::webhook
