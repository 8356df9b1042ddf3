// What requests and answers share on the wire (RFC 9110, RFC 9112): header lines, lengths, chunked
// bodies. Strict, because two readers that disagree about where a message ends are how requests are
// smuggled past a proxy. Nothing here does I/O. Not thread-safe; the free functions are pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http.hpp"

namespace assembly_sync::http {

bool same_ignoring_case(std::string_view a, std::string_view b);
/// RFC 9110 5.6.2: what a method or a header name is made of.
bool is_token(std::string_view text);
/// Visible characters, blanks, tabs and bytes above 0x7F; no control character, so no line break.
bool is_field_value(std::string_view text);
/// Without the blanks and tabs around it.
std::string_view trim_blanks(std::string_view text);

/// One header line without its CRLF; nothing when it is folded, has a blank before the colon or
/// holds a character that is not allowed.
std::optional<core::HttpHeader> parse_header_line(std::string_view line);
/// Digits only: no sign, no blank. What does not fit becomes the largest number, so that it is
/// "too large" and not "malformed".
std::optional<std::uint64_t> parse_decimal(std::string_view digits);
/// Whether a header that is a comma-separated list (Connection) names `token`.
bool lists_token(const std::vector<core::HttpHeader>& headers, std::string_view name,
                 std::string_view token);

/// How a head says its body is framed.
struct Framing {
  bool malformed = false;  // both kinds at once, two different lengths, a length of no digits
  bool unknown_encoding = false;  // Transfer-Encoding other than chunked
  bool chunked = false;
  std::optional<std::uint64_t> length;
};
Framing read_framing(const std::vector<core::HttpHeader>& headers);

/// Finds the end of a head in bytes that grow from call to call, looking at each byte once.
class HeadScanner {
 public:
  enum class Found : std::uint8_t { not_yet, yes, bare_line_feed };
  Found scan(std::string_view bytes);
  /// Bytes of the head with its empty line, after `yes`.
  std::size_t size() const { return size_; }

 private:
  std::size_t looked_at_ = 0;
  std::size_t line_start_ = 0;
  std::size_t size_ = 0;
};

/// The lines of a complete head, one after the other, without their CRLF.
class HeadLines {
 public:
  explicit HeadLines(std::string_view head) : rest_(head) {}
  /// Nothing at the empty line that ends the head.
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

/// Decodes a chunked body as it comes in (RFC 9112 7.1). Extensions and trailers are checked,
/// bounded and dropped.
class ChunkedDecoder {
 public:
  enum class Step : std::uint8_t { more, done, malformed, too_large };
  ChunkedDecoder(std::size_t body_cap, std::size_t trailer_cap)
      : body_cap_(body_cap), trailer_cap_(trailer_cap) {}

  /// Appends what is decoded to `body`; adds to `used` what was taken of `bytes`.
  Step feed(std::string_view bytes, std::size_t& used, std::string& body);

 private:
  enum class State : std::uint8_t { size_line, data, data_end, trailer };
  enum class Line : std::uint8_t { incomplete, complete, malformed };
  Line take_line(std::string_view bytes, std::size_t& used);
  Step on_line(std::size_t body_size);
  Step on_size_line(std::size_t body_size);

  std::size_t body_cap_;
  std::size_t trailer_cap_;
  State state_ = State::size_line;
  std::string line_;
  std::uint64_t remaining_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace assembly_sync::http
