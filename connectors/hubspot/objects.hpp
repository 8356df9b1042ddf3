// The names HubSpot gives to kinds of records, which of them are synced, and how it writes ids.
// Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

inline constexpr std::string_view kCompanies = "companies";
inline constexpr std::string_view kContacts = "contacts";
inline constexpr std::string_view kDeals = "deals";

inline bool is_synced(const core::ObjectName& object) {
  return object.str() == kCompanies || object.str() == kContacts;
}

/// `0-2` -> `companies`. A type id without a name of its own (custom objects, `2-…`) is its own
/// name; empty stays empty.
std::string object_of_type_id(std::string_view type_id);

/// `companies` -> `0-2`; an object without a type id of its own is answered as it is.
std::string type_id_of(const core::ObjectName& object);

/// First word of an event's name: `company` -> `companies`. An unknown word is its own name.
std::string object_of_event_prefix(std::string_view prefix);

/// The property that holds the modification time. Contacts own `hs_lastmodifieddate` too, but it is
/// not kept there.
inline std::string_view modified_property(const core::ObjectName& object) {
  return object.str() == kContacts ? "lastmodifieddate" : "hs_lastmodifieddate";
}

/// The id that a number or a text stands for (HubSpot sends both); empty for anything else.
std::string id_text(const core::Value& value);

/// Ids are decimal texts without leading zeros, so the shorter one is the smaller.
inline bool smaller_id(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace assembly_sync::connectors::hubspot
