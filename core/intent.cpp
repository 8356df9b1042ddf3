#include "core/intent.hpp"

namespace assembly_sync::core {
namespace {

void show_usage(const Intent& intent, Value& out) {
  if (intent.about) {
    out.set("about", Value::object({{std::string(to_text(intent.about->kind)),
                                     Value(intent.about->key.str())}}));
  } else {
    out.set("about", "none");
  }
  out.set("fields", intent.fields);
  out.set("metadata", intent.metadata);
  if (intent.update_on_change) out.set("on_change", "update");
}

/// What goes beyond the values: whose last value stays, and which others go.
void show_policies(const Intent& intent, Value& out) {
  Value::List kept;
  for (const std::string& name : intent.kept_fields) kept.emplace_back("fields." + name);
  for (const std::string& name : intent.kept_properties) {
    kept.emplace_back("additional_properties." + name);
  }
  if (!kept.empty()) out.set("kept", std::move(kept));
  if (intent.exact_tags) out.set("tags_mode", "exact");
  if (intent.mirror_properties) out.set("properties_mode", "mirror");
}

/// What finds the entity of a mapping that only enriches.
Value shown_match(const Intent& intent) {
  return intent.match == Match::key
             ? Value::object({{"key", Value(intent.key.str())}})
             : Value::object({{"domain", Value(intent.match_domain.value_or(""))}});
}

}  // namespace

Key event_key(const SourceName& source, const ObjectName& object, std::string_view event_id) {
  return Key(source.str() + '.' + object.str() + '/' + std::string(event_id));
}

std::optional<EntityKind> parse_entity_kind(std::string_view text) {
  for (const auto kind :
       {EntityKind::company, EntityKind::customer, EntityKind::contact, EntityKind::usage}) {
    if (to_text(kind) == text) return kind;
  }
  return std::nullopt;
}

Value to_value(const Intent& intent) {
  Value out = Value::object();
  out.set("mapping", intent.mapping);
  out.set("to", to_text(intent.kind));
  if (intent.match == Match::own_key) {
    out.set("key", intent.key.str());
  } else {
    out.set("match", shown_match(intent));
  }
  if (!intent.more_keys.empty()) {
    Value::List keys;
    for (const Key& key : intent.more_keys) keys.emplace_back(key.str());
    out.set("more_keys", std::move(keys));
  }
  if (intent.kind == EntityKind::usage) {
    show_usage(intent, out);
    return out;
  }
  if (intent.company_key) out.set("company", intent.company_key->str());
  if (intent.company_domain) {
    out.set("company", Value::object({{"domain", *intent.company_domain}}));
  }
  Value::Object fields = intent.fields;
  Value tags = Value::list();
  if (const auto found = fields.find("tags"); found != fields.end()) {
    tags = found->second;
    fields.erase(found);
  }
  out.set("fields", std::move(fields));
  out.set("tags", std::move(tags));
  out.set("additional_properties", intent.additional_properties);
  show_policies(intent, out);
  return out;
}

}  // namespace assembly_sync::core
