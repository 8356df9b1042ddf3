// Changes of a live table, found while they happen: rows edited between two pages, many rows of one
// time, transactions that commit late, rows without a time, marks of deletion. When all is quiet,
// what was seen must be what the table holds.
#include <algorithm>
#include <random>
#include <utility>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/sql/sql_world.hpp"

namespace assembly_sync::test {
namespace {

using connectors::Changes;
using core::NoticeKind;

/// What a poller knows: by id, the record's `name`.
class Seen {
 public:
  explicit Seen(const connectors::Connector& source) : source_(source) {
    cursor_ = source.changes_since(core::ObjectName("rows"), core::from_ms(0));
  }

  /// One page; true when another can be had at once.
  bool read_page() {
    const core::ObjectName rows("rows");
    const auto page = source_.changes(rows, cursor_, {}, transport_, core::from_ms(0));
    if (!page) throw std::runtime_error(page.error().reason);
    for (const core::Notice& notice : page->notices) take(notice);
    cursor_ = page->next;
    return page->more;
  }
  void read_round() {
    while (read_page()) {
    }
  }
  const std::map<std::string, std::string>& records() const { return records_; }
  int notices() const { return notices_; }

 private:
  void take(const core::Notice& notice) {
    ++notices_;
    const std::string id = notice.ref.id.str();
    if (notice.kind == NoticeKind::upserted) {
      records_[id] = core::parse_json(notice.record.value().json)->text_or("name");
      return;
    }
    const auto batch =
        source_.read(notice.ref.object, {notice.ref.id}, {}, transport_, core::from_ms(0));
    if (!batch) throw std::runtime_error(batch.error().reason);
    if (batch->missing.size() == 1 && batch->missing[0].archived) records_.erase(id);
  }

  const connectors::Connector& source_;
  NoTransport transport_;
  std::string cursor_;
  std::map<std::string, std::string> records_;
  int notices_ = 0;
};

class PostgresChanges : public Sql {
 protected:
  void SetUp() override {
    one_.run(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE t (id int PRIMARY KEY, "
        "name text, at timestamptz, gone boolean); CREATE INDEX ON t (at, id)");
  }
  static std::unique_ptr<connectors::Connector> table(const std::string& overlap,
                                                      const std::string& page = "5") {
    return source({{"query", "SELECT * FROM t"},
                   {"id", "id"},
                   {"updated", "at"},
                   {"deleted", "gone"},
                   {"page", page}},
                  {{"overlap_seconds", overlap}});
  }
  std::map<std::string, std::string> held() {
    std::map<std::string, std::string> rows;
    for (const auto& row : one_.run("SELECT id, name FROM t WHERE gone IS NOT TRUE")) {
      rows[row[0]] = row[1];
    }
    return rows;
  }

  PgClient one_{server()};
  PgClient two_{server()};
};

/// Edits of one seed. The second session's transaction stays open over several of them.
class Edits {
 public:
  Edits(unsigned seed, PgClient& one, PgClient& two) : random_(seed), one_(one), two_(two) {}

  void edit() {
    switch (below(7)) {
      case 0:
        return insert(one_, "now()");
      case 1:
        return insert(one_, "NULL");
      case 2:  // more rows of one time than a page holds
        one_.run("UPDATE t SET name = '" + name() + "', at = now() WHERE id % 2 = 0 AND id < 1000");
        return;
      case 3:
        one_.run("UPDATE t SET gone = true, at = now() WHERE id = " + id());
        return;
      case 4:
        one_.run("UPDATE t SET gone = NULL, name = '" + name() +
                 "', at = now() WHERE id = " + id());
        return;
      case 5:
        return late();
      default:
        one_.run("UPDATE t SET name = '" + name() + "', at = clock_timestamp() WHERE id = " + id());
        return;
    }
  }
  void end() {
    if (std::exchange(open_, false)) two_.run("COMMIT");
  }

 private:
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  std::string id() { return std::to_string(below(next_)); }
  std::string name() { return "v" + std::to_string(++version_); }

  void insert(PgClient& session, const std::string& at) {
    session.run("INSERT INTO t VALUES (" + std::to_string(next_++) + ", '" + name() + "', " + at +
                ", NULL)");
  }
  /// Dated when it begins, visible when it ends. Its rows are its own, so that it blocks nobody.
  void late() {
    if (open_) return end();
    open_ = true;
    two_.run("BEGIN; INSERT INTO t VALUES (" + std::to_string(++late_ + 1000) + ", '" + name() +
             "', now(), NULL)");
  }

  std::mt19937 random_;
  PgClient& one_;
  PgClient& two_;
  unsigned next_ = 0;
  int version_ = 0;
  int late_ = 0;
  bool open_ = false;
};

TEST_F(PostgresChanges, WhatWasSeenIsWhatTheTableHoldsOnTwentySeeds) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    one_.run("TRUNCATE t");
    const auto db = table("300", std::to_string(3 + seed % 5));
    Seen seen(*db);
    Edits edits(seed, one_, two_);
    for (int i = 0; i < 12; ++i) edits.edit();
    for (int i = 0; i < 60; ++i) {
      edits.edit();
      if (i % 2 == 0) seen.read_page();
    }
    edits.end();
    while (seen.read_page()) {
    }
    seen.read_round();  // one that began after the last edit
    EXPECT_EQ(seen.records(), held());
    EXPECT_GT(seen.records().size(), 10U);
  }
}

/// What the overlap is for: the test above would not pass without it.
TEST_F(PostgresChanges, ATransactionThatCommitsLateIsFoundWithinTheOverlapOnly) {
  for (const std::string overlap : {"0", "300"}) {
    one_.run("TRUNCATE t");
    const auto db = table(overlap);
    Seen seen(*db);
    two_.run("BEGIN; INSERT INTO t VALUES (1, 'late', now(), NULL)");
    one_.run("INSERT INTO t VALUES (2, 'soon', now(), NULL)");
    seen.read_round();
    two_.run("COMMIT");
    seen.read_round();
    EXPECT_EQ(seen.records().count("1"), overlap == "300" ? 1U : 0U) << overlap;
    EXPECT_EQ(seen.records().count("2"), 1U);
  }
}

TEST_F(PostgresChanges, RowsWithoutAUsableTimeComeWithEveryRound) {
  one_.run(
      "INSERT INTO t VALUES (1, 'none', NULL, NULL), (2, 'ever', 'infinity', NULL), "
      "(3, 'before', '-infinity', NULL), (4, 'future', now() + interval '1 year', NULL), "
      "(5, 'old', '2020-01-01', NULL)");
  const auto db = table("300", "2");
  Seen seen(*db);
  seen.read_round();
  EXPECT_EQ(seen.records(), held());
  EXPECT_EQ(seen.notices(), 5);
  seen.read_round();
  EXPECT_EQ(seen.notices(), 9) << "the four again";
}

TEST_F(PostgresChanges, ADateWithoutATimeIsFoundAtAnyHourOfItsDay) {
  one_.run("CREATE TABLE days (id int, name text, changed date)");
  const auto db = source({{"query", "SELECT * FROM days"}, {"id", "id"}, {"updated", "changed"}});
  Seen seen(*db);
  one_.run("INSERT INTO days VALUES (1, 'a', current_date)");
  seen.read_round();
  one_.run("INSERT INTO days VALUES (2, 'b', current_date), (3, 'c', current_date - 7)");
  one_.run("UPDATE days SET name = 'new' WHERE id = 1");
  seen.read_round();
  EXPECT_EQ(seen.records(), (std::map<std::string, std::string>{{"1", "new"}, {"2", "b"}}));
  one_.run("DROP TABLE days");
}

TEST_F(PostgresChanges, ARoundBeginsAtTheGivenMoment) {
  one_.run(
      "INSERT INTO t VALUES (1, 'a', '2026-01-01T00:00:00Z', NULL), "
      "(2, 'b', '2026-01-01T00:10:00Z', NULL), (3, 'c', '2026-01-01T00:20:00Z', NULL)");
  const auto db = table("300");
  NoTransport transport;
  const auto since = [&](std::int64_t minutes) {
    const auto cursor =
        db->changes_since(kRows, core::from_ms(1'767'225'600'000 + minutes * 60'000));
    std::string ids;
    const Changes page = db->changes(kRows, cursor, {}, transport, {}).value();
    for (const core::Notice& notice : page.notices) ids += notice.ref.id.str();
    return ids;
  };
  EXPECT_EQ(since(0), "123");
  EXPECT_EQ(since(10), "23");
  EXPECT_EQ(since(14), "23") << "the overlap";
  EXPECT_EQ(since(16), "3");
  const auto broken = db->changes(kRows, "0:0:x:0:", {}, transport, {});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, connectors::ReadError::Kind::rejected);
}

}  // namespace
}  // namespace assembly_sync::test
