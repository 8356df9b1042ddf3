// What is to be done so that a CRM sends its webhooks here: for each thing it should tell, exactly
// one working subscription at our address. What is there already and fits is adopted; a second one,
// one of a source that is not configured any more and one that tells what nobody asks for are
// strays; addresses that are not ours are nobody's business here. An admin may have narrowed
// subscriptions to objects and have sent them to those objects' own addresses
// (/hooks/SOURCE/OBJECT): what they tell is told. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/hooks.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::intake {

struct HookStep {
  enum class Action : std::uint8_t {
    keep,
    create,
    renew,  // it runs out, or has run out
    remove,
    switch_on,
    redirect,  // the one address of all that the CRM tells is another: ours in its place
  };
  Action action = Action::keep;
  std::string name;                        // what it tells, in the CRM's words; may be empty
  std::optional<connectors::Hook> hook{};  // nothing for create
  std::string reason{};                    // of keep only where there is something to know
  bool replaces = false;                   // create: in place of one that is removed
};

/// What a plan is made for.
struct HookScene {
  std::string public_url;
  core::SourceName source;
  std::set<core::SourceName> sources;  // all that are configured
  connectors::WantedPaths wanted{};    // see wanted_paths()
};

/// Where a source's webhooks go.
std::string hook_url(const std::string& public_url, const core::SourceName& source);

/// What the rules read of a source.
connectors::WantedPaths wanted_paths(const mapping::Rules& rules, const core::SourceName& source,
                                     const connectors::Connector& connector);

/// `hooks`: as the CRM lists them.
std::vector<HookStep> plan_hooks(const connectors::HookKeeper& keeper,
                                 const std::vector<connectors::Hook>& hooks, const HookScene& scene,
                                 core::WallTime now);

}  // namespace assembly_sync::intake
