// Whether conditions can hold together, as far as that shows without a record: `a == "x"` beside
// `a == "y"` can't. Only what is sure is called a contradiction. Thread-safe.
#pragma once

#include <vector>

#include "mapping/expression.hpp"

namespace assembly_sync::mapping {

/// A condition that is true, or not true (false or null).
struct Fact {
  const Node* condition = nullptr;
  bool holds = true;
};

/// True when no record can meet all of them. All are of `expression`.
bool contradictory(const Expression& expression, const std::vector<Fact>& facts);

/// True when the expression has one value for every record.
bool is_constant(const Node& node);

}  // namespace assembly_sync::mapping
