#include "daemon/sync/reconcile.hpp"

#include <algorithm>

#include "daemon/sync/merges.hpp"
#include "daemon/sync/origin.hpp"

namespace assembly_sync::sync {
namespace {

using store::Change;
using store::Entity;
using store::NoticeState;
using store::RowId;
using store::Tx;

/// What a plan waits for is a call, and lasts about so long; doubled each time, at most about four
/// minutes.
constexpr std::int64_t kLaterMs = 1000;
constexpr int kMostDoublings = 8;

/// Of several ends the one that matters most to a human.
int importance(NoticeState state) {
  switch (state) {
    case NoticeState::dead:
      return 5;
    case NoticeState::held:
      return 4;
    case NoticeState::orphaned:
      return 3;
    case NoticeState::unchanged:
      return 1;
    default:
      return 0;
  }
}

/// The change of an earlier plan of the same entity was replaced by the later one's, which holds
/// what all of them want.
std::vector<Planned> newest_of_each_entity(std::vector<Planned> plans) {
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto same = [&](const Planned& later) { return later.entity == plans[i].entity; };
    const bool planned_again =
        plans[i].entity &&
        std::any_of(plans.begin() + static_cast<std::ptrdiff_t>(i) + 1, plans.end(), same);
    if (planned_again) plans[i] = {NoticeState::unchanged, "a later plan decides", {}, {}};
  }
  return plans;
}

Planned unchanged() {
  return {NoticeState::unchanged, "Assembly already has this state", {}, {}};
}

}  // namespace

void withdraw(Tx& tx, const Change& pending, const std::string& why, std::int64_t now_ms) {
  tx.close_change(pending.id, NoticeState::superseded, why, now_ms);
}

Planned reconcile(Tx& tx, const Occasion& occasion, Entity& entity, State wanted,
                  const std::string& mapping) {
  wanted = with_merged_keys(tx, entity, std::move(wanted));
  const std::string text = to_text(wanted);
  const auto in_flight = tx.in_flight_of(entity.id);
  const auto pending = tx.pending_of(entity.id);
  if (pending && pending->action == store::Action::upsert && pending->wanted == text) {
    if (occasion.lane < pending->lane) {  // a live notice does not queue behind a backfill
      Change sooner = *pending;
      sooner.lane = occasion.lane;
      return {NoticeState::open, {}, put_change(tx, sooner, occasion.now_ms), {}};
    }
    return {NoticeState::open, {}, pending->id, {}};
  }
  const bool sure = !in_flight && entity.present && entity.known && !entity.doubtful;
  if (sure && !pending && *entity.known == text) return unchanged();
  std::optional<State> baseline;
  if (in_flight) {
    if (in_flight->action == store::Action::upsert) baseline = parse_state(in_flight->wanted);
  } else if (sure) {
    baseline = parse_state(*entity.known);
  }
  if (baseline && difference(&*baseline, wanted).empty()) {
    if (pending) {
      withdraw(tx, *pending, "the record returned to the state Assembly has", occasion.now_ms);
    }
    if (in_flight) return {NoticeState::open, {}, in_flight->id, {}};
    return unchanged();
  }
  Change change;
  change.entity = entity.id;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms;
  change.wanted = text;
  change.mapping = mapping;
  return {NoticeState::open, {}, put_change(tx, change, occasion.now_ms), {}};
}

void conclude(Tx& tx, const Occasion& occasion, const std::vector<Planned>& all) {
  const std::vector<Planned> plans = newest_of_each_entity(all);
  Planned end{NoticeState::ignored, "no mapping reads this object", {}, {}};
  std::vector<RowId> changes;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].change) changes.push_back(*plans[i].change);
    const bool ended = !plans[i].change;
    if (ended &&
        (end.state == NoticeState::ignored || importance(plans[i].state) > importance(end.state))) {
      end = plans[i];
    }
  }
  const bool needs_human = importance(end.state) >= 3;
  if (changes.empty() || needs_human) {
    // A failed part decides at once: the other part's change goes its way all the same.
    if (occasion.notice) {
      tx.finish_planned(*occasion.notice, end.state, end.reason, occasion.now_ms);
    } else if (needs_human) {
      const RowId notice = tx.add_notice(notice_for(occasion, occasion.record, "backfill"));
      tx.finish_planned(notice, end.state, end.reason, occasion.now_ms);
    } else {
      tx.count_notice(end.state, occasion.record, occasion.run, occasion.now_ms);
    }
    return;
  }
  const RowId notice =
      occasion.notice ? *occasion.notice
                      : tx.add_planned_notice(notice_for(occasion, occasion.record, "backfill"));
  for (const RowId change : changes) tx.link(notice, change);
  if (occasion.notice) tx.await_changes(notice, occasion.now_ms);
}

void plan_later(Tx& tx, const Occasion& occasion, const std::string& why) {
  const RowId notice = occasion.notice
                           ? *occasion.notice
                           : tx.add_mirror_notice(notice_for(occasion, occasion.record, "merge"));
  const std::int64_t pause = kLaterMs << std::min(occasion.attempts, kMostDoublings);
  tx.map_later(notice, occasion.now_ms + pause, why);
}

}  // namespace assembly_sync::sync
