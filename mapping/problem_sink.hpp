// ProblemSink: problems of a configuration, with their places; shared by the readers of tables, of
// mappings and of tests. Not thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/problem.hpp"
#include "core/yaml.hpp"

namespace assembly_sync::mapping {

class ProblemSink {
 public:
  /// `file` is for nodes that don't know theirs.
  ProblemSink(const std::string& file, core::Problems& problems)
      : file_(file), problems_(problems) {}

  void add(const core::YamlNode& at, const std::string& key, std::string message) {
    problems_.push_back({at.file_or(file_), at.line, at.column, key, std::move(message)});
  }
  /// About the byte `offset` of a scalar's text.
  void add_within(const core::YamlNode& scalar, std::size_t offset, const std::string& key,
                  std::string message) {
    const core::YamlPlace place = core::place_in(scalar, offset);
    problems_.push_back({scalar.file_or(file_), place.line, place.column, key, std::move(message)});
  }
  std::size_t count() const { return problems_.size(); }

  /// Reports every key of the map that is not in `known`, with a did-you-mean; true when there was
  /// one.
  bool unknown_keys(const core::YamlNode& map, const std::string& path,
                    const std::vector<std::string>& known);

 private:
  const std::string& file_;
  core::Problems& problems_;
};

}  // namespace assembly_sync::mapping
