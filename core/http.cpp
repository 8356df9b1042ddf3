#include "core/http.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ctime>

#include "core/text.hpp"

namespace assembly_sync::core {

std::optional<std::string_view> find_header(const std::vector<HttpHeader>& headers,
                                            std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::string percent_encode(std::string_view text, std::string_view also_keep) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreservedMarks = "-._~";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool keep = (byte < 0x80 && std::isalnum(byte) != 0) ||
                      kUnreservedMarks.find(c) != std::string_view::npos ||
                      also_keep.find(c) != std::string_view::npos;
    if (keep) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<std::int64_t> parse_http_date_ms(std::string_view text) {
  std::tm parts{};
  const char* end = strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr) return std::nullopt;
  return std::int64_t{timegm(&parts)} * 1000;
}

std::optional<std::chrono::milliseconds> retry_after(const std::vector<HttpHeader>& headers,
                                                     std::int64_t wall_now_ms) {
  const auto header = find_header(headers, "Retry-After");
  if (!header) return std::nullopt;
  const std::string text(*header);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size()) {
    return std::chrono::milliseconds(std::clamp<std::int64_t>(seconds, 0, 86'400) * 1000);
  }
  const auto when_ms = parse_http_date_ms(text);
  if (!when_ms) return std::nullopt;
  return std::chrono::milliseconds(std::clamp<std::int64_t>(*when_ms - wall_now_ms, 0, 86'400'000));
}

}  // namespace assembly_sync::core
