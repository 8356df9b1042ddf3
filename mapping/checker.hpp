// What can be known of an expression before any record is seen: names, number and types of
// arguments, calls of literals only. Thread-safe.
#pragma once

#include <vector>

#include "mapping/ast.hpp"
#include "mapping/expression.hpp"

namespace assembly_sync::mapping {

/// Resolves the names and sets the types of all nodes, in place; the tree must not be moved or
/// copied afterwards. Adds every error found.
void check(Node& root, const Names& names, std::vector<ExpressionError>& errors);

}  // namespace assembly_sync::mapping
