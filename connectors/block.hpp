// Block: a map of the configuration as read, with whatever maps and lists lie inside it, for
// connectors whose settings are deeper than one level. And the plain way to read one from a YAML
// tree by the same table of settings that the configuration is checked by: for what ships with the
// program and for tests. Value types; thread-safe as any value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/secret.hpp"
#include "core/value.hpp"
#include "core/yaml.hpp"

namespace assembly_sync::connectors {

struct Setting;

/// Fields of a body, each with the texts of which one must stand there.
using Match = std::map<std::string, std::vector<std::string>>;

struct Block {
  /// Kinds text, url, path, field, choice; integers and booleans as they are written.
  std::map<std::string, std::string> texts{};
  std::map<std::string, core::Secret> secrets{};
  std::map<std::string, std::vector<core::Secret>> secret_lists{};
  std::map<std::string, std::vector<std::string>> text_lists{};  // texts, fields, integers
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> text_maps{};
  std::map<std::string, std::map<std::string, core::Secret>> secret_maps{};
  std::map<std::string, Match> matches{};
  std::map<std::string, core::Value> values{};  // kind json
  std::map<std::string, Block> blocks{};        // kinds block, variant
  std::map<std::string, std::vector<Block>> block_lists{};
  std::map<std::string, std::vector<std::pair<std::string, Block>>> named{};  // kind objects

  bool has_text(const std::string& name) const { return texts.contains(name); }
  /// Empty when absent.
  const std::string& text(const std::string& name) const;
  /// Of an integer setting; 0 when absent.
  std::int64_t number(const std::string& name) const;
  /// Of a boolean setting; false when absent.
  bool flag(const std::string& name) const;
  /// Empty when absent.
  const std::vector<std::string>& list(const std::string& name) const;
  /// Nullptr when absent.
  const Block* block(const std::string& name) const;
};

/// Reads a map by the table, with the table's defaults; a secret is what is written there. Throws
/// std::invalid_argument at the first thing that the table does not allow.
Block read_block(const core::YamlNode& map, const std::vector<Setting>& settings);

}  // namespace assembly_sync::connectors
