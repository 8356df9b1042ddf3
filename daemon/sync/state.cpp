#include "daemon/sync/state.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/json.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;

std::vector<std::string> names_of(const Value& list) {
  std::vector<std::string> names;
  for (const Value& item : list.as_list()) names.push_back(item.as_string());
  return names;
}

Value list_of(const std::vector<std::string>& names) {
  Value::List items;
  for (const std::string& name : names) items.emplace_back(name);
  return items;
}

Value::Object changed_members(const Value::Object* known, const Value::Object& wanted) {
  Value::Object changed;
  for (const auto& [name, value] : wanted) {
    if (known != nullptr) {
      const auto found = known->find(name);
      if (found != known->end() && same_value(found->second, value)) continue;
    }
    changed.emplace(name, value);
  }
  return changed;
}

std::vector<std::string> without(const std::vector<std::string>& from,
                                 const std::vector<std::string>& what) {
  std::vector<std::string> rest;
  for (const std::string& name : from) {
    if (std::find(what.begin(), what.end(), name) == what.end()) rest.push_back(name);
  }
  return rest;
}

}  // namespace

bool same_value(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a == b || a.as_double() == b.as_double();
  return a == b;
}

State state_of(const core::Intent& intent) {
  State state;
  state.fields = intent.fields;
  if (const auto tags = state.fields.find("tags"); tags != state.fields.end()) {
    state.tags = names_of(tags->second);
    state.fields.erase(tags);
  }
  state.properties = intent.additional_properties;
  state.company = intent.company_key;
  state.company_domain = intent.company_domain;
  return state;
}

std::string to_text(const State& state) {
  Value out = Value::object();
  out.set("fields", state.fields);
  if (state.tags) out.set("tags", list_of(*state.tags));
  if (!state.properties.empty()) out.set("properties", state.properties);
  if (state.company) out.set("company", state.company->str());
  if (state.company_domain) out.set("company_domain", *state.company_domain);
  if (!state.linked) out.set("linked", false);
  return core::dump_json(out);
}

State parse_state(const std::string& text) {
  const auto parsed = core::parse_json(text);
  if (!parsed || !parsed->at("fields").is_object()) {
    throw std::runtime_error("store: an entity's state is not readable");
  }
  State state;
  state.fields = parsed->at("fields").as_object();
  if (const Value* tags = parsed->find("tags")) state.tags = names_of(*tags);
  if (const Value* properties = parsed->find("properties")) {
    state.properties = properties->as_object();
  }
  if (const Value* company = parsed->find("company"))
    state.company = core::Key(company->as_string());
  if (const Value* domain = parsed->find("company_domain"))
    state.company_domain = domain->as_string();
  state.linked = parsed->find("linked") == nullptr;
  return state;
}

Difference difference(const State* known, const State& wanted) {
  Difference result;
  result.fields = changed_members(known == nullptr ? nullptr : &known->fields, wanted.fields);
  result.properties =
      changed_members(known == nullptr ? nullptr : &known->properties, wanted.properties);
  if (wanted.tags) {
    const std::vector<std::string> had =
        known != nullptr && known->tags ? *known->tags : std::vector<std::string>{};
    result.added_tags = without(*wanted.tags, had);
    result.removed_tags = without(had, *wanted.tags);
  }
  result.company = known == nullptr ? wanted.company || wanted.company_domain
                                    : known->company != wanted.company ||
                                          known->company_domain != wanted.company_domain;
  result.link = known == nullptr || !known->linked;
  return result;
}

State after_delivery(const State* known, const State& wanted) {
  State now = wanted;
  now.linked = true;
  if (known != nullptr) {
    now.fields.insert(known->fields.begin(), known->fields.end());  // what was left out stays
    now.properties.insert(known->properties.begin(), known->properties.end());
    if (!now.tags) now.tags = known->tags;
  }
  return now;
}

}  // namespace assembly_sync::sync
