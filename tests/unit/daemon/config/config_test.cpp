#include "daemon/config/config.hpp"

#include "core/json.hpp"
#include "core/limits.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::config {
namespace {

const FakeSecrets kSecrets;
const std::string kFile = "/etc/app/config.yaml";
const std::string kLeast = R"(version: 1
assembly:
  base_url: https://a.test
  api_key: ${env:KEY}
)";

std::vector<std::string> texts(const core::Problems& problems) {
  std::vector<std::string> out;
  for (const core::Problem& problem : problems) out.push_back(to_text(problem));
  return out;
}

Config load_good(const std::string& text) {
  LoadResult result = load(kFile, text, kSecrets);
  EXPECT_THAT(texts(result.problems), testing::IsEmpty());
  if (!result.config) throw std::runtime_error("not loaded");
  return std::move(*result.config);
}

TEST(Config, LeastConfigurationGetsTheDefaults) {
  const Config config = load_good(kLeast);
  EXPECT_EQ(config.file, kFile);
  EXPECT_EQ(config.assembly.base_url, "https://a.test");
  EXPECT_EQ(config.assembly.api_key.reveal(), "s3cr3t-key");
  EXPECT_DOUBLE_EQ(config.assembly.rate_per_second, 30);
  EXPECT_EQ(config.assembly.max_in_flight, 16);
  EXPECT_EQ(config.assembly.timeout, std::chrono::seconds(30));
  EXPECT_EQ(config.store_path, "/var/lib/assembly-sync/assembly-sync.db");
  EXPECT_EQ(config.listen.webhooks, "127.0.0.1:8480");
  EXPECT_EQ(config.listen.admin, "127.0.0.1:8481");
  EXPECT_EQ(config.listen.public_url, "");
  EXPECT_FALSE(config.labels.create);
  EXPECT_TRUE(config.labels.colors.empty());
  EXPECT_TRUE(config.sources.empty());
  ASSERT_NE(config.rules, nullptr);
}

TEST(Config, EveryKeyArrivesInItsPlace) {
  const Config config = load_good(R"(version: 1
assembly:
  base_url: http://127.0.0.1:9000/api/
  api_key: ${credential:api-key}
  rate_per_second: 0.5
  max_in_flight: 256
  timeout_seconds: 1.5
store: {path: state/a.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0", public_url: "https://p.test/x/"}
labels: {create: true, colors: {Tier: "#545A92", AccountTag: "#000000"}}
sources:
  crm:
    type: hubspot
    access_token: ${env:TOKEN}
    client_secret: ${file:key}
    base_url: http://localhost:1
    poll_seconds: 60
  table:
    type: csv
    path: data/t.csv
    objects: {rows: {id: number}}
)");
  EXPECT_EQ(config.assembly.base_url, "http://127.0.0.1:9000/api");
  EXPECT_EQ(config.assembly.api_key.reveal(), "s3cr3t-credential");
  EXPECT_DOUBLE_EQ(config.assembly.rate_per_second, 0.5);
  EXPECT_EQ(config.assembly.max_in_flight, 256);
  EXPECT_EQ(config.assembly.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(config.store_path, "/etc/app/state/a.db");
  EXPECT_EQ(config.listen.webhooks, "127.0.0.1:0");
  EXPECT_EQ(config.listen.admin, "127.0.0.1:0");
  EXPECT_EQ(config.listen.public_url, "https://p.test/x");
  EXPECT_TRUE(config.labels.create);
  EXPECT_EQ(config.labels.colors,
            (std::map<std::string, std::string>{{"Tier", "#545A92"}, {"AccountTag", "#000000"}}));
  ASSERT_EQ(config.sources.size(), 2U);
  EXPECT_EQ(config.sources[0].name.str(), "crm");
  EXPECT_EQ(config.sources[0].type, "hubspot");
  EXPECT_EQ(config.sources[0].poll.every, std::chrono::seconds(60));
  EXPECT_EQ(config.sources[0].poll.sweep, std::chrono::hours(24));
  EXPECT_EQ(config.sources[1].name.str(), "table");
  EXPECT_EQ(config.sources[1].connector->objects(),
            std::vector<core::ObjectName>{core::ObjectName("rows")});
}

TEST(Config, SourcesAreFoundByName) {
  const Config config = load_good(kLeast + R"(sources:
  table: {type: csv, path: t.csv, objects: {rows: {id: n}}}
)");
  ASSERT_NE(config.source(core::SourceName("table")), nullptr);
  EXPECT_EQ(config.source(core::SourceName("table"))->type, "csv");
  EXPECT_EQ(config.source(core::SourceName("other")), nullptr);
}

TEST(Config, EmptySectionsMeanTheDefaults) {
  const Config config = load_good(kLeast + "listen:\n  # nothing yet\nlabels:\nsources:\n");
  EXPECT_EQ(config.listen.admin, "127.0.0.1:8481");
}

TEST(Config, TextsMayHoldReferences) {
  const Config config = load_good(R"(version: 1
assembly: {base_url: "${env:URL}api", api_key: "${env:KEY}"}
store: {path: "${env:TOKEN}/a.db"}
)");
  EXPECT_EQ(config.assembly.base_url, "https://s3cr3t.test/api");
  EXPECT_EQ(config.store_path, "/etc/app/s3cr3t-token/a.db");
}

TEST(Config, CredentialsThatNobodyPassesAreReadBesideTheConfiguration) {
  const Config config = load_good(R"(version: 1
assembly: {base_url: https://a.test, api_key: "${credential:own}"}
)");
  EXPECT_EQ(config.assembly.api_key.reveal(), "s3cr3t-own");
}

TEST(Config, ReferencedTextIsNeverReadAsYaml) {
  const Config config = load_good(R"(version: 1
assembly: {base_url: https://a.test, api_key: "${env:YAML}"}
)");
  EXPECT_EQ(config.assembly.api_key.reveal(), "s3cr3t: {a: [1");
}

TEST(Config, HashIsSha256OfTheText) {
  // Of the text as written: neither the secrets nor the place of the file are part of it.
  const Config config = load_good(kLeast);
  EXPECT_EQ(config.hash, "357a0e9b972cc6809d5a71f300832b6ebc20e49041e6d298052b180762d61324");
  EXPECT_EQ(load("/other/place.yaml", kLeast, kSecrets).config->hash, config.hash);
  EXPECT_NE(load_good(kLeast + "# changed\n").hash, config.hash);
}

TEST(Config, MappingsAreCompiledAgainstTheSources) {
  const Config config = load_good(kLeast + R"(sources:
  table: {type: csv, path: none.csv, objects: {rows: {id: n}}}
mappings:
  - name: people
    from: table.rows
    to: customer
    key: concat("t-", n)
    fields: {name: label, domain: mail}
)");
  EXPECT_EQ(config.rules->names(), std::vector<std::string>{"people"});
  EXPECT_TRUE(config.rules->reads(core::SourceName("table"), core::ObjectName("rows")));
}

TEST(Config, FailedMappingTestIsAProblemAndKeepsTheConfigurationOut) {
  const std::string text = kLeast + R"(sources:
  table: {type: csv, path: none.csv, objects: {rows: {id: n}}}
mappings:
  - name: people
    from: table.rows
    to: customer
    key: concat("t-", n)
    fields: {name: label, domain: mail}
tests:
  - mapping: people
    record: {n: "1", label: Ada, mail: ada@a.test}
    expect: {key: t-1, fields: {name: NAME}}
)";
  std::string good = text;
  good.replace(good.find("NAME}}"), 4, "Ada");
  const LoadResult passed = load(kFile, good, kSecrets);
  EXPECT_THAT(texts(passed.problems), testing::IsEmpty());
  EXPECT_EQ(passed.tests.passed, 1);
  EXPECT_TRUE(passed.config.has_value());

  const LoadResult failed = load(kFile, text, kSecrets);
  EXPECT_EQ(failed.problems.size(), 1U);
  EXPECT_EQ(failed.tests.failed, 1);
  EXPECT_FALSE(failed.config.has_value());
}

TEST(LoadFile, ReadsTheFileAndTakesItsFolder) {
  const test::TempDir folder;
  test::write_file(folder / "c.yaml", kLeast + "store: {path: a.db}\n");
  const LoadResult result = load_file(folder / "c.yaml", kSecrets);
  ASSERT_TRUE(result.config.has_value());
  EXPECT_EQ(result.config->store_path, (folder / "a.db").string());
}

TEST(LoadFile, MissingFileIsAProblem) {
  EXPECT_THAT(texts(load_file("/none/c.yaml", kSecrets).problems),
              testing::ElementsAre("/none/c.yaml: expected a readable file, got nothing"));
}

TEST(LoadFile, FolderIsAProblem) {
  const test::TempDir folder;
  const std::string path = folder.path();
  EXPECT_THAT(texts(load_file(path, kSecrets).problems),
              testing::ElementsAre(path + ": expected a readable file, got a folder"));
}

TEST(LoadFile, StopsAtTheByteLimit) {
  const test::TempDir folder;
  test::write_file(folder / "c.yaml", std::string(core::limits::kConfigBytes + 10, '#'));
  EXPECT_THAT(texts(load_file(folder / "c.yaml", kSecrets).problems),
              testing::ElementsAre(testing::HasSubstr("expected at most 4194304 bytes")));
}

}  // namespace
}  // namespace assembly_sync::config
