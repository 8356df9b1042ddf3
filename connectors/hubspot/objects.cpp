#include "connectors/hubspot/objects.hpp"

#include <array>

namespace assembly_sync::connectors::hubspot {
namespace {

struct Row {
  std::string_view type_id;
  std::string_view singular;
  std::string_view plural;
};

constexpr std::array<Row, 7> kObjects = {{{"0-1", "contact", kContacts},
                                          {"0-2", "company", kCompanies},
                                          {"0-3", "deal", kDeals},
                                          {"0-5", "ticket", "tickets"},
                                          {"0-7", "product", "products"},
                                          {"0-8", "line_item", "line_items"},
                                          {"", "conversation", "conversations"}}};

}  // namespace

std::string object_of_type_id(std::string_view type_id) {
  if (type_id.empty()) return {};
  for (const Row& row : kObjects) {
    if (row.type_id == type_id) return std::string(row.plural);
  }
  return std::string(type_id);
}

std::string type_id_of(const core::ObjectName& object) {
  for (const Row& row : kObjects) {
    if (row.plural == object.str()) return std::string(row.type_id);
  }
  return object.str();
}

std::string object_of_event_prefix(std::string_view prefix) {
  for (const Row& row : kObjects) {
    if (row.singular == prefix) return std::string(row.plural);
  }
  return std::string(prefix);
}

std::string id_text(const core::Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_int() && value.as_int() >= 0) return std::to_string(value.as_int());
  if (value.is_uint()) return std::to_string(value.as_uint());
  return {};
}

}  // namespace assembly_sync::connectors::hubspot
