#include "mapping/mapping.hpp"

#include <algorithm>
#include <utility>

#include "mapping/application.hpp"
#include "mapping/rules.hpp"

namespace assembly_sync::mapping {
namespace {

void add_paths(const Rule& rule, std::set<std::vector<std::string>>& out) {
  if (!rule.expression.usable()) return;
  const auto visit = [&](const Node& node, const auto& self) -> void {
    if (node.kind == Node::Kind::path) {
      std::vector<std::string> names;
      for (const Segment& segment : node.path) {
        if (segment.index < 0) names.push_back(segment.name);
      }
      out.insert(std::move(names));
    }
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const bool is_table = node.table != nullptr && i == 1;
      if (!is_table) self(node.arguments[i], self);
    }
  };
  visit(rule.expression.root(), visit);
}

bool is_from(const Mapping& mapping, const core::SourceName& source,
             const core::ObjectName& object) {
  return mapping.object == object && mapping.source == source;
}

}  // namespace

Rules::Rules() : impl_(std::make_unique<Impl>()) {}
Rules::~Rules() = default;
Rules::Rules(Rules&&) noexcept = default;
Rules& Rules::operator=(Rules&&) noexcept = default;

std::vector<Result> Rules::apply(const core::SourceName& source, const core::ObjectName& object,
                                 const core::JsonView& record, std::vector<TraceStep>* trace,
                                 const core::Catalogue* catalogue) const {
  std::vector<Result> out;
  Arena arena;
  for (const Mapping& mapping : impl_->mappings) {
    if (!is_from(mapping, source, object)) continue;
    out.push_back(Application(mapping, record, arena, trace, catalogue).run());
  }
  return out;
}

std::optional<Result> Rules::apply_named(const std::string& mapping, const core::JsonView& record,
                                         std::vector<TraceStep>* trace,
                                         const core::Catalogue* catalogue) const {
  Arena arena;
  for (const Mapping& candidate : impl_->mappings) {
    if (candidate.name != mapping) continue;
    return Application(candidate, record, arena, trace, catalogue).run();
  }
  return std::nullopt;
}

bool Rules::reads(const core::SourceName& source, const core::ObjectName& object) const {
  for (const Mapping& mapping : impl_->mappings) {
    if (is_from(mapping, source, object)) return true;
  }
  return false;
}

std::set<std::vector<std::string>> Rules::paths(const core::SourceName& source,
                                                const core::ObjectName& object) const {
  std::set<std::vector<std::string>> out;
  for (const Mapping& mapping : impl_->mappings) {
    if (!is_from(mapping, source, object)) continue;
    mapping.for_each_rule([&](const Rule& rule) { add_paths(rule, out); });
  }
  return out;
}

bool Rules::needs_catalogue(const core::SourceName& source, const core::ObjectName& object) const {
  return std::any_of(impl_->mappings.begin(), impl_->mappings.end(), [&](const Mapping& mapping) {
    return !mapping.labelled.empty() && is_from(mapping, source, object);
  });
}

std::set<std::string> Rules::labelled(const core::SourceName& source,
                                      const core::ObjectName& object) const {
  std::set<std::string> out;
  for (const Mapping& mapping : impl_->mappings) {
    if (!is_from(mapping, source, object)) continue;
    out.insert(mapping.labelled.begin(), mapping.labelled.end());
  }
  return out;
}

std::vector<std::string> Rules::names() const {
  std::vector<std::string> out;
  for (const Mapping& mapping : impl_->mappings) out.push_back(mapping.name);
  return out;
}

}  // namespace assembly_sync::mapping
