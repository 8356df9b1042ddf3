#include "daemon/http/response_parser.hpp"

#include <algorithm>

#include "daemon/http/response.hpp"

namespace assembly_sync::http {
namespace {

constexpr std::size_t kHeadBytes = 64 * 1024;
constexpr std::size_t kHeaders = 200;
constexpr int kInterimAnswers = 10;
constexpr std::size_t kBodyReserve = 256 * 1024;

}  // namespace

ResponseParser::Step ResponseParser::feed(std::string_view bytes) {
  if (bytes.empty()) return Step::more;
  begun_ = true;
  std::size_t used = 0;
  if (state_ == State::head) {
    pending_.append(bytes);
    const Step step = feed_head();
    if (step == Step::complete) return finish(pending_.size());
    if (step != Step::more || state_ == State::head) return step;
    const std::string rest = std::move(pending_);
    const Step body_step = feed_body(rest, used);
    return body_step == Step::complete ? finish(rest.size() - used) : body_step;
  }
  const Step step = feed_body(bytes, used);
  return step == Step::complete ? finish(bytes.size() - used) : step;
}

ResponseParser::Step ResponseParser::feed_head() {
  while (true) {
    const HeadScanner::Found found = scanner_.scan(pending_);
    if (found == HeadScanner::Found::bare_line_feed) return Step::malformed;
    if (pending_.size() > kHeadBytes && found == HeadScanner::Found::not_yet) {
      return Step::malformed;
    }
    if (found == HeadScanner::Found::not_yet) return Step::more;
    const std::string head = pending_.substr(0, scanner_.size());
    pending_.erase(0, scanner_.size());
    scanner_ = HeadScanner();
    if (!parse_head(head)) return Step::malformed;
    if (response_.status >= 200) return choose_body();
    // 1xx: the answer proper comes behind it. We never ask for 101.
    if (response_.status == 101 || ++interim_ > kInterimAnswers) return Step::malformed;
    response_ = {};
  }
}

bool ResponseParser::parse_head(std::string_view head) {
  HeadLines lines(head);
  const auto status_line = lines.next();
  if (!status_line || !parse_status_line(*status_line)) return false;
  while (const auto line = lines.next()) {
    auto header = parse_header_line(*line);
    if (!header || response_.headers.size() == kHeaders) return false;
    response_.headers.push_back(std::move(*header));
  }
  return true;
}

bool ResponseParser::parse_status_line(std::string_view line) {
  if (line.size() < 12 || !is_field_value(line)) return false;
  const std::string_view version = line.substr(0, 9);
  if (version != "HTTP/1.1 " && version != "HTTP/1.0 ") return false;
  http_1_0_ = version == "HTTP/1.0 ";
  const auto status = parse_decimal(line.substr(9, 3));
  if (!status || *status < 100 || (line.size() > 12 && line[12] != ' ')) return false;
  response_.status = static_cast<int>(*status);
  return true;
}

ResponseParser::Step ResponseParser::choose_body() {
  const Framing framing = read_framing(response_.headers);
  if (framing.malformed || framing.unknown_encoding) return Step::malformed;
  reusable_ = http_1_0_ ? lists_token(response_.headers, "Connection", "keep-alive")
                        : !lists_token(response_.headers, "Connection", "close");
  if (head_request_ || !status_has_body(response_.status)) return Step::complete;
  if (framing.chunked) {
    chunks_.emplace(body_cap_, kHeadBytes);
    state_ = State::chunked_body;
    return Step::more;
  }
  if (!framing.length) {
    reusable_ = false;
    state_ = State::body_until_end;
    return Step::more;
  }
  if (*framing.length > body_cap_) return Step::too_large;
  if (*framing.length == 0) return Step::complete;
  remaining_ = *framing.length;
  response_.body.reserve(std::min<std::uint64_t>(remaining_, kBodyReserve));
  state_ = State::sized_body;
  return Step::more;
}

ResponseParser::Step ResponseParser::feed_body(std::string_view bytes, std::size_t& used) {
  if (state_ == State::chunked_body) {
    switch (chunks_->feed(bytes, used, response_.body)) {
      case ChunkedDecoder::Step::more:
        return Step::more;
      case ChunkedDecoder::Step::done:
        return Step::complete;
      case ChunkedDecoder::Step::too_large:
        return Step::too_large;
      case ChunkedDecoder::Step::malformed:
        return Step::malformed;
    }
  }
  if (state_ == State::body_until_end) {
    if (bytes.size() > body_cap_ - response_.body.size()) return Step::too_large;
    response_.body.append(bytes);
    used = bytes.size();
    return Step::more;
  }
  used = std::min<std::uint64_t>(remaining_, bytes.size());
  response_.body.append(bytes.substr(0, used));
  remaining_ -= used;
  return remaining_ == 0 ? Step::complete : Step::more;
}

ResponseParser::Step ResponseParser::finish(std::size_t left_over) {
  // Bytes behind the answer belong to no request of ours.
  if (left_over > 0) reusable_ = false;
  return Step::complete;
}

bool ResponseParser::ended() {
  return state_ == State::body_until_end;
}

}  // namespace assembly_sync::http
