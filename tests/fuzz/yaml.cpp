// Fuzz target: a configuration's `tables`, `mappings` and `tests`. Whatever it is, it is read or
// told why, each problem and each byte of a scalar at a place of the file.
#include "core/yaml.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/json_view.hpp"
#include "mapping/mapping.hpp"
#include "tests/fuzz/target.hpp"

namespace assembly_sync::fuzz {
namespace {

/// A file's last place is the line after its last one.
void check_place(int line, int column, int lines) {
  require(line >= 0 && line <= lines + 1 && column >= 0, "a place beside the file");
}

void check_places(const core::YamlNode& node, int lines) {
  check_place(node.line, node.column, lines);
  if (node.is_scalar()) {
    // Linear in the offset: enough of them to see every style from within.
    const std::size_t last = std::min<std::size_t>(node.scalar.size(), 64);
    for (std::size_t offset = 0; offset <= last; ++offset) {
      const core::YamlPlace place = core::place_in(node, offset);
      check_place(place.line, place.column, lines);
    }
  }
  for (const core::YamlNode& item : node.items) check_places(item, lines);
  for (const auto& [key, value] : node.members) {
    check_places(key, lines);
    check_places(value, lines);
  }
}

void check_problems(const core::Problems& problems, int lines) {
  for (const core::Problem& problem : problems) {
    check_place(problem.line, problem.column, lines);
    require(!core::to_text(problem).empty(), "a problem without words");
  }
}

mapping::Schemas schemas() {
  mapping::Schemas out;
  out["crm.companies"].roots = {"id", "properties", "associations"};
  out["rows.all"];
  return out;
}

void check(const std::string& text) {
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) +
                     static_cast<int>(std::count(text.begin(), text.end(), '\r')) + 1;
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(text, "f.yaml", problems);
  check_problems(problems, lines);
  check_places(root, lines);
  static_cast<void>(core::to_value(root));
  const bool readable = problems.empty();
  const mapping::Rules rules = mapping::load(root, "f.yaml", schemas(), problems);
  check_problems(problems, lines);
  if (!readable || !problems.empty()) return;
  mapping::run_tests(rules, root, "f.yaml", problems);
  check_problems(problems, lines);
  core::JsonDocument document;
  const auto record = document.parse(
      R"({"id": 5, "properties": {"name": "A", "domain": "a.test", "n": "1"}, "list": [1]})");
  for (const auto& [source, object] : {std::pair("crm", "companies"), std::pair("rows", "all")}) {
    static_cast<void>(rules.apply(core::SourceName(source), core::ObjectName(object), *record));
    static_cast<void>(rules.paths(core::SourceName(source), core::ObjectName(object)));
  }
}

}  // namespace
}  // namespace assembly_sync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assembly_sync::fuzz::check(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
