// Settle: step 8. Turns an outcome into the entity's known state, the change's fate and the ends of
// its notices, all in the caller's transaction. The rules, in one place:
//   delivered     known state moves, children of a company may go
//   throttled     back to its place, no attempt (I7)
//   transient     later, one attempt
//   ambiguous     later, one attempt, and everything is sent again: nothing is known for sure;
//                 a usage log is looked for first (I6, usage.hpp)
//   rejected      dead letter; never repeated by itself (I7)
//   unauthorized  back to its place, no attempt; the caller stops all sending (I7)
#pragma once

#include <cstdint>
#include <string>

#include "core/random.hpp"
#include "daemon/assembly/outcome.hpp"
#include "daemon/delivery/request.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::delivery {

/// An unanswered call may still be at work in Assembly: wait this long before a newer state of the
/// same entity is sent (I4).
inline constexpr std::chrono::milliseconds kSettlePause{2000};

/// False when the claim was no longer ours (its lease ran out): nothing was changed.
bool settle(store::Tx& tx, const store::Claim& claim, const Request& request,
            const assembly::Outcome& outcome, core::Random& random, std::int64_t now_ms);

/// Nothing was sent, because the process stops: back to its place, no attempt.
void settle_unsent(store::Tx& tx, const store::Claim& claim, std::int64_t now_ms);

/// The state was reached before the change's turn came: no call.
void settle_unchanged(store::Tx& tx, const store::Claim& claim, std::int64_t now_ms);

/// The change ends in a state that a person has to look at, and somebody hears of it even if its
/// notice has ended for another reason.
void end_for_a_person(store::Tx& tx, const store::Claim& claim, store::NoticeState state,
                      const std::string& reason, std::int64_t now_ms);

/// At start: calls of a process that died are ambiguous. Returns how many there were.
int recover(store::Tx& tx, bool everyone, std::int64_t now_ms);

}  // namespace assembly_sync::delivery
