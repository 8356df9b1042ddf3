// Reconcile: brings the outbox into line with what an entity is wanted to be, and ends the notice
// that asked for it. What the planner, merges and removals have in common. Works inside the
// caller's transaction; stateless.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/store.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

/// How one part of a record ended, or the change that its notice must wait for.
struct Planned {
  store::NoticeState state = store::NoticeState::unchanged;
  std::string reason{};
  std::optional<store::RowId> change{};
  std::optional<store::RowId> entity{};
  /// Nothing was decided: something is under way that must settle first.
  bool later = false;
};

/// Drops a pending change that is no longer needed.
void withdraw(store::Tx& tx, const store::Change& pending, const std::string& why,
              std::int64_t now_ms);

/// Puts, replaces or withdraws the entity's pending change. To `wanted` come the keys of what was
/// merged into it (with_merged_keys()): nobody else has to think of them.
Planned reconcile(store::Tx& tx, const Occasion& occasion, store::Entity& entity, State wanted,
                  const std::string& mapping);

/// Ends the occasion's notice, or hangs it on the changes.
void conclude(store::Tx& tx, const Occasion& occasion, const std::vector<Planned>& plans);

/// The occasion's record is mapped again from the mirror in a moment; its notice stays open.
void plan_later(store::Tx& tx, const Occasion& occasion, const std::string& why);

}  // namespace assembly_sync::sync
