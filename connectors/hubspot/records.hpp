// HubSpot's envelopes -> the project's records, and which properties to ask for. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/associations.hpp"
#include "core/ids.hpp"
#include "core/record.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// The id of a record's owner.
inline constexpr std::string_view kOwnerProperty = "hubspot_owner_id";

/// Names of the properties that the mapping's paths `properties.X` need, plus the record's id and
/// modification time, and its owner's id where the owner is wanted; sorted.
std::vector<std::string> wanted_properties(const core::ObjectName& object, const Paths& wanted);

/// What a record holds besides its own properties; each only where a mapping asks for it.
struct Related {
  std::optional<Companies> companies{};  // contacts
  std::optional<core::Value> owner{};    // null when it has none
  std::optional<core::Value> lists{};    // names
  std::optional<core::Value> deals{};    // companies: what their deals add up to
};

/// The record of one envelope, with those of `properties` that it holds; nothing when it has no id.
std::optional<core::Record> make_record(const core::SourceName& source,
                                        const core::ObjectName& object, const core::Value& envelope,
                                        const std::vector<std::string>& properties,
                                        const Related& related);

inline constexpr std::string_view kMergedProperty = "hs_merged_object_ids";

/// The records that went into the one of this envelope, from its property kMergedProperty.
std::vector<std::string> merged_ids(const core::Value& envelope);

/// Ms since the epoch of `2026-01-01T10:00:00.123Z` or of a number of ms; nothing when unreadable.
std::optional<std::int64_t> parse_time_ms(std::string_view text);

}  // namespace assembly_sync::connectors::hubspot
