#include "daemon/sync/parents.hpp"

#include "core/text.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {
namespace {

using store::Change;
using store::Entity;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;

/// What a record waits for: of a company the key or domain alone, of other kinds with the kind.
std::string orphan_of(EntityKind kind, const char* by, const std::string& text) {
  const std::string prefix =
      kind == EntityKind::company ? "" : std::string(core::to_text(kind)) + ':';
  return prefix + by + ':' + text;
}
std::string orphan_key(EntityKind kind, const core::Key& key) {
  return orphan_of(kind, "key", key.str());
}
std::string orphan_domain(EntityKind kind, const std::string& domain) {
  return orphan_of(kind, "domain", core::lower_ascii(domain));
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

/// Nothing will bring it for now: remembered, to be mapped again when it appears.
Parent without(Tx& tx, const Occasion& occasion, const Entity& parent) {
  tx.add_orphan(orphan_key(parent.kind, parent.key), occasion.record);
  return {parent.id,
          "its " + std::string(core::to_text(parent.kind)) +
              " is not synced (no record gives that key)",
          std::nullopt};
}

}  // namespace

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

Parent find_parent(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  if (intent.company_key) {
    Entity parent = follow(tx, tx.ensure_entity(EntityKind::company, *intent.company_key));
    if (expect_parent(tx, occasion, parent)) return {parent.id, std::nullopt, parent.key};
    return without(tx, occasion, parent);
  }
  const std::string domain = core::lower_ascii(intent.company_domain.value_or(""));
  if (auto named = tx.entity_by_domain(EntityKind::company, domain)) {
    const Entity parent = follow(tx, std::move(*named));
    if (on_its_way(tx, parent)) return {parent.id, std::nullopt, std::nullopt};
  }
  if (!tx.directory_by_domain(EntityKind::company, domain).empty()) return {};
  tx.add_orphan(orphan_domain(EntityKind::company, domain), occasion.record);
  return {std::nullopt, "no company with that domain is known", std::nullopt};
}

Parent find_subject(Tx& tx, const Occasion& occasion, const core::About& about) {
  Entity subject = follow(tx, tx.ensure_entity(about.kind, about.key));
  if (on_its_way(tx, subject)) return {subject.id, std::nullopt, std::nullopt};
  // One that a record has made is expected from that record alone.
  if (subject.mapping.empty() && expect_parent(tx, occasion, subject)) {
    return {subject.id, std::nullopt, std::nullopt};
  }
  return without(tx, occasion, subject);
}

void recall_orphans(Tx& tx, const Occasion& occasion, const Entity& entity) {
  std::vector<core::RecordRef> refs = tx.take_orphans(orphan_key(entity.kind, entity.key));
  if (!entity.domain.empty()) {
    const auto by_domain = tx.take_orphans(orphan_domain(entity.kind, entity.domain));
    refs.insert(refs.end(), by_domain.begin(), by_domain.end());
  }
  for (const core::RecordRef& ref : refs) {
    tx.add_mirror_notice(notice_for(occasion, ref, "parent arrived"));
  }
}

void recall_children(Tx& tx, const Entity& parent, store::Lane lane, std::int64_t now_ms) {
  for (Entity& child : tx.children_of(parent.id)) {
    if (child.kind != EntityKind::contact || !child.present || !child.known || !child.record) {
      continue;
    }
    State known = parse_state(*child.known);
    if (!known.company && !known.company_domain) continue;
    known.company.reset();
    known.company_domain.reset();
    child.known = to_text(known);
    tx.update_entity(child);
    store::NewNotice row;
    row.ref = *child.record;
    row.lane = lane;
    row.event = "its company was made anew";
    row.occurred_ms = now_ms;
    row.received_ms = now_ms;
    tx.add_mirror_notice(row);
  }
}

void wait_for(Tx& tx, EntityKind kind, const core::Key& key, const core::RecordRef& record) {
  tx.add_orphan(orphan_key(kind, key), record);
}

void wait_for_domain(Tx& tx, EntityKind kind, const std::string& domain,
                     const core::RecordRef& record) {
  tx.add_orphan(orphan_domain(kind, domain), record);
}

void orphan_stranded(Tx& tx, const Entity& child, std::int64_t now_ms) {
  const auto pending = tx.pending_of(child.id);
  if (!pending || pending->wait != store::Wait::parent || !child.parent) return;
  const auto parent = tx.entity(*child.parent);
  if (!parent || on_its_way(tx, *parent)) return;
  if (parent->record && tx.awaits_reading(*parent->record)) return;
  tx.close_change(pending->id, NoticeState::orphaned,
                  "its " + std::string(core::to_text(parent->kind)) + " is no longer in Assembly",
                  now_ms);
  if (child.record) tx.add_orphan(orphan_key(parent->kind, parent->key), *child.record);
}

void settle_expected(Tx& tx, const core::RecordRef& record, const std::string& why,
                     std::int64_t now_ms) {
  if (!tx.has_changes()) return;  // nothing can wait for them
  for (const Entity& entity : tx.absent_entities_of(record)) {
    if (!on_its_way(tx, entity)) orphan_children(tx, entity, why, now_ms);
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
    if (entity && entity->record)
      tx.add_orphan(orphan_key(parent.kind, parent.key), *entity->record);
  }
}

}  // namespace assembly_sync::sync
