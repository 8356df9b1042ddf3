// YAML as a plain tree with a position on every node: what the YAML library gives plus what it
// lacks (duplicate keys are problems, not silently dropped; one document only; depth and size are
// bounded). The only place that knows the YAML library. Scalars stay text: the reader of a key
// decides whether `no` is a text or a bool. Value types; thread-safe as any value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.hpp"
#include "core/value.hpp"

namespace assembly_sync::core {

struct YamlMember;

/// A file that nodes come from.
struct YamlSource {
  std::string file;  // as problems name it
  std::string text;
};

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string scalar;           // kind scalar
  bool quoted = false;          // kind scalar: written with quotes or as a block, so surely a text
  std::vector<YamlNode> items;  // kind list
  std::vector<YamlMember> members;           // kind map, in file order
  int line = 0;                              // from 1
  int column = 0;                            // from 1, in characters
  std::shared_ptr<const YamlSource> source;  // nothing for a node that stands in no file
  std::size_t position = 0;                  // kind scalar: where it begins in the source's text

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  /// The member's value of a map, or nullptr.
  const YamlNode* find(std::string_view key) const;
  /// The file it stands in; `otherwise` for one that stands in none.
  const std::string& file_or(const std::string& otherwise) const;
  /// `a text`, `a list`, `a map`, `nothing`: for messages.
  std::string_view kind_name() const;
};

struct YamlMember {
  YamlNode key;  // kind scalar
  YamlNode value;
};

struct YamlPlace {
  int line = 0;    // from 1
  int column = 0;  // from 1, in characters
};

/// Where the byte `offset` of a scalar's text stands in the file, whatever the scalar's style
/// (quotes and their escapes, folded lines and block indentation are seen through).
YamlPlace place_in(const YamlNode& scalar, std::size_t offset);

/// Reads one document. Syntax errors, duplicate keys and breached limits go into `problems`; what
/// could be read is returned all the same, so that one pass reports everything. `nodes` counts on
/// over several files that share the limit of values.
YamlNode read_yaml(std::string_view text, const std::string& file, Problems& problems,
                   std::size_t* nodes = nullptr);

/// True when the map has a key that is none of `known` and near to `name`, which is: what is told
/// about the one need not be told about the other as well.
bool misspells(const YamlNode& map, const std::vector<std::string>& known, const std::string& name);

/// `list[0]`, `list[1]`, …: how problems call each item of a list that several files add to. The
/// count begins anew in each file.
std::vector<std::string> item_paths(const YamlNode& list, const std::string& name);

/// The node as YAML's core schema reads it: plain `true`/`false` are bools, plain decimal numbers
/// are numbers, plain `null`/`~`/empty is null; everything quoted is text. Octals, `yes` and `no`
/// stay text.
Value to_value(const YamlNode& node);

}  // namespace assembly_sync::core
