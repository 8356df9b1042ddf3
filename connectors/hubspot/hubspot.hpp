// HubSpot as a source: companies and contacts, signed webhooks, reading by id and by listing.
#pragma once

#include <memory>
#include <string_view>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::hubspot {

inline constexpr std::string_view kDefaultBaseUrl = "https://api.hubapi.com";

/// Wants the secret client_secret, and access_token or client_id and refresh_token; takes
/// kDefaultBaseUrl when base_url is absent. With app_id and developer_api_key the subscriptions of
/// an OAuth app can be kept.
std::unique_ptr<Connector> make_hubspot(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::hubspot
