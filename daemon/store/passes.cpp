// Complete passes over an object of a source, and what they did not show.
#include <algorithm>

#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

// In the order that read_pass() reads them.
#define SELECT_PASS                                                                      \
  "SELECT id, source, object, run, begun_ms, fingerprint, records, bad_rows, ended_ms, " \
  "present, absent, shrunk, taken FROM pass "

constexpr const char* kOpenPass = SELECT_PASS
    "WHERE source = ?1 AND object = ?2 AND run IS ?3 AND ended_ms IS NULL ORDER BY id DESC LIMIT 1";
constexpr const char* kLastPass = SELECT_PASS
    "WHERE source = ?1 AND object = ?2 AND ended_ms IS NOT NULL ORDER BY id DESC LIMIT 1";
constexpr const char* kEndedPasses = SELECT_PASS
    "WHERE id IN (SELECT max(id) FROM pass WHERE source = ?1 AND ended_ms IS NOT NULL GROUP BY "
    "object) ORDER BY object";
constexpr const char* kPassesOfRun =
    SELECT_PASS "WHERE run = ?1 AND ended_ms IS NOT NULL ORDER BY id";

// What was not shown: no later pass showed it, no reading since found it, and it was there before.
#define NOT_SHOWN "seen < ?3 AND read_ms < ?4 AND id <= (SELECT last_row FROM pass WHERE id = ?3)"

std::optional<Pass> read_pass(Statement& query) {
  if (!query.step()) return std::nullopt;
  Pass pass;
  pass.id = query.integer(0);
  pass.source = SourceName(query.text(1));
  pass.object = ObjectName(query.text(2));
  pass.run = query.optional_integer(3);
  pass.begun_ms = query.integer(4);
  pass.fingerprint = query.text(5);
  pass.records = query.integer(6);
  pass.bad_rows = query.integer(7);
  pass.ended_ms = query.optional_integer(8);
  pass.present = query.integer(9);
  pass.absent = query.integer(10);
  pass.shrunk = query.integer(11) != 0;
  pass.taken = query.optional_text(12);
  return pass;
}

}  // namespace

std::optional<Pass> View::open_pass(const SourceName& source, const ObjectName& object,
                                    std::optional<RowId> run) const {
  Statement query(connection_, kOpenPass);
  query.bind(source, object, run);
  return read_pass(query);
}

std::optional<Pass> View::last_pass(const SourceName& source, const ObjectName& object) const {
  Statement query(connection_, kLastPass);
  query.bind(source, object);
  return read_pass(query);
}

std::vector<Pass> View::ended_passes(const SourceName& source) const {
  Statement query(connection_, kEndedPasses);
  query.bind(source);
  std::vector<Pass> passes;
  while (auto pass = read_pass(query)) passes.push_back(std::move(*pass));
  return passes;
}

Pass View::counted(Pass pass) const {
  Statement query(connection_,
                  "SELECT count(*), sum(" NOT_SHOWN
                  ") FROM record WHERE source = ?1 AND object = ?2 AND state = 0 AND id <= "
                  "(SELECT last_row FROM pass WHERE id = ?3)");
  query.bind(pass.source, pass.object, pass.id, pass.begun_ms);
  if (query.step()) {
    pass.present = query.integer(0);
    pass.absent = query.integer(1);
  }
  return pass;
}

std::vector<RecordId> View::absent(const Pass& pass, int limit) const {
  Statement query(connection_,
                  "SELECT record FROM record WHERE source = ?1 AND object = ?2 AND record > ?5 AND "
                  "state = 0 AND " NOT_SHOWN " ORDER BY record LIMIT ?6");
  query.bind(pass.source, pass.object, pass.id, pass.begun_ms, pass.taken.value_or(""), limit);
  std::vector<RecordId> records;
  while (query.step()) records.emplace_back(query.text(0));
  return records;
}

std::vector<Pass> View::passes_of(RowId run) const {
  Statement query(connection_, kPassesOfRun);
  query.bind(run);
  std::vector<Pass> passes;
  while (auto pass = read_pass(query)) passes.push_back(std::move(*pass));
  return passes;
}

RowId Tx::begin_pass(const Pass& pass) {
  Statement(connection_,
            "INSERT INTO pass (source, object, run, begun_ms, fingerprint, last_row) VALUES (?1, "
            "?2, ?3, ?4, ?5, (SELECT coalesce(max(id), 0) FROM record))")
      .bind(pass.source, pass.object, pass.run, pass.begun_ms, pass.fingerprint)
      .run();
  return connection_.last_id();
}

void Tx::add_pass_progress(RowId pass, std::int64_t records, std::int64_t bad_rows) {
  Statement(connection_,
            "UPDATE pass SET records = records + ?2, bad_rows = bad_rows + ?3 WHERE id = ?1")
      .bind(pass, records, bad_rows)
      .run();
}

void Tx::put_taken(const Pass& pass, const std::string& taken) {
  Statement(connection_, "UPDATE pass SET taken = ?2, present = ?3, absent = ?4 WHERE id = ?1")
      .bind(pass.id, taken, pass.present, pass.absent)
      .run();
}

void Tx::end_pass(const Pass& pass, std::int64_t now_ms) {
  Statement(connection_,
            // A run that goes on tells in the end what its passes found.
            "DELETE FROM pass WHERE source = ?1 AND object = ?2 AND id <> ?3 AND (run IS NOT NULL "
            "OR ended_ms IS NOT NULL) AND (run IS NULL OR run NOT IN (SELECT id FROM run WHERE "
            "state <= 2))")
      .bind(pass.source, pass.object, pass.id)
      .run();
  Statement(connection_,
            "UPDATE pass SET ended_ms = ?2, present = ?3, absent = ?4, shrunk = ?5 WHERE id = ?1")
      .bind(pass.id, now_ms, pass.present, pass.absent, pass.shrunk ? 1 : 0)
      .run();
  connection_.pending.done.passes.push_back(pass.source);
}

void Tx::drop_pass(RowId pass) {
  Statement(connection_, "DELETE FROM pass WHERE id = ?1").bind(pass).run();
}

void Tx::keep_passes_of(const std::vector<std::string>& streams) {
  std::vector<RowId> others;
  {
    Statement query(connection_, "SELECT id, source || '.' || object FROM pass");
    while (query.step()) {
      if (std::find(streams.begin(), streams.end(), query.text(1)) == streams.end()) {
        others.push_back(query.integer(0));
      }
    }
  }
  for (const RowId pass : others) drop_pass(pass);
}

}  // namespace assembly_sync::store
