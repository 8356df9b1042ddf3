#include "mapping/mapping.hpp"

#include <utility>

#include "mapping/evaluator.hpp"
#include "mapping/rules.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

/// Applies one mapping to one record.
class Application {
 public:
  Application(const Mapping& mapping, const core::JsonView& record, Arena& arena,
              std::vector<TraceStep>* trace)
      : mapping_(mapping),
        steps_(trace),
        trace_([this](const Node& node, const Datum& value, const Failure* failure) {
          step(node, value, failure);
        }),
        run_(record, arena, trace == nullptr ? nullptr : &trace_) {}

  Result run() {
    result_.mapping = mapping_.name;
    result_.intent.mapping = mapping_.name;
    result_.intent.kind = mapping_.kind;
    result_.intent.on_delete = mapping_.on_delete;
    const std::optional<bool> wanted = when();
    if (!wanted) return std::move(result_);
    if (!*wanted) {
      key_of_filtered();
      return std::move(result_);
    }
    result_.kind = Result::Kind::intent;
    if (!key()) return std::move(result_);
    const bool has_parent = company();
    if (result_.kind == Result::Kind::refused) return std::move(result_);
    const bool complete = fields() && properties();
    if (!complete && !has_parent) {  // without its parent it goes nowhere, whatever its fields
      result_.kind = Result::Kind::no_parent;
      result_.refusal = {};
    }
    return std::move(result_);
  }

 private:
  void step(const Node& node, const Datum& value, const Failure* failure) {
    steps_->push_back({mapping_.name, rule_->field, std::string(rule_->expression.text_of(node)),
                       failure == nullptr ? value.to_value() : core::Value(),
                       failure == nullptr ? "" : failure->reason});
  }

  bool refuse(const Rule& rule, std::string reason, std::size_t offset) {
    const core::YamlPlace place = core::place_in(rule.place, offset);
    result_.kind = Result::Kind::refused;
    result_.refusal = {mapping_.name, rule.field, place.line, place.column, std::move(reason)};
    return false;
  }
  bool refuse(const Rule& rule, std::string reason) {
    return refuse(rule, std::move(reason),
                  rule.expression.usable() ? rule.expression.root().at : 0);
  }

  /// The expression's value, valid until the next one; nothing when it was refused.
  std::optional<Datum> value(const Rule& rule) {
    run_.arena().release();
    rule_ = &rule;
    const Datum result = run_.value(rule.expression.root());
    if (!run_.failed()) return result;
    refuse(rule, run_.failure().reason, run_.failure().offset);
    run_.clear_failure();
    return std::nullopt;
  }

  /// A missing condition is true, a null one false.
  std::optional<bool> when() {
    if (!mapping_.when) return true;
    const auto condition = value(*mapping_.when);
    if (!condition) return std::nullopt;
    if (condition->is_null()) return false;
    if (condition->is_bool()) return condition->as_bool();
    refuse(*mapping_.when, "expected true/false, got " + to_text(condition->type()));
    return std::nullopt;
  }

  /// Nothing when it was refused.
  std::optional<std::string> identifier_of(const Rule& rule) {
    const auto result = value(rule);
    if (!result) return std::nullopt;
    auto text = identifier(*result);
    if (text) return std::move(*text);
    refuse(rule, text.error());
    return std::nullopt;
  }

  bool key() {
    auto text = identifier_of(mapping_.key);
    if (!text) return false;
    if (text->empty()) return refuse(mapping_.key, "expected a source-specific ID, got nothing");
    result_.intent.key = core::Key(std::move(*text));
    return true;
  }

  /// So that an entity whose record no longer matches can be found.
  void key_of_filtered() {
    if (!key()) result_.refusal = {};
    result_.kind = Result::Kind::filtered;
  }

  /// False when the parent is not known, or with the result set to refused.
  bool company() {
    if (!mapping_.company) return true;
    auto text = identifier_of(*mapping_.company);
    if (!text) return false;
    if (text->empty()) {
      result_.kind = Result::Kind::no_parent;
      return false;
    }
    if (!mapping_.company_by_domain) {
      result_.intent.company_key = core::Key(std::move(*text));
      return true;
    }
    if (const auto checked = convert(AttributeType::domain, std::string_view(*text)); !checked) {
      return refuse(*mapping_.company, checked.error());
    }
    result_.intent.company_domain = std::move(*text);
    return true;
  }

  bool entry(const Rule& rule, core::Value::Object& out) {
    if (!rule.expression.usable()) {
      out.emplace(rule.name, rule.literal);
      return true;
    }
    const auto mapped = value(rule);
    if (!mapped) return false;
    auto converted = convert(rule.type, *mapped);
    if (!converted) return refuse(rule, converted.error());
    if (rule.attribute != nullptr && rule.attribute->required) {
      const bool blank = converted->is_null() || trim(converted->as_string()).empty();
      if (blank) return refuse(rule, missing(*rule.attribute, mapping_.kind));
    }
    if (!converted->is_null()) out.emplace(rule.name, std::move(*converted));
    return true;
  }

  bool fields() {
    for (const Rule& rule : mapping_.fields) {
      if (!entry(rule, result_.intent.fields)) return false;
    }
    return true;
  }
  bool properties() {
    for (const Rule& rule : mapping_.additional_properties) {
      if (!entry(rule, result_.intent.additional_properties)) return false;
    }
    return true;
  }

  const Mapping& mapping_;
  std::vector<TraceStep>* const steps_;
  const Evaluation::Trace trace_;
  Evaluation run_;
  const Rule* rule_ = nullptr;
  Result result_;
};

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
                                 const core::JsonView& record,
                                 std::vector<TraceStep>* trace) const {
  std::vector<Result> out;
  Arena arena;
  for (const Mapping& mapping : impl_->mappings) {
    if (!is_from(mapping, source, object)) continue;
    out.push_back(Application(mapping, record, arena, trace).run());
  }
  return out;
}

std::optional<Result> Rules::apply_named(const std::string& mapping, const core::JsonView& record,
                                         std::vector<TraceStep>* trace) const {
  Arena arena;
  for (const Mapping& candidate : impl_->mappings) {
    if (candidate.name == mapping) return Application(candidate, record, arena, trace).run();
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
    if (mapping.when) add_paths(*mapping.when, out);
    if (mapping.company) add_paths(*mapping.company, out);
    add_paths(mapping.key, out);
    for (const Rule& rule : mapping.fields) add_paths(rule, out);
    for (const Rule& rule : mapping.additional_properties) add_paths(rule, out);
  }
  return out;
}

std::vector<std::string> Rules::names() const {
  std::vector<std::string> out;
  for (const Mapping& mapping : impl_->mappings) out.push_back(mapping.name);
  return out;
}

}  // namespace assembly_sync::mapping
