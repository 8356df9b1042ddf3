#include "connectors/oauth.hpp"

#include <algorithm>
#include <charconv>
#include <exception>

#include "connectors/crypto.hpp"
#include "connectors/jwt.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;

struct OAuth::Asked {
  AccessToken token;
  std::chrono::seconds lifetime{};
  core::Secret refresh_token{};  // the one to use from now on; empty = the answer has none
};

namespace {

constexpr std::chrono::seconds kLongestMargin = 60s;
constexpr std::chrono::seconds kShortestLifetime = 10s;
constexpr std::chrono::seconds kLongestLifetime = 30 * 24h;
constexpr std::chrono::milliseconds kThrottledWait = 10min;

ReadError error(Kind kind, std::string reason) {
  return {.kind = kind, .retry_after = {}, .reason = std::move(reason)};
}

std::string encoded(std::string_view text) {
  return core::percent_encode(text);
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += encoded(name) + '=' + encoded(value);
}

/// Visible ASCII: anything else can't stand in a header, and would end it at a line break.
bool fits_header(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

/// `invalid_grant`, `BAD_REFRESH_TOKEN`, `Access Denied`; empty for anything that is no such word.
std::string code_word(const core::Value& body, std::string_view name) {
  constexpr std::size_t kLongest = 64;
  const std::string text = body.text_or(name);
  const bool is_word = text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ' ';
                       });
  return is_word ? text : std::string{};
}

/// What the answer calls its error: `error` (RFC 6749), or HubSpot's `status` and `category`.
std::string error_code(const core::Value& body) {
  for (const char* name : {"error", "status", "category", "errorCode"}) {
    if (std::string word = code_word(body, name); !word.empty()) return word;
  }
  return {};
}

/// Words of services for "not now", whatever the status they come with.
bool says_not_now(std::string_view code) {
  return code == "temporarily_unavailable" || code == "server_error" || code == "unknown_error";
}

bool says_too_often(std::string_view code, std::string_view description) {
  return code == "slow_down" || code == "rate_limit_exceeded" ||
         description.find("too many requests") != std::string_view::npos ||
         description.find("rate exceeded") != std::string_view::npos;
}

/// A number, or digits in a text as some services write them.
std::optional<std::chrono::seconds> seconds_of(const core::Value& value) {
  if (value.is_int()) return std::chrono::seconds(value.as_int());
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.as_string();
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(number);
}

/// Renewed this long before the end: what is under way then must not meet the end.
std::chrono::seconds margin_of(std::chrono::seconds lifetime) {
  return std::min(kLongestMargin, lifetime / 5);
}

/// A kept token begins with the mark of the configured one that it followed.
core::Secret with_mark(const std::string& mark, const core::Secret& token) {
  return core::Secret(mark + ' ' + std::string(token.reveal()));
}

}  // namespace

std::string private_key_problem(const core::Secret& pem) {
  if (is_rsa_private_key(pem)) return {};
  return "expected an RSA private key in PEM form and without a pass phrase, which begins with "
         "-----BEGIN PRIVATE KEY-----, got something else";
}

OAuth::OAuth(OAuthSettings settings)
    : settings_(std::move(settings)),
      configured_mark_(to_hex(sha256(settings_.refresh_token.reveal()))) {}

ReadResult<AccessToken> OAuth::get(core::HttpTransport& transport, core::WallTime now) {
  const std::lock_guard lock(mutex_);
  if (auto failure = keep_replacement()) return tl::unexpected(std::move(*failure));
  if (token_ && now < renew_at_) return *token_;
  return renew(transport, now);
}

void OAuth::refused(const AccessToken& token) {
  const std::lock_guard lock(mutex_);
  if (token_ && token_->number == token.number) token_.reset();
}

ReadResult<core::HttpResponse> OAuth::send(core::HttpTransport& transport, core::WallTime now,
                                           const Make& make) {
  for (bool again = false;; again = true) {
    const auto token = get(transport, now);
    if (!token) return tl::unexpected(token.error());
    auto response = transport.send(make(*token));
    if (!response) {
      return tl::unexpected(error(Kind::transient, "no answer: " + response.error().reason));
    }
    if (response->status != 401 || again) return std::move(*response);
    refused(*token);
  }
}

ReadResult<AccessToken> OAuth::renew(core::HttpTransport& transport, core::WallTime now) {
  const bool by_refresh_token = settings_.grant == OAuthSettings::Grant::refresh_token;
  core::Secret used;
  if (by_refresh_token) {
    auto current = current_refresh_token();
    if (!current) return tl::unexpected(current.error());
    used = std::move(*current);
  }
  auto asked = ask(used, transport, now);
  if (!asked && asked.error().kind == Kind::unauthorized && by_refresh_token) {
    // Another process over the same store (a verb beside the daemon) may have renewed in between.
    const auto current = current_refresh_token();
    if (current && !current->same_as(used)) {
      used = *current;
      asked = ask(used, transport, now);
    }
  }
  if (!asked) return tl::unexpected(asked.error());

  asked->token.number = ++renewals_;
  token_ = asked->token;
  renew_at_ = now + asked->lifetime - margin_of(asked->lifetime);
  if (by_refresh_token && !asked->refresh_token.empty() && !asked->refresh_token.same_as(used)) {
    replacement_ = std::move(asked->refresh_token);
    replacement_unkept_ = true;
    if (auto failure = keep_replacement()) return tl::unexpected(std::move(*failure));
  }
  return *token_;
}

ReadResult<core::Secret> OAuth::current_refresh_token() const {
  if (!settings_.tokens) return replacement_.value_or(settings_.refresh_token);
  try {
    const auto kept = settings_.tokens->find(settings_.token_name);
    const std::string mark = configured_mark_ + ' ';
    // One that followed another configured token is of no use: the admin has written a new one.
    if (kept && kept->reveal().starts_with(mark)) {
      return core::Secret(std::string(kept->reveal().substr(mark.size())));
    }
    return settings_.refresh_token;
  } catch (const std::exception& failure) {
    return tl::unexpected(error(
        Kind::transient, std::string("the kept refresh token can't be read: ") + failure.what()));
  }
}

/// Nothing goes on before the new refresh token is safe: the old one may be worthless already.
std::optional<ReadError> OAuth::keep_replacement() {
  if (!replacement_unkept_) return std::nullopt;
  if (settings_.tokens) {
    try {
      settings_.tokens->keep(settings_.token_name, with_mark(configured_mark_, *replacement_));
    } catch (const std::exception& failure) {
      return error(Kind::transient,
                   "the new refresh token of " + settings_.service +
                       " can't be kept, and is not used before it is: " + failure.what());
    }
  }
  replacement_unkept_ = false;
  return std::nullopt;
}

ReadResult<core::HttpRequest> OAuth::request(const core::Secret& refresh_token,
                                             core::WallTime now) const {
  using Grant = OAuthSettings::Grant;
  core::HttpRequest request;
  request.method = "POST";
  request.url = settings_.token_url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  std::string& form = request.body;
  if (settings_.grant == Grant::refresh_token) {
    add_field(form, "grant_type", "refresh_token");
    add_field(form, "refresh_token", refresh_token.reveal());
  } else if (settings_.grant == Grant::client_credentials) {
    add_field(form, "grant_type", "client_credentials");
  } else {
    core::Value claims = core::Value::object();
    for (const auto& [name, value] : settings_.claims) claims.set(name, value);
    const std::int64_t seconds = core::to_ms(now) / 1000;
    claims.set("iat", seconds);
    claims.set("exp", seconds + settings_.assertion_lifetime.count());
    const auto assertion = sign_jwt(claims, settings_.private_key);
    if (!assertion) {
      return tl::unexpected(
          error(Kind::unauthorized, "private_key: " + private_key_problem(settings_.private_key)));
    }
    add_field(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    add_field(form, "assertion", *assertion);
  }
  const std::string_view secret = settings_.client_secret.reveal();
  if (settings_.client == OAuthSettings::Client::basic) {
    // RFC 6749 2.3.1: both are form-encoded before they are joined.
    request.headers.push_back({"Authorization", "Basic " + to_base64(encoded(settings_.client_id) +
                                                                     ':' + encoded(secret))});
  } else {
    if (!settings_.client_id.empty()) add_field(form, "client_id", settings_.client_id);
    if (!secret.empty()) add_field(form, "client_secret", secret);
  }
  for (const auto& [name, value] : settings_.form) add_field(form, name, value);
  return request;
}

ReadResult<OAuth::Asked> OAuth::ask(const core::Secret& refresh_token,
                                    core::HttpTransport& transport, core::WallTime now) const {
  const auto call = request(refresh_token, now);
  if (!call) return tl::unexpected(call.error());
  const auto response = transport.send(*call);
  if (!response) {
    return tl::unexpected(
        error(Kind::transient,
              settings_.service + "'s token endpoint: no answer: " + response.error().reason));
  }
  return judge(*response, refresh_token, now);
}

ReadResult<OAuth::Asked> OAuth::judge(const core::HttpResponse& response,
                                      const core::Secret& refresh_token, core::WallTime now) const {
  const auto parsed = core::parse_json(response.body);
  const core::Value body = parsed ? *parsed : core::Value();
  const std::string token = body.text_or("access_token");
  // Zoho says 200 when it refuses, with `error` instead of a token.
  if (response.status < 200 || response.status > 299 || !error_code(body).empty()) {
    const bool is_answer = response.status >= 200 && response.status <= 299 && fits_header(token);
    if (!is_answer) return tl::unexpected(refusal(response, body, refresh_token, now));
  }
  if (!fits_header(token)) {
    return tl::unexpected(error(Kind::transient, settings_.service + "'s token endpoint answered " +
                                                     std::to_string(response.status) +
                                                     " without an access token"));
  }
  Asked asked;
  asked.token.text = core::Secret(token);
  for (const std::string& name : settings_.answer_fields) {
    if (std::string text = body.text_or(name); !text.empty()) asked.token.fields[name] = text;
  }
  asked.lifetime = std::clamp(seconds_of(body.at("expires_in")).value_or(settings_.lifetime),
                              kShortestLifetime, kLongestLifetime);
  asked.refresh_token = core::Secret(body.text_or("refresh_token"));
  return asked;
}

ReadError OAuth::refusal(const core::HttpResponse& response, const core::Value& body,
                         const core::Secret& refresh_token, core::WallTime now) const {
  const std::string code = error_code(body);
  const std::string description = body.text_or("error_description");
  ReadError refused = error(Kind::unauthorized, settings_.service + "'s token endpoint answered " +
                                                    std::to_string(response.status));
  refused.retry_after = core::retry_after(response.headers, core::to_ms(now));
  if (!code.empty()) refused.reason += ' ' + code;
  // What it says in words helps an admin, unless it quotes what was sent.
  const auto quotes = [&](const core::Secret& secret) {
    return !secret.empty() && description.find(secret.reveal()) != std::string::npos;
  };
  constexpr std::size_t kLongest = 120;
  constexpr std::size_t kLongestWord = 24;  // shorter than any token
  std::size_t word = 0;
  const bool tells = std::all_of(description.begin(), description.end(), [&](char c) {
    word = c == ' ' ? 0 : word + 1;
    return c >= ' ' && c < 0x7F && word <= kLongestWord;
  });
  if (tells && !description.empty() && description.size() <= kLongest && !quotes(refresh_token) &&
      !quotes(settings_.client_secret)) {
    refused.reason += " (" + description + ')';
  }
  if (response.status == 429 || says_too_often(code, description)) {
    refused.kind = Kind::throttled;
    if (!refused.retry_after) refused.retry_after = kThrottledWait;
  } else if (response.status >= 500 || response.status == 408 || response.status == 425 ||
             says_not_now(code)) {
    refused.kind = Kind::transient;
  } else if (code.empty() && response.status != 401) {
    // A proxy's page, or a redirect, which is not followed with credentials.
    refused.kind = Kind::rejected;
    refused.reason += ", which is no answer of a token endpoint: check the address of the source";
  } else if (!settings_.advice.empty()) {
    refused.reason += ": " + settings_.advice;
  }
  return refused;
}

}  // namespace assembly_sync::connectors
