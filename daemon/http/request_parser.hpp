// Reads one request from bytes that come in any pieces, under hard limits, and refuses what is not
// a well-formed HTTP/1.x request. No I/O. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/http/server.hpp"
#include "daemon/http/wire.hpp"

namespace assembly_sync::http {

class RequestParser {
 public:
  enum class Step : std::uint8_t { more, complete, refused };

  explicit RequestParser(const ServerLimits& limits) : limits_(&limits) {}

  /// `bytes` starts where the last call stopped: what it did not take must come again, with more
  /// behind it. Sets `used` to what was taken.
  Step feed(std::string_view bytes, std::size_t& used);
  /// Ready for the next request.
  void reset() { *this = RequestParser(*limits_); }

  /// True once, when the peer waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
  bool take_expectation();

  Request& request() { return request_; }
  /// After `refused`: the status to answer with.
  int refusal() const { return refusal_; }
  /// After `complete`: whether the peer wants to send another request.
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class State : std::uint8_t { head, sized_body, chunked_body };

  Step refuse(int status);
  Step feed_head(std::string_view bytes, std::size_t& used);
  Step feed_sized_body(std::string_view bytes, std::size_t& used);
  Step feed_chunked_body(std::string_view bytes, std::size_t& used);
  // Each returns 0, or the status to refuse with.
  int parse_head(std::string_view head);
  int parse_request_line(std::string_view line);
  int parse_target(std::string_view target);
  int check_headers();
  int choose_body();

  const ServerLimits* limits_;
  State state_ = State::head;
  HeadScanner scanner_;
  std::optional<ChunkedDecoder> chunks_;
  Request request_;
  std::uint64_t remaining_ = 0;
  int refusal_ = 0;
  bool http_1_0_ = false;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
};

}  // namespace assembly_sync::http
