// Preview: what planning an intent would come to, without doing it: for `plan`, for dry runs and
// for whoever edits a mapping. Reads only.
#pragma once

#include <optional>
#include <vector>

#include "core/intent.hpp"
#include "core/record.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

struct Preview {
  std::optional<store::Entity> entity;  // nothing = it would be made
  /// What is on its way or known to be in Assembly; nothing = unknown, or not there.
  std::optional<State> before;
  State wanted;
  Difference difference;
  /// A mapping that only enriches has nothing to enrich yet.
  bool waits = false;
};

/// With all that other records want of the same entity; a change in the outbox counts as sent.
Preview preview(const store::View& view, const core::RecordRef& record, const core::Intent& intent);

}  // namespace assembly_sync::sync
