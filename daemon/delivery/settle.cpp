#include "daemon/delivery/settle.hpp"

#include <algorithm>
#include <utility>

#include "daemon/delivery/lineage.hpp"
#include "daemon/delivery/retry.hpp"
#include "daemon/delivery/usage.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/removal.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::delivery {
namespace {

using store::Claim;
using store::Entity;
using store::Lane;
using store::NoticeState;
using store::Tx;

struct Context {
  Tx& tx;
  const Claim& claim;
  const Request& request;
  core::Random& random;
  std::int64_t now_ms;

  /// The entity as it is now; the claim's copy may be older.
  Entity entity() const { return tx.entity(claim.entity.id).value(); }
};

/// As its children call it.
std::string its(const Entity& parent) {
  return "its " + std::string(core::to_text(parent.kind));
}

/// A call that wanted this state may or may not have had its effect.
void cast_doubt(Entity& entity, const std::string& wanted_text) {
  if (entity.kind == store::EntityKind::usage) {
    sync::cast_usage_doubt(entity, wanted_text);
    return;
  }
  entity.doubtful = true;
  const sync::State wanted = sync::parse_state(wanted_text);
  if (!wanted.tags) return;
  // Its tags may be there now: remembered as ours, so that a newer state without them removes them
  // (everything else is simply sent again).
  sync::State known = entity.known ? sync::parse_state(*entity.known) : sync::State{};
  if (!known.tags) known.tags.emplace();
  for (const std::string& tag : *wanted.tags) {
    if (std::find(known.tags->begin(), known.tags->end(), tag) == known.tags->end()) {
      known.tags->push_back(tag);
    }
  }
  entity.known = sync::to_text(known);
}

void forget(const Context& c, Entity& entity) {
  sync::forget(c.tx, entity, c.claim.change.lane, c.now_ms);
}

void close_removed(const Context& c, Entity entity) {
  entity.doubtful = false;
  c.tx.close_change(c.claim.change.id, NoticeState::delivered, "removed from Assembly", c.now_ms);
  forget(c, entity);
  if (!c.tx.pending_of(entity.id)) {
    sync::orphan_children(c.tx, entity, its(entity) + " was removed from Assembly", c.now_ms);
  }
}

/// The account of a record that was merged away is out of our care; its key goes to the survivor's.
void close_farewell(const Context& c) {
  c.tx.close_change(c.claim.change.id, NoticeState::delivered, "its record was merged into another",
                    c.now_ms);
  sync::retired(c.tx, c.entity(), c.claim.change.lane, c.now_ms);
}

/// The call told Assembly the contact's present company.
void note_move(const Context& c, Entity& entity) {
  if (!entity.leaving || c.claim.entity.parent != entity.parent) return;
  const auto left = std::exchange(entity.leaving, std::nullopt);
  c.tx.update_entity(entity);
  sync::has_left(c.tx, *left, c.claim.change.lane, c.now_ms);
}

void doubt(const Context& c) {
  Entity entity = c.entity();
  cast_doubt(entity, c.claim.change.wanted);
  c.tx.update_entity(entity);
}

void back(const Context& c, Lane lane, std::int64_t due_ms, int attempts) {
  c.tx.return_change(c.claim.change.id, lane, due_ms, attempts, c.now_ms);
}

void bury(const Context& c, const std::string& reason) {
  end_for_a_person(c.tx, c.claim, NoticeState::dead, reason, c.now_ms);
  const Entity entity = c.entity();
  if (!entity.present && !c.tx.pending_of(entity.id)) {
    sync::orphan_children(c.tx, entity, its(entity) + " was refused by Assembly", c.now_ms);
  }
}

/// Until the call that got no answer has surely ended in Assembly.
std::chrono::milliseconds settle_pause(const Context& c, bool may_be_at_work) {
  if (c.claim.entity.kind != store::EntityKind::usage) return kSettlePause;
  return may_be_at_work ? kUsageTimeOutPause : kUsagePause;
}

void retry_later(const Context& c, const std::string& reason, std::chrono::milliseconds at_least) {
  const int attempts = c.claim.change.attempts + 1;
  const auto pause = next_attempt(attempts, c.random);
  if (!pause) {
    bury(c, "given up after " + std::to_string(attempts) + " attempts: " + reason);
    return;
  }
  back(c, Lane::retry, c.now_ms + std::max(*pause, at_least).count(), attempts);
}

/// What is known of the entity after the call.
void note_delivered(const Context& c, Entity& entity) {
  const sync::State wanted = sync::parse_state(c.claim.change.wanted);
  std::optional<sync::State> before;
  if (entity.known) before = sync::parse_state(*entity.known);
  if (c.request.verb == Request::Verb::remove_properties) {
    entity.known = sync::to_text(sync::without_removed(before.value_or(wanted), wanted));
    return;
  }
  sync::State known = sync::after_delivery(before ? &*before : nullptr, wanted);
  if (c.claim.entity.key != entity.key) {
    // It was given another key while the call was under way, which attached the former one.
    known.linked = false;
    known.more_keys.push_back(c.claim.entity.key);
  }
  if (c.claim.entity.parent != entity.parent) {
    // It was given another company while the call was under way, which named the former one.
    known.company.reset();
    known.company_domain.reset();
  }
  entity.known = sync::to_text(known);
}

void on(const Context& c, const assembly::Delivered& delivered) {
  Entity entity = c.entity();
  if (c.request.verb == Request::Verb::look) {
    settle_look(c.tx, c.claim, c.request, delivered, c.now_ms);
    return;
  }
  if (c.request.verb == Request::Verb::remove || c.request.verb == Request::Verb::remove_log) {
    close_removed(c, std::move(entity));
    return;
  }
  if (entity.merged_into && sync::is_farewell(sync::parse_state(c.claim.change.wanted))) {
    close_farewell(c);
    return;
  }
  if (delivered.id.empty() && !entity.assembly_id) {
    doubt(c);
    retry_later(c, "the answer named no id", settle_pause(c, false));
    return;
  }
  const bool recreated =
      entity.assembly_id && !delivered.id.empty() && *entity.assembly_id != delivered.id;
  const bool made = !entity.present || recreated;
  if (!delivered.id.empty()) entity.assembly_id = delivered.id;
  entity.present = true;
  entity.doubtful = false;
  if (recreated && !c.request.full) {
    // It had been deleted in Assembly; the difference alone made a hollow new one. Fill it.
    entity.known.reset();
    c.tx.update_entity(entity);
    back(c, c.claim.change.lane, c.now_ms, c.claim.change.attempts);
    return;
  }
  note_delivered(c, entity);
  c.tx.update_entity(entity);
  note_move(c, entity);
  if (made) sync::recall_children(c.tx, entity, c.claim.change.lane, c.now_ms);
  sync::release_children(c.tx, entity);
  const sync::State wanted = sync::parse_state(c.claim.change.wanted);
  const sync::State known = sync::parse_state(*entity.known);
  if (!sync::difference(&known, wanted).removed_properties.empty()) {
    // They take a call of their own (A126), which is this change's second half.
    back(c, c.claim.change.lane, c.now_ms, 0);
    return;
  }
  c.tx.close_change(c.claim.change.id, NoticeState::delivered, "delivered", c.now_ms);
}

void on(const Context& c, const assembly::Throttled& throttled) {
  c.tx.count_refused();
  const auto pause = throttled.retry_after.value_or(std::chrono::milliseconds(0));
  back(c, c.claim.change.lane, c.now_ms + pause.count(), c.claim.change.attempts);
}

void on(const Context& c, const assembly::Transient& transient) {
  // Answered by whoever stands before Assembly, perhaps after the effect.
  if (transient.may_have_had_effect) doubt(c);
  retry_later(c, transient.reason, transient.retry_after.value_or(std::chrono::milliseconds(0)));
}

void on(const Context& c, const assembly::Ambiguous& ambiguous) {
  doubt(c);
  retry_later(c, ambiguous.reason, settle_pause(c, ambiguous.may_be_at_work));
}

/// Whether Assembly takes a null is not documented (Q26), and what it says to one does not tell
/// that the null is the reason.
std::string cleared_text(const Request& request) {
  std::string names;
  for (const auto& [name, value] : request.body) {
    if (value.is_null()) names += (names.empty() ? "" : ", ") + name;
  }
  if (names.empty()) return "";
  return " (the call was to clear " + names +
         "; where Assembly refuses that, let the mapping say on_null: skip)";
}

void on(const Context& c, const assembly::Rejected& rejected) {
  if (rejected.kind == assembly::Rejected::Kind::not_found &&
      c.request.verb == Request::Verb::update) {
    // The adopted account is gone: from here on the key decides.
    Entity entity = c.entity();
    const sync::State wanted = sync::parse_state(c.claim.change.wanted);
    // Where only an account that is there was to be told something, none is to be made.
    const bool only_told = sync::is_farewell(wanted) || !wanted.fields.contains("name");
    if (only_told) {
      c.tx.close_change(c.claim.change.id, NoticeState::delivered, "it is gone from Assembly",
                        c.now_ms);
    }
    forget(c, entity);
    if (only_told) return;
    back(c, c.claim.change.lane, c.now_ms, c.claim.change.attempts + 1);
    return;
  }
  if (c.claim.entity.kind == store::EntityKind::usage) {
    bury(c, refusal_text(c.request, rejected));
    return;
  }
  const std::string reason =
      rejected.detail.empty() ? rejected.reason : rejected.reason + ": " + rejected.detail;
  bury(c, reason + cleared_text(c.request));
}

void on(const Context& c, const assembly::Unauthorized&) {
  back(c, c.claim.change.lane, c.now_ms, c.claim.change.attempts);
}

}  // namespace

void end_for_a_person(Tx& tx, const Claim& claim, NoticeState state, const std::string& reason,
                      std::int64_t now_ms) {
  const store::Change& change = claim.change;
  if (!tx.has_notices(change.id) && claim.entity.record) {
    store::NewNotice row;
    row.ref = *claim.entity.record;
    row.lane = change.lane;
    row.event = "refused change";
    row.occurred_ms = now_ms;
    row.received_ms = now_ms;
    const store::RowId notice = tx.add_notice(row);
    tx.link(notice, change.id);
    tx.await_changes(notice, now_ms);
  }
  tx.close_change(change.id, state, reason, now_ms);
}

bool settle(Tx& tx, const Claim& claim, const Request& request, const assembly::Outcome& outcome,
            core::Random& random, std::int64_t now_ms) {
  if (!tx.holds_claim(claim.change.id, claim.lease)) return false;
  const Context context{tx, claim, request, random, now_ms};
  std::optional<Before> before;
  if (std::holds_alternative<assembly::Delivered>(outcome)) before.emplace(tx, claim);
  std::visit([&](const auto& what) { on(context, what); }, outcome);
  if (before) before->note_what_was_told(tx, claim, request, now_ms);
  sync::orphan_stranded(tx, context.entity(), now_ms);
  sync::log_settled(tx, context.entity(), claim.change.lane, now_ms);
  sync::wipe_if_erased(tx, claim.entity.id);
  return true;
}

void settle_unsent(Tx& tx, const Claim& claim, std::int64_t now_ms) {
  if (!tx.holds_claim(claim.change.id, claim.lease)) return;
  const store::Change& change = claim.change;
  tx.return_change(change.id, change.lane, now_ms, change.attempts, now_ms);
}

void settle_unchanged(Tx& tx, const Claim& claim, std::int64_t now_ms) {
  if (!tx.holds_claim(claim.change.id, claim.lease)) return;
  const bool sent_once = claim.entity.kind == store::EntityKind::usage && claim.entity.present;
  tx.close_change(claim.change.id, NoticeState::unchanged,
                  sent_once ? std::string(sync::kSentOnce)
                            : "Assembly had reached this state before its turn came",
                  now_ms);
  sync::release_children(tx, claim.entity);
  Entity entity = tx.entity(claim.entity.id).value();
  if (sync::is_farewell(sync::parse_state(claim.change.wanted))) {
    sync::retired(tx, std::move(entity), claim.change.lane, now_ms);
  } else if (entity.leaving && claim.entity.parent == entity.parent) {
    const auto left = std::exchange(entity.leaving, std::nullopt);
    tx.update_entity(entity);
    sync::has_left(tx, *left, claim.change.lane, now_ms);
  } else {
    sync::log_settled(tx, entity, claim.change.lane, now_ms);
  }
}

namespace {

std::chrono::milliseconds recovery_pause(const Tx& tx, const store::Change& change,
                                         bool its_process_is_dead) {
  const auto entity = tx.entity(change.entity);
  if (!entity || entity->kind != store::EntityKind::usage) return kSettlePause;
  return its_process_is_dead ? kUsagePause : kUsageLeasePause;
}

}  // namespace

int recover(Tx& tx, bool everyone, std::int64_t now_ms) {
  const auto expired = tx.expired_claims(now_ms, everyone);
  for (const store::Change& change : expired) {
    if (auto entity = tx.entity(change.entity)) {
      cast_doubt(*entity, change.wanted);
      tx.update_entity(*entity);
    }
    tx.return_change(change.id, std::min(change.lane, Lane::retry),
                     now_ms + recovery_pause(tx, change, everyone).count(), change.attempts + 1,
                     now_ms);
    if (const auto entity = tx.entity(change.entity)) sync::orphan_stranded(tx, *entity, now_ms);
  }
  return static_cast<int>(expired.size());
}

}  // namespace assembly_sync::delivery
