// The subscriptions for webhooks of a REST source, by its description's block `hooks`. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "connectors/hooks.hpp"
#include "connectors/rest/client.hpp"
#include "connectors/rest/spec.hpp"

namespace assembly_sync::connectors::rest {

/// What proves the source's webhooks.
struct HookSecret {
  core::Secret first{};  // of several; empty = the source has none yet
  std::string key{};     // where an admin writes them
};

/// `spec` has a block `hooks` and, like `authorizer`, outlives what is returned.
std::unique_ptr<HookKeeper> make_hook_keeper(const SourceSpec& spec, Authorizer& authorizer,
                                             HookSecret secret);

}  // namespace assembly_sync::connectors::rest
