// From a claimed change to the one request that delivers it (step 7): which endpoint, which body.
// Pure but for the label lookup that the caller hands in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/value.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/store/types.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::delivery {

struct Request {
  enum class Verb : std::uint8_t {
    upsert,
    update,
    remove,
    remove_properties,
    create_log,
    update_log,
    remove_log,
    look,  // for a usage log that may be there already
  };
  enum class Look : std::uint8_t { goes_on, found, absent, untold };
  Verb verb = Verb::upsert;
  assembly::Collection collection = assembly::Collection::accounts;
  core::Value::Object body;
  std::vector<std::string> properties;  // verb remove_properties: their names
  bool full = false;                    // everything wanted is in it, not a difference only
  std::optional<core::About> about;     // of a usage log; where a look looks
  Look look = Look::goes_on;            // verb look: what it came to, once it was made
  std::string why;                      // Look::untold

  std::string method() const;
  /// For the history: without the key or id.
  std::string path() const;
};

/// (type, name) -> label id.
using LabelLookup =
    std::function<std::optional<core::AssemblyId>(const std::string&, const std::string&)>;

/// Where accounts or contacts of that kind live; not for usage logs.
assembly::Collection collection_of(store::EntityKind kind);

/// What the claim's change still has to send; nothing to send when the state was reached meanwhile.
sync::Difference remaining(const store::Claim& claim);

/// Nothing is left to do for the claim's change, so no call is made.
bool needs_no_call(const store::Claim& claim);

/// Labels, as (type, name), that the change needs.
std::vector<std::pair<std::string, std::string>> labels_needed(const store::Claim& claim,
                                                               const sync::Difference& difference);

/// Nobody else's tags are to stay on an account that is there already (`tags_mode: exact`): its
/// tags must be read before the request is made.
bool needs_present_tags(const store::Claim& claim);

/// Upsert by key with the key and the create-required attributes always in the body (A56, A108, Q5,
/// Q6), so that repeating it is safe; an account adopted by its domain is updated by its id
/// instead. `labels` must know every label of labels_needed(). `present_tags`: what the account has
/// now, where that was read.
Request request_for(const store::Claim& claim, const sync::Difference& difference,
                    const LabelLookup& labels,
                    const std::optional<std::vector<core::AssemblyId>>& present_tags = {});

}  // namespace assembly_sync::delivery
