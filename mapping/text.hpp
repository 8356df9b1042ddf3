// Text as characters, not bytes: UTF-8 steps, letter case and spelling without accents. Independent
// of the machine's locale, so that a mapping gives the same everywhere (I9). Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assembly_sync::mapping {

/// Appends the character; false (and nothing appended) when `code` is none.
bool append_utf8(char32_t code, std::string& out);

/// The character at byte `at`, which moves behind it. Bytes that are not UTF-8 give U+FFFD, one at
/// a time.
char32_t next_character(std::string_view text, std::size_t& at);

bool is_ascii(std::string_view text);
std::size_t count_characters(std::string_view text);
/// The byte at which character number `index` begins; the size when there are fewer.
std::size_t byte_of_character(std::string_view text, std::size_t index);

/// Letters of the Latin, Greek, Cyrillic and Armenian scripts one for one; all others stay.
char32_t to_lower(char32_t code);
char32_t to_upper(char32_t code);
bool is_letter_or_digit(char32_t code);

std::string lower(std::string_view text);
std::string upper(std::string_view text);
/// First letter of each word large, the others small.
std::string title(std::string_view text);

/// Without white space at both ends (no-break space included).
std::string_view trim(std::string_view text);

/// Small letters and digits of ASCII, parts joined by `-`; accents of Latin letters are dropped,
/// letters of other scripts left out.
std::string slug(std::string_view text);

}  // namespace assembly_sync::mapping
