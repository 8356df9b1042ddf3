// Removal: what a deletion or erasure in the source means for Assembly and for our own copies, and
// what follows when an account is seen to be gone. Works inside the caller's transaction;
// stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/reconcile.hpp"

namespace assembly_sync::sync {

/// The tag that `on_delete: tag` sets.
inline constexpr std::string_view kDeletedTag = "Deleted in CRM";

/// The record is gone for good (confirmed by a second sign, I10): does what each entity's
/// `on_delete` says, and ends the notice. `how` is for the reason: "deleted in hubspot". Absorbed
/// when the record was merged away; that of a survivor counts for all that was merged into it.
void plan_deletion(store::Tx& tx, const Occasion& occasion, const std::string& how);

/// The source erased the record's data: as plan_deletion(), and every copy of a value goes from
/// here: at once, or with the last call about it (wipe_if_erased()). True when `on_delete: ignore`
/// leaves the person in Assembly.
bool plan_erasure(store::Tx& tx, const Occasion& occasion, const std::string& how);

/// After a settled call: what it left of an erased record's values goes.
void wipe_if_erased(store::Tx& tx, store::RowId entity);

/// What a record fed other entities with goes: the record it was merged into feeds them now.
void drop_parts(store::Tx& tx, const Occasion& occasion, const core::RecordRef& loser,
                std::vector<Planned>& plans);

/// Assembly has the account or contact no more: nothing is known of it, what its lists said is out
/// of date, what hangs on it waits. Its record is sent anew when it changes.
void forget(store::Tx& tx, store::Entity& entity, store::Lane lane, std::int64_t now_ms);

}  // namespace assembly_sync::sync
