// Usage: step 4 of the path for usage logs. A log is one event: it is sent once, under what it is
// about, and known by its event id for ever (I6). Where an attempt to send it went unanswered the
// entity is in doubt, and nothing is sent before Assembly's list was looked at; see
// daemon/delivery/usage.hpp. Works inside the caller's transaction; stateless.
#pragma once

#include <string>
#include <string_view>

#include "core/intent.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/reconcile.hpp"

namespace assembly_sync::sync {

/// Perhaps in Assembly, perhaps not: an attempt to create it had no answer.
bool in_doubt(const store::Entity& log);

/// An attempt to send `wanted` to Assembly had no answer. Of a log that may have come to be this
/// way, `known` is from now on what was sent: what has to be looked for.
void cast_usage_doubt(store::Entity& log, const std::string& wanted);

/// A log once sent follows its record only with `update_on_change`; one that was not sent yet
/// always.
Planned plan_usage(store::Tx& tx, const Occasion& occasion, const core::Intent& intent);

/// Of a log that no call was made for yet the pending one is dropped; nothing when there was one.
std::optional<Planned> withdraw_usage(store::Tx& tx, const Occasion& occasion,
                                      const store::Entity& log, const std::string& how);

/// `on_delete: delete` removes the log, if need be after it was looked for; anything else keeps it.
Planned plan_usage_removal(store::Tx& tx, const Occasion& occasion, const store::Entity& log,
                           const std::string& how);

/// Why a change of a record does not reach its log.
inline constexpr std::string_view kSentOnce =
    "a usage log once sent is not changed (on_change: ignore)";

}  // namespace assembly_sync::sync
