// Planner: step 4 of the path. Compares what a record's mappings want with what is known of their
// entities and brings the outbox into line: at most one pending change an entity, the newest wins,
// nothing when nothing differs. Works inside the caller's transaction, so that mirror, outbox and
// notices can never disagree. Stateless; safe from any thread that owns a Tx.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/intent.hpp"
#include "core/record.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/parents.hpp"

namespace assembly_sync::sync {

/// What one mapping made of a record.
struct Verdict {
  enum class Kind : std::uint8_t { intent, filtered, no_parent, refused };
  Kind kind = Kind::filtered;
  std::string mapping;  // its name; empty when no mapping came to see the record
  core::Intent intent;  // kind intent
  std::string reason;   // of the others
};

/// Plans every verdict of one record, then ends the notice, or leaves it waiting for its changes.
void plan(store::Tx& tx, const Occasion& occasion, const std::vector<Verdict>& verdicts);

}  // namespace assembly_sync::sync
