#include "connectors/salesforce/client.hpp"

#include <algorithm>
#include <charconv>

#include "core/json.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;
using Wait = std::chrono::milliseconds;

/// The limit is over the last 24 hours, so room comes back little by little.
constexpr Wait kLimitWait = 1h;
constexpr Wait kExhaustedWait = 15min;
/// From here on polling and backfills leave the rest to webhooks and to other programs.
constexpr std::int64_t kUsablePercent = 95;
constexpr std::string_view kLimitHeader = "Sforce-Limit-Info";

std::string code_word(const core::Value& error) {
  constexpr std::size_t kLongest = 64;
  const std::string text = error.text_or("errorCode");
  const bool is_word = text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                       });
  return is_word ? text : std::string{};
}

/// What an admin does about a code; empty for those that speak for themselves.
std::string_view advice_for(std::string_view code) {
  if (code == "API_DISABLED_FOR_ORG") {
    return ": this edition of Salesforce has no API, or the integration user lacks the permission "
           "\"API Enabled\"";
  }
  if (code == "REQUEST_LIMIT_EXCEEDED")
    return ": the API requests of the last 24 hours are used up";
  if (code == "INVALID_TYPE" || code == "NOT_FOUND") {
    return ": there is no such object, or the integration user may not see it";
  }
  if (code == "INVALID_SESSION_ID") return ": a new access token was refused, too";
  return {};
}

Kind kind_of(int status, std::string_view code) {
  if (code == "REQUEST_LIMIT_EXCEEDED" || code == "TXN_SECURITY_METERING_ERROR") {
    return Kind::throttled;
  }
  if (code == "UNABLE_TO_LOCK_ROW" || code == "SERVER_UNAVAILABLE" || code == "QUERY_TIMEOUT") {
    return Kind::transient;
  }
  if (code == "API_DISABLED_FOR_ORG" || code == "INVALID_SESSION_ID") return Kind::unauthorized;
  if (status == 429) return Kind::throttled;
  if (status == 401) return Kind::unauthorized;
  if (status >= 500 || status == 408 || status == 420 || status == 425) return Kind::transient;
  // Without a code it is a gateway's page.
  if (status == 403 && code.empty()) return Kind::unauthorized;
  return Kind::rejected;
}

std::optional<std::int64_t> number_at(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

Failure failure(ReadError::Kind kind, std::string reason) {
  return {.error = {.kind = kind, .retry_after = {}, .reason = std::move(reason)}};
}

void Usage::note(const std::vector<core::HttpHeader>& headers, core::WallTime now) {
  constexpr std::string_view kName = "api-usage=";
  std::string_view rest = core::find_header(headers, kLimitHeader).value_or("");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    if (!part.starts_with(kName)) continue;  // per-app-api-usage and what may come
    part.remove_prefix(kName.size());
    const auto used = number_at(part);
    if (!used || !part.starts_with('/')) return;
    part.remove_prefix(1);
    const auto most = number_at(part);
    if (!most) return;
    const std::lock_guard lock(mutex_);
    used_ = *used;
    most_ = *most;
    noted_at_ = now;
    return;
  }
}

std::optional<ReadError> Usage::exhausted(core::WallTime now) const {
  const std::lock_guard lock(mutex_);
  if (most_ <= 0 || used_ * 100 < most_ * kUsablePercent || now >= noted_at_ + kExhaustedWait) {
    return std::nullopt;
  }
  return ReadError{.kind = Kind::throttled,
                   .retry_after = noted_at_ + kExhaustedWait - now,
                   .reason = "Salesforce's API requests of the last 24 hours are nearly used up (" +
                             std::to_string(used_) + " of " + std::to_string(most_) +
                             "): reading waits"};
}

Failure failure_of(const core::HttpResponse& response, core::WallTime now) {
  const auto body = core::parse_json(response.body);
  Failure out = failure(Kind::rejected, {});
  // An array of errors; the first says what is wrong.
  if (body && body->is_list() && !body->as_list().empty()) {
    out.code = code_word(body->as_list().front());
    out.message = body->as_list().front().text_or("message");
  }
  out.error.kind = kind_of(response.status, out.code);
  out.error.reason = "Salesforce answered " + std::to_string(response.status);
  if (!out.code.empty()) out.error.reason += ' ' + out.code;
  out.error.reason += advice_for(out.code);
  out.error.retry_after = core::retry_after(response.headers, core::to_ms(now));
  if (out.error.kind == Kind::throttled && !out.error.retry_after) {
    out.error.retry_after = kLimitWait;
  }
  return out;
}

Answer<core::HttpResponse> Client::send(const core::HttpRequest& request) const {
  auto response = session_.oauth.send(transport_, now_, [&](const AccessToken& token) {
    core::HttpRequest authorised = request;
    // The org's own host, which may change while the program runs.
    const auto instance = token.fields.find("instance_url");
    std::string host = instance == token.fields.end() ? session_.base_url : instance->second;
    while (host.ends_with('/')) host.pop_back();
    authorised.url = host + request.url;
    authorised.headers.push_back({"Authorization", "Bearer " + std::string(token.text.reveal())});
    return authorised;
  });
  if (!response) return tl::unexpected(Failure{.error = std::move(response.error())});
  session_.usage.note(response->headers, now_);
  if (response->status < 200 || response->status > 299) {
    return tl::unexpected(failure_of(*response, now_));
  }
  return std::move(*response);
}

namespace {

Answer<core::Value> parse(const Answer<core::HttpResponse>& response) {
  if (!response) return tl::unexpected(response.error());
  auto body = core::parse_json(response->body);
  if (body && body->is_object()) return std::move(*body);
  // A gateway's page or a cut answer.
  return tl::unexpected(
      failure(Kind::transient,
              "Salesforce answered " + std::to_string(response->status) + " with " +
                  (body ? "a JSON " + std::string(body->type_name()) : body.error().message)));
}

}  // namespace

Answer<core::Value> Client::get(const std::string& path) const {
  core::HttpRequest request;
  request.url = path;
  request.headers = {{"Accept", "application/json"}};
  return parse(send(request));
}

Answer<core::Value> Client::post(const std::string& path, const core::Value& body) const {
  core::HttpRequest request;
  request.method = "POST";
  request.url = path;
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  request.body = core::dump_json(body);
  return parse(send(request));
}

void Client::abort_job(const std::string& path) const {
  core::HttpRequest request;
  request.method = "PATCH";
  request.url = path;
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  request.body = core::dump_json(core::Value::object({{"state", "Aborted"}}));
  static_cast<void>(send(request));
}

void Client::delete_job(const std::string& path) const {
  core::HttpRequest request;
  request.method = "DELETE";
  request.url = path;
  static_cast<void>(send(request));
}

Answer<core::HttpResponse> Client::get_csv(const std::string& path) const {
  core::HttpRequest request;
  request.url = path;
  request.headers = {{"Accept", "text/csv"}};
  return send(request);
}

}  // namespace assembly_sync::connectors::salesforce
