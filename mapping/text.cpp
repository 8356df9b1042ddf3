#include "mapping/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace assembly_sync::mapping {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Letters from `first` to `last` whose small forms lie `distance` further on.
struct CaseRange {
  char32_t first;
  char32_t last;
  char32_t distance;
};
constexpr CaseRange kShifted[] = {
    {'A', 'Z', 32},     {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},   {0x386, 0x386, 38},
    {0x388, 0x38A, 37}, {0x38C, 0x38C, 64}, {0x38E, 0x38F, 63}, {0x391, 0x3A1, 32},
    {0x3A3, 0x3AB, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32}, {0x4C0, 0x4C0, 15},
    {0x531, 0x556, 48},
};

/// Ranges in which large and small letters alternate; `first` is a large one.
struct PairRange {
  char32_t first;
  char32_t last;
};
constexpr PairRange kPairs[] = {
    {0x100, 0x12F}, {0x132, 0x137}, {0x139, 0x148}, {0x14A, 0x177},   {0x179, 0x17E},
    {0x1CD, 0x1DC}, {0x1DE, 0x1EF}, {0x1F8, 0x21F}, {0x222, 0x233},   {0x460, 0x481},
    {0x48A, 0x4BF}, {0x4C1, 0x4CE}, {0x4D0, 0x52F}, {0x1E00, 0x1E95}, {0x1EA0, 0x1EFF},
};

/// Base letters of U+00C0 … U+017F, where there are any.
constexpr std::array<std::string_view, 192> kPlain = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",   // C0
    "d", "n", "o",  "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "ss",  // D0
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",   // E0
    "d", "n", "o",  "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "y",   // F0
    "a", "a", "a",  "a",  "a", "a", "c",  "c", "c", "c", "c", "c", "c", "c", "d",  "d",   // 100
    "d", "d", "e",  "e",  "e", "e", "e",  "e", "e", "e", "e", "e", "g", "g", "g",  "g",   // 110
    "g", "g", "g",  "g",  "h", "h", "h",  "h", "i", "i", "i", "i", "i", "i", "i",  "i",   // 120
    "i", "i", "ij", "ij", "j", "j", "k",  "k", "k", "l", "l", "l", "l", "l", "l",  "l",   // 130
    "l", "l", "l",  "n",  "n", "n", "n",  "n", "n", "n", "n", "n", "o", "o", "o",  "o",   // 140
    "o", "o", "oe", "oe", "r", "r", "r",  "r", "r", "r", "s", "s", "s", "s", "s",  "s",   // 150
    "s", "s", "t",  "t",  "t", "t", "t",  "t", "u", "u", "u", "u", "u", "u", "u",  "u",   // 160
    "u", "u", "u",  "u",  "w", "w", "y",  "y", "y", "z", "z", "z", "z", "z", "z",  "s",   // 170
};

bool is_space(char32_t code) {
  return code == ' ' || (code >= 9 && code <= 13) || code == 0xA0 || code == 0x2003 ||
         code == 0x3000 || code == 0xFEFF || (code >= 0x2000 && code <= 0x200B);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Most texts are ASCII, for which nothing needs to be decoded: 26 letters from `first` move.
std::string shifted_ascii(std::string_view text, char first, int distance) {
  std::string out(text);
  for (char& c : out) {
    if (c >= first && c < first + 26) c = static_cast<char>(c + distance);
  }
  return out;
}

template <class Change>
std::string changed(std::string_view text, Change&& change) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_utf8(change(next_character(text, at)), out);
  return out;
}

}  // namespace

bool append_utf8(char32_t code, std::string& out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  const auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
  return true;
}

char32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < more) return kReplacement;
  char32_t code = lead & (0x3Fu >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if (!is_continuation(text[at + i])) return kReplacement;
    code = (code << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
  }
  at += more;
  return code;
}

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHigh) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t count_characters(std::string_view text) {
  if (is_ascii(text)) return text.size();
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) next_character(text, at);
  return count;
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
  if (is_ascii(text.substr(0, index))) return std::min(index, text.size());
  std::size_t at = 0;
  while (index > 0 && at < text.size()) {
    next_character(text, at);
    --index;
  }
  return at;
}

char32_t to_lower(char32_t code) {
  if (code == 0x178) return 0xFF;
  if (code == 0x130) return 'i';
  if (code == 0x1E9E) return 0xDF;
  for (const CaseRange& range : kShifted) {
    if (code >= range.first && code <= range.last) return code + range.distance;
  }
  for (const PairRange& range : kPairs) {
    if (code >= range.first && code <= range.last) {
      return (code - range.first) % 2 == 0 ? code + 1 : code;
    }
  }
  return code;
}

char32_t to_upper(char32_t code) {
  if (code == 0xFF) return 0x178;
  if (code == 0x3C2) return 0x3A3;  // the final sigma
  if (code == 0x17F) return 'S';
  if (code == 0x131) return 'I';  // without its dot
  for (const CaseRange& range : kShifted) {
    if (code >= range.first + range.distance && code <= range.last + range.distance) {
      return code - range.distance;
    }
  }
  for (const PairRange& range : kPairs) {
    if (code >= range.first && code <= range.last) {
      return (code - range.first) % 2 == 1 ? code - 1 : code;
    }
  }
  return code;
}

bool is_letter_or_digit(char32_t code) {
  if (code < 0x80) {
    return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
           (code >= 'A' && code <= 'Z');
  }
  const bool punctuation = (code >= 0x2000 && code <= 0x206F) || (code >= 0x3000 && code <= 0x303F);
  return code >= 0xC0 && code != 0xD7 && code != 0xF7 && !punctuation;
}

std::string lower(std::string_view text) {
  return is_ascii(text) ? shifted_ascii(text, 'A', 'a' - 'A') : changed(text, to_lower);
}
std::string upper(std::string_view text) {
  return is_ascii(text) ? shifted_ascii(text, 'a', 'A' - 'a') : changed(text, to_upper);
}

std::string title(std::string_view text) {
  bool inside = false;
  return changed(text, [&](char32_t code) {
    const char32_t result = inside ? to_lower(code) : to_upper(code);
    inside = is_letter_or_digit(code) || (inside && (code == '\'' || code == 0x2019));
    return result;
  });
}

std::string_view trim(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t after = begin;
    if (!is_space(next_character(text, after))) break;
    begin = after;
  }
  std::size_t end = text.size();
  while (end > begin) {
    std::size_t start = end - 1;
    while (start > begin && is_continuation(text[start])) --start;
    std::size_t after = start;
    if (!is_space(next_character(text, after))) break;
    end = start;
  }
  return text.substr(begin, end - begin);
}

std::string slug(std::string_view text) {
  std::string out;
  bool gap = false;
  const auto add = [&](std::string_view part) {
    if (gap && !out.empty()) out += '-';
    gap = false;
    out += part;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = to_lower(next_character(text, at));
    if (code < 0x80 && is_letter_or_digit(code)) {
      const char letter = static_cast<char>(code);
      add({&letter, 1});
    } else if (code >= 0xC0 && code < 0xC0 + kPlain.size() && !kPlain[code - 0xC0].empty()) {
      add(kPlain[code - 0xC0]);
    } else if (!is_letter_or_digit(code)) {
      gap = true;
    }
  }
  return out;
}

}  // namespace assembly_sync::mapping
