#include "connectors/salesforce/kept.hpp"

#include "connectors/salesforce/ids.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::salesforce {

tl::expected<core::Value, std::string> kept_object(const std::string& text) {
  auto value = core::parse_json(text);
  if (!value) return tl::unexpected(std::string("expected a JSON object, got no JSON"));
  if (!value->is_object()) {
    return tl::unexpected("expected a JSON object, got JSON of type " +
                          std::string(value->type_name()));
  }
  return std::move(*value);
}

std::optional<std::string> wrong_id(const core::Value& cursor, const char* name) {
  const std::string text = cursor.text_or(name);
  if (text.empty() || to_18(text)) return std::nullopt;
  return std::string("expected a record's id in ") + name + ", got another text";
}

std::optional<std::string> wrong_path(const core::Value& cursor, const char* name) {
  const std::string text = cursor.text_or(name);
  if (text.empty() || text.starts_with("/services/data/")) return std::nullopt;
  return std::string("expected a path that begins with /services/data/ in ") + name +
         ", got another text";
}

}  // namespace assembly_sync::connectors::salesforce
