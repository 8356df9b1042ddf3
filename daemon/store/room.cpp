// How much there is and may be (I12): the sums that limits and metrics look at, what is deleted
// when it is old, and the space of the file.
#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <utility>

#include "core/limits.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

namespace limits = core::limits;

constexpr std::int64_t kDayMs = 86'400'000;

/// What a counter's value becomes a part of; nullptr = nothing that is shown.
std::int64_t* place_of(Totals& totals, std::string_view name) {
  for (int i = 0; i < kNoticeStateCount; ++i) {
    if (name == "notices." + std::string(to_text(static_cast<NoticeState>(i)))) {
      return &totals.notices[static_cast<std::size_t>(i)];
    }
  }
  for (int i = 0; i < core::kLaneCount; ++i) {
    if (name == "pending." + std::string(core::to_text(static_cast<Lane>(i)))) {
      return &totals.pending[static_cast<std::size_t>(i)];
    }
  }
  const std::array<std::pair<std::string_view, std::int64_t*>, 11> places = {{
      {"in_flight", &totals.in_flight},
      {"receipts_waiting", &totals.receipts_waiting},
      {"quarantined", &totals.quarantined},
      {"refused", &totals.refused},
      {"calls", &totals.calls},
      {"notices_received", &totals.notices_received},
      {"rows.receipt", &totals.kept_receipts},
      {"bytes.receipt", &totals.kept_receipt_bytes},
      {"rows.notice", &totals.kept_notices},
      {"rows.delivery", &totals.kept_deliveries},
      {"lineage_bytes", &totals.lineage_bytes},
  }};
  for (const auto& [counter, place] : places) {
    if (counter == name) return place;
  }
  return nullptr;
}

std::int64_t bytes_of(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

/// Bodies may be large: beside their number and age their bytes count.
std::int64_t sweep_receipts(Connection& connection, std::int64_t before_ms, int rows) {
  std::int64_t kept_bytes = 0;
  {
    Statement query(connection, "SELECT value FROM counter WHERE name = 'bytes.receipt'");
    if (query.step()) kept_bytes = query.integer(0);
  }
  // What goes beyond age and number: a part at a time, until the next look finds enough gone.
  const bool too_many_bytes = kept_bytes > limits::kSettledReceiptBytes;
  std::int64_t gone = 0;
  std::int64_t bytes = 0;
  Statement remove(connection,
                   "DELETE FROM receipt WHERE id IN (SELECT id FROM receipt WHERE state <> "
                   "'received' ORDER BY id LIMIT ?3) AND (received_ms < ?1 OR id <= (SELECT "
                   "max(id) FROM receipt) - ?2 OR id IN (SELECT id FROM receipt WHERE state <> "
                   "'received' ORDER BY id LIMIT ?4)) RETURNING bytes");
  remove.bind(before_ms, static_cast<std::int64_t>(limits::kSettledReceiptRows), rows,
              too_many_bytes ? std::max(1, rows / 10) : 0);
  while (remove.step()) {
    ++gone;
    bytes += remove.integer(0);
  }
  connection.count("rows.receipt", -gone);
  connection.count("bytes.receipt", -bytes);
  return gone;
}

}  // namespace

void Committed::add(const Committed& more) {
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(delivered, more.delivered);
  append(attempts, more.attempts);
  append(readings, more.readings);
  append(passes, more.passes);
  append(runs, more.runs);
}

Totals View::totals() const {
  Totals totals;
  Statement query(connection_, "SELECT name, value FROM counter");
  while (query.step()) {
    if (std::int64_t* place = place_of(totals, query.text(0))) *place = query.integer(1);
  }
  return totals;
}

std::optional<Backlog> full_backlog(const Totals& totals) {
  const auto is_full = [](std::int64_t count, std::size_t limit) {
    return count >= static_cast<std::int64_t>(limit);
  };
  const std::int64_t pending =
      std::accumulate(totals.pending.begin(), totals.pending.end(), std::int64_t{0});
  const std::int64_t for_a_person = totals.notices[static_cast<std::size_t>(NoticeState::dead)] +
                                    totals.notices[static_cast<std::size_t>(NoticeState::held)];
  if (is_full(totals.receipts_waiting, limits::kOpenReceipts)) return Backlog::receipts;
  if (is_full(totals.notices[0], limits::kOpenNotices)) return Backlog::notices;
  if (is_full(pending, limits::kOutboxPending)) return Backlog::changes;
  if (is_full(for_a_person, limits::kWaitingForAPerson)) return Backlog::for_a_person;
  return std::nullopt;
}

std::optional<OldestChange> View::oldest_change() const {
  std::optional<OldestChange> oldest;
  for (const Lane lane : {Lane::live, Lane::retry}) {
    Statement query(connection_,
                    "SELECT created_ms, attempts FROM change WHERE lane = ?1 AND state = 'pending' "
                    "AND wait = 0 ORDER BY created_ms LIMIT 1");
    query.bind(static_cast<int>(lane));
    if (!query.step() || (oldest && oldest->created_ms <= query.integer(0))) continue;
    oldest = {lane, query.integer(0), static_cast<int>(query.integer(1))};
  }
  return oldest;
}

std::int64_t View::free_pages() const {
  Statement query(connection_, "PRAGMA freelist_count");
  return query.step() ? query.integer(0) : 0;
}

std::int64_t Tx::sweep(std::int64_t now_ms, int rows, const Retention& keep) {
  std::int64_t removed = 0;
  // Each looks at the oldest rows only, in the order of an index: the cost does not grow with the
  // table.
  const auto drop = [&](const char* sql, int days, std::size_t keep_rows, const char* counter) {
    Statement(connection_, sql)
        .bind(now_ms - days * kDayMs, static_cast<std::int64_t>(keep_rows), rows)
        .run();
    const std::int64_t gone = connection_.changes();
    removed += gone;
    if (counter != nullptr) connection_.count(counter, -gone);
  };
  drop(
      "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery ORDER BY id LIMIT ?3) AND "
      "(started_ms < ?1 OR id <= (SELECT max(id) FROM delivery) - ?2)",
      keep.deliveries_days, limits::kDeliveryRows, "rows.delivery");
  drop(
      "DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE state NOT IN ('open', 'dead', "
      "'held') ORDER BY finished_ms LIMIT ?3) AND "
      "(finished_ms < ?1 OR id <= (SELECT max(id) FROM notice) - ?2)",
      keep.notices_days, limits::kSettledNoticeRows, "rows.notice");
  removed += sweep_receipts(connection_, now_ms - keep.receipts_days * kDayMs, rows);
  drop(
      "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine ORDER BY id LIMIT ?3) AND "
      "(received_ms < ?1 OR id <= (SELECT max(id) FROM quarantine) - ?2)",
      keep.quarantine_days, limits::kQuarantineRows, "quarantined");
  drop(
      "DELETE FROM run WHERE id IN (SELECT id FROM run ORDER BY id LIMIT ?3) AND state >= 3 AND "
      "open = 0 AND finished_ms < ?1 AND id <= (SELECT max(id) FROM run) - ?2",
      keep.notices_days, limits::kFinishedRuns, nullptr);
  removed +=
      sweep_lineage(connection_, now_ms - keep.lineage_days * kDayMs, keep.lineage_bytes, rows);
  return removed;
}

void Tx::give_back_pages() {
  // The pragma takes no parameter.
  Statement(connection_, "PRAGMA incremental_vacuum(500)").run();
}

void Tx::cut_log() {
  connection_.pending.erased = true;
}

void Tx::clock_set_back(std::int64_t by_ms, std::int64_t now_ms) {
  const auto run = [&](const char* sql) { Statement(connection_, sql).bind(by_ms, now_ms).run(); };
  run("UPDATE change SET due_ms = due_ms - ?1 WHERE due_ms > ?2 AND state = 'pending'");
  run("UPDATE change SET lease_ms = lease_ms - ?1 WHERE lease_ms > ?2 AND state = 'in_flight'");
  run("UPDATE notice SET due_ms = due_ms - ?1 WHERE due_ms > ?2 AND state = 'open'");
  connection_.pending.outbox = true;
  connection_.pending.inbox = true;
}

bool Store::has_room(Bringing what) const {
  if (disk_low() || failing()) return false;
  const auto full = full_backlog(read([](const View& view) { return view.totals(); }));
  return !full || (what == Bringing::known_records && full == Backlog::for_a_person);
}

Sizes Store::sizes() const {
  constexpr std::int64_t kPageBytes = 4096;
  return {bytes_of(path()), bytes_of(path() + "-wal"),
          read([](const View& view) { return view.free_pages(); }) * kPageBytes};
}

}  // namespace assembly_sync::store
