#include "daemon/sync/planner.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/sync/adoption.hpp"
#include "daemon/sync/contributions.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/planned.hpp"
#include "daemon/sync/state.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::sync {
namespace {

using store::Change;
using store::Entity;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;

/// A call under way may still bring another key to Assembly: then it is tried again after this.
constexpr std::int64_t kRenamePauseMs = 5000;

}  // namespace

void withdraw(Tx& tx, const Change& pending, const std::string& why, std::int64_t now_ms) {
  tx.close_change(pending.id, NoticeState::superseded, why, now_ms);
}

Planned reconcile(Tx& tx, const Occasion& occasion, Entity& entity, const State& wanted,
                  const std::string& mapping) {
  const std::string text = to_text(wanted);
  const auto in_flight = tx.in_flight_of(entity.id);
  const auto pending = tx.pending_of(entity.id);
  if (pending && pending->action == store::Action::upsert && pending->wanted == text) {
    if (occasion.lane < pending->lane) {  // a live notice does not queue behind a backfill
      Change sooner = *pending;
      sooner.lane = occasion.lane;
      return {NoticeState::open, {}, tx.put_change(sooner, occasion.now_ms), {}};
    }
    return {NoticeState::open, {}, pending->id, {}};
  }
  std::optional<State> baseline;
  if (in_flight) {
    if (in_flight->action == store::Action::upsert) baseline = parse_state(in_flight->wanted);
  } else if (entity.present && entity.known && !entity.doubtful) {
    baseline = parse_state(*entity.known);
  }
  if (baseline && difference(&*baseline, wanted).empty()) {
    if (pending) {
      withdraw(tx, *pending, "the record returned to the state Assembly has", occasion.now_ms);
    }
    if (in_flight) return {NoticeState::open, {}, in_flight->id, {}};
    return {NoticeState::unchanged, "Assembly already has this state", {}, {}};
  }
  Change change;
  change.entity = entity.id;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms;
  change.wanted = text;
  change.mapping = mapping;
  return {NoticeState::open, {}, tx.put_change(change, occasion.now_ms), {}};
}

namespace {

bool has_deleted_tag(const std::string& state) {
  if (state.find(kDeletedTag) == std::string::npos) return false;
  const State known = parse_state(state);
  return known.tags &&
         std::find(known.tags->begin(), known.tags->end(), kDeletedTag) != known.tags->end();
}

/// Set by an earlier deletion, or about to be; matters where the mapping itself looks after no
/// tags.
bool carries_deleted_tag(const Tx& tx, const Entity& entity) {
  if (entity.on_delete != core::OnDelete::tag) return false;
  if (entity.known && has_deleted_tag(*entity.known)) return true;
  const auto in_flight = tx.in_flight_of(entity.id);
  return in_flight && has_deleted_tag(in_flight->wanted);
}

/// The entity that this mapping made of this record when its key was another one.
std::optional<Entity> with_former_key(const Tx& tx, const Occasion& occasion,
                                      const core::Intent& intent) {
  for (Entity& entity : tx.entities_of(occasion.record)) {
    if (entity.kind == intent.kind && entity.mapping == intent.mapping &&
        entity.key != intent.key) {
      return std::move(entity);
    }
  }
  return std::nullopt;
}

/// The record has another key now (the mapping's `key` was changed, say): its entity goes on under
/// the new one, which is added in Assembly while the old one is removed; so no twin arises.
Entity renamed(Tx& tx, const Occasion& occasion, Entity entity, const core::Key& key) {
  const bool may_arrive_yet =
      tx.in_flight_of(entity.id) || (entity.doubtful && !entity.assembly_id);
  if (may_arrive_yet) {
    // Under its old key it may come to be at any moment. So that one counts a little longer.
    const RowId again = tx.add_mirror_notice(notice_for(occasion, occasion.record, "key changed"));
    tx.postpone_notice(again, occasion.now_ms + kRenamePauseMs, false, "a call is under way");
    return entity;
  }
  if (entity.present) {
    State known = entity.known ? parse_state(*entity.known) : State{};
    if (known.linked) known.more_keys.push_back(entity.key);
    std::erase(known.more_keys, key);
    known.linked = false;
    entity.known = to_text(known);
  }
  tx.rename_entity(entity.id, key);
  entity.key = key;
  tx.update_entity(entity);
  return entity;
}

/// The entity that the intent is about; nothing when a mapping that only enriches finds none.
std::optional<Entity> find_entity(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  switch (intent.match) {
    case core::Match::own_key: {
      if (auto found = tx.entity(intent.kind, intent.key)) return found;
      if (auto former = with_former_key(tx, occasion, intent)) {
        return renamed(tx, occasion, std::move(*former), intent.key);
      }
      return tx.ensure_entity(intent.kind, intent.key);
    }
    case core::Match::key: {
      auto found = tx.entity(intent.kind, intent.key);
      if (found && !found->mapping.empty()) return found;
      wait_for(tx, intent.kind, intent.key, occasion.record);
      return std::nullopt;
    }
    case core::Match::domain: {
      const std::string domain = core::lower_ascii(intent.match_domain.value_or(""));
      auto found = tx.entity_by_domain(intent.kind, domain);
      if (found && !found->mapping.empty()) return found;
      wait_for_domain(tx, intent.kind, domain, occasion.record);
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// A contact's parent becomes the entity's; a reason when it has none to go to.
std::optional<std::string> place(Tx& tx, const Occasion& occasion, const core::Intent& intent,
                                 Entity& entity) {
  if (intent.kind != EntityKind::contact || intent.match != core::Match::own_key) {
    return std::nullopt;
  }
  const Parent parent = find_parent(tx, occasion, intent);
  entity.parent = parent.entity;
  if (!parent.orphaned) return std::nullopt;
  tx.update_entity(entity);
  if (const auto pending = tx.pending_of(entity.id)) {
    withdraw(tx, *pending, "a newer reading has no company to go to", occasion.now_ms);
  }
  return parent.orphaned;
}

Planned plan_intent(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  if (intent.kind == EntityKind::usage) return plan_usage(tx, occasion, intent);
  auto found = find_entity(tx, occasion, intent);
  if (!found) {
    return {
        NoticeState::orphaned, "nothing with the key or domain it is matched by is synced", {}, {}};
  }
  Entity& entity = *found;
  const Entity before = entity;
  if (auto orphaned = place(tx, occasion, intent, entity)) {
    entity.record = occasion.record;
    entity.on_delete = intent.on_delete;
    if (entity != before) tx.update_entity(entity);
    return {NoticeState::orphaned, std::move(*orphaned), {}, {}};
  }
  State wanted = contribute(tx, entity, occasion.record, intent);
  if (!wanted.tags && carries_deleted_tag(tx, entity)) wanted.tags.emplace();  // the record is back
  if (const auto domain = wanted.fields.find("domain");
      domain != wanted.fields.end() && domain->second.is_string()) {
    entity.domain = core::lower_ascii(domain->second.as_string());
  }
  const bool first = !on_its_way(tx, entity);
  const bool adopted =
      !entity.present && !entity.known && !tx.in_flight_of(entity.id) && adopt(tx, entity, wanted);
  if (entity != before) tx.update_entity(entity);
  if (adopted) release_children(tx, entity);
  Planned planned = reconcile(tx, occasion, entity, wanted, intent.mapping);
  planned.entity = entity.id;
  if (first || entity.domain != before.domain) recall_orphans(tx, occasion, entity);
  return planned;
}

Planned plan_verdict(Tx& tx, const Occasion& occasion, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::intent:
      return plan_intent(tx, occasion, verdict.intent);
    case Verdict::Kind::filtered:
      return {NoticeState::filtered, verdict.reason, {}, {}};
    case Verdict::Kind::no_parent:
      return {NoticeState::orphaned, verdict.reason, {}, {}};
    case Verdict::Kind::refused:
      return {NoticeState::dead, verdict.reason, {}, {}};
  }
  throw std::logic_error("unknown verdict");
}

/// Of several mappings that feed one entity, the last one's plan holds what all of them want.
std::vector<Planned> newest_of_each_entity(std::vector<Planned> plans) {
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto same = [&](const Planned& later) { return later.entity == plans[i].entity; };
    const bool planned_again =
        plans[i].entity &&
        std::any_of(plans.begin() + static_cast<std::ptrdiff_t>(i) + 1, plans.end(), same);
    if (planned_again) plans[i] = {NoticeState::unchanged, "a later mapping decides", {}, {}};
  }
  return plans;
}

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

/// Ends the occasion's notice, or hangs it on its changes.
void conclude(Tx& tx, const Occasion& occasion, const std::vector<Planned>& plans) {
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
      tx.finish_notice(*occasion.notice, end.state, end.reason, occasion.now_ms);
    } else if (needs_human) {
      const RowId notice = tx.add_notice(notice_for(occasion, occasion.record, "backfill"));
      tx.finish_notice(notice, end.state, end.reason, occasion.now_ms);
    } else {
      tx.count_notice(end.state, occasion.run);
    }
    return;
  }
  const RowId notice =
      occasion.notice ? *occasion.notice
                      : tx.add_planned_notice(notice_for(occasion, occasion.record, "backfill"));
  for (const RowId change : changes) tx.link(notice, change);
  if (occasion.notice) tx.await_changes(notice);
}

/// Sets the tag that says so, on top of the newest state that Assembly has or is about to have
/// (I4).
Planned tag_as_deleted(Tx& tx, const Occasion& occasion, Entity& entity) {
  State wanted = newest_state(tx, entity).value_or(State{});
  if (!wanted.tags) wanted.tags.emplace();
  if (std::find(wanted.tags->begin(), wanted.tags->end(), kDeletedTag) == wanted.tags->end()) {
    wanted.tags->emplace_back(kDeletedTag);
  }
  return reconcile(tx, occasion, entity, wanted, entity.mapping);
}

Planned plan_removal(Tx& tx, const Occasion& occasion, Entity entity, const std::string& how) {
  if (entity.kind == EntityKind::usage) return plan_usage_removal(tx, occasion, entity, how);
  if (entity.on_delete == core::OnDelete::ignore) {
    return {NoticeState::ignored, how + "; on_delete: ignore keeps it in Assembly", {}, {}};
  }
  if (entity.shared) {
    if (const auto wanted = without_part_of(tx, entity, occasion.record)) {
      tx.update_entity(entity);
      return reconcile(tx, occasion, entity, *wanted, entity.mapping);
    }
  }
  if (!entity.present && !tx.in_flight_of(entity.id)) {
    if (const auto pending = tx.pending_of(entity.id)) {
      withdraw(tx, *pending, "the record was " + how, occasion.now_ms);
    }
    return {NoticeState::ignored, how + "; it never reached Assembly", {}, {}};
  }
  if (entity.on_delete == core::OnDelete::tag) return tag_as_deleted(tx, occasion, entity);
  Change change;
  change.entity = entity.id;
  change.action = store::Action::remove;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms;
  change.wanted = to_text(State{});
  return {NoticeState::open, {}, tx.put_change(change, occasion.now_ms), {}};
}

/// The record only fed this entity: its part goes, the entity stays.
Planned plan_part_removal(Tx& tx, const Occasion& occasion, Entity entity, const std::string& how) {
  const auto parts = tx.contributions(entity.id);
  const bool ignored = std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
    return part.record != occasion.record || part.on_delete == core::OnDelete::ignore;
  });
  if (ignored) {
    return {NoticeState::ignored, how + "; on_delete: ignore keeps it in Assembly", {}, {}};
  }
  const auto wanted = without_part_of(tx, entity, occasion.record);
  if (!wanted) return {NoticeState::ignored, how + "; nothing else makes its account", {}, {}};
  return reconcile(tx, occasion, entity, *wanted, entity.mapping);
}

}  // namespace

void plan(Tx& tx, const Occasion& occasion, const std::vector<Verdict>& verdicts) {
  std::vector<Planned> plans;
  plans.reserve(verdicts.size());
  for (const Verdict& verdict : verdicts) plans.push_back(plan_verdict(tx, occasion, verdict));
  conclude(tx, occasion, newest_of_each_entity(std::move(plans)));
  settle_expected(tx, occasion.record, "its company's record made no account", occasion.now_ms);
}

void plan_deletion(Tx& tx, const Occasion& occasion, const std::string& how) {
  std::vector<Planned> plans;
  for (const Entity& entity : tx.entities_of(occasion.record)) {
    plans.push_back(plan_removal(tx, occasion, entity, how));
  }
  for (const RowId id : tx.fed_by(occasion.record)) {
    const Entity entity = tx.entity(id).value();
    if (entity.record == occasion.record) continue;  // its own: above
    plans.push_back(plan_part_removal(tx, occasion, entity, how));
  }
  if (plans.empty()) {
    plans.push_back({NoticeState::ignored, how + "; nothing in Assembly came from it", {}, {}});
  }
  conclude(tx, occasion, plans);
  settle_expected(tx, occasion.record, "its company was " + how, occasion.now_ms);
}

}  // namespace assembly_sync::sync
