// The objects and property definitions of the local HubSpot. A value type; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/value.hpp"

namespace assembly_sync::sandbox {

enum class CrmObject : std::uint8_t { companies, contacts, deals };
inline constexpr std::size_t kCrmObjects = 3;

/// Which record two merged ones become: a new one, as in HubSpot since 2025, or the primary.
enum class CrmMergeRule : std::uint8_t { new_record, primary };

/// From a path segment: `companies`, `company`, `0-2` and the like for contacts and deals.
std::optional<CrmObject> parse_crm_object(std::string_view text);
/// `company`, `contact`, `deal`
constexpr std::string_view singular(CrmObject object) {
  constexpr std::string_view kNames[kCrmObjects] = {"company", "contact", "deal"};
  return kNames[static_cast<std::size_t>(object)];
}
constexpr std::string_view plural(CrmObject object) {
  constexpr std::string_view kNames[kCrmObjects] = {"companies", "contacts", "deals"};
  return kNames[static_cast<std::size_t>(object)];
}
/// The property that moves with each change; contacts own a `hs_lastmodifieddate` too, which is
/// never set, so that a filter on it finds nothing.
constexpr std::string_view modified_property(CrmObject object) {
  return object == CrmObject::contacts ? "lastmodifieddate" : "hs_lastmodifieddate";
}

struct CrmProperty {
  std::string label{};
  std::string type{};        // string, number, bool, enumeration, date, datetime
  std::string field_type{};  // text, number, select, checkbox, date, calculation_read_time …
  bool calculated = false;
  /// Of an enumeration: `VALUE=Label;VALUE=Label`; without a label the value is its own.
  std::string options{};
  bool archived = false;                     // taken out of use: records no longer show it
  std::string sensitivity{"non_sensitive"};  // sensitive, highly_sensitive
};

class CrmSchema {
 public:
  CrmSchema();
  const std::map<std::string, CrmProperty, std::less<>>& properties(CrmObject object) const {
    return properties_[static_cast<std::size_t>(object)];
  }
  /// nullptr when it is not defined or archived.
  const CrmProperty* find(CrmObject object, std::string_view name) const;
  /// Defines a text property unless there is one of that name.
  void define(CrmObject object, const std::string& name);
  /// Defines a property, also instead of one of that name.
  void put(CrmObject object, const std::string& name, CrmProperty property);
  /// `{"results":[…]}` of GET /crm/v3/properties/{type}: those in use, or those archived.
  core::Value shown(CrmObject object, bool archived, std::string_view sensitivity) const;

 private:
  std::map<std::string, CrmProperty, std::less<>> properties_[kCrmObjects];
};

}  // namespace assembly_sync::sandbox
