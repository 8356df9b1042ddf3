// The keys of a source of type rest: the language in which a REST API is described, for the
// registry. docs/connectors/rest.md explains it to admins. Constant; thread-safe.
#pragma once

#include <vector>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::rest {

/// The whole block, `objects` last.
std::vector<Setting> settings();
/// The key `rate` alone.
Setting rate_setting();
/// The key `objects` alone.
Setting objects_setting(bool required);

}  // namespace assembly_sync::connectors::rest
