#include "daemon/sync/merges.hpp"

#include <algorithm>

#include "daemon/sync/adoption.hpp"
#include "daemon/sync/contributions.hpp"
#include "daemon/sync/origin.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::sync {
namespace {

using core::Key;
using core::RecordRef;
using store::Change;
using store::Entity;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;
using store::View;

/// Longer chains of merges than anybody has.
constexpr int kMostMerges = 100;

bool contains(const std::vector<Key>& keys, const Key& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

State known_of(const Entity& entity) {
  return entity.known ? parse_state(*entity.known) : State{};
}

std::string merged_text(const RecordRef& survivor) {
  return "merged into " + survivor.object.str() + ' ' + survivor.id.str();
}

/// What a merged entity keeps: its further keys, which go where its own one goes.
void give_up_account(Tx& tx, Entity& loser, RowId survivor) {
  State keys;
  keys.more_keys = known_of(loser).more_keys;
  loser.assembly_id.reset();
  loser.present = false;
  loser.doubtful = false;
  loser.known = to_text(keys);
  loser.merged_into = survivor;
  tx.update_entity(loser);
  for (Entity& earlier : tx.merged_into(loser.id)) {
    earlier.merged_into = survivor;
    tx.update_entity(earlier);
  }
}

void rename_company(State& state, const Key& from, const Key& to) {
  if (state.company == from) state.company = to;
}

/// The contact's company is the survivor from now on.
void move_contact(Tx& tx, const Occasion& occasion, Entity contact, const Entity& loser,
                  const Entity& survivor, bool same_account) {
  contact.parent = survivor.id;
  const bool there = contact.present || tx.in_flight_of(contact.id);
  auto wanted = newest_state(tx, contact);
  if (wanted) rename_company(*wanted, loser.key, survivor.key);
  if (contact.known) {
    State known = parse_state(*contact.known);
    if (same_account) {
      rename_company(known, loser.key, survivor.key);
    } else {
      known.company.reset();
      known.company_domain.reset();
    }
    contact.known = to_text(known);
  }
  if (!same_account && there) contact.leaving = loser.id;
  tx.update_entity(contact);
  if (const auto pending = tx.pending_of(contact.id)) {
    if (pending->action == store::Action::upsert && wanted) {
      tx.revise_change(pending->id, to_text(*wanted));
    }
  } else if (!same_account && there) {
    if (!wanted) wanted.emplace();
    if (!wanted->company && !wanted->company_domain) wanted->company = survivor.key;
    Change change;
    change.entity = contact.id;
    change.lane = occasion.lane;
    change.due_ms = occasion.now_ms;
    change.wanted = to_text(*wanted);
    change.mapping = contact.mapping;
    put_change(tx, change, occasion.now_ms);
  }
}

/// A usage log that is sent, or was not tried, is about the survivor from now on; one whose attempt
/// must first be answered, or looked for, still is about the loser.
void move_log(Tx& tx, Entity log, const Entity& survivor, bool same_account) {
  const auto pending = tx.pending_of(log.id);
  const bool under_way = tx.in_flight_of(log.id) || (in_doubt(log) && pending);
  if (under_way && !same_account) return;
  log.parent = survivor.id;
  tx.update_entity(log);
  if (pending) tx.revise_change(pending->id, pending->wanted);
}

void move_children(Tx& tx, const Occasion& occasion, const Entity& loser, const Entity& survivor,
                   bool same_account) {
  for (Entity& child : tx.children_of(loser.id)) {
    if (child.kind == EntityKind::usage) {
      move_log(tx, std::move(child), survivor, same_account);
    } else {
      move_contact(tx, occasion, std::move(child), loser, survivor, same_account);
    }
  }
}

void take_account(Tx& tx, Entity& loser, Entity& survivor) {
  State known = known_of(loser);
  if (known.linked && !contains(known.more_keys, loser.key)) known.more_keys.push_back(loser.key);
  known.linked = contains(known.more_keys, survivor.key);
  std::erase(known.more_keys, survivor.key);
  survivor.assembly_id = loser.assembly_id;
  survivor.present = true;
  survivor.doubtful = loser.doubtful || !loser.known;
  survivor.known = to_text(known);
  give_up_account(tx, loser, survivor.id);
  tx.update_entity(survivor);
}

/// What is sent when a loser's account stays in Assembly: only what takes it out of our care.
State farewell(const Entity& loser) {
  const State known = known_of(loser);
  State wanted;
  wanted.linked = false;
  wanted.company = known.company;
  wanted.company_domain = known.company_domain;
  if (loser.on_delete == core::OnDelete::tag) {
    wanted.tags = known.tags.value_or(std::vector<std::string>());
    if (std::find(wanted.tags->begin(), wanted.tags->end(), kMergedTag) == wanted.tags->end()) {
      wanted.tags->emplace_back(kMergedTag);
    }
  }
  return wanted;
}

/// The loser's account goes once nobody is left in it. The change that does it, when there is
/// one.
std::optional<RowId> retire_when_empty(Tx& tx, const Entity& loser, store::Lane lane,
                                       std::int64_t now_ms) {
  if (!loser.merged_into || !loser.assembly_id || tx.has_children(loser.id)) return std::nullopt;
  Change change;
  change.entity = loser.id;
  change.lane = lane;
  change.due_ms = now_ms;
  change.mapping = loser.mapping;
  if (loser.on_delete == core::OnDelete::remove) {
    change.action = store::Action::remove;
    change.wanted = to_text(State{});
  } else {
    const State wanted = farewell(loser);
    const State known = known_of(loser);
    if (loser.known && !loser.doubtful && difference(&known, wanted).empty()) {
      retired(tx, loser, lane, now_ms);
      return std::nullopt;
    }
    change.wanted = to_text(wanted);
  }
  for (const auto& ours : {tx.in_flight_of(loser.id), tx.pending_of(loser.id)}) {
    if (ours && ours->action == change.action && ours->wanted == change.wanted) return ours->id;
  }
  return put_change(tx, change, now_ms);
}

/// What was still to be done about the loser itself is done with.
void drop_pending(Tx& tx, const Occasion& occasion, const Entity& loser) {
  const auto pending = tx.pending_of(loser.id);
  if (!pending) return;
  const bool removal = pending->action == store::Action::remove;
  tx.close_change(pending->id, removal ? NoticeState::ignored : NoticeState::superseded,
                  merged_text(occasion.record), occasion.now_ms);
}

void merge_one(Tx& tx, const Occasion& occasion, Entity loser, Entity& survivor,
               std::vector<Planned>& plans) {
  if (loser.merged_into) {  // seen before: perhaps its account can go by now
    if (loser.merged_into != survivor.id) return;
    move_children(tx, occasion, loser, survivor, false);
    if (const auto change = retire_when_empty(tx, loser, occasion.lane, occasion.now_ms)) {
      plans.push_back({NoticeState::open, {}, change});
    }
    return;
  }
  loser.merged_into = survivor.id;
  tx.update_entity(loser);
  drop_pending(tx, occasion, loser);
  take_parts(tx, loser, survivor);
  recall_orphans(tx, occasion, loser);
  const bool has_account = loser.present && loser.assembly_id;
  if (has_account && !survivor.assembly_id) {
    take_account(tx, loser, survivor);
    move_children(tx, occasion, loser, survivor, true);
    release_children(tx, survivor);
    return;
  }
  move_children(tx, occasion, loser, survivor, false);
  if (!has_account) {
    give_up_account(tx, loser, survivor.id);
  } else if (const auto change = retire_when_empty(tx, loser, occasion.lane, occasion.now_ms)) {
    plans.push_back({NoticeState::open, {}, change});
  }
}

/// The survivor's outbox says which keys it is to have by now.
void want_keys(Tx& tx, const Entity& survivor, const State& newest, const State& wanted,
               store::Lane lane, std::int64_t now_ms) {
  if (wanted == newest) return;
  if (const auto pending = tx.pending_of(survivor.id)) {
    tx.revise_change(pending->id, to_text(wanted));
    return;
  }
  Change change;
  change.entity = survivor.id;
  change.lane = lane;
  change.due_ms = now_ms;
  change.wanted = to_text(wanted);
  change.mapping = survivor.mapping;
  put_change(tx, change, now_ms);
}

bool is_being_removed(const View& view, const Entity& entity) {
  const auto pending = view.pending_of(entity.id);
  return pending && pending->action == store::Action::remove;
}

}  // namespace

bool under_way(const View& view, const Entity& entity) {
  if (view.in_flight_of(entity.id)) return true;
  return entity.doubtful && !entity.assembly_id && view.pending_of(entity.id);
}

void note_merge(Tx& tx, const RecordRef& loser, const core::RecordId& survivor, int place,
                std::int64_t now_ms) {
  if (loser.id == survivor) return;
  tx.put_merge(loser, survivor, place, now_ms);
  tx.mark_record(loser, store::RecordState::merged, now_ms);
}

std::optional<std::string> outdated(Tx& tx, const Occasion& occasion) {
  const std::int64_t read_ms = occasion.read_ms.value_or(occasion.now_ms);
  if (const auto erased_ms = tx.erased_ms(occasion.record)) {
    if (read_ms <= *erased_ms) return "its data was erased in the source since";
    tx.remove_erasure(occasion.record);
  }
  if (const auto survivor = tx.survivor_of(occasion.record)) {
    if (read_ms <= tx.merged_ms(occasion.record).value_or(0)) return merged_text(*survivor);
    tx.remove_merge(occasion.record);
  }
  return std::nullopt;
}

Entity follow(const View& view, Entity entity) {
  for (int merges = 0; entity.merged_into && merges < kMostMerges; ++merges) {
    entity = view.entity(*entity.merged_into).value();
  }
  return entity;
}

bool merge_must_wait(const Tx& tx, const RecordRef& survivor,
                     const std::vector<RecordRef>& losers) {
  for (const Entity& own : tx.entities_of(survivor)) {
    if (!own.assembly_id && under_way(tx, own)) return true;
  }
  for (const RecordRef& ref : losers) {
    for (const Entity& loser : tx.entities_of(ref)) {
      const bool merges = loser.kind != EntityKind::usage && !loser.merged_into;
      if (merges && under_way(tx, loser)) return true;
    }
  }
  return false;
}

void take_over(Tx& tx, const Occasion& occasion, const std::vector<RecordRef>& losers,
               const std::string& mapping, Entity& survivor, std::vector<Planned>& plans) {
  if (survivor.kind == EntityKind::usage) return;  // what happened, happened
  for (const RecordRef& ref : losers) {
    for (Entity& loser : tx.entities_of(ref)) {
      const bool awaited = loser.mapping.empty();  // as a parent, and never made
      if (loser.kind != survivor.kind || (loser.mapping != mapping && !awaited)) continue;
      if (loser.id == survivor.id) continue;  // its key does not depend on the record
      merge_one(tx, occasion, std::move(loser), survivor, plans);
    }
  }
}

Freedom set_free(Tx& tx, const Occasion& occasion, Entity& entity) {
  const Entity survivor = follow(tx, entity);
  if (entity.assembly_id) {  // it was not gone yet, and stays
    if (tx.in_flight_of(entity.id)) return Freedom::later;
    if (const auto pending = tx.pending_of(entity.id)) {
      withdraw(tx, *pending, "the record is back", occasion.now_ms);
    }
    entity.merged_into.reset();
    return Freedom::free;
  }
  const auto pending = tx.pending_of(survivor.id);
  if (tx.in_flight_of(survivor.id) || (survivor.doubtful && pending)) return Freedom::later;
  const bool held = survivor.known && contains(parse_state(*survivor.known).more_keys, entity.key);
  // Asked for before, and no call is left that will do it: asking for ever would not help (I7).
  if (held && occasion.attempts > 0 && !pending) return Freedom::refused;
  if (!is_being_removed(tx, survivor)) {
    if (const auto newest = newest_state(tx, survivor)) {
      State wanted = *newest;
      std::erase(wanted.more_keys, entity.key);
      want_keys(tx, survivor, *newest, wanted, occasion.lane, occasion.now_ms);
    }
  }
  if (held) return Freedom::later;
  entity.merged_into.reset();
  entity.known.reset();
  return Freedom::free;
}

State with_merged_keys(const View& view, const Entity& entity, State wanted) {
  const auto add = [&](const Key& key) {
    if (key != entity.key && !contains(wanted.more_keys, key)) wanted.more_keys.push_back(key);
  };
  for (const Entity& loser : view.merged_into(entity.id)) {
    if (loser.assembly_id || view.in_flight_of(loser.id)) continue;  // it still has its key
    if (loser.record && !view.survivor_of(*loser.record)) continue;  // it came back
    add(loser.key);
    for (const Key& key : known_of(loser).more_keys) {
      if (!view.entity(loser.kind, key)) add(key);  // else it comes, or not, with that one
    }
  }
  return wanted;
}

bool is_farewell(const State& wanted) {
  return !wanted.linked;
}

void retired(Tx& tx, Entity loser, store::Lane lane, std::int64_t now_ms) {
  if (!loser.merged_into) return;
  if (loser.assembly_id) tx.forget_directory(directory_list(loser.kind), *loser.assembly_id);
  give_up_account(tx, loser, *loser.merged_into);
  const Entity survivor = follow(tx, loser);
  if (is_being_removed(tx, survivor)) return;
  if (const auto newest = newest_state(tx, survivor)) {
    want_keys(tx, survivor, *newest, with_merged_keys(tx, survivor, *newest), lane, now_ms);
  }
}

void log_settled(Tx& tx, const Entity& log, store::Lane lane, std::int64_t now_ms) {
  if (log.kind != EntityKind::usage || !log.parent) return;
  const auto about = tx.entity(*log.parent);
  if (!about || !about->merged_into) return;
  move_log(tx, log, follow(tx, *about), false);
  has_left(tx, about->id, lane, now_ms);
}

void has_left(Tx& tx, RowId company, store::Lane lane, std::int64_t now_ms) {
  if (const auto loser = tx.entity(company)) retire_when_empty(tx, *loser, lane, now_ms);
}

}  // namespace assembly_sync::sync
