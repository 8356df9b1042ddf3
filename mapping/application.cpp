#include "mapping/application.hpp"

#include <algorithm>
#include <utility>

#include "mapping/text.hpp"

namespace assembly_sync::mapping {

Application::Application(const Mapping& mapping, const core::JsonView& record, Arena& arena,
                         std::vector<TraceStep>* trace, const core::Catalogue* catalogue)
    : mapping_(mapping),
      steps_(trace),
      trace_([this](const Node& node, const Datum& value, const Failure* failure) {
        step(node, value, failure);
      }),
      run_(record, arena, trace == nullptr ? nullptr : &trace_, catalogue) {}

Result Application::run() {
  core::Intent& intent = result_.intent;
  result_.mapping = mapping_.name;
  intent.mapping = mapping_.name;
  intent.position = mapping_.position;
  intent.kind = mapping_.kind;
  intent.match = mapping_.match;
  intent.on_delete = mapping_.on_delete;
  intent.exact_tags = mapping_.exact_tags;
  intent.mirror_properties = mapping_.mirror_properties;
  intent.update_on_change = mapping_.update_on_change;
  const std::optional<bool> wanted = when();
  if (!wanted) return std::move(result_);
  if (!*wanted) {
    key();  // so that an entity whose record no longer matches can be found
    result_.refusal = {};
    result_.reason.clear();
    result_.kind = Result::Kind::filtered;
    return std::move(result_);
  }
  result_.kind = Result::Kind::intent;
  if (!key()) return std::move(result_);
  const bool has_target = company() && about();
  if (!refused()) parts(has_target);
  return std::move(result_);
}

/// All but what it is about or belongs to.
void Application::parts(bool has_target) {
  core::Intent& intent = result_.intent;
  std::set<std::string> none;
  const bool complete = more_keys() &&
                        entries(mapping_.fields, intent.fields, intent.kept_fields) && measured() &&
                        entries(mapping_.additional_properties, intent.additional_properties,
                                intent.kept_properties) &&
                        entries(mapping_.metadata, intent.metadata, none);
  if (complete || has_target) return;
  result_.kind = Result::Kind::no_parent;  // it goes nowhere, whatever its fields
  result_.refusal = {};
}

void Application::step(const Node& node, const Datum& value, const Failure* failure) {
  steps_->push_back({mapping_.name, rule_->field, std::string(rule_->expression.text_of(node)),
                     failure == nullptr ? value.to_value() : core::Value(),
                     failure == nullptr ? "" : failure->reason});
}

void Application::note(const Rule& rule, std::string what, const core::Value& value) {
  if (steps_ == nullptr) return;
  steps_->push_back({mapping_.name, rule.field, std::move(what), value, ""});
}

bool Application::refuse(const Rule& rule, const Failure& failure) {
  const core::YamlPlace place = core::place_in(rule.place, failure.offset);
  result_.kind = Result::Kind::refused;
  result_.refusal = {mapping_.name, rule.field,     place.line,
                     place.column,  failure.reason, failure.option_missing};
  return false;
}

bool Application::refuse(const Rule& rule, std::string reason) {
  Failure failure;
  failure.offset = rule.expression.usable() ? rule.expression.root().at : 0;
  failure.reason = std::move(reason);
  return refuse(rule, failure);
}

bool Application::orphan(std::string reason) {
  result_.kind = Result::Kind::no_parent;
  result_.reason = std::move(reason);
  return false;
}

/// The expression's value, valid until the next one; nothing when it was refused.
std::optional<Datum> Application::value(const Rule& rule) {
  run_.arena().release();
  rule_ = &rule;
  const Datum result = run_.value(rule.expression.root());
  if (!run_.failed()) return result;
  refuse(rule, run_.failure());
  run_.clear_failure();
  return std::nullopt;
}

/// A missing condition is true, a null one false.
std::optional<bool> Application::when() {
  if (!mapping_.when) return true;
  const auto condition = value(*mapping_.when);
  if (!condition) return std::nullopt;
  if (condition->is_null()) return false;
  if (condition->is_bool()) return condition->as_bool();
  refuse(*mapping_.when, "expected true/false, got " + to_text(condition->type()));
  return std::nullopt;
}

/// Nothing when it was refused.
std::optional<std::string> Application::identifier_of(const Rule& rule) {
  const auto result = value(rule);
  if (!result) return std::nullopt;
  auto text = identifier(*result);
  if (text) return std::move(*text);
  refuse(rule, text.error());
  return std::nullopt;
}

bool Application::key() {
  auto text = identifier_of(mapping_.key);
  if (!text) return false;
  return mapping_.match == core::Match::own_key ? own_key(std::move(*text))
                                                : matched(std::move(*text));
}

bool Application::own_key(std::string text) {
  const bool usage = mapping_.kind == core::EntityKind::usage;
  if (text.empty()) {
    return refuse(mapping_.key, usage ? "expected an event id, got nothing"
                                      : "expected a source-specific ID, got nothing");
  }
  result_.intent.key =
      usage ? core::event_key(mapping_.source, mapping_.object, text) : core::Key(std::move(text));
  return true;
}

bool Application::matched(std::string text) {
  if (mapping_.match == core::Match::key) {
    if (text.empty()) return orphan("it has no key to match by");
    result_.intent.key = core::Key(std::move(text));
    return true;
  }
  if (text.empty()) return orphan("it has no domain to match by");
  const AttributeType form = find_attribute(mapping_.kind, "domain")->type;
  if (const auto checked = convert(form, std::string_view(text)); !checked) {
    return refuse(mapping_.key, checked.error());
  }
  result_.intent.match_domain = std::move(text);
  return true;
}

bool Application::more_keys() {
  if (!mapping_.more_keys) return true;
  const auto given = value(*mapping_.more_keys);
  if (!given) return false;
  if (given->is_null()) return true;
  const auto keys = convert(AttributeType::keys, *given);
  if (!keys) return refuse(*mapping_.more_keys, keys.error());
  for (const core::Value& key : keys->as_list()) {
    if (key.as_string() != result_.intent.key.str()) {
      result_.intent.more_keys.emplace_back(key.as_string());
    }
  }
  return true;
}

/// False when the parent is not known, or with the result set to refused.
bool Application::company() {
  if (!mapping_.company) return true;
  auto text = identifier_of(*mapping_.company);
  if (!text) return false;
  if (text->empty()) return orphan("it has no company");
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

/// As company(), for a usage log.
bool Application::about() {
  if (!mapping_.about) return true;
  auto text = identifier_of(*mapping_.about);
  if (!text) return false;
  if (text->empty()) return orphan("it is about nobody");
  result_.intent.about = core::About{mapping_.about_kind, core::Key(std::move(*text))};
  return true;
}

bool Application::entry(const Rule& rule, core::Value::Object& out, std::set<std::string>& kept) {
  if (!rule.expression.usable()) {
    note(rule, "value", rule.literal);
    out.emplace(rule.name, rule.literal);
    return true;
  }
  const auto mapped = value(rule);
  if (!mapped) return false;
  auto converted = convert(rule.type, *mapped);
  if (!converted) return refuse(rule, converted.error());
  if (is_missing(rule.attribute, *converted)) return nothing(rule, out, kept);
  if (steps_ != nullptr && *converted != mapped->to_value()) note(rule, "as sent", *converted);
  out.emplace(rule.name, std::move(*converted));
  return true;
}

/// What becomes of an entry that has no value.
bool Application::nothing(const Rule& rule, core::Value::Object& out, std::set<std::string>& kept) {
  if (rule.required) return refuse(rule, missing(*rule.attribute, mapping_.kind));
  switch (rule.on_null) {
    case OnNull::skip:
      note(rule, "on_null: skip", nullptr);
      break;
    case OnNull::clear:
      note(rule, "on_null: clear", nullptr);
      out.emplace(rule.name, nullptr);
      break;
    case OnNull::keep:
      note(rule, "on_null: keep", nullptr);
      kept.insert(rule.name);
      break;
    case OnNull::fail:
      return refuse(rule, "expected a value, got nothing (on_null: fail)");
  }
  return true;
}

bool Application::entries(const std::vector<Rule>& rules, core::Value::Object& out,
                          std::set<std::string>& kept) {
  return std::all_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return entry(rule, out, kept); });
}

/// A usage log whose type asks for a value has one.
bool Application::measured() {
  if (mapping_.kind != core::EntityKind::usage) return true;
  const core::Value::Object& fields = result_.intent.fields;
  const auto type = fields.find("type");
  if (type == fields.end() || !needs_value(type->second.as_string())) return true;
  if (fields.contains("value")) return true;
  const auto named = [&](std::string_view name) {
    return std::find_if(mapping_.fields.begin(), mapping_.fields.end(),
                        [&](const Rule& rule) { return rule.name == name; });
  };
  auto place = named("value");
  if (place == mapping_.fields.end()) place = named("type");
  return refuse(*place, std::string(kValueMissing));
}

}  // namespace assembly_sync::mapping
