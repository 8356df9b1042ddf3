// The connector `postgresql` at a live server: types, pages, errors, connections.
#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/sql/sql_world.hpp"

namespace assembly_sync::test {
namespace {

using connectors::ReadError;
using core::RecordId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PostgresSource : public Sql {
 protected:
  void SetUp() override {
    client_.run(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");
  }
  static ReadError error_of(const connectors::Connector& source) {
    const auto result = page(source);
    if (result) throw std::runtime_error("expected an error, got a page");
    return result.error();
  }

  PgClient client_{server()};
};

TEST_F(PostgresSource, ValuesArriveAsTheyAre) {
  client_.run(R"sql(CREATE TABLE t AS SELECT
    7::bigint AS id, 'Żółć "q" \ '::text AS name, 12345678901234567890.123456789::numeric AS sum,
    0.1::float8 AS ratio, true AS active, date '2026-01-31' AS day,
    timestamptz '2026-01-31 10:00:00.25+02' AS at, timestamp '2026-01-31 10:00:00' AS local,
    '{"b": 1.10, "a": [1, 2]}'::json AS raw, '{"b": 1.10}'::jsonb AS doc,
    ARRAY['x', 'y,z'] AS tags, '\x00ff'::bytea AS photo, NULL::text AS nothing,
    timestamptz 'infinity' AS never)sql");
  const auto db = source({{"query", "SELECT * FROM t -- all of it"}, {"id", "id"}});
  const auto result = page(*db);
  ASSERT_TRUE(result) << result.error().reason;
  ASSERT_EQ(result->records.size(), 1U);
  EXPECT_EQ(result->records[0].ref.id.str(), "7");
  EXPECT_EQ(result->records[0].version, 0);
  EXPECT_EQ(result->records[0].json,
            R"({"id":7,"name":"Żółć \"q\" \\ ","sum":12345678901234567890.123456789,"ratio":0.1,)"
            R"("active":true,"day":"2026-01-31","at":"2026-01-31T08:00:00.250000Z",)"
            R"("local":"2026-01-31T10:00:00","raw":{"b": 1.10, "a": [1, 2]},"doc":{"b": 1.10},)"
            R"("tags":["x","y,z"],"nothing":null,"never":"infinity"})");
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("column photo holds bytes (bytea)")));
  EXPECT_EQ(result->next, std::nullopt);
}

TEST_F(PostgresSource, PagesGoByIdWhateverComesAndGoesBetweenThem) {
  client_.run(
      "CREATE TABLE t (id text PRIMARY KEY); INSERT INTO t SELECT 'k' || "
      "to_char(n, 'FM000') FROM generate_series(1, 100) n");
  const auto db = source({{"query", "SELECT id FROM t"}, {"id", "id"}, {"page", "10"}});
  std::vector<std::string> ids;
  std::optional<std::string> cursor;
  int pages = 0;
  do {
    const auto one = page(*db, cursor);
    ASSERT_TRUE(one) << one.error().reason;
    for (const core::Record& record : one->records) ids.push_back(record.ref.id.str());
    cursor = one->next;
    client_.run("DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id LIMIT 3)");
    ++pages;
  } while (cursor);
  EXPECT_EQ(pages, 11);
  EXPECT_EQ(ids.size(), 100U);
}

TEST_F(PostgresSource, RowsThatAreNoRecordsAreTold) {
  client_.run("CREATE TABLE t (id int, n int); INSERT INTO t VALUES (1, 1), (1, 2), (NULL, 3)");
  const auto result = page(*source({{"query", "SELECT * FROM t"}, {"id", "id"}}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->records.size(), 1U);
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("several rows with one value in column"),
                                            HasSubstr("got NULL in some")));
}

TEST_F(PostgresSource, RecordsAreReadByIdAndAMarkedRowIsAnArchivedOne) {
  client_.run(
      "CREATE TABLE t (id int, gone timestamptz); "
      "INSERT INTO t VALUES (1, NULL), (2, now()), (3, NULL)");
  const auto db = source({{"query", "SELECT * FROM t"}, {"id", "id"}, {"deleted", "gone"}});
  NoTransport transport;
  const auto batch =
      db->read(kRows, {RecordId("1"), RecordId("2"), RecordId("9")}, {}, transport, {});
  ASSERT_TRUE(batch) << batch.error().reason;
  ASSERT_EQ(batch->records.size(), 1U);
  EXPECT_EQ(batch->records[0].ref.id.str(), "1");
  ASSERT_EQ(batch->missing.size(), 2U);
  EXPECT_TRUE(batch->missing[0].archived);
  EXPECT_FALSE(batch->missing[1].archived);
  const auto listed = page(*db);
  EXPECT_EQ(listed->records.size(), 2U) << "a marked row is not listed";

  client_.run("CREATE TABLE texts (id text); INSERT INTO texts VALUES ('a\"b\\,{}')");
  const auto texts = source({{"query", "SELECT * FROM texts"}, {"id", "id"}});
  EXPECT_EQ(texts->read(kRows, {RecordId("a\"b\\,{}")}, {}, transport, {})->records.size(), 1U);
}

TEST_F(PostgresSource, AnErrorSaysWhereAndWhatAndShowsNoValue) {
  client_.run("CREATE TABLE t (id int, s text); INSERT INTO t VALUES (1, 'secret')");
  const struct {
    Texts object;
    ReadError::Kind kind;
    std::string reason;
  } kCases[] = {
      {{{"query", "SELECT * FROM nowhere"}, {"id", "id"}},
       ReadError::Kind::rejected,
       "objects.rows.query: relation \"nowhere\" does not exist (SQLSTATE 42P01)"},
      {{{"query", "SELECT nothing FROM t"}, {"id", "id"}},
       ReadError::Kind::rejected,
       "objects.rows.query: column \"nothing\" does not exist (SQLSTATE 42703)"},
      {{{"query", "SELECT * FROM t"}, {"id", "key"}},
       ReadError::Kind::rejected,
       "objects.rows.id: expected a column of the query, got \"key\"; it has: id, s"},
      {{{"query", "SELECT * FROM t"}, {"id", "id"}, {"updated", "at"}},
       ReadError::Kind::rejected,
       "objects.rows.updated: expected a column of the query, got \"at\"; it has: id, s"},
      {{{"query", "SELECT id, id FROM t"}, {"id", "id"}},
       ReadError::Kind::rejected,
       "objects.rows.query: expected each column once, got \"id\" twice; write: AS another_name"},
      {{{"query", "SELECT id, s::int AS n FROM t"}, {"id", "id"}},
       ReadError::Kind::rejected,
       "objects.rows.query: invalid input syntax for type integer: \"…\" (SQLSTATE 22P02)"},
  };
  for (const auto& [object, kind, reason] : kCases) {
    const ReadError error = error_of(*source(object));
    EXPECT_EQ(error.reason, reason);
    EXPECT_EQ(error.kind, kind) << reason;
  }
  EXPECT_THAT(
      error_of(*source({{"query", "SELECT * FROM t"}, {"id", "id"}, {"updated", "s"}})).reason,
      HasSubstr("objects.rows.updated: expected a column of type timestamp"));
}

TEST_F(PostgresSource, AQueryThatWritesIsRefused) {
  client_.run(
      "CREATE TABLE t (id int); CREATE FUNCTION bad() RETURNS int LANGUAGE sql AS "
      "'INSERT INTO t VALUES (1) RETURNING id'");
  const ReadError error = error_of(*source({{"query", "SELECT bad() AS id"}, {"id", "id"}}));
  EXPECT_EQ(error.kind, ReadError::Kind::rejected);
  EXPECT_THAT(error.reason, HasSubstr("(SQLSTATE 25006)"));
  EXPECT_EQ(
      error_of(*source({{"query", "SELECT 1 AS id) q; DELETE FROM t; --"}, {"id", "id"}})).kind,
      ReadError::Kind::rejected);
  EXPECT_THAT(client_.run("SELECT * FROM t"), IsEmpty());
}

TEST_F(PostgresSource, AQueryThatTakesTooLongIsEnded) {
  const ReadError error =
      error_of(*source({{"query", "SELECT 1 AS id, pg_sleep(60)::text AS s"}, {"id", "id"}},
                       {{"timeout_seconds", "1"}}));
  EXPECT_EQ(error.kind, ReadError::Kind::transient);
  EXPECT_THAT(error.reason, HasSubstr("expected an answer within timeout_seconds (1)"));
}

TEST_F(PostgresSource, ARefusedCredentialIsToldFromAServerThatIsNotThere) {
  const Texts object = {{"query", "SELECT 1 AS id"}, {"id", "id"}};
  const ReadError wrong = error_of(*source(object, {{"user", "locked"}}, "wrong"));
  EXPECT_EQ(wrong.kind, ReadError::Kind::unauthorized);
  EXPECT_THAT(wrong.reason, HasSubstr("(SQLSTATE 28P01)"));
  EXPECT_THAT(wrong.reason, Not(HasSubstr("wrong\"")));
  EXPECT_TRUE(page(*source(object, {{"user", "locked"}}, "right")));
  const ReadError none = error_of(*source(object, {{"database", "nowhere"}}));
  EXPECT_EQ(none.kind, ReadError::Kind::rejected);
  EXPECT_EQ(none.reason, "no connection: database \"nowhere\" does not exist (SQLSTATE 3D000)");
  const ReadError away = error_of(*source(object, {{"host", "/nowhere"}}));
  EXPECT_EQ(away.kind, ReadError::Kind::transient);
  EXPECT_THAT(away.reason, HasSubstr("no connection: "));
}

TEST_F(PostgresSource, AConnectionThatDiedIsOpenedAgain) {
  const auto db = source({{"query", "SELECT 1 AS id"}, {"id", "id"}});
  ASSERT_TRUE(page(*db));
  client_.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
      "'assembly-sync'");
  const auto again = page(*db);
  EXPECT_TRUE(again) << again.error().reason;
}

TEST_F(PostgresSource, TheCatalogueTellsTheTypes) {
  const auto db = source({{"query",
                           "SELECT 1 AS id, 'x'::text AS s, true AS b, now() AS at, "
                           "current_date AS d, '\\x00'::bytea AS photo"},
                          {"id", "id"}});
  EXPECT_EQ(db->catalogue_root(), "");
  NoTransport transport;
  const auto catalogue = db->describe(kRows, transport, {});
  ASSERT_TRUE(catalogue) << catalogue.error().reason;
  EXPECT_EQ(catalogue->fields.size(), 5U);
  EXPECT_EQ(catalogue->find("id")->type, core::FieldType::number);
  EXPECT_EQ(catalogue->find("s")->type, core::FieldType::text);
  EXPECT_EQ(catalogue->find("b")->type, core::FieldType::boolean);
  EXPECT_EQ(catalogue->find("at")->type, core::FieldType::datetime);
  EXPECT_EQ(catalogue->find("d")->type, core::FieldType::date);
}

}  // namespace
}  // namespace assembly_sync::test
