// The table of all configuration keys: the reader follows it, known_keys() and the messages about
// unknown keys are made from it. A new key is a row in keys.cpp. Constant; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"

namespace assembly_sync::config {

enum class KeyKind {
  text,        // may hold references
  url,         // https, or http to this machine; kept without trailing slash
  address,     // HOST:PORT
  path,        // relative to the configuration file's folder
  secret,      // one reference and nothing else
  integer,     // least..most
  number,      // least..most
  boolean,     // true or false
  color,       // #RRGGBB
  secrets,     // a list of references
  field,       // names divided by dots: a place in a body
  choice,      // one of `choices`
  match,       // field: text or list of texts
  variant,     // a map whose `scheme` says which of `variants` its keys are
  objects,     // NAME: a map of `members`
  texts,       // a list of texts, or one
  fields,      // a field or a list of them
  integers,    // a whole number or a list of them, each least..most
  text_map,    // NAME: text
  secret_map,  // NAME: a reference
  json,        // any value
  block,       // a map of `members`
  blocks,      // a list of maps of `members`
  section,     // a map whose keys are rows of their own
  elsewhere,   // read by the source reader or by mapping::load; here for its help only
};

struct KeyRule {
  std::string path;  // "assembly.api_key"; `*` stands for a name of the admin's choice
  KeyKind kind = KeyKind::elsewhere;
  bool required = false;
  std::string default_value;  // as written in YAML; empty = none
  double least = 0;           // integer, number
  double most = 0;
  std::string type{};  // in words, where the kind does not say it
  std::string help{};
  std::vector<std::string> choices{};
  std::vector<KeyRule> members{};  // objects, block, blocks
  std::vector<std::pair<std::string, std::vector<KeyRule>>> variants{};
  std::string shared_as{};  // the schema's definition of it

  /// The last word of the path.
  std::string_view name() const;
};

/// The rows of one map: every rule with exactly one word more than `section` ("" = the top level).
std::vector<KeyRule> rules_of(std::string_view section);

/// The rows of a source's block: `type` and what its connector's table says.
std::vector<KeyRule> rules_of(const connectors::ConnectorType& type);

/// The key that says which variant a map follows.
KeyRule scheme_rule(const KeyRule& variant);

/// `sha256, sha1, sha512`
std::string choices_in_words(const KeyRule& rule);

/// The type of a key in words: "whole number from 1 to 256".
std::string type_in_words(const KeyRule& rule);

/// A limit as a person writes it: `30`, `0.1`.
std::string plain_number(double number);

}  // namespace assembly_sync::config
