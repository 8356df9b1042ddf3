// Files as the only source of the real program: from their bytes to what Assembly holds.
#include <cmath>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

constexpr const char* kHead = R"yaml(version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
sources:
)yaml";

constexpr const char* kMapping = R"yaml(
mappings:
  - name: teams
    from: files.teams
    to: company
    key: concat("team-", id)
    fields: {name: name, domain: domain, contract_value: value | to_number}
)yaml";

/// With one source, given as YAML.
std::string config_of(const std::string& source) {
  std::string text = kHead;
  text += "  files: " + source;
  text += kMapping;
  return text;
}

/// What Assembly holds, by domain: "NAME VALUE".
std::map<std::string, std::string> accounts(World& world) {
  std::map<std::string, std::string> out;
  for (const Value& account : world.assembly().accounts()) {
    const Value& value = account.at("contract_value");
    out[account.text_or("domain")] =
        account.text_or("name") +
        (value.is_number() ? ' ' + std::to_string(std::lround(value.as_double())) : "");
  }
  return out;
}

using Accounts = std::map<std::string, std::string>;

TEST(Files, CsvFilesOfAPatternArriveInAnyDialect) {
  World world;
  write_file(world.config(),
             config_of("{type: csv, path: \"in/*.csv\", delimiter: \";\", encoding: windows-1252, "
                       "nulls: [\"\\\\N\"], objects: {teams: {id: id, updated: at}}}"));
  std::filesystem::create_directory(world.file("in"));
  write_file(world.file("in/1.csv"),
             "id;name;domain;value;at\r\n"
             "1;\"Caf\xE9; \x80\";one.test;10;2026-01-02\r\n"
             "1;older;one.test;11;2026-01-01\r\n"
             "2;Two;two.test;\\N;2026-01-01\r\n");
  write_file(world.file("in/2.csv"),
             "domain;id;name;at;value\n"
             "three.test;3;Three;2026-01-01;30\n"
             "four.test;4\n");
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("2.csv: line 3: expected 5 fields, got 2"));
  EXPECT_EQ(json(run.out).at("records"), Value(3));
  EXPECT_EQ(
      accounts(world),
      (Accounts{{"one.test", "Café; € 10"}, {"two.test", "Two"}, {"three.test", "Three 30"}}));
}

TEST(Files, LinesOfJsonArriveAndTheBadOneIsNamed) {
  World world;
  write_file(world.config(),
             config_of("{type: ndjson, path: teams.ndjson, objects: {teams: {id: id}}}"));
  write_file(world.file("teams.ndjson"),
             "{\"id\": 1, \"name\": \"One\", \"domain\": \"one.test\", \"value\": 12}\n"
             "{\"id\": 2, \"name\": \n"
             "{\"id\": \"3\", \"name\": \"Three\", \"domain\": \"three.test\"}");
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("line 2: expected a JSON object, got "));
  EXPECT_EQ(accounts(world), (Accounts{{"one.test", "One 12"}, {"three.test", "Three"}}));
}

TEST(Files, ThatAreNotThereAreNamedOnline) {
  World world;
  write_file(world.config(), config_of("{type: csv, path: \"*.csv\", objects: {teams: {id: id}}}"));
  EXPECT_EQ(world.run({"check"}).code, 0);
  const Finished online = world.run({"check", "--online"});
  EXPECT_EQ(online.code, 78);
  EXPECT_THAT(online.out + online.err,
              HasSubstr("*.csv: expected at least one file of such a name, got none"));
}

}  // namespace
}  // namespace assembly_sync::test
