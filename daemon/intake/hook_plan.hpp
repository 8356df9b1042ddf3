// What is to be done so that a CRM sends its webhooks here: for each thing it should tell, exactly
// one working subscription at our address. What is there already is adopted, a second one and one
// of a source that is not configured any more is a stray, and addresses that are not ours are
// nobody's business here. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/hooks.hpp"

namespace assembly_sync::intake {

struct HookStep {
  enum class Action : std::uint8_t { keep, create, renew, remove };
  Action action = Action::keep;
  std::string name;                        // what it tells, in the CRM's words; may be empty
  std::optional<connectors::Hook> hook{};  // nothing for create
  std::string reason{};                    // of all but keep
};

/// Where a source's webhooks go.
std::string hook_url(const std::string& public_url, const core::SourceName& source);

/// `sources`: the names of all that are configured. `hooks`: as the CRM lists them.
std::vector<HookStep> plan_hooks(const connectors::HookKeeper& keeper,
                                 const std::vector<connectors::Hook>& hooks,
                                 const std::string& public_url, const core::SourceName& source,
                                 const std::set<core::SourceName>& sources, core::WallTime now);

}  // namespace assembly_sync::intake
