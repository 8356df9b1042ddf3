#include "daemon/sync/usage.hpp"

#include <optional>

#include "core/time_text.hpp"
#include "daemon/store/backup.hpp"
#include "daemon/sync/contributions.hpp"
#include "daemon/sync/origin.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {
namespace {

using store::Action;
using store::Change;
using store::Entity;
using store::NoticeState;
using store::Tx;

/// A doubt whose change has ended leaves no due time behind that keeps the look apart from the
/// attempt that cast it. This late, whatever Assembly was working on is over.
constexpr std::int64_t kLookPauseMs = 60'000;

/// What the log is about becomes its parent; a reason when that is not there.
std::optional<std::string> place(Tx& tx, const Occasion& occasion, const core::Intent& intent,
                                 Entity& log) {
  if (!intent.about) {
    log.parent.reset();
    return std::nullopt;
  }
  const Parent subject = find_subject(tx, occasion, *intent.about);
  log.parent = subject.entity;
  if (!subject.orphaned) return std::nullopt;
  if (const auto pending = tx.pending_of(log.id)) {
    withdraw(tx, *pending, "a newer reading is about nothing that is synced", occasion.now_ms);
  }
  return subject.orphaned;
}

bool stays_as_sent(const Tx& tx, const Entity& log, const State& wanted) {
  if (!log.present || wanted.update_on_change || tx.in_flight_of(log.id)) return false;
  if (log.doubtful || !log.known) return true;
  const State known = parse_state(*log.known);
  return !difference(&known, wanted).empty();
}

/// Nothing is under way or about to be that would settle the doubt.
bool left_in_doubt(const Tx& tx, const Entity& log) {
  return in_doubt(log) && !tx.pending_of(log.id) && !tx.in_flight_of(log.id);
}

/// Clocks of senders differ by less.
constexpr std::int64_t kSenderClockMs = 600'000;

/// The store was put back from a backup after the event: the log may have been sent by what came
/// before, which nothing here remembers (I6).
bool may_be_forgotten(const Tx& tx, const Entity& log, const State& wanted) {
  const bool untouched = !log.present && !log.doubtful && !log.known;
  if (!untouched) return false;
  const std::string restored = tx.note(store::kRestoredNote);
  if (restored.empty() || tx.pending_of(log.id) || tx.in_flight_of(log.id)) return false;
  if (tx.doubt_set_aside(log.id)) return false;  // a person knows better
  const auto timestamp = wanted.fields.find("timestamp");
  const auto at = timestamp != wanted.fields.end() && timestamp->second.is_string()
                      ? core::parse_rfc3339(timestamp->second.as_string())
                      : std::nullopt;
  return !at || core::to_ms(*at) < std::stoll(restored) + kSenderClockMs;
}

Planned put(Tx& tx, const Occasion& occasion, const Entity& log, Action action,
            const State& wanted) {
  Change change;
  change.entity = log.id;
  change.action = action;
  change.lane = occasion.lane;
  change.due_ms = occasion.now_ms + (left_in_doubt(tx, log) ? kLookPauseMs : 0);
  change.wanted = to_text(wanted);
  change.mapping = log.mapping;
  return {NoticeState::open, {}, put_change(tx, change, occasion.now_ms), {}};
}

}  // namespace

bool in_doubt(const Entity& log) {
  return log.kind == store::EntityKind::usage && log.doubtful && !log.assembly_id;
}

void cast_usage_doubt(Entity& log, const std::string& wanted) {
  if (in_doubt(log)) return;  // only looks were made since: what was sent is in `known` already
  log.doubtful = true;
  if (!log.assembly_id) log.known = wanted;
}

Planned plan_usage(Tx& tx, const Occasion& occasion, const core::Intent& intent) {
  Entity log = tx.ensure_entity(store::EntityKind::usage, intent.key);
  const Entity before = log;
  log.record = occasion.record;
  log.mapping = intent.mapping;
  log.position = intent.position;
  log.on_delete = intent.on_delete;
  std::optional<std::string> orphaned;
  if (!log.present) orphaned = place(tx, occasion, intent, log);
  if (log != before) tx.update_entity(log);
  if (orphaned) return {NoticeState::orphaned, std::move(*orphaned), {}, {}};
  const auto newest = newest_state(tx, log);
  const State wanted = state_of(intent, newest ? &*newest : nullptr);
  if (may_be_forgotten(tx, log, wanted)) {
    cast_usage_doubt(log, to_text(wanted));
    tx.update_entity(log);
  }
  Planned planned;
  if (stays_as_sent(tx, log, wanted)) {
    planned = {NoticeState::unchanged, std::string(kSentOnce), {}, {}};
  } else if (left_in_doubt(tx, log)) {
    planned = put(tx, occasion, log, Action::upsert, wanted);
  } else {
    planned = reconcile(tx, occasion, log, wanted, intent.mapping);
  }
  planned.entity = log.id;
  return planned;
}

std::optional<Planned> withdraw_usage(Tx& tx, const Occasion& occasion, const Entity& log,
                                      const std::string& how) {
  if (log.present || in_doubt(log) || tx.in_flight_of(log.id)) return std::nullopt;
  if (const auto pending = tx.pending_of(log.id)) {
    withdraw(tx, *pending, "the record was " + how, occasion.now_ms);
  }
  return Planned{NoticeState::ignored, how + "; it never reached Assembly", {}, {}};
}

Planned plan_usage_removal(Tx& tx, const Occasion& occasion, const Entity& log,
                           const std::string& how) {
  if (log.on_delete != core::OnDelete::remove) {
    return {NoticeState::ignored, how + "; on_delete: ignore keeps it in Assembly", {}, {}};
  }
  if (auto withdrawn = withdraw_usage(tx, occasion, log, how)) return std::move(*withdrawn);
  return put(tx, occasion, log, Action::remove, State{});
}

}  // namespace assembly_sync::sync
