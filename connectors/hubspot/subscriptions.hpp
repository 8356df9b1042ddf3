// The webhook subscriptions of a HubSpot public app: its target URL, of which there is one for all
// that it tells, and an event each, of changes one each property. They belong to the app and not to
// the account, so the developer's key is what opens them. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "connectors/hooks.hpp"
#include "core/secret.hpp"

namespace assembly_sync::connectors::hubspot {

struct DeveloperAccess {
  std::string app_id;
  core::Secret api_key;
};

/// `base_url` without a slash at its end.
std::unique_ptr<HookKeeper> make_subscriptions(std::string base_url, DeveloperAccess access);

}  // namespace assembly_sync::connectors::hubspot
