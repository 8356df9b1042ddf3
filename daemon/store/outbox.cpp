// The outbox: put, claim, return and close changes. Steps 4, 5 and 8 of the path.
#include "core/limits.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {

void finish_linked(Tx& tx, Connection& connection, RowId change, NoticeState state,
                   const std::string& reason, std::int64_t now_ms);  // inbox.cpp

namespace {

// In the order that read_change() reads them.
#define SELECT_CHANGE                                                                             \
  "SELECT id, entity, action, lane, due_ms, attempts, wanted, mapping, created_ms, wait, origin " \
  "FROM change "

constexpr const char* kPendingOf = SELECT_CHANGE "WHERE entity = ?1 AND state = 'pending'";
constexpr const char* kInFlightOf = SELECT_CHANGE "WHERE entity = ?1 AND state = 'in_flight'";
constexpr const char* kChangeById = SELECT_CHANGE "WHERE id = ?1";
constexpr const char* kChildren =
    SELECT_CHANGE "WHERE parent = ?1 AND state = 'pending' AND wait = 1";
constexpr const char* kFirstDue = SELECT_CHANGE
    "WHERE lane = ?1 AND due_ms <= ?2 AND state = 'pending' AND wait = 0 "
    "ORDER BY due_ms, id LIMIT 1";
constexpr const char* kExpired = SELECT_CHANGE "WHERE state = 'in_flight' AND lease_ms < ?1";

Change read_change(const Statement& row) {
  Change change;
  change.id = row.integer(0);
  change.entity = row.integer(1);
  change.action = static_cast<Action>(row.integer(2));
  change.lane = static_cast<Lane>(row.integer(3));
  change.due_ms = row.integer(4);
  change.attempts = static_cast<int>(row.integer(5));
  change.wanted = row.text(6);
  change.mapping = row.text(7);
  change.created_ms = row.integer(8);
  change.wait = static_cast<Wait>(row.integer(9));
  change.origin = row.text(10);
  return change;
}

bool any_changes(Connection& connection) {
  return connection.holds(connection.rare.changes, "SELECT 1 FROM change LIMIT 1");
}

std::optional<Change> one_change(Connection& connection, const char* sql, std::int64_t id) {
  if (!any_changes(connection)) return std::nullopt;
  Statement query(connection, sql);
  query.bind(id);
  if (!query.step()) return std::nullopt;
  return read_change(query);
}

/// What claim() takes of a lane.
std::optional<Change> first_due(Connection& connection, int lane, std::int64_t now_ms) {
  Statement query(connection, kFirstDue);
  query.bind(lane, now_ms);
  if (!query.step()) return std::nullopt;
  return read_change(query);
}

std::string lane_counter(Lane lane) {
  return "pending." + std::string(core::to_text(lane));
}

/// What keeps a pending change of this entity from going, as of now.
Wait wait_of(const View& view, RowId entity_id, Action action) {
  if (view.in_flight_of(entity_id)) return Wait::entity;
  if (action == Action::remove) return Wait::nothing;  // needs no company (I5 is about sending)
  const auto entity = view.entity(entity_id);
  if (entity && entity->parent) {
    const auto parent = view.entity(*entity->parent);
    if (parent && !parent->present) return Wait::parent;
  }
  return Wait::nothing;
}

void delete_change(Connection& connection, RowId id) {
  Statement remove(connection, "DELETE FROM change WHERE id = ?1 RETURNING state, lane");
  remove.bind(id);
  if (!remove.step()) return;
  if (remove.text(0) == "pending") {
    connection.count(lane_counter(static_cast<Lane>(remove.integer(1))), -1);
  } else {
    connection.count("in_flight", -1);
  }
  remove.run();
}

}  // namespace

std::optional<Change> View::pending_of(RowId entity) const {
  return one_change(connection_, kPendingOf, entity);
}

std::optional<Change> View::in_flight_of(RowId entity) const {
  return one_change(connection_, kInFlightOf, entity);
}

bool View::has_changes() const {
  return any_changes(connection_);
}

bool View::has_notices(RowId change) const {
  Statement query(connection_, "SELECT 1 FROM notice_change WHERE change = ?1 LIMIT 1");
  query.bind(change);
  return query.step();
}

std::optional<Lane> View::best_lane(std::int64_t now_ms) const {
  for (int lane = 0; lane < core::kLaneCount; ++lane) {
    Statement query(connection_,
                    "SELECT 1 FROM change WHERE lane = ?1 AND due_ms <= ?2 AND state = 'pending' "
                    "AND wait = 0 LIMIT 1");
    query.bind(lane, now_ms);
    if (query.step()) return static_cast<Lane>(lane);
  }
  return std::nullopt;
}

std::optional<std::int64_t> View::next_due_ms(std::int64_t now_ms) const {
  std::optional<std::int64_t> next;
  for (int lane = 0; lane < core::kLaneCount; ++lane) {
    Statement query(
        connection_,
        "SELECT due_ms FROM change WHERE lane = ?1 AND due_ms > ?2 AND state = 'pending' "
        "AND wait = 0 ORDER BY due_ms LIMIT 1");
    query.bind(lane, now_ms);
    if (query.step()) next = std::min(next.value_or(query.integer(0)), query.integer(0));
  }
  return next;
}

RowId Tx::put_change(Change change, std::int64_t now_ms) {
  std::int64_t waits_since_ms = now_ms;  // for a state of the entity that Assembly does not have
  if (const auto older = pending_of(change.entity)) {
    // Newest wins. The replaced change's place in the queue is kept, and so is the better lane.
    change.lane = std::min(change.lane, older->lane);
    change.attempts = older->attempts;
    // A time to come is a pause that somebody asked for: after a failure, or until a call that got
    // no answer has surely ended in Assembly (I6).
    const bool pauses = older->attempts > 0 || older->due_ms > now_ms;
    if (pauses) change.due_ms = std::max(change.due_ms, older->due_ms);
    waits_since_ms = std::min(waits_since_ms, older->created_ms);
    finish_linked(*this, connection_, older->id, NoticeState::superseded,
                  "a newer state of the same entity took its place in the outbox", now_ms);
    delete_change(connection_, older->id);
  }
  const Wait wait = wait_of(*this, change.entity, change.action);
  const auto entity_row = entity(change.entity);
  Statement(connection_,
            "INSERT INTO change (entity, action, lane, due_ms, attempts, wanted, mapping, parent, "
            "created_ms, wait, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
      .bind(change.entity, static_cast<int>(change.action), static_cast<int>(change.lane),
            change.due_ms, change.attempts, change.wanted, change.mapping,
            entity_row ? entity_row->parent : std::nullopt, waits_since_ms, static_cast<int>(wait),
            change.origin)
      .run();
  const RowId id = connection_.last_id();
  connection_.count(lane_counter(change.lane), 1);
  connection_.pending.outbox = true;
  connection_.rare.changes = true;
  return id;
}

void Tx::revise_change(RowId change, const std::string& wanted) {
  const auto revised = one_change(connection_, kChangeById, change);
  if (!revised) return;
  const auto entity_row = entity(revised->entity);
  Statement(connection_,
            "UPDATE change SET wanted = ?2, parent = ?3 WHERE id = ?1 AND state = 'pending'")
      .bind(change, wanted, entity_row ? entity_row->parent : std::nullopt)
      .run();
  set_wait(change, wait_of(*this, revised->entity, revised->action));
}

void Tx::set_wait(RowId change, Wait wait) {
  Statement(connection_, "UPDATE change SET wait = ?2 WHERE id = ?1 AND state = 'pending'")
      .bind(change, static_cast<int>(wait))
      .run();
  connection_.pending.outbox = true;
}

std::vector<Change> Tx::waiting_children(RowId parent) const {
  Statement query(connection_, kChildren);
  query.bind(parent);
  std::vector<Change> children;
  while (query.step()) children.push_back(read_change(query));
  return children;
}

void Tx::hold_children(RowId parent) {
  Statement(connection_,
            "UPDATE change SET wait = 1 WHERE parent = ?1 AND state = 'pending' AND wait = 0 "
            "AND action = 0")
      .bind(parent)
      .run();
}

std::optional<Claim> Tx::claim(std::int64_t now_ms, const std::string& lease) {
  for (int lane = 0; lane < core::kLaneCount; ++lane) {
    while (auto next = first_due(connection_, lane, now_ms)) {
      Claim claim;
      claim.change = std::move(*next);
      claim.entity = entity(claim.change.entity).value();
      claim.lease = lease;
      if (claim.entity.parent) {
        const Entity parent = entity(*claim.entity.parent).value();
        if (!parent.present && claim.change.action == Action::upsert) {
          // It has another parent by now than when it was put here (I5).
          Statement(connection_, "UPDATE change SET wait = 1, parent = ?2 WHERE id = ?1")
              .bind(claim.change.id, parent.id)
              .run();
          continue;
        }
        claim.parent_id = parent.assembly_id;
        claim.parent_key = parent.key;
      }
      const std::int64_t lease_ms =
          now_ms + std::chrono::milliseconds(core::limits::kLease).count();
      Statement(connection_,
                "UPDATE change SET state = 'in_flight', lease = ?2, lease_ms = ?3 WHERE id = ?1")
          .bind(claim.change.id, lease, lease_ms)
          .run();
      connection_.count(lane_counter(static_cast<Lane>(lane)), -1);
      connection_.count("in_flight", 1);
      return claim;
    }
  }
  return std::nullopt;
}

bool Tx::holds_claim(RowId change, const std::string& lease) const {
  Statement query(connection_,
                  "SELECT 1 FROM change WHERE id = ?1 AND state = 'in_flight' AND lease = ?2");
  query.bind(change, lease);
  return query.step();
}

void Tx::close_change(RowId change, NoticeState state, const std::string& reason,
                      std::int64_t now_ms) {
  const auto closing = one_change(connection_, kChangeById, change);
  if (!closing) return;
  finish_linked(*this, connection_, change, state, reason, now_ms);
  delete_change(connection_, change);
  if (const auto next = pending_of(closing->entity)) {
    set_wait(next->id, wait_of(*this, closing->entity, next->action));
  }
  connection_.pending.outbox = true;
}

void Tx::return_change(RowId change, Lane lane, std::int64_t due_ms, int attempts,
                       std::int64_t now_ms) {
  const auto returning = one_change(connection_, kChangeById, change);
  if (!returning) return;
  if (const auto newer = pending_of(returning->entity)) {
    finish_linked(*this, connection_, change, NoticeState::superseded,
                  "a newer state of the same entity goes instead", now_ms);
    delete_change(connection_, change);
    Statement(connection_, "UPDATE change SET due_ms = ?2, attempts = ?3, wait = ?4 WHERE id = ?1")
        .bind(newer->id, std::max(due_ms, newer->due_ms), attempts,
              static_cast<int>(wait_of(*this, returning->entity, newer->action)))
        .run();
  } else {
    Statement(connection_,
              "UPDATE change SET state = 'pending', lease = NULL, lease_ms = NULL, lane = ?2, "
              "due_ms = ?3, attempts = ?4 WHERE id = ?1")
        .bind(change, static_cast<int>(lane), due_ms, attempts)
        .run();
    connection_.count("in_flight", -1);
    connection_.count(lane_counter(lane), 1);
    set_wait(change, wait_of(*this, returning->entity, returning->action));
  }
  connection_.pending.outbox = true;
}

std::vector<Change> Tx::expired_claims(std::int64_t now_ms, bool everyone) const {
  Statement query(connection_, kExpired);
  query.bind(everyone ? std::numeric_limits<std::int64_t>::max() : now_ms);
  std::vector<Change> changes;
  while (query.step()) changes.push_back(read_change(query));
  return changes;
}

void Tx::add_delivery(const DeliveryRecord& delivery) {
  Statement(
      connection_,
      "INSERT INTO delivery (change, entity, attempt, lane, method, path, status, outcome, "
      "reason, started_ms, duration_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
      .bind(delivery.change, delivery.entity, delivery.attempt, static_cast<int>(delivery.lane),
            delivery.method, delivery.path, delivery.status, delivery.outcome, delivery.reason,
            delivery.started_ms, delivery.duration_ms)
      .run();
  connection_.count("calls", 1);
  connection_.count("rows.delivery", 1);
  connection_.pending.done.attempts.push_back(
      {delivery.lane, delivery.outcome, delivery.duration_ms});
  Statement(
      connection_,
      "UPDATE run SET calls = calls + 1 WHERE id IN (SELECT DISTINCT n.run FROM notice_change l "
      "JOIN notice n ON n.id = l.notice WHERE l.change = ?1 AND n.run IS NOT NULL)")
      .bind(delivery.change)
      .run();
}

}  // namespace assembly_sync::store
