// Expression: text compiled once against an object's roots and the tables; the unit the rules are
// made of. Immutable; thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/ast.hpp"
#include "mapping/lexer.hpp"
#include "mapping/tables.hpp"

namespace assembly_sync::mapping {

/// The member of a record that holds the properties which the source describes (empty: the record
/// itself); nothing when it describes none.
using CatalogueRoot = std::optional<std::string>;

/// What the names in an expression may stand for. All must outlive nothing but the compiling,
/// except that tables that an expression uses must outlive it.
struct Names {
  const std::optional<std::set<std::string>>* roots = nullptr;  // nullptr or nothing: any
  const Tables* tables = nullptr;                               // nullptr: none
  const CatalogueRoot* catalogue_root = nullptr;                // nullptr: not known
};

class Expression {
 public:
  /// All errors at once, in the order of the text; the expression is usable only when there are
  /// none.
  static Expression compile(std::string_view text, const Names& names,
                            std::vector<ExpressionError>& errors);

  bool usable() const { return root_ != nullptr; }
  const Node& root() const { return *root_; }
  const std::string& text() const { return text_; }
  std::string_view text_of(const Node& node) const {
    return std::string_view(text_).substr(node.begin, node.end - node.begin);
  }

 private:
  std::string text_;
  std::unique_ptr<Node> root_;  // a place of its own: constants point into it
};

}  // namespace assembly_sync::mapping
