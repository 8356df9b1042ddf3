#include "daemon/sync/removal.hpp"

#include <algorithm>

#include "daemon/sync/adoption.hpp"
#include "daemon/sync/contributions.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/origin.hpp"
#include "daemon/sync/reconcile.hpp"
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

Planned about(RowId entity, Planned planned) {
  planned.entity = entity;
  return planned;
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
    const bool is_there = entity.present || tx.in_flight_of(entity.id) || tx.pending_of(entity.id);
    if (!is_there) return {NoticeState::ignored, how + "; it never reached Assembly", {}, {}};
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
  return {NoticeState::open, {}, put_change(tx, change, occasion.now_ms), {}};
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

bool has_tag(const State& state, std::string_view tag) {
  return state.tags && std::find(state.tags->begin(), state.tags->end(), tag) != state.tags->end();
}

/// Of what is known of an erased record's entity: nothing but our own mark, and whether its key is
/// attached.
State without_values(const State& known) {
  State left;
  left.linked = known.linked;
  if (has_tag(known, kDeletedTag)) left.tags = {std::string(kDeletedTag)};
  return left;
}

/// No value of the erased record stays with the entity; what it still needs is sent anew.
void wipe(Tx& tx, Entity& entity) {
  tx.erase_lineage(entity.id);
  if (entity.kind == EntityKind::usage) {
    if (in_doubt(entity)) return;  // it has to be looked for by what was sent, then it goes
    entity.known.reset();
    tx.update_entity(entity);
    return;
  }
  const EntityKind list = directory_list(entity.kind);
  for (const auto& listed : tx.directory_by_key(list, entity.key)) {
    tx.erase_directory(list, listed.id);
  }
  if (entity.assembly_id) tx.erase_directory(list, *entity.assembly_id);
  if (entity.known) entity.known = to_text(without_values(parse_state(*entity.known)));
  entity.domain.clear();
  entity.name.clear();
  tx.update_entity(entity);
}

/// A key that does not come from the record's id is made of its values.
bool key_is_a_value(const Entity& entity) {
  return entity.kind != EntityKind::usage && entity.record &&
         entity.key.str().find(entity.record->id.str()) == std::string::npos;
}

/// Nothing is under way that could bring it back.
void wipe_gone(Tx& tx, Entity& entity) {
  if (entity.present || tx.pending_of(entity.id) || tx.in_flight_of(entity.id)) return;
  entity.known.reset();
  tx.update_entity(entity);
  if (key_is_a_value(entity)) {
    entity.key = core::Key("erased-" + std::to_string(entity.id));
    tx.rename_entity(entity.id, entity.key);
  }
}

/// The erased record's part of an entity that others feed too.
Planned erase_part(Tx& tx, const Occasion& occasion, Entity entity, const std::string& how) {
  const auto parts = tx.contributions(entity.id);
  const bool removes = std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
    return part.record == occasion.record && part.on_delete == core::OnDelete::remove;
  });
  const auto wanted = without_part_of(tx, entity, occasion.record);
  for (const auto& part : parts) {
    if (part.record == occasion.record) {
      tx.remove_contribution(entity.id, part.mapping, part.record);
    }
  }
  tx.erase_lineage(entity.id);
  // What is cleared in Assembly is known until it is; else it is simply forgotten here.
  if (!removes || !wanted) {
    entity.known.reset();
  }
  tx.update_entity(entity);
  if (!wanted) return {NoticeState::ignored, how + "; nothing else makes its account"};
  return reconcile(tx, occasion, entity, *wanted, entity.mapping);
}

/// The erased record's own entity.
Planned erase_entity(Tx& tx, const Occasion& occasion, Entity entity, const std::string& how) {
  const bool tagged = entity.known && has_tag(parse_state(*entity.known), kDeletedTag);
  const auto pending = tx.pending_of(entity.id);
  const bool in_flight = tx.in_flight_of(entity.id).has_value();
  const bool there = entity.present || in_flight;
  wipe(tx, entity);
  if (pending && (!there || entity.on_delete == core::OnDelete::ignore)) {
    withdraw(tx, *pending, "the record was " + how, occasion.now_ms);
  }
  if (!there) {
    wipe_gone(tx, entity);
    return {NoticeState::ignored, how + "; it is not in Assembly"};
  }
  if (entity.on_delete == core::OnDelete::ignore) {
    return {NoticeState::ignored, how + "; on_delete: ignore keeps it in Assembly"};
  }
  Change change;
  change.entity = entity.id;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms;
  change.mapping = entity.mapping;
  State wanted;
  if (entity.on_delete == core::OnDelete::tag) {
    if (tagged && !in_flight) {
      if (pending) withdraw(tx, *pending, "the record was " + how, occasion.now_ms);
      return {NoticeState::ignored, how + "; it bears the tag already"};
    }
    wanted.tags = {std::string(kDeletedTag)};
  } else {
    change.action = store::Action::remove;
  }
  change.wanted = to_text(wanted);
  return {NoticeState::open, {}, put_change(tx, change, occasion.now_ms)};
}

/// The erased record's usage log. What a look for one in doubt needs goes with the last call.
Planned erase_log(Tx& tx, const Occasion& occasion, Entity log, const std::string& how) {
  // What was not sent yet is not sent any more, whatever on_delete says of what is there.
  auto withdrawn = withdraw_usage(tx, occasion, log, how);
  Planned planned = withdrawn ? std::move(*withdrawn) : plan_usage_removal(tx, occasion, log, how);
  if (!planned.change && !in_doubt(log)) wipe(tx, log);
  return planned;
}

/// A deletion of a record that was merged away says nothing new.
bool absorbed(Tx& tx, const Occasion& occasion, const std::string& how) {
  const auto survivor = tx.survivor_of(occasion.record);
  if (!survivor) return false;
  const std::string into = "merged into " + survivor->object.str() + ' ' + survivor->id.str();
  conclude(tx, occasion, {{NoticeState::ignored, into + "; " + how}});
  settle_expected(tx, occasion.record, "its company was " + into, occasion.now_ms);
  return true;
}

void finish(Tx& tx, const Occasion& occasion, std::vector<Planned> plans, const std::string& how) {
  if (plans.empty()) {
    plans.push_back({NoticeState::ignored, how + "; nothing in Assembly came from it"});
  }
  conclude(tx, occasion, plans);
  settle_expected(tx, occasion.record, "its company was " + how, occasion.now_ms);
}

/// The record and all that was merged into it.
std::vector<core::RecordRef> with_losers(const Tx& tx, const core::RecordRef& record) {
  std::vector<core::RecordRef> all = tx.losers_of(record);
  all.insert(all.begin(), record);
  return all;
}

}  // namespace

void plan_deletion(Tx& tx, const Occasion& occasion, const std::string& how) {
  if (absorbed(tx, occasion, how)) return;
  std::vector<Planned> plans;
  for (const core::RecordRef& ref : with_losers(tx, occasion.record)) {
    Occasion of_ref = occasion;
    of_ref.record = ref;
    for (const Entity& entity : tx.entities_of(ref)) {
      if (entity.merged_into) continue;
      plans.push_back(about(entity.id, plan_removal(tx, of_ref, entity, how)));
    }
    for (const RowId id : tx.fed_by(ref)) {
      const Entity entity = tx.entity(id).value();
      if (entity.record == ref) continue;  // its own: above
      plans.push_back(about(id, plan_part_removal(tx, of_ref, entity, how)));
    }
  }
  finish(tx, occasion, std::move(plans), how);
}

bool plan_erasure(Tx& tx, const Occasion& occasion, const std::string& how) {
  if (tx.survivor_of(occasion.record)) {
    for (Entity& entity : tx.entities_of(occasion.record)) wipe(tx, entity);
    tx.erase_record(occasion.record, occasion.now_ms);
    absorbed(tx, occasion, how);
    return false;
  }
  bool kept = false;
  std::vector<Planned> plans;
  for (const core::RecordRef& ref : with_losers(tx, occasion.record)) {
    Occasion of_ref = occasion;
    of_ref.record = ref;
    for (const RowId id : tx.fed_by(ref)) {
      plans.push_back(about(id, erase_part(tx, of_ref, tx.entity(id).value(), how)));
    }
    for (Entity& entity : tx.entities_of(ref)) {
      if (entity.merged_into) {
        wipe(tx, entity);
        continue;
      }
      kept = kept || (entity.on_delete == core::OnDelete::ignore && entity.present);
      if (entity.kind == EntityKind::usage) {
        plans.push_back(about(entity.id, erase_log(tx, of_ref, entity, how)));
        continue;
      }
      plans.push_back(about(entity.id, erase_entity(tx, of_ref, entity, how)));
    }
    tx.erase_record(ref, occasion.now_ms);
  }
  finish(tx, occasion, std::move(plans), how);
  return kept;
}

void wipe_if_erased(Tx& tx, RowId id) {
  auto entity = tx.entity(id);
  if (!entity || !entity->record || !tx.erased_ms(*entity->record)) return;
  wipe(tx, *entity);
  wipe_gone(tx, *entity);
}

void drop_parts(Tx& tx, const Occasion& occasion, const core::RecordRef& loser,
                std::vector<Planned>& plans) {
  for (const RowId id : tx.fed_by(loser)) {
    Entity entity = tx.entity(id).value();
    const auto wanted = without_part_of(tx, entity, loser);
    if (!wanted) continue;
    tx.update_entity(entity);
    plans.push_back(about(id, reconcile(tx, occasion, entity, *wanted, entity.mapping)));
  }
}

void forget(Tx& tx, Entity& entity, store::Lane lane, std::int64_t now_ms) {
  if (entity.merged_into) {  // what was to be done about it is done
    retired(tx, entity, lane, now_ms);
    return;
  }
  const auto left = entity.leaving;
  if (entity.assembly_id) {
    tx.forget_directory(directory_list(entity.kind), *entity.assembly_id);
  }
  entity.present = false;
  entity.assembly_id.reset();
  entity.known.reset();
  entity.leaving.reset();
  tx.update_entity(entity);
  tx.hold_children(entity.id);
  if (left) has_left(tx, *left, lane, now_ms);
}

}  // namespace assembly_sync::sync
