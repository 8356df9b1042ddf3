// How values compare in `==`, `<`, `in`, case() and where(). Thread-safe.
#pragma once

#include <optional>

#include "mapping/datum.hpp"

namespace assembly_sync::mapping {

/// Of null, texts, numbers and true/false, by value: CRMs send numbers and true/false as text, so a
/// text equals the number that it is (`"5"` and `"5.0"` equal 5) and the true or false that it
/// names. Other values of different types are unequal. Lists and objects must not be asked for.
bool equal_values(const Datum& a, const Datum& b);

/// Below, equal to or above 0 for two texts (by their bytes), two numbers, or a number and a text
/// that is one; nothing for other values.
std::optional<int> order_of(const Datum& a, const Datum& b);

}  // namespace assembly_sync::mapping
