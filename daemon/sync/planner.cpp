#include "daemon/sync/planner.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/sync/adoption.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {
namespace {

using store::Change;
using store::Entity;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;

std::string orphan_key(const core::Key& key) {
  return "key:" + key.str();
}
std::string orphan_domain(const std::string& domain) {
  return "domain:" + core::lower_ascii(domain);
}

/// How one verdict ended, or the change that the notice must wait for.
struct Planned {
  NoticeState state = NoticeState::unchanged;
  std::string reason;
  std::optional<RowId> change;
};

store::NewNotice notice_for(const Occasion& occasion, const core::RecordRef& ref,
                            std::string event) {
  store::NewNotice notice;
  notice.run = occasion.run;
  notice.ref = ref;
  notice.lane = occasion.lane;
  notice.event = std::move(event);
  notice.occurred_ms = occasion.now_ms;
  notice.received_ms = occasion.now_ms;
  return notice;
}

bool on_its_way(const Tx& tx, const Entity& entity) {
  return entity.present || tx.pending_of(entity.id) || tx.in_flight_of(entity.id);
}

/// Makes sure that a missing parent is being fetched; false when nothing will bring it.
bool expect_parent(Tx& tx, const Occasion& occasion, Entity& parent) {
  if (on_its_way(tx, parent)) return true;
  for (const core::RecordRef& ref : occasion.related) {
    const bool unread = tx.awaits_reading(ref);
    if (!unread && tx.record(ref)) continue;  // it was read and did not bring this parent
    parent.record = ref;
    tx.update_entity(parent);
    if (!unread) tx.add_notice(notice_for(occasion, ref, "parent wanted"));
    return true;
  }
  return false;
}

/// The contact's parent, or why there is none.
struct Parent {
  std::optional<RowId> entity;
  std::optional<std::string> orphaned;  // reason
};

Parent find_parent(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  if (intent.company_key) {
    Entity parent = tx.ensure_entity(EntityKind::company, *intent.company_key);
    if (expect_parent(tx, occasion, parent)) return {parent.id, std::nullopt};
    tx.add_orphan(orphan_key(*intent.company_key), occasion.record);
    return {parent.id, "its company is not synced (no record gives that key)"};
  }
  const std::string domain = core::lower_ascii(intent.company_domain.value_or(""));
  if (const auto parent = tx.entity_by_domain(EntityKind::company, domain);
      parent && on_its_way(tx, *parent)) {
    return {parent->id, std::nullopt};
  }
  if (!tx.directory_by_domain(EntityKind::company, domain).empty()) return {};
  tx.add_orphan(orphan_domain(domain), occasion.record);
  return {std::nullopt, "no company with that domain is known"};
}

/// The company is now on its way: what was orphaned by its absence is mapped again.
void recall_orphans(Tx& tx, const Occasion& occasion, const Entity& entity) {
  if (entity.kind != EntityKind::company) return;
  std::vector<core::RecordRef> refs = tx.take_orphans(orphan_key(entity.key));
  if (!entity.domain.empty()) {
    const auto by_domain = tx.take_orphans(orphan_domain(entity.domain));
    refs.insert(refs.end(), by_domain.begin(), by_domain.end());
  }
  for (const core::RecordRef& ref : refs) {
    tx.add_mirror_notice(notice_for(occasion, ref, "parent arrived"));
  }
}

/// Drops a pending change that is no longer needed.
void withdraw(Tx& tx, const Change& pending, const std::string& why, std::int64_t now_ms) {
  tx.close_change(pending.id, NoticeState::superseded, why, now_ms);
}

/// Brings the outbox into line with `wanted`.
Planned reconcile(Tx& tx, const Occasion& occasion, Entity& entity, const State& wanted,
                  const std::string& mapping) {
  const std::string text = to_text(wanted);
  const auto in_flight = tx.in_flight_of(entity.id);
  const auto pending = tx.pending_of(entity.id);
  if (pending && pending->action == store::Action::upsert && pending->wanted == text) {
    if (occasion.lane < pending->lane) {  // a live notice does not queue behind a backfill
      Change sooner = *pending;
      sooner.lane = occasion.lane;
      return {NoticeState::open, {}, tx.put_change(sooner, occasion.now_ms)};
    }
    return {NoticeState::open, {}, pending->id};
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
    if (in_flight) return {NoticeState::open, {}, in_flight->id};
    return {NoticeState::unchanged, "Assembly already has this state", std::nullopt};
  }
  Change change;
  change.entity = entity.id;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms;
  change.wanted = text;
  change.mapping = mapping;
  return {NoticeState::open, {}, tx.put_change(change, occasion.now_ms)};
}

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

Planned plan_intent(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  Entity entity = tx.ensure_entity(intent.kind, intent.key);
  const Entity before = entity;
  State wanted = state_of(intent);
  if (!wanted.tags && carries_deleted_tag(tx, entity)) wanted.tags.emplace();  // the record is back
  entity.record = occasion.record;
  entity.on_delete = intent.on_delete;
  if (const auto domain = wanted.fields.find("domain");
      domain != wanted.fields.end() && domain->second.is_string()) {
    entity.domain = core::lower_ascii(domain->second.as_string());
  }
  if (intent.kind == EntityKind::contact) {
    const Parent parent = find_parent(tx, occasion, intent);
    entity.parent = parent.entity;
    if (parent.orphaned) {
      tx.update_entity(entity);
      if (const auto pending = tx.pending_of(entity.id)) {
        withdraw(tx, *pending, "a newer reading has no company to go to", occasion.now_ms);
      }
      return {NoticeState::orphaned, *parent.orphaned, std::nullopt};
    }
  }
  const bool first = !on_its_way(tx, entity);
  const bool adopted =
      !entity.present && !entity.known && !tx.in_flight_of(entity.id) && adopt(tx, entity, wanted);
  if (entity != before) tx.update_entity(entity);
  if (adopted) release_children(tx, entity);
  Planned planned = reconcile(tx, occasion, entity, wanted, intent.mapping);
  if (first || entity.domain != before.domain) recall_orphans(tx, occasion, entity);
  return planned;
}

Planned plan_verdict(Tx& tx, const Occasion& occasion, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::intent:
      return plan_intent(tx, occasion, verdict.intent);
    case Verdict::Kind::filtered:
      return {NoticeState::filtered, verdict.reason, std::nullopt};
    case Verdict::Kind::no_parent:
      return {NoticeState::orphaned, verdict.reason, std::nullopt};
    case Verdict::Kind::refused:
      return {NoticeState::dead, verdict.reason, std::nullopt};
  }
  throw std::logic_error("unknown verdict");
}

/// Two mappings that make one entity of one record would undo each other's work with every reading:
/// the later one decides.
bool made_again_later(const std::vector<Verdict>& verdicts, std::size_t index) {
  const Verdict& verdict = verdicts[index];
  if (verdict.kind != Verdict::Kind::intent) return false;
  return std::any_of(verdicts.begin() + static_cast<std::ptrdiff_t>(index) + 1, verdicts.end(),
                     [&](const Verdict& later) {
                       return later.kind == Verdict::Kind::intent &&
                              later.intent.kind == verdict.intent.kind &&
                              later.intent.key == verdict.intent.key;
                     });
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
  Planned end{NoticeState::ignored, "no mapping reads this object", std::nullopt};
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

Planned plan_removal(Tx& tx, const Occasion& occasion, Entity entity, const std::string& how) {
  const auto pending = tx.pending_of(entity.id);
  if (entity.on_delete == core::OnDelete::ignore) {
    return {NoticeState::ignored, how + "; on_delete: ignore keeps it in Assembly", std::nullopt};
  }
  if (!entity.present && !tx.in_flight_of(entity.id)) {
    if (pending) withdraw(tx, *pending, "the record was " + how, occasion.now_ms);
    return {NoticeState::ignored, how + "; it never reached Assembly", std::nullopt};
  }
  if (entity.on_delete == core::OnDelete::tag) {
    // On top of the newest state that Assembly has or is about to have (I4).
    std::optional<Change> newest = pending ? pending : tx.in_flight_of(entity.id);
    if (newest && newest->action == store::Action::remove) newest.reset();
    State wanted = parse_state(newest ? newest->wanted : entity.known.value_or(to_text(State{})));
    if (!wanted.tags) wanted.tags.emplace();
    if (std::find(wanted.tags->begin(), wanted.tags->end(), kDeletedTag) == wanted.tags->end()) {
      wanted.tags->emplace_back(kDeletedTag);
    }
    return reconcile(tx, occasion, entity, wanted, newest ? newest->mapping : "");
  }
  Change change;
  change.entity = entity.id;
  change.action = store::Action::remove;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms;
  change.wanted = to_text(State{});
  return {NoticeState::open, {}, tx.put_change(change, occasion.now_ms)};
}

}  // namespace

void plan(Tx& tx, const Occasion& occasion, const std::vector<Verdict>& verdicts) {
  std::vector<Planned> plans;
  plans.reserve(verdicts.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (made_again_later(verdicts, i)) {
      plans.push_back({NoticeState::superseded,
                       "mapping " + verdicts[i].intent.mapping +
                           ": a later mapping makes the same entity of this record",
                       std::nullopt});
    } else {
      plans.push_back(plan_verdict(tx, occasion, verdicts[i]));
    }
  }
  conclude(tx, occasion, plans);
  settle_expected(tx, occasion.record, "its company's record made no account", occasion.now_ms);
}

void plan_deletion(Tx& tx, const Occasion& occasion, const std::string& how) {
  std::vector<Planned> plans;
  for (const Entity& entity : tx.entities_of(occasion.record)) {
    plans.push_back(plan_removal(tx, occasion, entity, how));
  }
  if (plans.empty()) {
    plans.push_back(
        {NoticeState::ignored, how + "; nothing in Assembly came from it", std::nullopt});
  }
  conclude(tx, occasion, plans);
  settle_expected(tx, occasion.record, "its company was " + how, occasion.now_ms);
}

void orphan_stranded(Tx& tx, const Entity& child, std::int64_t now_ms) {
  const auto pending = tx.pending_of(child.id);
  if (!pending || pending->wait != store::Wait::parent || !child.parent) return;
  const auto parent = tx.entity(*child.parent);
  if (!parent || on_its_way(tx, *parent)) return;
  if (parent->record && tx.awaits_reading(*parent->record)) return;
  tx.close_change(pending->id, NoticeState::orphaned, "its company is no longer in Assembly",
                  now_ms);
  if (child.record) tx.add_orphan(orphan_key(parent->key), *child.record);
}

void settle_expected(Tx& tx, const core::RecordRef& record, const std::string& why,
                     std::int64_t now_ms) {
  for (const Entity& entity : tx.entities_of(record)) {
    if (entity.kind == EntityKind::company && !on_its_way(tx, entity)) {
      orphan_children(tx, entity, why, now_ms);
    }
  }
}

void release_children(Tx& tx, const Entity& parent) {
  for (const Change& child : tx.waiting_children(parent.id)) {
    tx.set_wait(child.id, store::Wait::nothing);
  }
}

void orphan_children(Tx& tx, const Entity& parent, const std::string& why, std::int64_t now_ms) {
  for (const Change& child : tx.waiting_children(parent.id)) {
    const auto entity = tx.entity(child.entity);
    tx.close_change(child.id, NoticeState::orphaned, why, now_ms);
    if (entity && entity->record) tx.add_orphan(orphan_key(parent.key), *entity->record);
  }
}

}  // namespace assembly_sync::sync
