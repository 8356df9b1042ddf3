#include "connectors/sql/sqlite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/support/support.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors::sql {
namespace {

using core::RecordId;
using testing::ElementsAre;
using testing::HasSubstr;

const core::ObjectName kRows{"rows"};
constexpr std::int64_t kNow = 1'767'225'600'000;  // 2026-01-01

class SqliteSource : public testing::Test {
 protected:
  std::string path() const { return (folder_ / "t.db").string(); }

  void run(const std::string& statements) const {
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &file), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(file, statements.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << (message == nullptr ? "" : message);
    sqlite3_free(message);
    sqlite3_close(file);
  }

  std::unique_ptr<Connector> source(std::map<std::string, std::string> object) const {
    SourceSettings settings;
    settings.name = core::SourceName("db");
    settings.texts = {{"path", path()}, {"overlap_seconds", "60"}};
    ObjectSettings rows;
    rows.name = kRows;
    rows.id = "id";
    rows.updated = object["updated"];
    rows.texts = std::move(object);
    settings.objects = {rows};
    return find_type("sqlite")->make(settings);
  }
  ReadResult<Page> page(const Connector& source, const std::optional<std::string>& cursor = {}) {
    return source.list(kRows, cursor, {}, no_transport_, {});
  }
  /// The ids of all changes from `cursor` on, in order; `D` before one that is gone.
  std::string changes(const Connector& source, std::string& cursor, std::int64_t now_ms = kNow) {
    std::string ids;
    for (bool more = true; more;) {
      auto page = source.changes(kRows, cursor, {}, no_transport_, core::from_ms(now_ms));
      if (!page) return page.error().reason;
      for (const core::Notice& notice : page->notices) {
        ids += (notice.kind == core::NoticeKind::deleted ? " D" : " ") + notice.ref.id.str();
      }
      cursor = page->next;
      more = page->more;
    }
    return ids;
  }
  std::string reason(std::map<std::string, std::string> object) {
    const auto result = page(*source(std::move(object)));
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, ReadError::Kind::rejected);
    return result.error().reason;
  }

  test::TempDir folder_;
  test::ScriptedTransport no_transport_{std::vector<core::HttpResponse>{}};
};

TEST_F(SqliteSource, values_have_the_types_they_are_stored_with) {
  run("CREATE TABLE t (id, a, b, c, d, e); "
      "INSERT INTO t VALUES (1, 9007199254740993, 0.1, 'x', x'00', NULL)");
  const auto result = page(*source({{"query", "SELECT * FROM t;"}}));
  ASSERT_TRUE(result) << result.error().reason;
  EXPECT_EQ(result->records.at(0).json,
            R"({"a":9007199254740993,"b":0.1,"c":"x","e":null,"id":1})");
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("column d holds bytes (BLOB)")));
}

TEST_F(SqliteSource, pages_go_by_id_numbers_before_texts) {
  run("CREATE TABLE t (id); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
      "< 25) INSERT INTO t SELECT i FROM n UNION ALL SELECT 'k' || i FROM n UNION ALL SELECT '7'");
  const auto db = source({{"query", "SELECT * FROM t"}, {"page", "4"}});
  std::set<std::string> ids;
  std::optional<std::string> cursor;
  int rows = 0;
  do {
    const auto one = page(*db, cursor);
    ASSERT_TRUE(one) << one.error().reason;
    for (const core::Record& record : one->records) ids.insert(record.json);
    rows += static_cast<int>(one->records.size());
    cursor = one->next;
  } while (cursor);
  EXPECT_EQ(rows, 51);
  EXPECT_EQ(ids.size(), 51U);
}

TEST_F(SqliteSource, changes_are_found_by_times_of_any_form) {
  run("CREATE TABLE t (id INTEGER, at, gone); INSERT INTO t VALUES (1, '2025-12-31 23:00:00', 0), "
      "(2, 1767222000, 0), (3, 1767222000000, NULL), (4, NULL, 0), (5, 'soon', 0), "
      "(6, '2025-12-31T23:30:00Z', 1), (7, '2030-01-01', 0)");
  const auto db =
      source({{"query", "SELECT * FROM t"}, {"updated", "at"}, {"deleted", "gone"}, {"page", "2"}});
  std::string cursor = db->changes_since(kRows, core::from_ms(0));
  EXPECT_EQ(changes(*db, cursor), " 1 2 3 D6 4 5 7");
  EXPECT_EQ(changes(*db, cursor, kNow + 1000), " 4 5 7") << "without a usable time";
  run("UPDATE t SET at = '2026-01-01T00:00:00Z' WHERE id IN (1, 4)");
  EXPECT_EQ(changes(*db, cursor, kNow + 2000), " 1 4 5 7");
}

TEST_F(SqliteSource, a_date_without_a_time_counts_as_changed_until_its_day_is_over_everywhere) {
  // kNow is the midnight that begins 2026-01-01.
  run("CREATE TABLE t (id INTEGER, at TEXT); INSERT INTO t VALUES (1, '2025-12-31'), "
      "(2, '2025-12-29'), (3, '2025-12-31 09:00:00')");
  const auto db = source({{"query", "SELECT * FROM t"}, {"updated", "at"}});
  std::string cursor = db->changes_since(kRows, core::from_ms(kNow));
  EXPECT_EQ(changes(*db, cursor), " 1");
  constexpr std::int64_t kHour = 3'600'000;
  run("INSERT INTO t VALUES (4, '2026-01-01')");
  EXPECT_EQ(changes(*db, cursor, kNow + 8 * kHour), " 1 4") << "written at any time of the day";
  run("INSERT INTO t VALUES (5, '2026-01-01')");
  EXPECT_EQ(changes(*db, cursor, kNow + 20 * kHour), " 1 4 5");
  EXPECT_EQ(changes(*db, cursor, kNow + 60 * kHour), " 4 5");
  EXPECT_EQ(changes(*db, cursor, kNow + 61 * kHour), "");
}

TEST_F(SqliteSource, records_are_read_by_id_and_a_marked_row_is_an_archived_one) {
  run("CREATE TABLE t (id, gone); INSERT INTO t VALUES (1, ''), ('2', 'false'), (3, '2026-01-01')");
  const auto db = source({{"query", "SELECT * FROM t"}, {"deleted", "gone"}});
  const auto batch = db->read(kRows, {RecordId("1"), RecordId("2"), RecordId("3"), RecordId("4")},
                              {}, no_transport_, {});
  ASSERT_TRUE(batch) << batch.error().reason;
  EXPECT_EQ(batch->records.size(), 2U);
  ASSERT_EQ(batch->missing.size(), 2U);
  EXPECT_TRUE(batch->missing[0].archived);
  EXPECT_FALSE(batch->missing[1].archived);
  EXPECT_EQ(page(*db)->records.size(), 2U);
}

TEST_F(SqliteSource, what_is_wrong_is_told_with_its_place) {
  EXPECT_THAT(reason({{"query", "SELECT 1 AS id"}}), HasSubstr("expected an SQLite file, got: "));
  run("CREATE TABLE t (id, a)");
  EXPECT_EQ(reason({{"query", "SELECT * FROM u"}}), "objects.rows.query: no such table: u");
  EXPECT_EQ(reason({{"query", "SELECT a FROM t"}}),
            "objects.rows.id: expected a column of the query, got \"id\"; it has: a");
  EXPECT_EQ(reason({{"query", "SELECT * FROM t"}, {"updated", "at"}}),
            "objects.rows.updated: expected a column of the query, got \"at\"; it has: id, a");
  EXPECT_THAT(reason({{"query", "DELETE FROM t RETURNING id"}}), HasSubstr("objects.rows.query: "));
  EXPECT_THAT(reason({{"query", "SELECT 1 AS id) AS q; DELETE FROM t; --"}}),
              HasSubstr("expected one SELECT"));
  test::write_file(folder_ / "t.db", "this is no database, but long enough to be looked into");
  EXPECT_THAT(reason({{"query", "SELECT * FROM t"}}), HasSubstr("file is not a database"));
}

TEST_F(SqliteSource, its_columns_are_the_roots_of_its_paths) {
  EXPECT_EQ(source({{"query", "SELECT * FROM t"}})->roots(kRows), std::nullopt);
  run("CREATE TABLE t (id, a)");
  EXPECT_EQ(source({{"query", "SELECT *, 1 AS b FROM t"}})->roots(kRows),
            (std::set<std::string>{"a", "b", "id"}));
}

}  // namespace
}  // namespace assembly_sync::connectors::sql
