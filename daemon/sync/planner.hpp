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

namespace assembly_sync::sync {

/// What one mapping made of a record.
struct Verdict {
  enum class Kind : std::uint8_t { intent, filtered, no_parent, refused };
  Kind kind = Kind::filtered;
  core::Intent intent;  // kind intent
  std::string reason;   // of the others
};

/// Where the verdicts come from.
struct Occasion {
  core::RecordRef record;
  std::vector<core::RecordRef> related;  // records that its parents are expected from
  store::Lane lane = store::Lane::live;
  std::optional<store::RowId> run;
  std::int64_t now_ms = 0;
  /// When the reading of the record began; nothing = now.
  std::optional<std::int64_t> read_ms;
  /// The notice to end or link; nothing for a backfill row, which gets one only if it has to wait.
  std::optional<store::RowId> notice;
};

/// Plans every verdict of one record, then ends the notice, or leaves it waiting for its changes.
void plan(store::Tx& tx, const Occasion& occasion, const std::vector<Verdict>& verdicts);

/// The record is gone for good (confirmed by a second sign): does what each entity's `on_delete`
/// says, and ends the notice. `how` is for the reason: "deleted in hubspot".
void plan_deletion(store::Tx& tx, const Occasion& occasion, const std::string& how);

/// Parents that were expected from this record and have not come of it: see orphan_children().
void settle_expected(store::Tx& tx, const core::RecordRef& record, const std::string& why,
                     std::int64_t now_ms);

/// `parent` is present in Assembly: what waited for it may go (I5).
void release_children(store::Tx& tx, const store::Entity& parent);

/// `parent` will not come to Assembly for now: what waits for it ends as orphaned and is
/// remembered, to be mapped again when the parent appears.
void orphan_children(store::Tx& tx, const store::Entity& parent, const std::string& why,
                     std::int64_t now_ms);

/// Ends what waits for a parent that has gone while the child's own call was under way.
void orphan_stranded(store::Tx& tx, const store::Entity& child, std::int64_t now_ms);

/// The tag that `on_delete: tag` sets.
inline constexpr std::string_view kDeletedTag = "Deleted in CRM";

}  // namespace assembly_sync::sync
