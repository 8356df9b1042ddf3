// The `tables` block: named maps from text to a literal, for lookup(). Immutable once read;
// thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/value.hpp"
#include "core/yaml.hpp"
#include "mapping/problem_sink.hpp"
#include "mapping/types.hpp"

namespace assembly_sync::mapping {

struct Table {
  std::string name;
  std::map<std::string, core::Value, std::less<>> entries;
  TypeSet types;  // of the entries' values
};

/// By name. References to a table stay valid as long as the map lives.
using Tables = std::map<std::string, Table, std::less<>>;

/// Reads the block (nullptr or nothing: no tables). A table without entries is a problem, and so is
/// an entry that is not a text, a number or true/false.
Tables read_tables(const core::YamlNode* block, ProblemSink& sink);

}  // namespace assembly_sync::mapping
