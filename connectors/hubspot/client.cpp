#include "connectors/hubspot/client.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "connectors/read_error.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;
using Wait = std::chrono::milliseconds;

/// The day ends at midnight of the account's time zone, which is not known here.
constexpr Wait kDailyLimitWait = 15min;
constexpr Wait kBurstWait = 10s;
constexpr Wait kSearchWait = 1s;
constexpr Wait kLockedWait = 2s;
constexpr Wait kMigrationWait = 60s;  // 477 names its own wait; this is for when it does not

bool is_scope(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

/// The scopes of which a refused call needs one, as the refusal names them (`context`, or that of
/// its `errors`); the fine-grained ones where both kinds are named, since they are what an app's
/// page offers.
std::vector<std::string> needed_scopes(const core::Value& body) {
  std::vector<const core::Value*> contexts = {&body.at("context")};
  if (const core::Value& errors = body.at("errors"); errors.is_list()) {
    for (const core::Value& error : errors.as_list()) contexts.push_back(&error.at("context"));
  }
  std::vector<std::string> scopes;
  for (const std::string_view name :
       {"requiredGranularScopes", "missingScopes", "requiredScopes"}) {
    for (const core::Value* context : contexts) {
      const core::Value& named = context->at(name);
      if (!named.is_list()) continue;
      for (const core::Value& scope : named.as_list()) {
        if (scope.is_string() && is_scope(scope.as_string())) scopes.push_back(scope.as_string());
      }
    }
    if (!scopes.empty()) break;
  }
  return scopes;
}

/// " (the access token lacks a scope: add crm.schemas.companies.read to …)"; nothing when the
/// refusal names none.
std::string scope_advice(const core::Value& body) {
  std::string list;
  for (const std::string& scope : needed_scopes(body)) {
    list += (list.empty() ? "" : " or ") + scope;
  }
  if (list.empty()) return list;
  return " (the access token lacks a scope: add " + list + " to the scopes of the app in HubSpot)";
}

Wait throttle_wait(std::string_view policy) {
  if (policy == "DAILY") return kDailyLimitWait;
  if (policy == "SECONDLY") return kSearchWait;
  return kBurstWait;
}

ReadError failure_of(const core::HttpFailure& failure) {
  return {.kind = Kind::transient, .retry_after = {}, .reason = "no answer: " + failure.reason};
}

}  // namespace

std::string code_word(const core::Value& body, std::string_view name) {
  constexpr std::size_t kLongest = 64;
  const std::string text = body.text_or(name);
  const bool is_word = text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                       });
  return is_word ? text : std::string{};
}

ReadError error_of(const core::HttpResponse& response, core::WallTime now) {
  const auto body = core::parse_json(response.body);
  const std::string category = body ? code_word(*body, "category") : std::string{};
  const std::string policy = body ? code_word(*body, "policyName") : std::string{};
  const auto asked_wait = core::retry_after(response.headers, core::to_ms(now));

  ReadError error{.kind = Kind::rejected, .retry_after = asked_wait, .reason = {}};
  error.reason = "HubSpot answered " + std::to_string(response.status);
  for (const std::string& word : {category, policy}) {
    if (!word.empty()) error.reason += " " + word;
  }
  if (category == "MISSING_SCOPES") error.reason += scope_advice(*body);
  switch (response.status) {
    case 401:
      error.kind = Kind::unauthorized;
      break;
    case 403:
      error.kind = category == "MISSING_SCOPES" ? Kind::rejected : Kind::unauthorized;
      break;
    case 408:
    case 425:
      error.kind = Kind::transient;
      break;
    case 423:
      error.kind = Kind::transient;
      error.retry_after = std::max(asked_wait.value_or(kLockedWait), kLockedWait);
      break;
    case 429:
      error.kind = Kind::throttled;
      error.retry_after = asked_wait.value_or(throttle_wait(policy));
      break;
    case 477:
      error.kind = Kind::throttled;
      error.retry_after = asked_wait.value_or(kMigrationWait);
      break;
    default:
      if (response.status >= 500) error.kind = Kind::transient;
  }
  return error;
}

ReadResult<core::HttpResponse> Credentials::send(const core::HttpRequest& request,
                                                 core::HttpTransport& transport,
                                                 core::WallTime now) const {
  const auto with_token = [&](const core::Secret& token) {
    core::HttpRequest out = request;
    out.headers.push_back({"Authorization", "Bearer " + std::string(token.reveal())});
    return out;
  };
  if (oauth_) {
    return oauth_->send(transport, now,
                        [&](const AccessToken& token) { return with_token(token.text); });
  }
  auto response = transport.send(with_token(access_token_));
  if (!response) return tl::unexpected(failure_of(response.error()));
  return std::move(*response);
}

Client::Client(std::string_view base_url, const Credentials& credentials,
               core::HttpTransport& transport, core::WallTime now)
    : base_url_(base_url), credentials_(credentials), transport_(transport), now_(now) {}

ReadResult<core::HttpResponse> Client::send(std::string method, const std::string& path,
                                            std::string body) const {
  core::HttpRequest request;
  request.method = std::move(method);
  request.url = std::string(base_url_) + path;
  request.headers = {{"Accept", "application/json"}};
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(body);
  return credentials_.send(request, transport_, now_);
}

ReadResult<core::Value> Client::parse(const core::HttpResponse& response) const {
  if (response.status < 200 || response.status > 299) {
    return tl::unexpected(error_of(response, now_));
  }
  auto body = core::parse_json(response.body);
  if (body && body->is_object()) return std::move(*body);
  // A proxy's page or a cut answer: HubSpot itself always sends an object.
  const std::string what = body ? "a JSON " + std::string(body->type_name()) : body.error().message;
  return tl::unexpected(
      transient("HubSpot answered " + std::to_string(response.status) + " with " + what));
}

ReadResult<core::Value> Client::get(const std::string& path) const {
  const auto response = send("GET", path, {});
  if (!response) return tl::unexpected(response.error());
  return parse(*response);
}

ReadResult<core::Value> Client::find(const std::string& path) const {
  const auto response = send("GET", path, {});
  if (!response) return tl::unexpected(response.error());
  if (response->status == 404) return core::Value();
  return parse(*response);
}

ReadResult<core::Value> Client::post(const std::string& path, const core::Value& body) const {
  const auto response = send("POST", path, core::dump_json(body));
  if (!response) return tl::unexpected(response.error());
  return parse(*response);
}

}  // namespace assembly_sync::connectors::hubspot
