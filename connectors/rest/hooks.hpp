// The subscriptions for webhooks of a REST source, by its description's block `hooks`. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "connectors/hooks.hpp"
#include "connectors/rest/client.hpp"
#include "connectors/rest/spec.hpp"

namespace assembly_sync::connectors::rest {

/// `spec` has a block `hooks` and, like `authorizer`, outlives what is returned. `secret` proves
/// the source's webhooks; empty = it has none.
std::unique_ptr<HookKeeper> make_hook_keeper(const SourceSpec& spec, Authorizer& authorizer,
                                             core::Secret secret);

}  // namespace assembly_sync::connectors::rest
