// What planning one entity came to, and the step that all kinds of entities share. Internal to
// sync.
#pragma once

#include <optional>
#include <string>

#include "daemon/store/store.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

/// How one verdict ended, or the change that the notice must wait for.
struct Planned {
  store::NoticeState state = store::NoticeState::unchanged;
  std::string reason;
  std::optional<store::RowId> change;
  std::optional<store::RowId> entity;
};

/// Brings the outbox into line with `wanted`.
Planned reconcile(store::Tx& tx, const Occasion& occasion, store::Entity& entity,
                  const State& wanted, const std::string& mapping);

/// Drops a pending change that is no longer needed.
void withdraw(store::Tx& tx, const store::Change& pending, const std::string& why,
              std::int64_t now_ms);

}  // namespace assembly_sync::sync
