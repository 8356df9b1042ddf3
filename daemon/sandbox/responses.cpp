#include "daemon/sandbox/responses.hpp"

#include "core/json.hpp"

namespace assembly_sync::sandbox {

http::Response error_response(int status, const std::string& message, ErrorBody shape) {
  using core::Value;
  Value body = Value::object();
  switch (shape) {
    case ErrorBody::error:
      body.set("error", message);
      break;
    case ErrorBody::number:
      body.set("error", status).set("message", message);
      break;
    case ErrorBody::message:
      body.set("message", message);
      break;
    case ErrorBody::object:
      body.set("error", Value::object({{"code", status}, {"message", message}}));
      break;
    case ErrorBody::text:
      return {status, {{"Content-Type", "text/plain"}}, message};
    case ErrorBody::empty:
      return {status, {}, {}};
  }
  return http::json_response(status, core::dump_json(body));
}

http::Response response_of(const Outcome& outcome, ErrorBody shape) {
  if (!outcome) return error_response(outcome.error().status, outcome.error().message, shape);
  if (outcome->status == 204) return {204, {}, {}};
  return http::json_response(outcome->status, core::dump_json(outcome->body));
}

std::string http_date(core::WallTime time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::string text = core::format_utc(time);
  const unsigned month = static_cast<unsigned>(date.month());
  return std::string(kDays[std::chrono::weekday(day).c_encoding()]) + ", " + text.substr(8, 2) +
         ' ' + kMonths[month - 1] + ' ' + text.substr(0, 4) + ' ' + text.substr(11, 8) + " GMT";
}

std::string first_half(const http::Response& response) {
  if (response.body.empty()) return "HTTP/1.1 " + std::to_string(response.status) + " OK\r\n";
  return "HTTP/1.1 " + std::to_string(response.status) +
         " OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(response.body.size()) + "\r\n\r\n" +
         response.body.substr(0, response.body.size() / 2);
}

}  // namespace assembly_sync::sandbox
