#include "daemon/sync/state.hpp"

#include <algorithm>
#include <set>
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

std::vector<core::Key> keys_of(const Value& list) {
  std::vector<core::Key> keys;
  for (const Value& item : list.as_list()) keys.emplace_back(item.as_string());
  return keys;
}

Value list_of(const std::vector<core::Key>& keys) {
  Value::List items;
  for (const core::Key& key : keys) items.emplace_back(key.str());
  return items;
}

Value to_value(const core::About& about) {
  return Value::object(
      {{"kind", Value(core::to_text(about.kind))}, {"key", Value(about.key.str())}});
}

core::About about_of(const Value& value) {
  const auto kind = core::parse_entity_kind(value.text_or("kind"));
  if (!kind) throw std::runtime_error("store: an entity's state is not readable");
  return {*kind, core::Key(value.text_or("key"))};
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

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

template <class T>
std::vector<T> without(const std::vector<T>& from, const std::vector<T>& what) {
  std::vector<T> rest;
  for (const T& item : from) {
    if (!contains(what, item)) rest.push_back(item);
  }
  return rest;
}

template <class T>
void add_all(std::vector<T>& to, const std::vector<T>& from) {
  for (const T& item : from) {
    if (!contains(to, item)) to.push_back(item);
  }
}

/// Null is a value here: the last word of a mapping that clears.
void override_with(Value::Object& members, const Value::Object& stronger) {
  for (const auto& [name, value] : stronger) members.insert_or_assign(name, value);
}

void keep(Value::Object& members, const std::set<std::string>& names, const Value::Object& base) {
  for (const std::string& name : names) {
    const auto found = base.find(name);
    if (found != base.end() && !found->second.is_null()) members.emplace(name, found->second);
  }
}

bool is_to_go(const std::string& name, const State& wanted) {
  const auto found = wanted.properties.find(name);
  return found == wanted.properties.end() ? wanted.mirror_properties : found->second.is_null();
}

}  // namespace

bool same_value(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a == b || a.as_double() == b.as_double();
  return a == b;
}

State state_of(const core::Intent& intent, const State* base) {
  State state;
  state.fields = intent.fields;
  if (const auto tags = state.fields.find("tags"); tags != state.fields.end()) {
    state.tags = tags->second.is_null() ? std::vector<std::string>() : names_of(tags->second);
    state.fields.erase(tags);
  }
  state.exact_tags = intent.exact_tags && state.tags;
  state.properties = intent.additional_properties;
  state.mirror_properties = intent.mirror_properties;
  state.more_keys = intent.more_keys;
  state.company = intent.company_key;
  state.company_domain = intent.company_domain;
  state.metadata = intent.metadata;
  state.about = intent.about;
  state.update_on_change = intent.update_on_change;
  if (base != nullptr) {
    keep(state.fields, intent.kept_fields, base->fields);
    keep(state.properties, intent.kept_properties, base->properties);
    if (!state.tags && intent.kept_fields.contains("tags")) state.tags = base->tags;
  }
  return state;
}

State merged(const std::vector<State>& contributions) {
  State all;
  all.mirror_properties = !contributions.empty();
  for (const State& one : contributions) {
    override_with(all.fields, one.fields);
    override_with(all.properties, one.properties);
    if (one.tags && !all.tags) all.tags.emplace();
    if (one.tags) add_all(*all.tags, *one.tags);
    add_all(all.more_keys, one.more_keys);
    all.exact_tags = all.exact_tags || one.exact_tags;
    all.mirror_properties = all.mirror_properties && one.mirror_properties;
    if (one.company || one.company_domain) {
      all.company = one.company;
      all.company_domain = one.company_domain;
    }
  }
  return all;
}

std::string to_text(const State& state) {
  Value out = Value::object();
  out.set("fields", state.fields);
  if (state.tags) out.set("tags", list_of(*state.tags));
  if (state.exact_tags) out.set("exact_tags", true);
  if (!state.properties.empty()) out.set("properties", state.properties);
  if (state.mirror_properties) out.set("mirror_properties", true);
  if (!state.more_keys.empty()) out.set("more_keys", list_of(state.more_keys));
  if (state.company) out.set("company", state.company->str());
  if (state.company_domain) out.set("company_domain", *state.company_domain);
  if (!state.linked) out.set("linked", false);
  if (!state.metadata.empty()) out.set("metadata", state.metadata);
  if (state.about) out.set("about", to_value(*state.about));
  if (state.update_on_change) out.set("update_on_change", true);
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
  state.exact_tags = parsed->find("exact_tags") != nullptr;
  if (const Value* properties = parsed->find("properties")) {
    state.properties = properties->as_object();
  }
  state.mirror_properties = parsed->find("mirror_properties") != nullptr;
  if (const Value* keys = parsed->find("more_keys")) state.more_keys = keys_of(*keys);
  if (const Value* company = parsed->find("company"))
    state.company = core::Key(company->as_string());
  if (const Value* domain = parsed->find("company_domain"))
    state.company_domain = domain->as_string();
  state.linked = parsed->find("linked") == nullptr;
  if (const Value* metadata = parsed->find("metadata")) state.metadata = metadata->as_object();
  if (const Value* about = parsed->find("about")) state.about = about_of(*about);
  state.update_on_change = parsed->find("update_on_change") != nullptr;
  return state;
}

Difference difference(const State* known, const State& wanted) {
  static const State kNothing;
  const State& had = known == nullptr ? kNothing : *known;
  Difference result;
  result.fields = changed_members(known == nullptr ? nullptr : &had.fields, wanted.fields);
  result.properties =
      changed_members(known == nullptr ? nullptr : &had.properties, wanted.properties);
  std::erase_if(result.properties, [](const auto& member) { return member.second.is_null(); });
  for (const auto& [name, value] : had.properties) {
    if (!value.is_null() && is_to_go(name, wanted)) result.removed_properties.push_back(name);
  }
  if (wanted.tags) {
    const std::vector<std::string> tags = had.tags.value_or(std::vector<std::string>());
    result.added_tags = without(*wanted.tags, tags);
    result.removed_tags = without(tags, *wanted.tags);
  }
  result.added_keys = without(wanted.more_keys, had.more_keys);
  result.removed_keys = without(had.more_keys, wanted.more_keys);
  result.company = known == nullptr ? wanted.company || wanted.company_domain
                                    : had.company != wanted.company ||
                                          had.company_domain != wanted.company_domain;
  result.link = wanted.linked && (known == nullptr || !had.linked);
  result.unlink = !wanted.linked && (known == nullptr || had.linked);
  result.metadata = known == nullptr ? !wanted.metadata.empty() : had.metadata != wanted.metadata;
  return result;
}

State after_delivery(const State* known, const State& wanted) {
  State now = wanted;
  std::erase_if(now.properties, [](const auto& member) { return member.second.is_null(); });
  if (known != nullptr) {
    now.fields.insert(known->fields.begin(), known->fields.end());  // what was left out stays
    now.properties.insert(known->properties.begin(), known->properties.end());
    if (!now.tags) now.tags = known->tags;
  }
  return now;
}

State without_removed(State known, const State& wanted) {
  std::erase_if(known.properties,
                [&](const auto& member) { return is_to_go(member.first, wanted); });
  return known;
}

}  // namespace assembly_sync::sync
