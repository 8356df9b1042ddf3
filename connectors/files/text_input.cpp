#include "connectors/files/text_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace assembly_sync::connectors::files {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr char32_t kNoCharacter = 0xFFFD;

/// Windows-1252 where it differs from ISO-8859-1: 0x80 to 0x9F. The five bytes that it leaves open
/// are control characters, as browsers read them.
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void append_utf8(char32_t c, std::string& to) {
  const auto put = [&](char32_t byte) { to += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_utf16(Encoding encoding) {
  return encoding == Encoding::utf16_le || encoding == Encoding::utf16_be;
}

core::Result<Opening> other_encoding(Encoding configured, const std::string& found) {
  const std::string expected = configured == Encoding::utf8          ? "UTF-8"
                               : configured == Encoding::latin1      ? "ISO-8859-1"
                               : configured == Encoding::windows1252 ? "Windows-1252"
                                                                     : "UTF-16";
  std::string key = found;
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return core::fail("expected " + expected + ", got " + found + "; write: encoding: " + key);
}

}  // namespace

const std::vector<std::string>& encoding_names() {
  static const std::vector<std::string> kNames = {"utf-8", "iso-8859-1", "windows-1252", "utf-16"};
  return kNames;
}

std::optional<Encoding> encoding_of(std::string_view name) {
  if (name == "utf-8") return Encoding::utf8;
  if (name == "iso-8859-1") return Encoding::latin1;
  if (name == "windows-1252") return Encoding::windows1252;
  if (name == "utf-16") return Encoding::utf16_le;
  return std::nullopt;
}

core::Result<Opening> opening_of(std::istream& in, Encoding configured) {
  std::string mark(3, '\0');
  in.read(mark.data(), static_cast<std::streamsize>(mark.size()));
  mark.resize(static_cast<std::size_t>(in.gcount()));
  in.clear();
  if (mark == "\xEF\xBB\xBF") {
    if (configured != Encoding::utf8) return other_encoding(configured, "UTF-8");
    return Opening{Encoding::utf8, 3};
  }
  const bool little = mark.starts_with("\xFF\xFE");
  if (little || mark.starts_with("\xFE\xFF")) {
    if (!is_utf16(configured)) return other_encoding(configured, "UTF-16");
    return Opening{little ? Encoding::utf16_le : Encoding::utf16_be, 2};
  }
  return Opening{configured, 0};
}

bool TextInput::read(std::string& to) {
  if (!in_) return false;
  if (encoding_ == Encoding::utf8) {
    const std::size_t before = to.size();
    to.resize(before + kChunkBytes);
    in_.read(to.data() + before, static_cast<std::streamsize>(kChunkBytes));
    to.resize(before + static_cast<std::size_t>(in_.gcount()));
    return to.size() > before;
  }
  std::string raw(kChunkBytes, '\0');
  in_.read(raw.data(), static_cast<std::streamsize>(raw.size()));
  raw.resize(static_cast<std::size_t>(in_.gcount()));
  if (raw.empty()) return false;
  const std::size_t before = to.size();
  if (is_utf16(encoding_)) {
    decode_utf16(raw, to);
  } else {
    decode_single_bytes(raw, to);
  }
  return to.size() > before;
}

void TextInput::decode_single_bytes(std::string_view raw, std::string& to) const {
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    const bool special = encoding_ == Encoding::windows1252 && byte >= 0x80 && byte < 0xA0;
    append_utf8(special ? kWindows1252[byte - 0x80U] : char32_t{byte}, to);
  }
}

/// A half that lacks its other half becomes U+FFFD, which is as long in the file as any character
/// of one unit. A character that the chunk cuts waits for the next one; at the file's end it is no
/// character.
void TextInput::decode_utf16(std::string_view raw, std::string& to) {
  const std::string text = std::exchange(rest_, {}) + std::string(raw);
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second = static_cast<unsigned char>(text[at + 1]);
    return static_cast<char32_t>(encoding_ == Encoding::utf16_le ? second << 8 | first
                                                                 : first << 8 | second);
  };
  std::size_t at = 0;
  for (; at + 2 <= text.size(); at += 2) {
    const char32_t high = unit(at);
    if (high < 0xD800 || high > 0xDFFF) {
      append_utf8(high, to);
      continue;
    }
    if (high <= 0xDBFF && at + 4 > text.size() && !in_.eof()) break;
    const char32_t low = high <= 0xDBFF && at + 4 <= text.size() ? unit(at + 2) : 0;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      append_utf8(0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00)), to);
      at += 2;
    } else {
      append_utf8(kNoCharacter, to);
    }
  }
  rest_ = text.substr(at);
}

std::uint64_t TextInput::bytes_of(std::string_view text) const {
  if (encoding_ == Encoding::utf8) return text.size();
  std::uint64_t bytes = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // not the first of its character
    bytes += !is_utf16(encoding_) ? 1 : byte >= 0xF0 ? 4 : 2;
  }
  return bytes;
}

bool ends_line(std::istream& in, Encoding encoding) {
  const std::streamoff width = is_utf16(encoding) ? 2 : 1;
  in.clear();
  in.seekg(0, std::ios::end);
  const std::streamoff size = in.tellg();
  if (size < width) return size == 0;
  std::string last(static_cast<std::size_t>(width), '\0');
  in.seekg(size - width);
  in.read(last.data(), width);
  if (encoding == Encoding::utf16_le) return last == std::string_view("\n\0", 2);
  if (encoding == Encoding::utf16_be) return last == std::string_view("\0\n", 2);
  return last == "\n";
}

}  // namespace assembly_sync::connectors::files
