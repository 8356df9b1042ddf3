// Reads a map of the file by the rows of the key table: types, ranges, defaults, required and
// unknown keys. Every problem gets the place of the value it is about; a missing key gets the place
// of the map that should hold it. One reader a configuration; not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "core/problem.hpp"
#include "core/secret.hpp"
#include "core/yaml.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/references.hpp"

namespace assembly_sync::config {

/// What was read, by the key's name; a key with a problem is absent.
struct Values {
  /// Kinds text, url, address, path (absolute), color, field, choice.
  std::map<std::string, std::string> texts;
  std::map<std::string, double> numbers;  // kinds integer, number
  std::map<std::string, bool> booleans;
  std::map<std::string, core::Secret> secrets;
  std::map<std::string, std::vector<core::Secret>> secret_lists;
  std::map<std::string, connectors::Match> matches;
  std::map<std::string, std::vector<std::pair<std::string, Values>>> objects;  // in file order
  std::map<std::string, Values> sections;                      // kinds section, variant, block
  std::map<std::string, std::vector<Values>> lists;            // kind blocks
  std::map<std::string, std::vector<std::string>> text_lists;  // texts, fields, integers
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> text_maps;
  std::map<std::string, std::map<std::string, core::Secret>> secret_maps;
  std::map<std::string, core::Value> any;  // kind json

  std::string text(const std::string& name) const;
  double number(const std::string& name) const;
  bool boolean(const std::string& name) const;
  core::Secret secret(const std::string& name) const;
  const Values& section(const std::string& name) const;
};

class BlockReader {
 public:
  /// `file`: the main one, for what stands in none.
  BlockReader(std::string file, const SecretProvider& provider, core::Problems& problems);

  /// Reads `map` (a map, or null for one without keys) at `path` by `rules`.
  Values read(const core::YamlNode& map, const std::string& path,
              const std::vector<KeyRule>& rules);

  /// False, with a problem, when `node` is neither a map nor null.
  bool expect_map(const core::YamlNode& node, const std::string& path);

  void report(const core::YamlNode& at, const std::string& path, std::string message,
              std::string hint = "");
  std::size_t problem_count() const { return problems_.size(); }

 private:
  void read_member(const core::YamlNode& node, const std::string& path, const KeyRule& rule,
                   Values& out);
  void read_absent(const core::YamlNode& map, const std::string& path, const KeyRule& rule,
                   Values& out);
  void report_unknown(const core::YamlNode& key, const std::string& path,
                      const std::vector<KeyRule>& rules);
  std::optional<std::string> read_text(const core::YamlNode& node, const std::string& path,
                                       const KeyRule& rule);
  std::optional<double> read_number(const core::YamlNode& node, const std::string& path,
                                    const KeyRule& rule);
  std::optional<core::Secret> read_secret(const core::YamlNode& node, const std::string& path,
                                          const KeyRule& rule);
  std::vector<core::Secret> read_secrets(const core::YamlNode& node, const std::string& path,
                                         const KeyRule& rule);
  connectors::Match read_match(const core::YamlNode& node, const std::string& path);
  std::vector<std::string> read_texts(const core::YamlNode& node, const std::string& path);
  Values read_variant(const core::YamlNode& node, const std::string& path, const KeyRule& rule);
  std::vector<std::string> read_several(const core::YamlNode& node, const std::string& path,
                                        const KeyRule& rule);
  std::vector<std::pair<std::string, std::string>> read_text_map(const core::YamlNode& node,
                                                                 const std::string& path);
  std::map<std::string, core::Secret> read_secret_map(const core::YamlNode& node,
                                                      const std::string& path);
  std::optional<core::Value> read_json(const core::YamlNode& node, const std::string& path);
  std::vector<Values> read_blocks(const core::YamlNode& node, const std::string& path,
                                  const KeyRule& rule);
  std::vector<std::pair<std::string, Values>> read_objects(const core::YamlNode& node,
                                                           const std::string& path,
                                                           const KeyRule& rule);

  std::filesystem::path folder_of(const core::YamlNode& node) const;
  References references_for(const core::YamlNode& node) const;

  const std::string file_;
  const SecretProvider& provider_;
  core::Problems& problems_;
};

/// `"hubspott"` where a text is short and plain enough to be a slip of the pen, else `a text`:
/// whatever might be a secret in the wrong place is not repeated.
std::string shown(const core::YamlNode& node);

/// `: did you mean "hubspot"?`, or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace assembly_sync::config
