#include "daemon/sync/contributions.hpp"

#include <algorithm>
#include <vector>

namespace assembly_sync::sync {
namespace {

using store::Contribution;
using store::Entity;
using store::Tx;

State together(const std::vector<Contribution>& parts) {
  std::vector<State> states;
  states.reserve(parts.size());
  for (const Contribution& part : parts) states.push_back(parse_state(part.wanted));
  return merged(states);
}

void own(Entity& entity, const Contribution& part) {
  entity.record = part.record;
  entity.mapping = part.mapping;
  entity.position = part.position;
  entity.on_delete = part.on_delete;
}

/// From one record to several: the first one's part is what the entity is wanted to be so far.
void share(Tx& tx, Entity& entity, const std::optional<State>& newest) {
  if (entity.record) {
    tx.put_contribution(entity.id, {entity.mapping, *entity.record, entity.position, false,
                                    entity.on_delete, to_text(newest.value_or(State{}))});
  }
  entity.shared = true;
}

/// What only the leaving part gave.
void take_away(const Contribution& leaving, State& wanted) {
  const State part = parse_state(leaving.wanted);
  if (part.tags && !wanted.tags) wanted.tags.emplace();
  for (const auto& [name, value] : part.properties) wanted.properties.emplace(name, nullptr);
  if (leaving.on_delete != core::OnDelete::remove) return;
  for (const auto& [name, value] : part.fields) wanted.fields.emplace(name, nullptr);
}

/// What this record wanted under this mapping before; of an entity that only it feeds, the newest
/// state.
std::optional<State> own_part(const Tx& tx, const Entity& entity, const Contribution& part) {
  if (!entity.shared) return newest_state(tx, entity);
  for (const Contribution& known : tx.contributions(entity.id)) {
    if (known.mapping == part.mapping && known.record == part.record) {
      return parse_state(known.wanted);
    }
  }
  return std::nullopt;
}

/// What a part that left is to take away may not be sent yet: it stays to be taken away.
void carry_over(const Tx& tx, const Entity& entity, State& wanted) {
  for (const auto& change : {tx.pending_of(entity.id), tx.in_flight_of(entity.id)}) {
    if (!change || change->action != store::Action::upsert) continue;
    const State before = parse_state(change->wanted);
    for (const auto& [name, value] : before.fields) {
      if (value.is_null()) wanted.fields.emplace(name, nullptr);
    }
    for (const auto& [name, value] : before.properties) {
      if (value.is_null()) wanted.properties.emplace(name, nullptr);
    }
    if (before.tags && !wanted.tags) wanted.tags.emplace();
  }
}

}  // namespace

std::optional<State> newest_state(const store::View& view, const Entity& entity) {
  const auto pending = view.pending_of(entity.id);
  if (pending && pending->action == store::Action::upsert) return parse_state(pending->wanted);
  const auto in_flight = view.in_flight_of(entity.id);
  if (in_flight && in_flight->action == store::Action::upsert) {
    return parse_state(in_flight->wanted);
  }
  if (!entity.known) return std::nullopt;
  State known = parse_state(*entity.known);
  known.linked = true;  // what is not linked yet is wanted to be
  return known;
}

bool may_own(const Entity& entity, const std::string& mapping, const core::RecordRef& record) {
  return entity.mapping.empty() || (entity.mapping == mapping && entity.record == record);
}

State contribute(Tx& tx, Entity& entity, const core::RecordRef& record,
                 const core::Intent& intent) {
  Contribution part;
  part.mapping = intent.mapping;
  part.record = record;
  part.position = intent.position;
  part.enriches = intent.match != core::Match::own_key;
  part.on_delete = intent.on_delete;
  const bool owner = !part.enriches && may_own(entity, part.mapping, part.record);
  const bool alone = !entity.shared && owner;
  const bool keeps = !intent.kept_fields.empty() || !intent.kept_properties.empty();
  std::optional<State> before;
  if (!alone || keeps) before = own_part(tx, entity, part);
  if (owner) own(entity, part);
  if (alone) return state_of(intent, before ? &*before : nullptr);
  const bool is_new = !entity.shared;
  if (is_new) share(tx, entity, before);
  part.wanted = to_text(state_of(intent, before && !is_new ? &*before : nullptr));
  tx.put_contribution(entity.id, part);
  State wanted = together(tx.contributions(entity.id));
  carry_over(tx, entity, wanted);
  return wanted;
}

std::optional<State> without_part_of(Tx& tx, Entity& entity, const core::RecordRef& record) {
  std::vector<Contribution> staying = tx.contributions(entity.id);
  const auto leaves =
      std::stable_partition(staying.begin(), staying.end(),
                            [&](const Contribution& part) { return part.record != record; });
  const std::vector<Contribution> leaving(leaves, staying.end());
  staying.erase(leaves, staying.end());
  for (const Contribution& part : leaving) {
    tx.remove_contribution(entity.id, part.mapping, part.record);
  }
  const auto owner = std::find_if(staying.rbegin(), staying.rend(),
                                  [](const Contribution& part) { return !part.enriches; });
  if (owner == staying.rend()) return std::nullopt;
  State wanted = together(staying);
  for (const Contribution& part : leaving) take_away(part, wanted);
  if (entity.record == record) own(entity, *owner);
  return wanted;
}

void take_parts(Tx& tx, const Entity& from, Entity& to) {
  if (!from.shared || !from.record) return;
  const auto parts = tx.contributions(from.id);
  const bool others = std::any_of(parts.begin(), parts.end(), [&](const Contribution& part) {
    return part.record != *from.record;
  });
  if (others && !to.shared) share(tx, to, newest_state(tx, to));
  tx.move_contributions(from.id, to.id, *from.record);
}

}  // namespace assembly_sync::sync
