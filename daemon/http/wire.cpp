#include "daemon/http/wire.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace assembly_sync::http {
namespace {

constexpr std::size_t kChunkLineBytes = 256;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_character(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

}  // namespace

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\t';
  });
}

std::string_view trim_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<core::HttpHeader> parse_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  // A folded line starts with a blank, a smuggled one has a blank before the colon: no token both.
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (!is_token(name) || !is_field_value(value)) return std::nullopt;
  return core::HttpHeader{std::string(name), std::string(value)};
}

std::optional<std::uint64_t> parse_decimal(std::string_view digits) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc{}) return std::numeric_limits<std::uint64_t>::max();
  return number;
}

bool lists_token(const std::vector<core::HttpHeader>& headers, std::string_view name,
                 std::string_view token) {
  for (const core::HttpHeader& header : headers) {
    if (!same_ignoring_case(header.name, name)) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (same_ignoring_case(trim_blanks(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

Framing read_framing(const std::vector<core::HttpHeader>& headers) {
  Framing framing;
  bool encoded = false;
  for (const core::HttpHeader& header : headers) {
    if (same_ignoring_case(header.name, "Content-Length")) {
      const auto length = parse_decimal(header.value);
      if (!length || (framing.length && *framing.length != *length)) framing.malformed = true;
      framing.length = length;
    } else if (same_ignoring_case(header.name, "Transfer-Encoding")) {
      framing.chunked = !encoded && same_ignoring_case(header.value, "chunked");
      framing.unknown_encoding = !framing.chunked;
      encoded = true;
    }
  }
  if (encoded && framing.length) framing.malformed = true;
  return framing;
}

HeadScanner::Found HeadScanner::scan(std::string_view bytes) {
  while (true) {
    const std::size_t feed = bytes.find('\n', looked_at_);
    if (feed == std::string_view::npos) {
      looked_at_ = bytes.size();
      return Found::not_yet;
    }
    if (feed == line_start_ || bytes[feed - 1] != '\r') return Found::bare_line_feed;
    const bool empty_line = feed - 1 == line_start_;
    looked_at_ = line_start_ = feed + 1;
    if (empty_line) {
      size_ = feed + 1;
      return Found::yes;
    }
  }
}

std::optional<std::string_view> HeadLines::next() {
  const std::size_t end = rest_.find("\r\n");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 2);
  return line;
}

ChunkedDecoder::Step ChunkedDecoder::feed(std::string_view bytes, std::size_t& used,
                                          std::string& body) {
  while (used < bytes.size()) {
    if (state_ == State::data) {
      const std::size_t part = std::min<std::uint64_t>(remaining_, bytes.size() - used);
      body.append(bytes.substr(used, part));
      used += part;
      remaining_ -= part;
      if (remaining_ == 0) state_ = State::data_end;
      continue;
    }
    const Line line = take_line(bytes, used);
    if (line == Line::malformed) return Step::malformed;
    if (line == Line::incomplete) return Step::more;
    const Step step = on_line(body.size());
    line_.clear();
    if (step != Step::more) return step;
  }
  return Step::more;
}

ChunkedDecoder::Line ChunkedDecoder::take_line(std::string_view bytes, std::size_t& used) {
  const std::size_t feed = bytes.find('\n', used);
  const std::size_t end = feed == std::string_view::npos ? bytes.size() : feed + 1;
  const std::size_t cap = state_ == State::trailer ? trailer_cap_ : kChunkLineBytes;
  if (line_.size() + (end - used) > cap) return Line::malformed;
  line_.append(bytes.substr(used, end - used));
  used = end;
  if (feed == std::string_view::npos) return Line::incomplete;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') return Line::malformed;
  line_.resize(line_.size() - 2);
  return Line::complete;
}

ChunkedDecoder::Step ChunkedDecoder::on_line(std::size_t body_size) {
  switch (state_) {
    case State::size_line:
      return on_size_line(body_size);
    case State::data_end:
      state_ = State::size_line;
      return line_.empty() ? Step::more : Step::malformed;
    case State::trailer:
      if (line_.empty()) return Step::done;
      trailer_bytes_ += line_.size();
      return trailer_bytes_ <= trailer_cap_ && parse_header_line(line_) ? Step::more
                                                                        : Step::malformed;
    case State::data:
      break;
  }
  return Step::malformed;
}

ChunkedDecoder::Step ChunkedDecoder::on_size_line(std::size_t body_size) {
  const std::string_view line = line_;
  const std::size_t extension = std::min(line.find(';'), line.size());
  const std::string_view digits = trim_blanks(line.substr(0, extension));
  if (digits.empty() || !is_field_value(line.substr(extension))) return Step::malformed;
  std::uint64_t size = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (result.ptr != digits.data() + digits.size()) return Step::malformed;
  if (result.ec == std::errc::result_out_of_range) return Step::too_large;
  if (result.ec != std::errc{}) return Step::malformed;
  if (size > body_cap_ - std::min(body_cap_, body_size)) return Step::too_large;
  remaining_ = size;
  state_ = size == 0 ? State::trailer : State::data;
  return Step::more;
}

}  // namespace assembly_sync::http
