#include "core/intent.hpp"

namespace assembly_sync::core {

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
  out.set("key", intent.key.str());
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
  return out;
}

}  // namespace assembly_sync::core
