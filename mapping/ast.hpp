// The tree of an expression. The parser builds it, the checker fills in what names stand for, the
// evaluator only reads it. Immutable after checking, and then thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "mapping/datum.hpp"
#include "mapping/prepared.hpp"
#include "mapping/tables.hpp"
#include "mapping/types.hpp"

namespace assembly_sync::mapping {

struct Function;

struct Segment {
  std::string name;         // of an object's member
  std::int64_t index = -1;  // of a list's element when 0 or more; `name` is empty then
  std::uint32_t hash = 0;   // member_hash() of `name`, by the checker
};

enum class Comparison : std::uint8_t { equal, unequal, less, less_equal, greater, greater_equal };

struct Node {
  enum class Kind : std::uint8_t {
    literal,
    path,
    call,
    list,
    logic_not,
    logic_and,  // of any number of arguments
    logic_or,
    compare,
    in,
  };

  Kind kind = Kind::literal;
  Comparison comparison = Comparison::equal;  // kind compare
  bool negated = false;                       // kind in: `not in`
  std::size_t begin = 0;  // the node's text is [begin, end) of the expression …
  std::size_t end = 0;
  std::size_t at = 0;  // … and this is where a problem of it points: its name or operator
  std::size_t depth = 1;

  std::string name;  // kind call: the function; kinds with an operator: the operator
  std::vector<Node> arguments;
  std::vector<Segment> path;  // kind path
  core::Value literal;        // kind literal

  // Filled by the checker.
  TypeSet type = kAny;                       // what it can be
  Datum constant;                            // kind literal; its text is that of `literal`
  const Function* function = nullptr;        // kind call
  const Table* table = nullptr;              // lookup()
  std::shared_ptr<const Prepared> prepared;  // kind call: what the function made of its literals
};

/// Calls visit(node) for the node and all below it.
template <class Visit>
void walk(const Node& node, Visit&& visit) {
  visit(node);
  for (const Node& argument : node.arguments) walk(argument, visit);
}

}  // namespace assembly_sync::mapping
