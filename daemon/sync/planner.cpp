#include "daemon/sync/planner.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/sync/adoption.hpp"
#include "daemon/sync/contributions.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/reconcile.hpp"
#include "daemon/sync/removal.hpp"
#include "daemon/sync/state.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::sync {
namespace {

using store::Entity;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;

/// A call under way may still bring another key to Assembly: then it is tried again after this.
constexpr std::int64_t kRenamePauseMs = 5000;

/// The tags of ours that say a record is gone.
bool has_our_tag(const std::string& state) {
  for (const std::string_view ours : {kDeletedTag, kMergedTag}) {
    if (state.find(ours) == std::string::npos) continue;
    const State known = parse_state(state);
    if (known.tags && std::find(known.tags->begin(), known.tags->end(), ours) != known.tags->end())
      return true;
  }
  return false;
}

/// Set when its record was deleted or merged, or about to be; matters where the mapping itself
/// looks after no tags.
bool carries_our_tag(const Tx& tx, const Entity& entity) {
  if (entity.known && has_our_tag(*entity.known)) return true;
  const auto in_flight = tx.in_flight_of(entity.id);
  return in_flight && has_our_tag(in_flight->wanted);
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

/// Somebody waits for the new key already: under it stands an entity that nothing has made. What
/// waits for that one goes to the one that is about to get the key.
void hand_over(Tx& tx, const Entity& awaited, const Entity& entity) {
  for (Entity& child : tx.children_of(awaited.id)) {
    child.parent = entity.id;
    tx.update_entity(child);
    if (const auto pending = tx.pending_of(child.id)) {
      tx.revise_change(pending->id, pending->wanted);
    }
  }
  tx.rename_entity(awaited.id, core::Key(awaited.key.str() + '\n'));  // no key is like that
}

/// The record has another key now (the mapping's `key` was changed, say): its entity goes on under
/// the new one, which is added in Assembly while the old one is removed; so no twin arises.
Entity renamed(Tx& tx, const Occasion& occasion, Entity entity, const core::Key& key) {
  if (under_way(tx, entity)) {
    // Under its old key it may come to be at any moment. So that one counts a little longer.
    const RowId again = tx.add_mirror_notice(notice_for(occasion, occasion.record, "key changed"));
    tx.postpone_notice(again, occasion.now_ms + kRenamePauseMs, false, "a call is under way");
    return entity;
  }
  const core::Key former = entity.key;
  const auto awaited = tx.entity(entity.kind, key);
  if (awaited) hand_over(tx, *awaited, entity);
  if (entity.present) {
    State known = entity.known ? parse_state(*entity.known) : State{};
    if (known.linked) known.more_keys.push_back(entity.key);
    std::erase(known.more_keys, key);
    known.linked = false;
    entity.known = to_text(known);
  }
  tx.rename_entity(entity.id, key);
  if (awaited) tx.rename_entity(awaited->id, former);
  entity.key = key;
  tx.update_entity(entity);
  recall_orphans(tx, occasion, entity);
  return entity;
}

/// The entity that the intent is about; nothing when a mapping that only enriches finds none.
std::optional<Entity> find_entity(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  switch (intent.match) {
    case core::Match::own_key: {
      auto found = tx.entity(intent.kind, intent.key);
      const bool awaited = found && found->mapping.empty() && !found->merged_into &&
                           !found->assembly_id && !on_its_way(tx, *found);
      if (found && !awaited) return found;
      if (auto former = with_former_key(tx, occasion, intent)) {
        return renamed(tx, occasion, std::move(*former), intent.key);
      }
      return tx.ensure_entity(intent.kind, intent.key);
    }
    case core::Match::key: {
      if (auto found = tx.entity(intent.kind, intent.key)) {
        Entity entity = follow(tx, std::move(*found));
        if (!entity.mapping.empty()) return entity;
      }
      wait_for(tx, intent.kind, intent.key, occasion.record);
      return std::nullopt;
    }
    case core::Match::domain: {
      const std::string domain = core::lower_ascii(intent.match_domain.value_or(""));
      if (auto found = tx.entity_by_domain(intent.kind, domain)) {
        Entity entity = follow(tx, std::move(*found));
        if (!entity.mapping.empty()) return entity;
      }
      wait_for_domain(tx, intent.kind, domain, occasion.record);
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// A contact's parent becomes the entity's; a reason when it has none to go to. What another record
/// made stays where it is then.
std::optional<std::string> place(Tx& tx, const Occasion& occasion, core::Intent& intent,
                                 Entity& entity) {
  if (intent.kind != EntityKind::contact || intent.match != core::Match::own_key) {
    return std::nullopt;
  }
  const Parent parent = find_parent(tx, occasion, intent);
  if (parent.orphaned && !may_own(entity, intent.mapping, occasion.record)) return parent.orphaned;
  const bool there = entity.present || tx.in_flight_of(entity.id);
  if (there && parent.key && entity.parent != parent.entity && !entity.leaving)
    entity.leaving = entity.parent;  // until a call has told it
  entity.parent = parent.entity;
  if (parent.key) intent.company_key = parent.key;
  if (!parent.orphaned) return std::nullopt;
  tx.update_entity(entity);
  if (const auto pending = tx.pending_of(entity.id)) {
    withdraw(tx, *pending, "a newer reading has no company to go to", occasion.now_ms);
  }
  return parent.orphaned;
}

/// Of several records that name the contact's company the strongest one's word counts: that is what
/// is sent, and what it waits for.
void place_as_all_want(Tx& tx, const Occasion& occasion, core::Intent intent, const Entity& before,
                       Entity& entity, State& wanted) {
  const bool another =
      wanted.company != intent.company_key || wanted.company_domain != intent.company_domain;
  if (!entity.shared || !another || intent.match != core::Match::own_key) return;
  entity.parent = before.parent;
  entity.leaving = before.leaving;
  intent.company_key = wanted.company;
  intent.company_domain = wanted.company_domain;
  if (!place(tx, occasion, intent, entity)) wanted.company = intent.company_key;
}

/// One record in the planner's hands.
struct Planning {
  Tx& tx;
  const Occasion& occasion;
  std::vector<core::RecordRef> losers;  // records that were merged into it
  std::vector<Planned> plans;
};

Planned plan_intent(Planning& planning, core::Intent intent) {
  Tx& tx = planning.tx;
  const Occasion& occasion = planning.occasion;
  if (intent.kind == EntityKind::usage) return plan_usage(tx, occasion, intent);
  auto found = find_entity(tx, occasion, intent);
  if (!found) {
    return {
        NoticeState::orphaned, "nothing with the key or domain it is matched by is synced", {}, {}};
  }
  Entity& entity = *found;
  const Entity before = entity;
  if (entity.merged_into) {
    if (entity.record != occasion.record) {
      entity = follow(tx, std::move(entity));
    } else if (const Freedom freedom = set_free(tx, occasion, entity); freedom != Freedom::free) {
      if (freedom == Freedom::later) return {.later = true};
      return {NoticeState::dead,
              "its key is on the account of the record it was merged into, and Assembly refused to "
              "take it off there",
              {},
              {}};
    }
  }
  if (auto orphaned = place(tx, occasion, intent, entity)) {
    if (may_own(entity, intent.mapping, occasion.record)) {
      entity.record = occasion.record;
      entity.on_delete = intent.on_delete;
      if (entity != before) tx.update_entity(entity);
    }
    return {NoticeState::orphaned, std::move(*orphaned), {}, {}};
  }
  if (!planning.losers.empty() && intent.match == core::Match::own_key) {
    take_over(tx, occasion, planning.losers, intent.mapping, entity, planning.plans);
  }
  State wanted = contribute(tx, entity, occasion.record, intent);
  place_as_all_want(tx, occasion, intent, before, entity, wanted);
  if (const auto domain = wanted.fields.find("domain");
      domain != wanted.fields.end() && domain->second.is_string()) {
    entity.domain = core::lower_ascii(domain->second.as_string());
  }
  if (const auto name = wanted.fields.find("name");
      name != wanted.fields.end() && name->second.is_string()) {
    entity.name = core::lower_ascii(name->second.as_string());
  }
  const bool first = !on_its_way(tx, entity);
  const bool adopted =
      !entity.present && !entity.known && !tx.in_flight_of(entity.id) && adopt(tx, entity, wanted);
  if (entity != before) tx.update_entity(entity);
  if (adopted) release_children(tx, entity);
  if (!wanted.tags && carries_our_tag(tx, entity)) wanted.tags.emplace();  // the record is back
  Planned planned = reconcile(tx, occasion, entity, wanted, intent.mapping);
  planned.entity = entity.id;
  if (first || entity.domain != before.domain) recall_orphans(tx, occasion, entity);
  return planned;
}

Planned plan_verdict(Planning& planning, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::intent:
      return plan_intent(planning, verdict.intent);
    case Verdict::Kind::filtered:
      return {NoticeState::filtered, verdict.reason, {}, {}};
    case Verdict::Kind::no_parent:
      return {NoticeState::orphaned, verdict.reason, {}, {}};
    case Verdict::Kind::refused:
      return {NoticeState::dead, verdict.reason, {}, {}};
  }
  throw std::logic_error("unknown verdict");
}

/// A mapping leads to another entity than before: what the record fed the former one with goes.
/// `fed`: what came of each verdict.
void leave_others(Planning& planning, const std::vector<Verdict>& verdicts,
                  const std::vector<Planned>& fed) {
  Tx& tx = planning.tx;
  const core::RecordRef& record = planning.occasion.record;
  for (const RowId id : tx.fed_by(record)) {
    const auto leads_elsewhere = [&](const store::Contribution& part) {
      bool elsewhere = false;
      for (std::size_t i = 0; i < fed.size(); ++i) {
        if (fed[i].entity == id) return false;
        elsewhere = elsewhere || (fed[i].entity && verdicts[i].intent.mapping == part.mapping);
      }
      return elsewhere && part.record == record;
    };
    Entity entity = tx.entity(id).value();
    const auto parts = tx.contributions(id);
    if (entity.record == record || std::none_of(parts.begin(), parts.end(), leads_elsewhere)) {
      continue;
    }
    const auto wanted = without_part_of(tx, entity, record);
    if (!wanted) continue;
    planning.plans.push_back(reconcile(tx, planning.occasion, entity, *wanted, entity.mapping));
    planning.plans.back().entity = id;
  }
}

}  // namespace

void plan(Tx& tx, const Occasion& occasion, const std::vector<Verdict>& verdicts) {
  Planning planning{tx, occasion, tx.losers_of(occasion.record), {}};
  if (!planning.losers.empty() && merge_must_wait(tx, occasion.record, planning.losers)) {
    plan_later(tx, occasion, "a call about a record that was merged into it is under way");
    return;
  }
  std::vector<Planned> plans;
  plans.reserve(verdicts.size());
  for (const Verdict& verdict : verdicts) plans.push_back(plan_verdict(planning, verdict));
  const auto waits = [](const Planned& one) { return one.later; };
  if (std::any_of(plans.begin(), plans.end(), waits)) {
    plan_later(tx, occasion, "its key is on the account of the record it was merged into");
    return;
  }
  leave_others(planning, verdicts, plans);
  for (const core::RecordRef& loser : planning.losers) {
    drop_parts(tx, occasion, loser, planning.plans);
  }
  plans.insert(plans.end(), planning.plans.begin(), planning.plans.end());
  conclude(tx, occasion, plans);
  settle_expected(tx, occasion.record, "its company's record made no account", occasion.now_ms);
}

}  // namespace assembly_sync::sync
