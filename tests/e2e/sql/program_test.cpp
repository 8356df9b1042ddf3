// The real program with a database as its source: check, backfill, and what Assembly then holds.
#include <algorithm>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "core/json.hpp"
#include "tests/e2e/sql/sql_world.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

std::string config_of(const std::string& source) {
  std::string text = R"yaml(version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  db:
)yaml";
  text += source;
  text += R"yaml(    objects:
      teams:
        query: SELECT id, name, domain, price AS value, at FROM teams WHERE NOT internal
        id: id
        updated: at
mappings:
  - name: teams
    from: db.teams
    to: company
    key: concat("team-", id)
    fields: {name: name, domain: domain, contract_value: value}
)yaml";
  return text;
}

constexpr const char* kTeams =
    "INSERT INTO teams VALUES (1, 'One', 'one.test', 10.5, '2026-01-01T00:00:00Z', false), "
    "(2, 'Two', 'two.test', NULL, '2026-01-02T00:00:00Z', false), "
    "(3, 'Own', 'own.test', 3, '2026-01-03T00:00:00Z', true)";

/// "DOMAIN NAME VALUE", one a line.
std::string accounts(World& world) {
  std::vector<std::string> lines;
  for (const Value& account : world.assembly().accounts()) {
    const Value& value = account.at("contract_value");
    std::string line = account.text_or("domain") + ' ' + account.text_or("name");
    if (value.is_number()) line += ' ' + core::dump_json(value);
    lines.push_back(line + '\n');
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

class SqlProgram : public Sql {
 protected:
  static std::string postgres_block() {
    return "    type: postgresql\n    host: " + server().folder() +
           "\n    database: postgres\n    user: locked\n    password: ${env:DB_PASSWORD}\n";
  }
  static void write_config(World& world, std::string text, const std::string& password) {
    const std::string reference = "${env:DB_PASSWORD}";
    const auto at = text.find(reference);
    if (at != std::string::npos) {
      write_file(world.file("password"), password);
      text.replace(at, reference.size(), "${file:password}");
    }
    write_file(world.config(), text);
  }
};

TEST_F(SqlProgram, APostgresTableArrives) {
  PgClient client(server());
  client.run(
      "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO "
      "locked; CREATE TABLE teams (id int, name text, domain text, price numeric, at "
      "timestamptz, internal boolean); GRANT SELECT ON teams TO locked");
  client.run(kTeams);
  World world;
  write_config(world, config_of(postgres_block()), "right");
  const Finished check = world.run({"check", "--online"});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(json(run.out).at("records"), Value(2));
  EXPECT_EQ(accounts(world), "one.test One 10.5\ntwo.test Two\n");
}

TEST_F(SqlProgram, CheckOnlineNamesARefusedPasswordAndAnUnknownColumn) {
  PgClient client(server());
  client.run(
      "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO "
      "locked; CREATE TABLE teams (id int, name text, domain text, price numeric, at "
      "timestamptz, internal boolean); GRANT SELECT ON teams TO locked");
  World world;
  write_config(world, config_of(postgres_block()), "wrong");
  const Finished refused = world.run({"check", "--online"});
  EXPECT_EQ(refused.code, 78);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("(SQLSTATE 28P01)"));
  EXPECT_THAT(refused.out + refused.err,
              HasSubstr("the source refuses the credential that stands here"));
  std::string text = config_of(postgres_block());
  text.replace(text.find("updated: at"), 11, "updated: changed");
  write_config(world, text, "right");
  const Finished unknown = world.run({"check", "--online"});
  EXPECT_EQ(unknown.code, 78);
  EXPECT_THAT(
      unknown.out + unknown.err,
      HasSubstr("objects.teams.updated: expected a column of the query, got \"changed\"; it "
                "has: id, name, domain, value, at"));
}

void run_sqlite(World& world, const std::string& statements) {
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(world.file("teams.db").c_str(), &file), SQLITE_OK);
  sqlite3_busy_timeout(file, 10'000);
  EXPECT_EQ(sqlite3_exec(file, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(file);
  sqlite3_close(file);
}

constexpr const char* kSqliteTable =
    "CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT, domain TEXT, price REAL, at TEXT, "
    "internal BOOLEAN)";

TEST_F(SqlProgram, AnSqliteFileArrives) {
  World world;
  run_sqlite(world, kSqliteTable);
  run_sqlite(world, kTeams);
  write_config(world, config_of("    type: sqlite\n    path: teams.db\n"), "");
  const Finished check = world.run({"check", "--online"});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(accounts(world), "one.test One 10.5\ntwo.test Two\n");
}

TEST_F(SqlProgram, AChangeIsFoundByPolling) {
  World world;
  run_sqlite(world, kSqliteTable);
  run_sqlite(world, kTeams);
  write_config(world, config_of("    type: sqlite\n    path: teams.db\n    poll_seconds: 1\n"), "");
  EXPECT_EQ(world.run({"backfill"}).code, 0);
  EXPECT_EQ(accounts(world), "one.test One 10.5\ntwo.test Two\n");
  // Between the two, too: polls begin where the backfill began.
  run_sqlite(world,
             "UPDATE teams SET name = 'Zwei', at = strftime('%Y-%m-%dT%H:%M:%SZ') WHERE id = 2");
  run_sqlite(world, "INSERT INTO teams VALUES (4, 'Four', 'four.test', 4.5, NULL, false)");
  world.start();
  EXPECT_TRUE(wait_until([&] {
    return accounts(world) == "four.test Four 4.5\none.test One 10.5\ntwo.test Zwei\n";
  })) << accounts(world)
      << world.daemon().log();
}

}  // namespace
}  // namespace assembly_sync::test
