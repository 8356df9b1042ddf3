#include "daemon/http/request_parser.hpp"

#include <algorithm>

namespace assembly_sync::http {
namespace {

constexpr std::size_t kBodyReserve = 64 * 1024;  // what a peer may make us set aside by a promise

bool needs_a_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

/// Splits `a=1&b=2`; false when an escape is malformed.
bool parse_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = core::percent_decode(pair.substr(0, equals), true);
    auto value = core::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return false;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

/// The path and query of an absolute target (`http://host/path`), which a proxy may send
/// (RFC 9112 3.2.2); any other target as it is.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  return target;
}

}  // namespace

RequestParser::Step RequestParser::refuse(int status) {
  refusal_ = status;
  return Step::refused;
}

RequestParser::Step RequestParser::feed(std::string_view bytes, std::size_t& used) {
  used = 0;
  if (state_ == State::head) {
    const Step step = feed_head(bytes, used);
    if (step != Step::more || state_ == State::head) return step;
  }
  if (state_ == State::sized_body) return feed_sized_body(bytes, used);
  return feed_chunked_body(bytes, used);
}

RequestParser::Step RequestParser::feed_head(std::string_view bytes, std::size_t& used) {
  // Empty lines before a request are to be ignored (RFC 9112 2.2).
  while (bytes.substr(used, 2) == "\r\n") used += 2;
  if (used > 0) scanner_ = HeadScanner();
  const std::string_view rest = bytes.substr(used);
  switch (scanner_.scan(rest)) {
    case HeadScanner::Found::bare_line_feed:
      return refuse(400);
    case HeadScanner::Found::not_yet:
      return rest.size() >= limits_->head_bytes ? refuse(431) : Step::more;
    case HeadScanner::Found::yes:
      break;
  }
  if (scanner_.size() > limits_->head_bytes) return refuse(431);
  used += scanner_.size();
  if (const int status = parse_head(rest.substr(0, scanner_.size())); status != 0) {
    return refuse(status);
  }
  return state_ == State::head ? Step::complete : Step::more;
}

RequestParser::Step RequestParser::feed_sized_body(std::string_view bytes, std::size_t& used) {
  const std::size_t part = std::min<std::uint64_t>(remaining_, bytes.size() - used);
  request_.body.append(bytes.substr(used, part));
  used += part;
  remaining_ -= part;
  return remaining_ == 0 ? Step::complete : Step::more;
}

RequestParser::Step RequestParser::feed_chunked_body(std::string_view bytes, std::size_t& used) {
  switch (chunks_->feed(bytes, used, request_.body)) {
    case ChunkedDecoder::Step::more:
      return Step::more;
    case ChunkedDecoder::Step::done:
      return Step::complete;
    case ChunkedDecoder::Step::malformed:
      return refuse(400);
    case ChunkedDecoder::Step::too_large:
      break;
  }
  return refuse(413);
}

int RequestParser::parse_head(std::string_view head) {
  HeadLines lines(head);
  const auto request_line = lines.next();
  if (!request_line) return 400;
  if (const int status = parse_request_line(*request_line); status != 0) return status;
  while (const auto line = lines.next()) {
    if (request_.headers.size() == limits_->headers) return 431;
    auto header = parse_header_line(*line);
    if (!header) return 400;
    request_.headers.push_back(std::move(*header));
  }
  if (const int status = check_headers(); status != 0) return status;
  return choose_body();
}

int RequestParser::parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) return 400;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return 400;
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/") return 400;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return 505;
  http_1_0_ = version == "HTTP/1.0";
  request_.method = method;
  return parse_target(target);
}

int RequestParser::parse_target(std::string_view target) {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
  if (!std::all_of(target.begin(), target.end(), visible)) return 400;
  target = origin_form(target);
  const bool whole_server = target == "*" && request_.method == "OPTIONS";
  if (!whole_server && (target.empty() || target.front() != '/')) return 400;
  request_.target = target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = core::percent_decode(target.substr(0, mark));
  if (!path || path->find('\0') != std::string::npos) return 400;
  request_.path = std::move(*path);
  return parse_query(target.substr(std::min(mark + 1, target.size())), request_.query) ? 0 : 400;
}

int RequestParser::check_headers() {
  int hosts = 0;
  for (const core::HttpHeader& header : request_.headers) {
    if (same_ignoring_case(header.name, "Host")) ++hosts;
    if (same_ignoring_case(header.name, "Expect") && !http_1_0_) {
      if (!same_ignoring_case(header.value, "100-continue")) return 417;
      expects_continue_ = true;
    }
  }
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) return 400;
  keep_alive_ = !http_1_0_ && !lists_token(request_.headers, "Connection", "close");
  return 0;
}

int RequestParser::choose_body() {
  const Framing framing = read_framing(request_.headers);
  if (framing.malformed) return 400;
  if (framing.unknown_encoding) return 501;
  if (framing.chunked) {
    if (http_1_0_) return 400;  // 1.0 knows no chunks (RFC 9112 6.1)
    chunks_.emplace(limits_->body_bytes, limits_->head_bytes);
    state_ = State::chunked_body;
    return 0;
  }
  if (!framing.length) return needs_a_body(request_.method) ? 411 : 0;
  if (*framing.length > limits_->body_bytes) return 413;
  if (*framing.length == 0) return 0;
  remaining_ = *framing.length;
  request_.body.reserve(std::min<std::uint64_t>(remaining_, kBodyReserve));
  state_ = State::sized_body;
  return 0;
}

bool RequestParser::take_expectation() {
  const bool waits = expects_continue_ && state_ != State::head && request_.body.empty();
  expects_continue_ = false;
  return waits;
}

}  // namespace assembly_sync::http
