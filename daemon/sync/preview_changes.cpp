#include "daemon/sync/preview_changes.hpp"

#include <utility>
#include <vector>

namespace assembly_sync::sync {
namespace {

using core::Value;

Value names(const std::vector<std::string>& list) {
  Value::List out;
  for (const std::string& name : list) out.emplace_back(name);
  return out;
}

FieldChange change_of(const Preview& preview, const Value::Object* before, const std::string& name,
                      const Value& to) {
  const bool is_new = !preview.entity || !preview.entity->present;
  if (before == nullptr) return {Value(), to, is_new};
  const auto found = before->find(name);
  if (found == before->end()) return {Value(), to, is_new};
  return {found->second, to, true};
}

}  // namespace

FieldChanges changes_of(const Preview& preview) {
  FieldChanges changes;
  const State* before = preview.before ? &*preview.before : nullptr;
  for (const auto& [name, to] : preview.difference.fields) {
    changes[name] = change_of(preview, before ? &before->fields : nullptr, name, to);
  }
  for (const auto& [name, to] : preview.difference.properties) {
    changes["additional_properties." + name] =
        change_of(preview, before ? &before->properties : nullptr, name, to);
  }
  for (const std::string& name : preview.difference.removed_properties) {
    changes["additional_properties." + name] = {before->properties.at(name), Value(), true};
  }
  if (!preview.difference.added_tags.empty() || !preview.difference.removed_tags.empty()) {
    const auto had = before && before->tags ? *before->tags : std::vector<std::string>();
    changes["tags"] = {names(had), names(preview.wanted.tags.value_or(std::vector<std::string>())),
                       before != nullptr};
  }
  if (preview.difference.company) {
    const auto parent = [](const State& state) {
      return state.company ? Value(state.company->str()) : Value(state.company_domain.value_or(""));
    };
    changes["company"] = {before ? parent(*before) : Value(), parent(preview.wanted),
                          before != nullptr || !preview.entity};
  }
  return changes;
}

Value change_value(const core::Intent& intent, const Preview& preview,
                   const FieldChanges& changes) {
  Value fields = Value::object();
  for (const auto& [name, change] : changes) {
    Value field = Value::object({{"from", change.from}, {"to", change.to}});
    if (!change.known) field.set("from_unknown", true);
    fields.set(name, std::move(field));
  }
  const core::Key key =
      preview.entity && intent.match != core::Match::own_key ? preview.entity->key : intent.key;
  return Value::object(
      {{"to", core::to_text(intent.kind)}, {"key", key.str()}, {"fields", std::move(fields)}});
}

}  // namespace assembly_sync::sync
