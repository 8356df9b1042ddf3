// load(): the blocks `tables` and `mappings` of a configuration, and what holds between mappings.
#include <algorithm>
#include <utility>

#include "mapping/functions.hpp"
#include "mapping/reader.hpp"
#include "mapping/text.hpp"
#include "mapping/unreachable.hpp"

namespace assembly_sync::mapping {
namespace {

/// Two mappings that give one event of one object the same id make the same log (I6).
void check_events(const std::vector<Mapping>& mappings, const std::vector<std::string>& paths,
                  ProblemSink& sink) {
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const Mapping& later = mappings[i];
    if (later.kind != core::EntityKind::usage || !later.key.expression.usable()) continue;
    for (std::size_t j = 0; j < i; ++j) {
      const Mapping& earlier = mappings[j];
      const bool same = earlier.kind == later.kind && earlier.source == later.source &&
                        earlier.object == later.object && earlier.key.expression.usable() &&
                        trim(earlier.key.expression.text()) == trim(later.key.expression.text());
      if (!same) continue;
      sink.add(later.key.place, paths[i] + ".event_id",
               "expected another event_id than that of mapping `" + earlier.name +
                   "`, which reads the same object, got the same: their logs would be taken for "
                   "one");
      break;
    }
  }
}

/// The properties whose labels the expression asks for.
void add_labelled(const Rule& rule, std::set<std::string>& out) {
  if (!rule.expression.usable()) return;
  walk(rule.expression.root(), [&](const Node& node) {
    if (node.function != nullptr && node.function->form == Form::label) {
      out.insert(node.arguments.front().path.back().name);
    }
  });
}

std::vector<Mapping> read_mappings(const core::YamlNode* block, const Schemas& schemas,
                                   const Tables& tables, ProblemSink& sink) {
  std::vector<Mapping> out;
  if (block == nullptr || block->is_null()) return out;
  if (!block->is_list()) {
    sink.add(*block, "mappings",
             "expected a list of mappings, got " + std::string(block->kind_name()));
    return out;
  }
  MappingReader reader(schemas, tables, sink);
  const std::vector<std::string> paths = core::item_paths(*block, "mappings");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    out.push_back(reader.read(block->items[i], static_cast<int>(i), paths[i]));
    Mapping& mapping = out.back();
    mapping.for_each_rule([&](const Rule& rule) { add_labelled(rule, mapping.labelled); });
  }
  check_events(out, paths, sink);
  check_unreachable(out, paths, sink);
  return out;
}

}  // namespace

Rules load(const core::YamlNode& root, const std::string& file, const Schemas& schemas,
           core::Problems& problems) {
  Rules rules;
  core::Problems found;
  ProblemSink sink(file, found);
  rules.impl_->tables = read_tables(root.find("tables"), sink);
  rules.impl_->mappings = read_mappings(root.find("mappings"), schemas, rules.impl_->tables, sink);
  core::sort_by_place(found);
  problems.insert(problems.end(), found.begin(), found.end());
  return rules;
}

}  // namespace assembly_sync::mapping
