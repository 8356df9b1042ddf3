#include "daemon/assembly/classify.hpp"

#include <algorithm>
#include <cctype>

#include "core/json.hpp"
#include "daemon/assembly/reading.hpp"

namespace assembly_sync::assembly {
namespace {

using core::HttpResponse;

bool is_success(int status) {
  return status >= 200 && status < 300;
}

std::string answered(int status) {
  return "answered " + std::to_string(status);
}

bool contains_ignoring_case(std::string_view text, std::string_view wanted) {
  const auto same = [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  };
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end();
}

/// By status and by text, since the documentation gives no status for either (I13, E9, E10).
Rejected::Kind kind_of(int status, std::string_view detail) {
  if (status == 404 || status == 410 || contains_ignoring_case(detail, "not found")) {
    return Rejected::Kind::not_found;
  }
  if (status == 409 || contains_ignoring_case(detail, "already exists")) {
    return Rejected::Kind::already_exists;
  }
  return Rejected::Kind::invalid;
}

Rejected reject(const HttpResponse& response) {
  std::string detail = read_error_text(response.body);
  const Rejected::Kind kind = kind_of(response.status, detail);
  return {response.status, kind, answered(response.status), std::move(detail)};
}

/// What any answer but 2xx means. A redirect is not followed, so it had no effect; it is not the
/// record's fault either.
Failure failure_of(const HttpResponse& response, std::int64_t wall_now_ms) {
  const int status = response.status;
  const auto wait = core::retry_after(response.headers, wall_now_ms);
  if (status == 429) return Throttled{wait};
  if (status == 401 || status == 403) return Unauthorized{status};
  if (status == 408 || status == 425 || status >= 500) return Transient{answered(status), wait};
  if (status >= 300 && status < 400) {
    return Transient{answered(status) + ", a redirect, which is not followed", wait};
  }
  return reject(response);
}

core::Result<core::Value> parse_body(const HttpResponse& response) {
  constexpr std::string_view kBlank = " \t\r\n";
  if (response.body.find_first_not_of(kBlank) == std::string::npos) return core::Value::object();
  return core::parse_json(response.body);
}

Outcome classify_accepted(const HttpResponse& response) {
  const auto body = parse_body(response);
  if (!body) return Ambiguous{answered(response.status) + " with " + body.error().message};
  core::AssemblyId id = read_written_id(*body);
  // An error in the clothes of a success; taken for one, the change would be lost without a trace.
  if (id.empty() && body->find("error") != nullptr) return reject(response);
  return Delivered{std::move(id), response.status};
}

}  // namespace

Outcome classify_write(const Exchange& exchange, Repeatable repeatable, std::int64_t wall_now_ms) {
  if (!exchange) {
    const core::HttpFailure& failure = exchange.error();
    if (!failure.reached_server) return Transient{failure.reason, std::nullopt};
    return Ambiguous{failure.reason, failure.timed_out};
  }
  if (is_success(exchange->status)) return classify_accepted(*exchange);
  const int status = exchange->status;
  const bool may_have_had_effect = status >= 500 || status == 408;
  // 303 says that it was carried out, the other redirects that it was not; they are told apart by
  // too few servers to rest a second log on it.
  const bool redirected = status >= 300 && status < 400;
  if ((may_have_had_effect || redirected) && repeatable == Repeatable::no) {
    return Ambiguous{answered(status), status == 408 || status == 504};
  }
  Outcome outcome = std::visit([](auto&& failure) -> Outcome { return failure; },
                               failure_of(*exchange, wall_now_ms));
  if (auto* const transient = std::get_if<Transient>(&outcome)) {
    transient->may_have_had_effect = may_have_had_effect;
  }
  return outcome;
}

Rejected refused_here(std::string reason) {
  return {0, Rejected::Kind::invalid, "not sent: " + std::move(reason), {}};
}

Answer<core::Value> classify_read(const Exchange& exchange, std::int64_t wall_now_ms) {
  if (!exchange) return tl::unexpected<Failure>(Transient{exchange.error().reason, std::nullopt});
  if (!is_success(exchange->status)) return tl::unexpected(failure_of(*exchange, wall_now_ms));
  auto body = parse_body(*exchange);
  if (body) return std::move(*body);
  return tl::unexpected<Failure>(
      Transient{answered(exchange->status) + " with " + body.error().message, std::nullopt});
}

}  // namespace assembly_sync::assembly
