// `check` as an admin meets it: every problem at once, each at its place in the file.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::ElementsAreArray;
using testing::HasSubstr;

/// Marks in a configuration where a problem must be reported; taken out before the file is written.
constexpr std::string_view kMark = "@@";

constexpr const char* kHead = R"yaml(version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
)yaml";
constexpr const char* kListen = R"yaml(listen: {public_url: https://sync.example.test}
)yaml";
constexpr const char* kSources = R"yaml(sources:
  hubspot:
    type: hubspot
    base_url: ${env:HUBSPOT_URL}
    access_token: ${env:HUBSPOT_TOKEN}
    client_secret: ${env:HUBSPOT_CLIENT_SECRET}
)yaml";
constexpr const char* kMappings = R"yaml(tables: {tiers: {gold: Gold}}
mappings:
  - name: companies
    from: hubspot.companies
    to: company
    key: concat("hubspot-company-", id)
    fields:
      name: properties.name
      domain: properties.domain
)yaml";

/// `line:column` of each mark, and the text without them.
struct Marked {
  std::string text;
  std::vector<std::string> places;
};

Marked read_marks(std::string text) {
  Marked marked;
  for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark)) {
    const auto begin = text.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(at);
    const auto line = std::count(begin, end, '\n') + 1;
    const auto last_end = text.rfind('\n', at);
    const std::size_t column = last_end == std::string::npos ? at + 1 : at - last_end;
    marked.places.push_back(std::to_string(line) + ':' + std::to_string(column));
    text.erase(at, kMark.size());
  }
  marked.text = std::move(text);
  return marked;
}

struct Broken {
  const char* what;
  std::string text;
  const char* key;      // of the first problem
  const char* message;  // a part of it
};

std::vector<Broken> broken() {
  const std::string head = kHead;
  const std::string rest = std::string(kListen) + kSources + kMappings;
  const std::string all = head + rest;
  return {
      {"a misspelt section", head + "@@lisen: {admin: \"127.0.0.1:0\"}\n" + rest, "lisen",
       R"(did you mean "listen"?)"},
      {"a text for a number",
       "version: 1\nassembly:\n  base_url: ${env:ASSEMBLY_URL}\n  api_key: "
       "${env:ASSEMBLY_API_KEY}\n  rate_per_second: @@fast\n" +
           rest,
       "assembly.rate_per_second", "number from 0.1 to 1000"},
      {"a key written into the file",
       "version: 1\nassembly: {base_url: \"${env:ASSEMBLY_URL}\", api_key: @@sk-123}\n" + rest,
       "assembly.api_key", "got a literal text"},
      {"a variable that is not set",
       "version: 1\nassembly: {base_url: \"${env:ASSEMBLY_URL}\", api_key: "
       "@@\"${env:NOT_SET}\"}\n" +
           rest,
       "assembly.api_key", "an environment variable that is not set"},
      {"an unknown kind of source",
       head + kListen + "sources:\n  crm: {type: @@hubspott}\n" + "mappings: []\n",
       "sources.crm.type", R"(did you mean "hubspot"?)"},
      {"http to another machine",
       "version: 1\nassembly: {base_url: @@\"http://api.example.test\", api_key: "
       "\"${env:ASSEMBLY_API_KEY}\"}\n" +
           rest,
       "assembly.base_url", "unencrypted"},
      {"no public address for webhooks", head + "listen: @@{}\n" + kSources + kMappings,
       "listen.public_url", "got nothing"},
      {"a misspelt function", all + "      notes: properties.name | @@lowr\n", "mappings", "lower"},
      {"a root that the object does not have", all + "      notes: @@propertys.name\n", "mappings",
       "properties"},
      {"a table that is not there", all + "      tier: properties.tier | lookup(@@tierz)\n",
       "mappings", "did you mean `tiers`?"},
      {"a key twice", all + "      @@name: properties.title\n", "",
       "expected each key once, got one that appears twice, first on line 18 (take one of them "
       "out)"},
      {"a mapping test that fails",
       all + "tests:\n  - @@mapping: companies\n    record: {id: \"1\", properties: {name: Acme, "
             "domain: acme.test}}\n    expect: {fields: {name: Other}}\n",
       "tests", "Other"},
  };
}

Value problems_of(World& world, const std::string& text) {
  write_file(world.config(), text);
  const Finished checked = world.run({"check", "--json"});
  EXPECT_EQ(checked.code, 78) << checked.err;
  return json(checked.out).at("problems");
}

std::string place_of(const Value& problem) {
  return std::to_string(problem.at("line").as_int()) + ':' +
         std::to_string(problem.at("column").as_int());
}

std::vector<std::string> places_of(const Value& problems) {
  std::vector<std::string> places;
  for (const Value& problem : problems.as_list()) places.push_back(place_of(problem));
  return places;
}

TEST(Check, NamesThePlaceOfEachBrokenConfiguration) {
  World world;
  for (const Broken& c : broken()) {
    SCOPED_TRACE(c.what);
    const Marked marked = read_marks(c.text);
    const Value problems = problems_of(world, marked.text);
    EXPECT_THAT(places_of(problems), ElementsAreArray(marked.places));
    ASSERT_FALSE(problems.as_list().empty());
    const Value& first = problems.as_list().front();
    EXPECT_EQ(first.text_or("file"), world.config().string());
    EXPECT_THAT(first.text_or("key"), testing::StartsWith(c.key));
    EXPECT_THAT(first.text_or("message"), HasSubstr(c.message));
    EXPECT_EQ(first.as_object().size(), first.find("hint") == nullptr ? 5U : 6U);
  }
}

TEST(Check, ReportsAllProblemsOfAFileAtOnceAndInItsOrder) {
  World world;
  const Marked marked = read_marks(R"yaml(version: @@2
assembly:
  base_url: ${env:ASSEMBLY_URL}
  api_key: @@sk-123
  rate_per_second: @@0
@@colours: {}
listen: {webhooks: @@nowhere, public_url: https://sync.example.test}
sources:
  hubspot:
    type: hubspot
    access_token: @@${env:NOT_SET}
    client_secret: ${env:HUBSPOT_CLIENT_SECRET}
mappings:
  - name: companies
    from: hubspot.companies
    to: company
    key: concat("hubspot-company-", id)
    fields:
      name: properties.name
      domain: properties.domain | @@lowr
)yaml");
  EXPECT_THAT(places_of(problems_of(world, marked.text)), ElementsAreArray(marked.places));

  const Finished text = world.run({"check"});
  EXPECT_EQ(text.code, 78);
  for (const std::string& place : marked.places) {
    EXPECT_THAT(text.err, HasSubstr(world.config().string() + ':' + place + ": "));
  }
  EXPECT_THAT(text.err, HasSubstr("7 problems"));
  EXPECT_THAT(text.out + text.err, testing::Not(HasSubstr("sk-123")));
}

TEST(Check, ShowsTheLineOfAProblemAndWhatToWrite) {
  World world;
  write_file(world.config(),
             "version: 1\nassembly:\n  base_url: ${env:ASSEMBLY_URL}\n"
             "  api_key: ${env:ASSEMBLY_API_KEY}\n\tx: y\n");
  EXPECT_THAT(world.run({"check"}).err, HasSubstr("got a tab (write two spaces a step)\n"
                                                  "    5 | \tx: y\n      | ^\n1 problem\n"));
  write_file(world.config(),
             "version: 1\nassembly:\n  base_url: ${env:ASSEMBLY_URL}\n"
             "  api_key: sk-123\n  rate_per_second: \"30\"\n");
  const Finished checked = world.run({"check"});
  EXPECT_THAT(checked.err,
              HasSubstr("    4 |   api_key: …\n      |            ^\n"
                        "      = write: \"${env:ASSEMBLY_API_KEY}\", and set that variable"));
  EXPECT_THAT(checked.err,
              HasSubstr("    5 |   rate_per_second: \"30\"\n      |                    ^\n"
                        "      = write: 30\n"));
  EXPECT_EQ(checked.err,
            world.run({"run"}).err.substr(0, checked.err.find("2 problems")) + "2 problems\n");
  EXPECT_THAT(checked.out + checked.err, testing::Not(HasSubstr("sk-123")));
}

TEST(Check, FindsProblemsInTheFileInWhichTheyStand) {
  World world;
  const auto folder = world.config().parent_path();
  write_file(world.config(), std::string(kHead) + kListen + kSources + "include: parts/*.yaml\n");
  std::filesystem::create_directories(folder / "parts");
  write_file(folder / "parts/a.yaml", kMappings);
  write_file(folder / "parts/b.yaml", "tables: {tiers: {x: X}}\n");
  const Value problems = json(world.run({"check", "--json"}).out).at("problems");
  ASSERT_EQ(problems.as_list().size(), 1U);
  const Value& problem = problems.as_list()[0];
  EXPECT_EQ(problem.text_or("file"), (folder / "parts/b.yaml").string());
  EXPECT_EQ(place_of(problem), "1:10");
  EXPECT_EQ(problem.text_or("key"), "tables.tiers");
  EXPECT_THAT(problem.text_or("message"), HasSubstr((folder / "parts/a.yaml").string() + ":1:10"));

  write_file(folder / "parts/b.yaml", "tests: []\n");
  const Finished good = world.run({"check"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("1 source, 1 mapping"));
}

TEST(Check, PrintsTheSchemaWithoutAConfiguration) {
  World world;
  std::filesystem::remove(world.config());
  const Finished printed = world.run({"check", "--schema"});
  EXPECT_EQ(printed.code, 0);
  EXPECT_EQ(printed.out, read_file(source_dir() / "docs" / "config.schema.json"));
}

TEST(Check, AGoodConfigurationHasNoProblems) {
  World world;
  const Finished text = world.run({"check"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("1 source, 2 mappings"));
  const Finished machine = world.run({"check", "--json"});
  EXPECT_EQ(machine.code, 0);
  EXPECT_EQ(json(machine.out).at("problems"), Value(Value::List{}));
}

TEST(Check, OnlineTriesEachCredential) {
  World world;
  EXPECT_EQ(world.run({"check", "--online"}).code, 0);
  world.assembly().set_key_revoked(true);
  world.crm().add_fault("/crm/", 401, 10);
  const Finished checked = world.run({"check", "--online", "--json"});
  EXPECT_EQ(checked.code, 78);
  const Value problems = json(checked.out).at("problems");
  ASSERT_EQ(problems.as_list().size(), 3U) << checked.out;
  EXPECT_EQ(problems.as_list()[0].text_or("key"), "assembly.api_key");
  EXPECT_EQ(problems.as_list()[1].text_or("key"), "sources.hubspot");
  EXPECT_EQ(world.assembly().stats().writes, 0U);
}

TEST(Check, Invariant13_RunRefusesABrokenConfigurationAndStartsNothing) {
  World world;
  write_file(world.config(), "version: 1\n");
  const Finished run = world.run({"run"});
  EXPECT_EQ(run.code, 78);
  EXPECT_THAT(run.err, HasSubstr("nothing was started"));
  EXPECT_FALSE(std::filesystem::exists(world.store()));
}

}  // namespace
}  // namespace assembly_sync::test
