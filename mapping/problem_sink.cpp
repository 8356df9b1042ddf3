#include "mapping/problem_sink.hpp"

#include <algorithm>

#include "mapping/words.hpp"

namespace assembly_sync::mapping {

bool ProblemSink::unknown_keys(const core::YamlNode& map, const std::string& path,
                               const std::vector<std::string>& known) {
  const std::size_t before = count();
  for (const auto& [key, value] : map.members) {
    if (std::find(known.begin(), known.end(), key.scalar) != known.end()) continue;
    add(key, path + '.' + key.scalar,
        "expected one of " + listed(known) + ", got an unknown key" +
            did_you_mean(key.scalar, known));
  }
  return count() > before;
}

}  // namespace assembly_sync::mapping
