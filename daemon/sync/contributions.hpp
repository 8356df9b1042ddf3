// Contributions: what each record wants of an entity, and what they want together. An entity that
// one record makes has none stored: what that record wants is the entity's newest state. As soon as
// a second record or mapping feeds it (the CRM and billing, say), each one's part is kept, so that
// each owns its fields, the later mapping wins where two give a value, and what leaves takes away
// its part only. Works inside the caller's transaction.
#pragma once

#include <optional>

#include "core/intent.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

/// The newest state that the entity is wanted, about to be, or known to be in.
std::optional<State> newest_state(const store::View& view, const store::Entity& entity);

/// This record made the entity under this mapping, or nothing has made it yet.
bool may_own(const store::Entity& entity, const std::string& mapping,
             const core::RecordRef& record);

/// What the entity is wanted to be now that `record` has said its part. Fills the entity's owner
/// (record, mapping, position, on_delete), which the caller writes.
State contribute(store::Tx& tx, store::Entity& entity, const core::RecordRef& record,
                 const core::Intent& intent);

/// What the entity is wanted to be without `record`'s part, which is taken out: the tags, keys and
/// properties that nobody else gives are removed, and with `on_delete: delete` its fields cleared.
/// Nothing when nobody is left who could have made the entity: then the whole of it is to go.
std::optional<State> without_part_of(store::Tx& tx, store::Entity& entity,
                                     const core::RecordRef& record);

/// What other records want of `from`, whose own record was merged away, they want of `to` from now
/// on. Fills `to.shared`, which the caller writes.
void take_parts(store::Tx& tx, const store::Entity& from, store::Entity& to);

}  // namespace assembly_sync::sync
