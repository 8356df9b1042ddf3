#include "connectors/rest/client.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <re2/re2.h>

#include "connectors/crypto.hpp"
#include "connectors/rest/address.hpp"
#include "core/json.hpp"
#include "core/json_view.hpp"

namespace assembly_sync::connectors::rest {
namespace {

using Action = ResponseRule::Action;
using Kind = ReadError::Kind;

/// A token is renewed this much before it ends, so that it is still good when it arrives.
constexpr std::chrono::seconds kRenewEarly{30};
constexpr std::string_view kTokenPrefix = "token.";
constexpr std::string_view kSecretPrefix = "secret.";
constexpr std::string_view kConfigPrefix = "config.";

ReadError error(Kind kind, std::string reason,
                std::optional<std::chrono::milliseconds> wait = std::nullopt) {
  return {.kind = kind, .retry_after = wait, .reason = std::move(reason)};
}

class Filling final : public Variables {
 public:
  Filling(const SourceSpec& spec, const core::Value& token, const Given& given,
          const Moment& moment)
      : spec_(spec), token_(token), given_(given), moment_(moment) {}

  std::optional<core::Value> find(const std::string& name,
                                  const std::string& format) const override {
    if (name == "now") return format_time(moment_.now, format);
    if (name == "since") {
      return moment_.since ? format_time(*moment_.since, format) : std::nullopt;
    }
    if (name == "hook.ends") {
      return moment_.ends ? format_time(*moment_.ends, format) : std::nullopt;
    }
    if (name.starts_with(kSecretPrefix)) {
      const auto secret = spec_.secrets.find(name.substr(kSecretPrefix.size()));
      if (secret == spec_.secrets.end()) return std::nullopt;
      return core::Value(std::string(secret->second.reveal()));
    }
    if (name.starts_with(kConfigPrefix)) {
      const auto text = spec_.config.find(name.substr(kConfigPrefix.size()));
      if (text == spec_.config.end() || text->second.empty()) return std::nullopt;
      return core::Value(text->second);
    }
    if (name.starts_with(kTokenPrefix)) return in_token(name.substr(kTokenPrefix.size()));
    const auto value = given_.find(name);
    if (value == given_.end()) return std::nullopt;
    return format == kIntegerFormat ? as_integers(value->second) : value->second;
  }

 private:
  std::optional<core::Value> in_token(const std::string& path) const {
    const core::Value* here = &token_;
    const Field field(path);
    for (const std::string& name : field.names()) {
      here = here->find(name);
      if (here == nullptr) return std::nullopt;
    }
    return *here;
  }

  static core::Value as_integers(const core::Value& value) {
    if (value.is_list()) {
      core::Value::List numbers;
      for (const core::Value& item : value.as_list()) numbers.push_back(as_integers(item));
      return core::Value::list(std::move(numbers));
    }
    if (!value.is_string()) return value;
    const std::string& text = value.as_string();
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = failure == std::errc{} && end == text.data() + text.size();
    return whole ? core::Value(number) : value;
  }

  const SourceSpec& spec_;
  const core::Value& token_;
  const Given& given_;
  const Moment& moment_;
};

std::string encode(std::string_view text) {
  return core::percent_encode(text);
}

/// `https://crm.test` of `https://crm.test/api/v2`.
std::string_view origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  const std::size_t path = url.find('/', host == std::string_view::npos ? 0 : host + 3);
  return url.substr(0, path);
}

void add_parameter(std::string& url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  // Brackets are part of many APIs' names and are read either way by all of them.
  url += core::percent_encode(name, "[]");
  url += '=';
  url += core::percent_encode(value);
}

/// True when the query names a parameter, not only one whose name ends alike.
bool has_parameter(std::string_view url, std::string_view name) {
  std::size_t at = url.find('?');
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(url.find('&', at + 1), url.size());
    const std::string_view parameter = url.substr(at + 1, end - at - 1);
    const auto written = core::percent_decode(parameter.substr(0, parameter.find('=')), true);
    if (written == name) return true;
    at = end == url.size() ? std::string_view::npos : end;
  }
  return false;
}

void add_headers(const Templates& headers, const Variables& variables, core::HttpRequest& out) {
  for (const auto& [name, text] : headers) {
    if (auto value = text.fill(variables)) out.headers.push_back({name, std::move(*value)});
  }
}

core::HttpRequest fill(const SourceSpec& spec, const RequestSpec& request,
                       const Variables& variables, const std::string& address) {
  core::HttpRequest out;
  out.method = request.method;
  out.url = spec.base_url + request.path.fill(variables, encode).value_or("");
  if (address.empty()) {
    for (const auto& [name, text] : request.query) {
      if (const auto value = text.fill(variables)) add_parameter(out.url, name, *value);
    }
  } else {
    // Behind the slash nothing can be taken for a part of the host.
    const bool is_path = address.starts_with('/');
    out.url = std::string(origin_of(spec.base_url)) +
              (is_path ? address : resolve(path_of(out.url), address));
  }
  out.headers.push_back({"Accept", "application/json"});
  add_headers(spec.headers, variables, out);
  add_headers(request.headers, variables, out);
  if (request.body) {
    out.body = core::dump_json(request.body->fill(variables).value_or(core::Value::object()));
    out.headers.push_back({"Content-Type", "application/json"});
  }
  return out;
}

void authorize(const AuthSpec& auth, const Variables& variables, core::HttpRequest& request) {
  using S = AuthSpec::Scheme;
  switch (auth.scheme) {
    case S::none:
      return;
    case S::query:
      // An address that the API gave may hold it already.
      if (has_parameter(request.url, auth.name)) return;
      add_parameter(request.url, auth.name, auth.value.fill(variables).value_or(""));
      return;
    case S::basic:
      request.headers.push_back(
          {"Authorization", "Basic " + to_base64(auth.user.fill(variables).value_or("") + ':' +
                                                 auth.password.fill(variables).value_or(""))});
      return;
    case S::header:
    case S::login:
    case S::oauth:
      request.headers.push_back({auth.name, auth.value.fill(variables).value_or("")});
  }
}

ReadResult<core::HttpResponse> send_once(core::HttpTransport& transport,
                                         const core::HttpRequest& request) {
  auto response = transport.send(request);
  if (response) return std::move(*response);
  return tl::unexpected(error(Kind::transient, "no answer: " + response.error().reason));
}

const ResponseRule* rule_for(const SourceSpec& spec, const core::HttpResponse& response) {
  for (const ResponseRule& rule : spec.responses) {
    if (rule.status.contains(response.status) &&
        response.body.find(rule.contains) != std::string::npos) {
      return &rule;
    }
  }
  return nullptr;
}

/// What an answer calls its error, at one of the usual places. Only what is written as codes are,
/// invalid_cursor or NOT_FOUND: no value of a record looks like that. Else empty.
std::string code_of(const core::HttpResponse& response) {
  static const std::vector<Field> kPlaces = {
      Field("error.code"),    Field("error.type"), Field("errors.0.extensions.code"),
      Field("errors.0.code"), Field("error_code"), Field("errorCode"),
      Field("code"),          Field("error"),      Field("type")};
  static const re2::RE2 kCode("[a-z]+(_[a-z]+)+|[A-Z]+(_[A-Z]+)+");
  constexpr std::size_t kLongest = 48;
  core::JsonDocument document;
  const auto body = document.parse(response.body);
  if (!body) return {};
  for (const Field& place : kPlaces) {
    const auto found = place.find(*body);
    if (!found || found->kind() != core::JsonKind::text) continue;
    const std::string text(found->as_text());
    if (text.size() <= kLongest && re2::RE2::FullMatch(text, kCode)) return text;
  }
  return {};
}

/// Of the request its method and path as described: what is filled in is nobody's business.
std::string reason_of(const RequestSpec& request, const core::HttpResponse& response) {
  std::string reason = "the API answered " + std::to_string(response.status) + " to " +
                       request.method + ' ' + request.path.written();
  const std::size_t at = response.body.find_first_not_of(" \t\r\n");
  if (at != std::string::npos && response.body[at] == '<') reason += " with a page that is no JSON";
  if (const std::string code = code_of(response); !code.empty()) reason += ": " + code;
  return reason;
}

/// What an answer means that no rule of the description is about.
Action usual_action(int status) {
  if (status == 204 || status == 304) return Action::empty;
  if (status >= 200 && status <= 299) return Action::ok;
  if (status == 401) return Action::refresh;
  if (status == 408 || status == 425 || status == 429 || status >= 500) return Action::retry;
  return Action::fail;
}

/// Of an answer that brings nothing.
ReadError refusal(const SourceSpec& spec, const RequestSpec& request,
                  const core::HttpResponse& response, Action action, bool for_one_row,
                  core::WallTime now) {
  const auto wait = wait_of(spec, response.headers, now);
  std::string reason = reason_of(request, response);
  if (action == Action::refresh) return error(Kind::unauthorized, std::move(reason));
  if (action == Action::retry) {
    // A refusal to talk concerns the whole source; a failure of the server perhaps one request.
    const bool too_slow = response.status == 408 || response.status == 425;
    const bool asks_to_wait = response.status < 500 && !too_slow;
    return error(asks_to_wait ? Kind::throttled : Kind::transient, std::move(reason), wait);
  }
  // For one row it may be that row's; for a listing it is the credential's.
  if (response.status == 403 && !for_one_row) return error(Kind::unauthorized, std::move(reason));
  return error(Kind::rejected, std::move(reason), wait);
}

std::optional<std::chrono::milliseconds> parse_wait(std::string_view text, core::WallTime now) {
  double number = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  double ms = 0;
  constexpr double kLeastEpoch = 1e9;  // seconds since 1970 rather than a wait of 30 years
  constexpr double kLeastEpochMs = 1e12;
  if (failure == std::errc{} && end == text.data() + text.size()) {
    const auto now_ms = static_cast<double>(core::to_ms(now));
    ms = number >= kLeastEpochMs ? number - now_ms
         : number >= kLeastEpoch ? number * 1000 - now_ms
                                 : number * 1000;
  } else if (const auto date = core::parse_http_date_ms(text)) {
    ms = static_cast<double>(*date - core::to_ms(now));
  } else {
    return std::nullopt;
  }
  // One that is over tells nothing: to ask at once would be too early again.
  if (ms <= 0) return std::nullopt;
  constexpr double kLongest = 86'400'000;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::min(ms, kLongest))));
}

}  // namespace

std::optional<std::chrono::milliseconds> wait_of(const SourceSpec& spec,
                                                 const std::vector<core::HttpHeader>& headers,
                                                 core::WallTime now) {
  if (const auto header = core::find_header(headers, spec.wait_header)) {
    std::string text(*header);
    if (!spec.wait_pattern.empty()) {
      std::string part;
      text = re2::RE2::PartialMatch(text, spec.wait_pattern, &part) ? part : "";
    }
    if (const auto wait = parse_wait(text, now)) return wait;
  }
  const auto usual = core::find_header(headers, "Retry-After");
  return usual ? parse_wait(*usual, now) : std::nullopt;
}

namespace {

std::unique_ptr<OAuth> make_oauth(const SourceSpec& spec,
                                  std::shared_ptr<core::TokenKeeper> tokens) {
  const AuthSpec& auth = spec.auth;
  if (auth.scheme != AuthSpec::Scheme::oauth) return nullptr;
  const core::Value nothing = core::Value::object();
  const Given given;
  const Moment moment;
  const Filling filling(spec, nothing, given, moment);
  OAuthSettings settings;
  settings.service = spec.name.str();
  settings.token_url = auth.token_url;
  settings.grant = auth.client_credentials ? OAuthSettings::Grant::client_credentials
                                           : OAuthSettings::Grant::refresh_token;
  settings.client =
      auth.client_in_header ? OAuthSettings::Client::basic : OAuthSettings::Client::body;
  settings.client_id = auth.client_id.fill(filling).value_or("");
  settings.client_secret = core::Secret(auth.client_secret.fill(filling).value_or(""));
  settings.refresh_token = core::Secret(auth.refresh_token.fill(filling).value_or(""));
  for (const auto& [name, text] : auth.form) {
    if (auto value = text.fill(filling)) settings.form.emplace_back(name, std::move(*value));
  }
  settings.answer_fields = auth.fields;
  settings.advice = "authorise the client again and write its new refresh token into the secret";
  settings.tokens = std::move(tokens);
  settings.token_name = spec.name.str();
  return std::make_unique<OAuth>(std::move(settings));
}

}  // namespace

Authorizer::Authorizer(const SourceSpec& spec, std::shared_ptr<core::TokenKeeper> tokens)
    : spec_(spec), oauth_(make_oauth(spec, std::move(tokens))), pace_(spec.rate) {}

ReadResult<core::Value> Authorizer::log_in(core::HttpTransport& transport, core::WallTime now) {
  const AuthSpec& auth = spec_.auth;
  const core::Value nothing = core::Value::object();
  const Given given;
  const Moment moment{.now = now};
  const Filling filling(spec_, nothing, given, moment);
  pace_.spend(now, 1);
  auto response = send_once(transport, fill(spec_, auth.login, filling, {}));
  if (!response) return tl::unexpected(std::move(response.error()));
  const bool ok = response->status >= 200 && response->status <= 299;
  core::JsonDocument document;
  const auto view = document.parse(response->body);
  const auto found = ok && view ? auth.token.find(*view) : std::nullopt;
  if (!found || found->kind() == core::JsonKind::null) {
    const bool later = response->status >= 500 || response->status == 429;
    return tl::unexpected(error(later ? Kind::transient : Kind::unauthorized,
                                "the login was answered " + std::to_string(response->status) +
                                    (ok ? " without a token at " + auth.token.text() : ""),
                                wait_of(spec_, response->headers, now)));
  }
  auto lifetime = std::chrono::milliseconds(auth.lifetime_ms);
  if (const auto expires = auth.expires ? auth.expires->find(*view) : std::nullopt) {
    if (expires->kind() == core::JsonKind::integer) {
      const std::int64_t unit = auth.expires_in_ms ? 1 : 1000;
      constexpr std::int64_t kYear = 31'536'000'000;
      const std::int64_t told = std::clamp<std::int64_t>(expires->as_int(), 0, kYear / unit);
      lifetime = std::chrono::milliseconds(told * unit);
    }
  }
  token_ = view->to_value();
  good_until_ = now + lifetime - std::min<std::chrono::milliseconds>(kRenewEarly, lifetime / 2);
  return *token_;
}

ReadResult<Authorizer::Token> Authorizer::token(core::HttpTransport& transport,
                                                core::WallTime now) {
  if (oauth_) {
    auto access = oauth_->get(transport, now);
    if (!access) return tl::unexpected(std::move(access.error()));
    Token token;
    token.fields.set("access_token", std::string(access->text.reveal()));
    for (const auto& [name, text] : access->fields) token.fields.set(name, text);
    token.access = std::move(*access);
    return token;
  }
  if (spec_.auth.scheme != AuthSpec::Scheme::login) return Token{};
  const std::lock_guard lock(mutex_);
  if (token_ && now < good_until_) return Token{*token_};
  auto fields = log_in(transport, now);
  if (!fields) return tl::unexpected(std::move(fields.error()));
  return Token{std::move(*fields)};
}

void Authorizer::refused_token(const Token& token) {
  if (oauth_) return oauth_->refused(*token.access);
  const std::lock_guard lock(mutex_);
  if (token_ == token.fields) token_.reset();  // else another thread has renewed it already
}

ReadResult<core::HttpResponse> Authorizer::send(core::HttpTransport& transport, core::WallTime now,
                                                const Make& make, const Refused& refused) {
  auto first = token(transport, now);
  if (!first) return tl::unexpected(std::move(first.error()));
  auto response = send_once(transport, make(first->fields));
  if (!response || !spec_.auth.has_token() || !refused(*response)) return response;
  refused_token(*first);
  auto second = token(transport, now);
  if (!second) return tl::unexpected(std::move(second.error()));
  pace_.spend(now, 1);
  return send_once(transport, make(second->fields));
}

std::optional<ReadError> Client::pay(std::size_t requests) const {
  const auto wait = authorizer_.pace().take(now_, static_cast<std::int64_t>(requests));
  if (wait) {
    return error(Kind::not_yet,
                 "the " + std::to_string(spec_.rate->requests) + " requests in " +
                     std::to_string(spec_.rate->seconds) +
                     " seconds that `rate` allows are used up",
                 wait);
  }
  paid_ += requests;
  return std::nullopt;
}

void Client::owe(std::size_t requests) const {
  authorizer_.pace().spend(now_, static_cast<std::int64_t>(requests));
  paid_ += requests;
}

ReadResult<Answer> Client::ask(const RequestSpec& request, const Given& given, const Moment& moment,
                               const std::string& address, const std::set<int>& missing) const {
  if (paid_ == 0) {
    if (auto failure = pay(1)) return tl::unexpected(std::move(*failure));
  }
  --paid_;
  std::string path;
  const auto make = [&](const core::Value& token) {
    const Filling filling(spec_, token, given, moment);
    core::HttpRequest filled = fill(spec_, request, filling, address);
    path = path_of(filled.url);
    authorize(spec_.auth, filling, filled);
    return filled;
  };
  const auto action_of = [&](const core::HttpResponse& response) {
    if (const ResponseRule* rule = rule_for(spec_, response)) return rule->action;
    if (missing.contains(response.status)) return Action::missing;
    return usual_action(response.status);
  };
  auto response = authorizer_.send(transport_, now_, make, [&](const core::HttpResponse& answer) {
    return action_of(answer) == Action::refresh;
  });
  if (!response) return tl::unexpected(std::move(response.error()));
  const Action action = action_of(*response);
  switch (action) {
    case Action::ok:
      return Answer{Answer::Kind::ok, std::move(response->body), std::move(response->headers),
                    std::move(path)};
    case Action::empty:
      return Answer{Answer::Kind::empty, {}, std::move(response->headers), std::move(path)};
    case Action::missing:
      return Answer{Answer::Kind::missing, {}, std::move(response->headers), std::move(path)};
    default: {
      const bool for_one_row = !missing.empty() && !given.contains("ids");
      return tl::unexpected(refusal(spec_, request, *response, action, for_one_row, now_));
    }
  }
}

}  // namespace assembly_sync::connectors::rest
