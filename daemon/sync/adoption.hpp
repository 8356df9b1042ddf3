// Adoption: what Assembly's own lists say about an entity that we know nothing of yet. Lets a first
// backfill compare before it writes, and keeps an existing account from being duplicated.
#pragma once

#include <optional>
#include <vector>

#include "core/ids.hpp"
#include "core/value.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {

/// In which of the directory's two lists such an entity stands: contacts, or accounts of either
/// type (store::DirectoryEntry::kind). Not for usage logs.
store::EntityKind directory_list(store::EntityKind kind);

/// The ids of the tags in an account's attributes as read, each an id or an object with one (Q30);
/// nothing when the attributes do not tell.
std::optional<std::vector<core::AssemblyId>> tag_ids_of(const core::Value& attributes);

/// Fills assembly_id, present and known of an entity never confirmed so far, when the directory
/// knows exactly one account or contact with its key, or else with its domain. Only attributes that
/// the list carried become known; what it left out stays unknown, and so will be sent. Returns
/// true when it was found.
bool adopt(const store::View& view, store::Entity& entity, const State& wanted);

}  // namespace assembly_sync::sync
