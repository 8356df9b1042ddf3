// Merges: what becomes of the accounts when the source merges records. Each record that was merged
// away (the loser) keeps its entity, which gives up its account to the survivor's:
//   the survivor has none   it takes over the loser's account, key and contacts: no second one
//                           arises, nothing is deleted (the source made a new record of two)
//   both have one           the loser's contacts move first; then its account goes as the mapping's
//                           on_delete says; only then does the survivor get its key, because a key
//                           belongs to one account (Q9)
// What stands in the store decides each next step, so any order of arrival and a kill at any moment
// lead to the same end. Works inside the caller's transaction; stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/intent.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/reconcile.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

/// The tag that a loser's account gets with `on_delete: tag`.
inline constexpr std::string_view kMergedTag = "Merged in CRM";

/// A call under way, or one without an answer, may bring the entity an account at any moment.
bool under_way(const store::View& view, const store::Entity& entity);

/// The source says that `loser` went into `survivor`, as the `place`-th of those named together.
void note_merge(store::Tx& tx, const core::RecordRef& loser, const core::RecordId& survivor,
                int place, std::int64_t now_ms);

/// Why this reading of the occasion's record is not to be used: it was merged away or erased since
/// the reading began. A later reading shows that the source has the record again, which ends that.
std::optional<std::string> outdated(store::Tx& tx, const Occasion& occasion);

/// The entity that has the account of this one now: itself, unless its record was merged away.
store::Entity follow(const store::View& view, store::Entity entity);

/// A call under way may still bring one of these records an account: their merge waits for it.
bool merge_must_wait(const store::Tx& tx, const core::RecordRef& survivor,
                     const std::vector<core::RecordRef>& losers);

/// Merges what this mapping made of the losers into `survivor`, which is changed and written where
/// it takes over an account. Changes that the survivor's notice must wait for go to `plans`.
void take_over(store::Tx& tx, const Occasion& occasion, const std::vector<core::RecordRef>& losers,
               const std::string& mapping, store::Entity& survivor, std::vector<Planned>& plans);

enum class Freedom : std::uint8_t {
  free,     // its key is on no other account: it may have an account of its own
  later,    // a call about it is under way
  refused,  // the key was to leave the survivor's account, and Assembly did not have it so
};
/// The record of this merged entity is shown again by the source.
Freedom set_free(store::Tx& tx, const Occasion& occasion, store::Entity& entity);

/// `wanted` with the keys of all that was merged into the entity and has given them up.
State with_merged_keys(const store::View& view, const store::Entity& entity, State wanted);

/// A wanted state that takes its entity's own key away: the end of a loser's account here.
bool is_farewell(const State& wanted);

/// The loser's account is gone, or no longer bears its key: the survivor gets it now.
void retired(store::Tx& tx, store::Entity loser, store::Lane lane, std::int64_t now_ms);

/// A call about a usage log was settled: where what it is about was merged away meanwhile, it is
/// about the survivor.
void log_settled(store::Tx& tx, const store::Entity& log, store::Lane lane, std::int64_t now_ms);

/// The contact no longer sits in the account that it was leaving, which may go when it was the
/// last. The caller writes the contact before.
void has_left(store::Tx& tx, store::RowId company, store::Lane lane, std::int64_t now_ms);

}  // namespace assembly_sync::sync
