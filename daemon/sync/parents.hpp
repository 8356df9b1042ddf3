// Parents: a contact is sent after its company (I5), a usage log after what it is about, a mapping
// that only enriches after what it enriches. Who waits for whom, what happens when the awaited one
// comes, and when it will not. Works inside the caller's transaction; stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/intent.hpp"
#include "core/record.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::sync {

/// Where the verdicts come from.
struct Occasion {
  core::RecordRef record;
  std::vector<core::RecordRef> related;  // records that its parents are expected from
  store::Lane lane = store::Lane::live;
  std::optional<store::RowId> run;
  std::int64_t now_ms = 0;
  /// When the reading of the record began; nothing = now.
  std::optional<std::int64_t> read_ms;
  /// The notice to end or link; nothing for a backfill row, which gets one only if it has to wait.
  std::optional<store::RowId> notice;
  /// How often its planning was put off, or its reading failed.
  int attempts = 0;
};

/// A notice that arises from the occasion, about `ref`.
store::NewNotice notice_for(const Occasion& occasion, const core::RecordRef& ref,
                            std::string event);

/// Present in Assembly, or a change of it is in the outbox.
bool on_its_way(const store::Tx& tx, const store::Entity& entity);

/// The contact's parent, or why there is none.
struct Parent {
  std::optional<store::RowId> entity;
  std::optional<std::string> orphaned;  // reason
  std::optional<core::Key> key;  // its own, also where the contact named one that was merged away
};

/// The contact's company: fetched from the source when it is unknown; where nothing will bring it
/// the record is remembered, to be mapped again when it appears.
Parent find_parent(store::Tx& tx, const Occasion& occasion, const core::Intent& intent);

/// What a usage log is about, by the same rules.
Parent find_subject(store::Tx& tx, const Occasion& occasion, const core::About& about);

/// The record is mapped again when an entity of that kind and key, or domain, appears.
void wait_for(store::Tx& tx, core::EntityKind kind, const core::Key& key,
              const core::RecordRef& record);
void wait_for_domain(store::Tx& tx, core::EntityKind kind, const std::string& domain,
                     const core::RecordRef& record);
/// The company's account is a new one, as after it was deleted: its contacts that are in Assembly
/// sit in one that is gone, or in none. They are mapped again, and told where they belong.
void recall_children(store::Tx& tx, const store::Entity& parent, store::Lane lane,
                     std::int64_t now_ms);
/// The entity is now on its way: what was orphaned by its absence is mapped again.
void recall_orphans(store::Tx& tx, const Occasion& occasion, const store::Entity& entity);

/// Parents that were expected from this record and have not come of it: see orphan_children().
void settle_expected(store::Tx& tx, const core::RecordRef& record, const std::string& why,
                     std::int64_t now_ms);

/// `parent` is present in Assembly: what waited for it may go (I5).
void release_children(store::Tx& tx, const store::Entity& parent);

/// `parent` will not come to Assembly for now: what waits for it ends as orphaned and is
/// remembered, to be mapped again when the parent appears.
void orphan_children(store::Tx& tx, const store::Entity& parent, const std::string& why,
                     std::int64_t now_ms);

/// Ends what waits for a parent that has gone while the child's own call was under way.
void orphan_stranded(store::Tx& tx, const store::Entity& child, std::int64_t now_ms);

}  // namespace assembly_sync::sync
