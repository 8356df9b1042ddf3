// Receipts, quarantine and notices: steps 1 and 2 of the path.
#include "core/limits.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

RowId insert_notice(Connection& connection, const NewNotice& notice, std::string_view stage) {
  Statement(
      connection,
      "INSERT INTO notice (receipt, run, source, object, record, kind, lane, event, "
      "occurred_ms, received_ms, stage, planned_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
      "?10, ?11, ?12)")
      .bind(notice.receipt, notice.run, notice.ref.source, notice.ref.object, notice.ref.id,
            static_cast<int>(notice.kind), static_cast<int>(notice.lane), notice.event,
            notice.occurred_ms, notice.received_ms, stage,
            stage == "send" ? std::optional(notice.received_ms) : std::nullopt)
      .run();
  const RowId id = connection.last_id();
  connection.count("notices.open", 1);
  connection.count("notices_received", 1);
  if (stage != "send") connection.pending.inbox = true;
  if (notice.run) {
    Statement(connection, "UPDATE run SET open = open + 1 WHERE id = ?1").bind(*notice.run).run();
  }
  return id;
}

/// Assembly shows what the mapping makes of the record now.
bool nothing_is_left(NoticeState state) {
  return state == NoticeState::delivered || state == NoticeState::unchanged ||
         state == NoticeState::filtered;
}

/// Ends dead letters that were so before `planned_ms`, when the record was planned last and came to
/// `state`: what they could not bring about is moot, or the newer letter's to tell, so that a
/// record that fails each time has one letter. Of one that never was planned the mirror must hold a
/// later reading: what it told may not be in the one that was planned. Of an erasure nothing but
/// itself is an end.
/// `but`: the notice that ended so; 0 = it has no row.
void end_dead(Connection& connection, const RecordRef& ref, NoticeState state,
              std::int64_t planned_ms, std::int64_t now_ms, RowId but) {
  if (state != NoticeState::dead && !nothing_is_left(state)) return;
  const char* why = state == NoticeState::dead ? "its record failed again later; was dead: "
                                               : "its record went through later; was dead: ";
  std::vector<std::optional<RowId>> runs;
  {
    Statement update(
        connection,
        "UPDATE notice INDEXED BY notice_dead_of SET state = 'superseded', reason = "
        "?7 || reason, finished_ms = ?5 "
        "WHERE state = 'dead' AND source = ?1 AND object = ?2 AND record = ?3 AND "
        "finished_ms < ?4 AND kind <> ?6 AND id <> ?8 AND (planned_ms IS NOT NULL OR EXISTS "
        "(SELECT 1 FROM record r WHERE r.source = ?1 AND r.object = ?2 AND r.record = "
        "?3 AND r.read_ms > notice.finished_ms)) RETURNING run");
    update.bind(ref.source, ref.object, ref.id, planned_ms, now_ms,
                static_cast<int>(NoticeKind::erased), why, but);
    while (update.step()) runs.push_back(update.optional_integer(0));
  }
  for (const auto& run : runs) {
    count_waited(connection, run, NoticeState::dead, NoticeState::superseded);
  }
}

}  // namespace

const char* run_finished_sql(NoticeState state) {
  switch (state) {
    case NoticeState::delivered:
      return "UPDATE run SET open = open - ?2, delivered = delivered + ?3 WHERE id = ?1";
    case NoticeState::unchanged:
      return "UPDATE run SET open = open - ?2, unchanged = unchanged + ?3 WHERE id = ?1";
    case NoticeState::filtered:
      return "UPDATE run SET open = open - ?2, filtered = filtered + ?3 WHERE id = ?1";
    case NoticeState::superseded:
      return "UPDATE run SET open = open - ?2, superseded = superseded + ?3 WHERE id = ?1";
    case NoticeState::orphaned:
      return "UPDATE run SET open = open - ?2, orphaned = orphaned + ?3 WHERE id = ?1";
    case NoticeState::held:
      return "UPDATE run SET open = open - ?2, held = held + ?3 WHERE id = ?1";
    case NoticeState::dead:
      return "UPDATE run SET open = open - ?2, dead = dead + ?3 WHERE id = ?1";
    case NoticeState::ignored:
      return "UPDATE run SET open = open - ?2, ignored = ignored + ?3 WHERE id = ?1";
    case NoticeState::open:
      break;
  }
  throw std::logic_error("a notice can't finish as open");
}

std::string state_counter(std::string_view state) {
  return "notices." + std::string(state);
}

void count_waited(Connection& connection, std::optional<RowId> run, NoticeState from,
                  NoticeState to) {
  connection.count(state_counter(to_text(from)), -1);
  connection.count(state_counter(to_text(to)), 1);
  connection.count("rows.notice", 1);
  if (!run) return;
  Statement(connection, run_finished_sql(from)).bind(*run, 0, -1).run();
  Statement(connection, run_finished_sql(to)).bind(*run, 0, 1).run();
}

RowId Tx::add_receipt(const SourceName& source, std::int64_t received_ms, std::string_view body,
                      const ObjectName& object, std::string_view delivery) {
  Statement(connection_,
            "INSERT INTO receipt (source, received_ms, body, object, delivery, bytes) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
      .bind(source, received_ms, body, object, delivery, static_cast<std::int64_t>(body.size()))
      .run();
  connection_.count("receipts_waiting", 1);
  connection_.pending.inbox = true;
  return connection_.last_id();
}

std::vector<Receipt> View::receipts_to_decode(const SourceName& source, int limit) const {
  Statement query(
      connection_,
      "SELECT id, received_ms, body, object FROM receipt WHERE source = ?1 AND state = 'received' "
      "ORDER BY id LIMIT ?2");
  query.bind(source, limit);
  std::vector<Receipt> receipts;
  while (query.step()) {
    receipts.push_back(
        {query.integer(0), source, query.integer(1), query.text(2), ObjectName(query.text(3))});
  }
  return receipts;
}

bool View::has_receipt(const SourceName& source, std::string_view delivery,
                       std::string_view body) const {
  Statement query(connection_,
                  "SELECT 1 FROM receipt WHERE source = ?1 AND delivery = ?2 AND delivery <> '' "
                  "AND body = ?3 LIMIT 1");
  query.bind(source, delivery, body);
  return query.step();
}

void Tx::settle_receipt(RowId id, std::int64_t notices, const std::optional<std::string>& error) {
  std::int64_t bytes = 0;
  {
    Statement update(connection_,
                     "UPDATE receipt SET state = ?2, notices = ?3, error = ?4 WHERE id = ?1 AND "
                     "state = 'received' RETURNING bytes");
    update.bind(id, error ? "undecodable" : "decoded", notices, error);
    if (!update.step()) return;
    bytes = update.integer(0);
    update.run();
  }
  connection_.count("bytes.receipt", bytes);
  connection_.count("receipts_waiting", -1);
  connection_.count("rows.receipt", 1);
}

void Tx::quarantine(const QuarantinedWebhook& webhook) {
  Statement(connection_,
            "INSERT INTO quarantine (source, received_ms, reason, headers, body, path, bytes) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      .bind(webhook.source, webhook.received_ms, webhook.reason, webhook.headers, webhook.body,
            webhook.path, static_cast<std::int64_t>(webhook.body.size()))
      .run();
  const RowId id = connection_.last_id();
  connection_.count("quarantined", 1);
  // The newest that fit stay.
  Statement(connection_,
            "DELETE FROM quarantine WHERE id <= max(?1, coalesce((SELECT max(id) FROM (SELECT id, "
            "sum(bytes) OVER (ORDER BY id DESC) AS total FROM quarantine) WHERE total > ?2), 0))")
      .bind(id - static_cast<std::int64_t>(core::limits::kQuarantineRows),
            static_cast<std::int64_t>(core::limits::kQuarantineBytes))
      .run();
  connection_.count("quarantined", -connection_.changes());
}

RowId Tx::add_notice(const NewNotice& notice) {
  return insert_notice(connection_, notice, "read");
}

RowId Tx::add_mirror_notice(const NewNotice& notice) {
  return insert_notice(connection_, notice, "mirror");
}

RowId Tx::add_planned_notice(const NewNotice& notice) {
  return insert_notice(connection_, notice, "send");
}

void Tx::supersede_unread(const RecordRef& ref, RowId newer, std::int64_t now_ms) {
  std::vector<RowId> older;
  NoticeKind sign = NoticeKind::upserted;
  {
    Statement query(connection_,
                    "SELECT id, kind FROM notice WHERE source = ?1 AND object = ?2 AND record = ?3 "
                    "AND state = 'open' AND stage IN ('read', 'mirror') AND id < ?4");
    query.bind(ref.source, ref.object, ref.id, newer);
    while (query.step()) {
      older.push_back(query.integer(0));
      sign = stronger_sign(sign, static_cast<NoticeKind>(query.integer(1)));
    }
  }
  if (sign != NoticeKind::upserted) {
    Statement(connection_, "UPDATE notice SET kind = ?2 WHERE id = ?1 AND kind <> ?3")
        .bind(newer, static_cast<int>(sign), static_cast<int>(NoticeKind::erased))
        .run();
  }
  for (const RowId id : older) {
    finish_notice(id, NoticeState::superseded,
                  "notice " + std::to_string(newer) + " about the same record is newer", now_ms);
  }
}

void Tx::finish_notice(RowId id, NoticeState state, const std::string& reason,
                       std::int64_t now_ms) {
  finish(id, state, reason, std::nullopt, now_ms);
}

void Tx::finish_planned(RowId id, NoticeState state, const std::string& reason,
                        std::int64_t now_ms) {
  finish(id, state, reason, now_ms, now_ms);
}

void Tx::finish(RowId id, NoticeState state, const std::string& reason,
                std::optional<std::int64_t> planned_ms, std::int64_t now_ms) {
  std::optional<RowId> run;
  RecordRef ref;
  Committed::Delivered delivered;
  {
    Statement update(connection_,
                     "UPDATE notice SET state = ?2, stage = NULL, reason = ?3, finished_ms = ?4, "
                     "planned_ms = coalesce(?5, planned_ms) WHERE id = ?1 AND state = 'open' "
                     "RETURNING run, lane, received_ms, source, object, record, planned_ms");
    update.bind(id, to_text(state), reason, now_ms, planned_ms);
    if (!update.step()) return;  // ended already: the first final state stands (I2)
    run = update.optional_integer(0);
    delivered = {static_cast<Lane>(update.integer(1)), now_ms - update.integer(2)};
    ref = {SourceName(update.text(3)), ObjectName(update.text(4)), RecordId(update.text(5))};
    planned_ms = update.optional_integer(6);
    update.run();
  }
  if (planned_ms) end_dead(connection_, ref, state, *planned_ms, now_ms, id);
  if (state == NoticeState::delivered) connection_.pending.done.delivered.push_back(delivered);
  if (state != NoticeState::dead && state != NoticeState::held) {
    connection_.count("rows.notice", 1);
  }
  connection_.count("notices.open", -1);
  connection_.count(state_counter(to_text(state)), 1);
  if (run) Statement(connection_, run_finished_sql(state)).bind(*run, 1, 1).run();
}

void Tx::await_changes(RowId notice, std::int64_t planned_ms) {
  Statement(connection_,
            "UPDATE notice SET stage = 'send', planned_ms = ?2 WHERE id = ?1 AND state = 'open'")
      .bind(notice, planned_ms)
      .run();
}

void Tx::link(RowId notice, RowId change) {
  Statement(connection_, "INSERT OR IGNORE INTO notice_change (change, notice) VALUES (?1, ?2)")
      .bind(change, notice)
      .run();
}

void Tx::postpone_notice(RowId id, std::int64_t due_ms, bool counts_as_attempt,
                         const std::string& why) {
  Statement(connection_,
            "UPDATE notice SET due_ms = ?2, attempts = attempts + ?3, reason = ?4 "
            "WHERE id = ?1 AND state = 'open'")
      .bind(id, due_ms, counts_as_attempt ? 1 : 0, why)
      .run();
}

void Tx::map_later(RowId id, std::int64_t due_ms, const std::string& why) {
  Statement(connection_,
            "UPDATE notice SET stage = 'mirror', due_ms = ?2, reason = ?3, attempts = attempts + 1 "
            "WHERE id = ?1 AND state = 'open'")
      .bind(id, due_ms, why)
      .run();
  connection_.pending.inbox = true;
}

void Tx::read_later(RowId id, std::int64_t due_ms, const std::string& why) {
  Statement(connection_,
            "UPDATE notice SET stage = 'read', due_ms = ?2, reason = ?3 WHERE id = ?1 AND state "
            "= 'open'")
      .bind(id, due_ms, why)
      .run();
  connection_.pending.inbox = true;
}

void Tx::count_notice(NoticeState state, const RecordRef& ref, std::optional<RowId> run,
                      std::int64_t now_ms) {
  end_dead(connection_, ref, state, now_ms, now_ms, 0);
  connection_.count("notices_received", 1);
  connection_.count(state_counter(to_text(state)), 1);
  if (run) ++connection_.pending.ended[{*run, state}];
}

std::vector<OpenNotice> View::notices_to_resolve(const SourceName& source, std::int64_t now_ms,
                                                 int limit) const {
  std::vector<OpenNotice> notices;
  for (int lane = 0; lane < core::kLaneCount && notices.empty(); ++lane) {
    Statement query(
        connection_,
        "SELECT id, object, record, kind, lane, run, stage, attempts, received_ms "
        "FROM notice WHERE source = ?1 AND lane = ?2 AND due_ms <= ?3 AND state = 'open' "
        "AND stage IN ('read', 'mirror') ORDER BY due_ms, id LIMIT ?4");
    // A few more than asked, so that a mix of objects still fills a batch of the first one.
    query.bind(source, lane, now_ms, limit * 4);
    while (query.step() && static_cast<int>(notices.size()) < limit) {
      OpenNotice notice;
      notice.id = query.integer(0);
      notice.ref = {source, ObjectName(query.text(1)), RecordId(query.text(2))};
      notice.kind = static_cast<NoticeKind>(query.integer(3));
      notice.lane = static_cast<Lane>(query.integer(4));
      notice.run = query.optional_integer(5);
      notice.from_mirror = query.text(6) == "mirror";
      notice.attempts = static_cast<int>(query.integer(7));
      notice.received_ms = query.integer(8);
      if (!notices.empty() && (notices.front().ref.object != notice.ref.object ||
                               notices.front().from_mirror != notice.from_mirror)) {
        continue;
      }
      notices.push_back(std::move(notice));
    }
  }
  return notices;
}

bool View::awaits_reading(const RecordRef& ref) const {
  Statement query(connection_,
                  "SELECT 1 FROM notice WHERE source = ?1 AND object = ?2 AND record = ?3 "
                  "AND state = 'open' AND stage IN ('read', 'mirror') LIMIT 1");
  query.bind(ref.source, ref.object, ref.id);
  return query.step();
}

std::vector<DeadNotice> View::dead_notices(int limit) const {
  Statement query(connection_,
                  "SELECT id, source, object, record, reason, finished_ms FROM notice "
                  "WHERE state = 'dead' ORDER BY id DESC LIMIT ?1");
  query.bind(limit);
  std::vector<DeadNotice> dead;
  while (query.step()) {
    dead.push_back({query.integer(0),
                    {SourceName(query.text(1)), ObjectName(query.text(2)), RecordId(query.text(3))},
                    query.text(4),
                    query.integer(5)});
  }
  return dead;
}

// Ends the notices of a change; declared beside Tx::close_change.
void finish_linked(Tx& tx, Connection& connection, RowId change, NoticeState state,
                   const std::string& reason, std::int64_t now_ms);

void finish_linked(Tx& tx, Connection& connection, RowId change, NoticeState state,
                   const std::string& reason, std::int64_t now_ms) {
  // A notice may wait for several changes (several mappings): the worst of their ends is its own.
  constexpr std::array<int, kNoticeStateCount> kBadness = {
      0,            // open
      2, 1, 0, 0,   // delivered, unchanged, filtered, superseded
      3, 4, 5, 0};  // orphaned, held, dead, ignored
  const int rank = kBadness[static_cast<std::size_t>(state)] * 16 + static_cast<int>(state);
  std::vector<RowId> notices;
  {
    Statement query(connection, "DELETE FROM notice_change WHERE change = ?1 RETURNING notice");
    query.bind(change);
    while (query.step()) notices.push_back(query.integer(0));
  }
  for (const RowId notice : notices) {
    Statement(connection,
              "UPDATE notice SET reason = iif(?2 >= worst, ?3, reason), worst = max(worst, ?2) "
              "WHERE id = ?1 AND state = 'open'")
        .bind(notice, rank, reason)
        .run();
    std::int64_t worst = rank;
    std::string why = reason;
    {
      Statement query(connection,
                      "SELECT worst, reason FROM notice WHERE id = ?1 AND NOT EXISTS "
                      "(SELECT 1 FROM notice_change WHERE notice = ?1)");
      query.bind(notice);
      if (!query.step()) continue;  // others are still on their way
      worst = query.integer(0);
      why = query.text(1);
    }
    tx.finish_notice(notice, static_cast<NoticeState>(worst % 16), why, now_ms);
  }
}

}  // namespace assembly_sync::store
