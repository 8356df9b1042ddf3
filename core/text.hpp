// Small work on ASCII text that several folders need; independent of the locale. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace assembly_sync::core {

/// ASCII letters small, all else as it is: for names that are compared without case (headers,
/// domains, e-mail addresses).
std::string lower_ascii(std::string_view text);

/// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// 0 to 15, of a digit in either case; -1 for anything else.
int hex_digit(char c);

/// `1 source`, `2 sources`
std::string count_text(std::int64_t count, std::string_view singular);

/// `40 s`, `3 min 20 s`, `2 h 5 min`: for people.
std::string duration_text(std::chrono::seconds span);

}  // namespace assembly_sync::core
