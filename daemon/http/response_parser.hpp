// Reads one answer from bytes that come in any pieces. Strict about where the answer ends, so that
// a truncated one is never taken for a whole one. No I/O. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/http.hpp"
#include "daemon/http/wire.hpp"

namespace assembly_sync::http {

class ResponseParser {
 public:
  enum class Step : std::uint8_t { more, complete, malformed, too_large };

  /// `head_request`: the answer has no body whatever its headers say (RFC 9112 6.3).
  ResponseParser(bool head_request, std::size_t body_cap)
      : head_request_(head_request), body_cap_(body_cap) {}

  /// Takes all of `bytes`.
  Step feed(std::string_view bytes);
  /// The peer sends no more: whether the answer is whole.
  bool ended();
  /// Whether a byte came.
  bool begun() const { return begun_; }
  /// After `complete`: whether the connection may carry another request.
  bool reusable() const { return reusable_; }
  core::HttpResponse& response() { return response_; }

 private:
  enum class State : std::uint8_t { head, sized_body, chunked_body, body_until_end };

  Step feed_head();
  Step feed_body(std::string_view bytes, std::size_t& used);
  bool parse_head(std::string_view head);
  bool parse_status_line(std::string_view line);
  Step choose_body();
  Step finish(std::size_t left_over);

  bool head_request_;
  std::size_t body_cap_;
  State state_ = State::head;
  std::string pending_;  // of the head
  HeadScanner scanner_;
  int interim_ = 0;
  std::optional<ChunkedDecoder> chunks_;
  std::uint64_t remaining_ = 0;
  core::HttpResponse response_;
  bool http_1_0_ = false;
  bool begun_ = false;
  bool reusable_ = false;
};

}  // namespace assembly_sync::http
