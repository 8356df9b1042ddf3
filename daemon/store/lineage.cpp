// Where the values in Assembly came from: what each delivered change told it, and on whose word;
// and what else is known of the way of one record: its notices, the attempts for its entities.
#include "core/limits.hpp"
#include "daemon/store/notice_rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

/// Of a row of the table beside its texts, about.
constexpr std::int64_t kRowBytes = 120;
constexpr const char* kBytesCounter = "lineage_bytes";

LineageEntry read_entry(const Statement& row) {
  LineageEntry entry;
  entry.id = row.integer(0);
  entry.entity = row.integer(1);
  entry.change = row.integer(2);
  entry.at_ms = row.integer(3);
  entry.attempt = static_cast<int>(row.integer(4));
  entry.method = row.text(5);
  entry.path = row.text(6);
  entry.origin = row.text(7);
  entry.sets = row.text(8);
  entry.receipt = row.optional_integer(9);
  entry.run = row.optional_integer(10);
  entry.event = row.text(11);
  entry.received_ms = row.optional_integer(12);
  return entry;
}

}  // namespace

std::vector<LineageEntry> View::lineage(RowId entity, RowId before, int limit) const {
  Statement query(connection_,
                  "SELECT id, entity, change, at_ms, attempt, method, path, origin, sets, receipt, "
                  "run, event, received_ms FROM lineage WHERE entity = ?1 AND (?2 = 0 OR id < ?2) "
                  "ORDER BY id DESC LIMIT ?3");
  query.bind(entity, before, limit);
  std::vector<LineageEntry> entries;
  while (query.step()) entries.push_back(read_entry(query));
  return entries;
}

std::vector<DeliveryRecord> View::deliveries(RowId entity, int limit) const {
  Statement query(connection_,
                  "SELECT change, attempt, lane, method, path, status, outcome, reason, "
                  "started_ms, duration_ms FROM delivery WHERE entity = ?1 ORDER BY id DESC LIMIT "
                  "?2");
  query.bind(entity, limit);
  std::vector<DeliveryRecord> deliveries;
  while (query.step()) {
    DeliveryRecord delivery;
    delivery.change = query.integer(0);
    delivery.entity = entity;
    delivery.attempt = static_cast<int>(query.integer(1));
    delivery.lane = static_cast<Lane>(query.integer(2));
    delivery.method = query.text(3);
    delivery.path = query.text(4);
    delivery.status = static_cast<int>(query.integer(5));
    delivery.outcome = query.text(6);
    delivery.reason = query.text(7);
    delivery.started_ms = query.integer(8);
    delivery.duration_ms = query.integer(9);
    deliveries.push_back(std::move(delivery));
  }
  return deliveries;
}

std::vector<Notice> View::notices_of(const RecordRef& ref, int limit) const {
  Statement query(connection_, "SELECT " NOTICE_COLUMNS
                               " FROM notice n WHERE n.source = ?1 AND n.object = ?2 AND n.record "
                               "= ?3 ORDER BY n.id DESC LIMIT ?4");
  query.bind(ref.source, ref.object, ref.id, limit);
  return read_notices(query);
}

std::vector<Notice> View::notices_of_change(RowId change, int limit) const {
  Statement query(connection_, "SELECT " NOTICE_COLUMNS
                               " FROM notice_change l JOIN notice n ON n.id = l.notice WHERE "
                               "l.change = ?1 ORDER BY l.notice DESC LIMIT ?2");
  query.bind(change, limit);
  return read_notices(query);
}

std::vector<std::string> View::awaited_by(const RecordRef& ref) const {
  // By the primary key's order this looks at all orphans; there are as many as wait.
  Statement query(connection_,
                  "SELECT parent FROM orphan WHERE source = ?1 AND object = ?2 AND record = ?3");
  query.bind(ref.source, ref.object, ref.id);
  std::vector<std::string> parents;
  while (query.step()) parents.push_back(query.text(0));
  return parents;
}

std::optional<core::RecordVersion> View::record_version(const RecordRef& ref) const {
  Statement query(connection_,
                  "SELECT version FROM record WHERE source = ?1 AND object = ?2 AND record = ?3");
  query.bind(ref.source, ref.object, ref.id);
  if (!query.step()) return std::nullopt;
  return query.integer(0);
}

void Tx::add_lineage(const LineageEntry& entry) {
  const auto bytes = static_cast<std::int64_t>(entry.origin.size() + entry.sets.size() +
                                               entry.path.size() + entry.event.size()) +
                     kRowBytes;
  Statement(connection_,
            "INSERT INTO lineage (entity, change, at_ms, attempt, method, path, origin, sets, "
            "receipt, run, event, received_ms, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
            "?10, ?11, ?12, ?13)")
      .bind(entry.entity, entry.change, entry.at_ms, entry.attempt, entry.method, entry.path,
            entry.origin, entry.sets, entry.receipt, entry.run, entry.event, entry.received_ms,
            bytes)
      .run();
  connection_.count(kBytesCounter, bytes);
}

void Tx::erase_lineage(RowId entity) {
  std::int64_t freed = 0;
  {
    Statement query(connection_, "DELETE FROM lineage WHERE entity = ?1 RETURNING bytes");
    query.bind(entity);
    while (query.step()) freed += query.integer(0);
  }
  if (freed == 0) return;
  connection_.count(kBytesCounter, -freed);
  connection_.pending.erased = true;
}

void Tx::clear_lineage() {
  connection_.run("DELETE FROM lineage");
  Statement(connection_, "DELETE FROM counter WHERE name = ?1").bind(kBytesCounter).run();
  connection_.pending.counters.erase(std::string(kBytesCounter));
  connection_.pending.erased = true;
}

std::int64_t sweep_lineage(Connection& connection, std::int64_t before_ms, std::int64_t most_bytes,
                           int rows) {
  std::int64_t held = 0;
  {
    Statement query(connection, "SELECT value FROM counter WHERE name = ?1");
    query.bind(kBytesCounter);
    if (query.step()) held = query.integer(0);
  }
  std::int64_t removed = 0;
  std::int64_t freed = 0;
  Statement query(
      connection,
      "DELETE FROM lineage WHERE id IN (SELECT id FROM lineage ORDER BY id LIMIT ?1) AND "
      "(at_ms < ?2 OR ?3) RETURNING bytes");
  query.bind(rows, before_ms, held > most_bytes ? 1 : 0);
  while (query.step()) {
    ++removed;
    freed += query.integer(0);
  }
  if (freed > 0) connection.count(kBytesCounter, -freed);
  return removed;
}

}  // namespace assembly_sync::store
