// HubSpot's property definitions -> the project's catalogue. Pure; thread-safe.
#pragma once

#include <string_view>

#include "core/catalogue.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// The member of a record that holds its properties.
inline constexpr std::string_view kProperties = "properties";

/// Adds the definitions of one answer of GET /crm/v3/properties/{object}. False when it is none.
bool add_properties(const core::Value& answer, core::Catalogue& catalogue);

}  // namespace assembly_sync::connectors::hubspot
