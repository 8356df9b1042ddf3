// What happened of late, in the order in which it happened: for who watches.
#include <algorithm>
#include <limits>

#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

// In the order that read_ended() reads them. The words about the states are those of the indexes.
#define SELECT_ENDED "SELECT id, source, object, record, state, reason, finished_ms FROM notice "
#define BETWEEN \
  "AND (finished_ms, id) > (?1, ?2) AND finished_ms <= ?3 ORDER BY finished_ms, id LIMIT ?4"

constexpr const char* kEnded[] = {
    SELECT_ENDED "INDEXED BY notice_settled WHERE state NOT IN ('open', 'dead', 'held') " BETWEEN,
    SELECT_ENDED
    "INDEXED BY notice_waiting WHERE state IN ('dead', 'held') AND state = 'dead' " BETWEEN,
    SELECT_ENDED
    "INDEXED BY notice_waiting WHERE state IN ('dead', 'held') AND state = 'held' " BETWEEN};

EndedNotice read_ended(const Statement& row) {
  EndedNotice ended;
  ended.id = row.integer(0);
  ended.ref = {SourceName(row.text(1)), ObjectName(row.text(2)), RecordId(row.text(3))};
  ended.state = row.text(4);
  ended.reason = row.text(5);
  ended.finished_ms = row.integer(6);
  return ended;
}

}  // namespace

TailPlace View::tail_end() const {
  TailPlace place;
  Statement query(connection_,
                  "SELECT (SELECT coalesce(max(id), 0) FROM receipt), (SELECT coalesce(max(id), 0) "
                  "FROM delivery)");
  query.step();
  place.receipt = query.integer(0);
  place.delivery = query.integer(1);
  return place;
}

TailPlace View::tail_since(std::int64_t since_ms) const {
  TailPlace place;
  // Both tables are bounded; ids grow with time.
  Statement query(connection_,
                  "SELECT (SELECT coalesce(max(id), 0) FROM receipt WHERE received_ms < ?1), "
                  "(SELECT coalesce(max(id), 0) FROM delivery WHERE started_ms < ?1)");
  query.bind(since_ms);
  query.step();
  place.receipt = query.integer(0);
  place.delivery = query.integer(1);
  place.ended_ms = since_ms - 1;
  place.notice = std::numeric_limits<RowId>::max();
  return place;
}

std::vector<ReceiptHead> View::receipts_after(RowId after, int limit) const {
  Statement query(connection_,
                  "SELECT id, source, object, delivery, state, received_ms, "
                  "coalesce(length(CAST(body AS BLOB)), 0), notices FROM receipt WHERE id > ?1 "
                  "ORDER BY id LIMIT ?2");
  query.bind(after, limit);
  std::vector<ReceiptHead> heads;
  while (query.step()) {
    ReceiptHead head;
    head.id = query.integer(0);
    head.source = SourceName(query.text(1));
    head.object = ObjectName(query.text(2));
    head.delivery = query.text(3);
    head.state = query.text(4);
    head.received_ms = query.integer(5);
    head.bytes = query.integer(6);
    head.notices = query.integer(7);
    heads.push_back(std::move(head));
  }
  return heads;
}

std::vector<ToldDelivery> View::deliveries_after(RowId after, int limit) const {
  Statement query(connection_,
                  "SELECT d.id, d.method, d.path, d.status, d.outcome, d.reason, d.started_ms, "
                  "d.duration_ms, d.attempt, d.lane, e.kind, e.key, e.source, e.object, e.record "
                  "FROM delivery d LEFT JOIN entity e ON e.id = d.entity WHERE d.id > ?1 ORDER BY "
                  "d.id LIMIT ?2");
  query.bind(after, limit);
  std::vector<ToldDelivery> told;
  while (query.step()) {
    ToldDelivery one;
    one.id = query.integer(0);
    one.delivery.method = query.text(1);
    one.delivery.path = query.text(2);
    one.delivery.status = static_cast<int>(query.integer(3));
    one.delivery.outcome = query.text(4);
    one.delivery.reason = query.text(5);
    one.delivery.started_ms = query.integer(6);
    one.delivery.duration_ms = query.integer(7);
    one.delivery.attempt = static_cast<int>(query.integer(8));
    one.delivery.lane = static_cast<Lane>(query.integer(9));
    one.kind = static_cast<EntityKind>(query.integer(10));
    one.key = Key(query.text(11));
    one.record = {SourceName(query.text(12)), ObjectName(query.text(13)), RecordId(query.text(14))};
    told.push_back(std::move(one));
  }
  return told;
}

std::vector<EndedNotice> View::ended_after(std::int64_t after_ms, RowId after,
                                           std::int64_t until_ms, int limit) const {
  std::vector<EndedNotice> all;
  for (const char* sql : kEnded) {
    Statement query(connection_, sql);
    query.bind(after_ms, after, until_ms, limit);
    while (query.step()) all.push_back(read_ended(query));
  }
  std::sort(all.begin(), all.end(), [](const EndedNotice& a, const EndedNotice& b) {
    return std::pair(a.finished_ms, a.id) < std::pair(b.finished_ms, b.id);
  });
  if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
  return all;
}

}  // namespace assembly_sync::store
