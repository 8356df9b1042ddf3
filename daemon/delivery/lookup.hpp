// Lookup: before an account or contact is made, Assembly is asked whether it is there already,
// where the directory can't tell: because it is too old, or because Assembly refuses the creation
// as existing. What is found is adopted, so that no second one arises. The calls are the caller's;
// here is when to make them and what their answers mean. Works inside the caller's transaction;
// stateless.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/assembly/client.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::delivery {

/// The claim makes an account or contact that is not known to be in Assembly.
bool makes_new(const store::Claim& claim);

/// The claim makes something new from a live change, and the directory is older than `oldest`. A
/// backfill has read the lists itself.
bool looks_first(const store::View& view, const store::Claim& claim,
                 std::chrono::milliseconds oldest, std::int64_t now_ms);

/// Assembly refused to make it because there is one.
bool refused_as_existing(const store::Claim& claim, const assembly::Outcome& outcome);

/// The domain it is to have, where it can be asked for.
std::optional<assembly::Identifier> wanted_domain(const store::Claim& claim);

/// What Assembly answered; a member that was not asked for is nothing.
struct Found {
  std::optional<assembly::AccountView> by_domain;
  std::optional<assembly::AccountView> by_key;
  bool asked_for_domain = false;

  /// Another account bears the domain: only the key tells whether ours is elsewhere.
  bool key_is_open(const store::Claim& claim) const;
};

/// Remembers what was found and adopts it (sync::adopt()); the claim's entity is then as adopted.
/// True when it was.
bool adopt_found(store::Tx& tx, store::Claim& claim, const Found& found, std::int64_t now_ms);

}  // namespace assembly_sync::delivery
