#include "mapping/problem_sink.hpp"

#include <algorithm>

#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

/// Inside { } a comma ends a value for YAML: the rest of an expression then looks like a key.
std::string torn_expression(const std::string& key) {
  if (key.find(')') == std::string::npos) return {};
  return " (a comma inside { } ends a value: put the whole expression in single quotes)";
}

}  // namespace

bool ProblemSink::unknown_keys(const core::YamlNode& map, const std::string& path,
                               const std::vector<std::string>& known) {
  const std::size_t before = count();
  for (const auto& [key, value] : map.members) {
    if (std::find(known.begin(), known.end(), key.scalar) != known.end()) continue;
    add(key, path + '.' + key.scalar,
        "expected one of " + listed(known) + ", got an unknown key" +
            did_you_mean(key.scalar, known) + torn_expression(key.scalar));
  }
  return count() > before;
}

}  // namespace assembly_sync::mapping
