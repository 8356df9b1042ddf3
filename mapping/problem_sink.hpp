// ProblemSink: problems of one configuration file, with their places; shared by the readers of
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
  ProblemSink(const std::string& file, core::Problems& problems)
      : file_(file), problems_(problems) {}

  void add(const core::YamlNode& at, const std::string& key, std::string message) {
    add(core::YamlPlace{at.line, at.column}, key, std::move(message));
  }
  void add(core::YamlPlace at, const std::string& key, std::string message) {
    problems_.push_back({file_, at.line, at.column, key, std::move(message)});
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
