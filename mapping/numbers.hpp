// Numbers <-> text, in one way for literals, functions and values. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapping/datum.hpp"

namespace assembly_sync::mapping {

/// A decimal number: digits with optional sign, fraction and exponent, nothing around it. Whole
/// numbers without exponent stay integers as far as 64 bits go; others become doubles.
std::optional<Datum> parse_number(std::string_view text);

/// The shortest text that reads back as the same number; a double without fraction has no `.0`.
/// Not an exponent up to 15 digits, so that identifiers keep their form.
std::string number_text(const Datum& number);

/// A double without fraction as an integer, when it is small enough to be exact (2^53); others as
/// they are. So 12.0 and 12 are sent, and compared with what was sent, alike.
Datum narrowed(const Datum& number);

/// The number as a whole number, when it is one and fits.
std::optional<std::int64_t> whole_number(const Datum& number);

}  // namespace assembly_sync::mapping
