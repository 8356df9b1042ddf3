// A configuration that is being written: seen before it is saved, and saved only when it is whole.
#include "daemon/workbench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "tests/support/temp_store.hpp"
#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::app {
namespace {

using core::Value;
using testing::HasSubstr;

constexpr const char* kMain = R"yaml(version: 1
include: rules.yaml
assembly: {base_url: https://a.test, api_key: "${env:KEY}"}
store: {path: s.db}
sources:
  crm: {type: webhook, verify: {scheme: standard-webhooks, secrets: ["${env:PRODUCT_SECRET}"]}, objects: {companies: {id: id}}}
)yaml";
constexpr const char* kRules = R"yaml(mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("c-", id)
    fields: {contract_value: value | to_number, name: name | default(id),
             domain: 'concat("c", id, ".test")'}
tests:
  - mapping: companies
    record: {id: "1", name: Acme}
    expect: {key: c-1}
)yaml";

class WorkbenchTest : public testing::Test {
 protected:
  WorkbenchTest() {
    test::write_file(main_, kMain);
    test::write_file(rules_, kRules);
    auto loaded = config::load_file(main_, secrets_);
    if (!loaded.config) throw std::runtime_error(core::to_text(loaded.problems.front()));
    config_ = std::make_shared<const config::Config>(std::move(*loaded.config));
    store_.write([](store::Tx& tx) {
      tx.put_record({{core::SourceName("crm"), core::ObjectName("companies"), core::RecordId("7")},
                     R"({"id":"7","name":"Globex","value":"n/a","more":1})",
                     1,
                     {}},
                    1, 1);
    });
  }

  Workbench::Draft draft(const std::string& text, const std::string& record) const {
    const std::string base = bench_.begin(rules_).text_or("base");
    return {rules_, text, base, "crm.companies", record, ""};
  }

  test::TempDir folder_;
  const std::string main_ = (folder_ / "c.yaml").string();
  const std::string rules_ = (folder_ / "rules.yaml").string();
  config::FakeSecrets secrets_;
  test::TempStore store_;
  std::unique_ptr<core::Random> random_ = core::make_seeded_random(1);
  telemetry::Log log_{telemetry::LogStyle::quiet};
  std::shared_ptr<const config::Config> config_;
  Workbench bench_{
      *store_, {store_.clock(), *random_, log_, &secrets_}, [this] { return config_; }};
};

TEST_F(WorkbenchTest, BeginsWithAFileAsItIsOnDisk) {
  const Value begun = bench_.begin("");
  EXPECT_EQ(begun.text_or("file"), main_);
  EXPECT_EQ(begun.at("files"), Value(Value::list({main_, rules_})));
  EXPECT_EQ(begun.at("objects"), Value(Value::list({"crm.companies"})));
  test::write_file(rules_, std::string(kRules) + "# edited since\n");
  EXPECT_THAT(bench_.begin(rules_).text_or("text"), HasSubstr("# edited since"));
  EXPECT_THAT(bench_.begin("/etc/passwd").text_or("error"),
              HasSubstr("no file of the configuration"));
}

TEST_F(WorkbenchTest, FetchesARecordFromTheMirror) {
  EXPECT_THAT(bench_.record("crm.companies", "7").text_or("record"), HasSubstr("\"Globex\""));
  EXPECT_THAT(bench_.record("crm.companies", "8").text_or("error"), HasSubstr("was not read yet"));
  EXPECT_THAT(bench_.record("crm.company", "7").text_or("error"), HasSubstr("did you mean"));
}

TEST_F(WorkbenchTest, ShowsWhatTheTextMakesOfTheRecordWithoutWritingIt) {
  const Value bad = bench_.try_out(draft(kRules, R"({"id":"7","value":"n/a"})"));
  EXPECT_TRUE(bad.at("problems").as_list().empty());
  EXPECT_THAT(bad.at("map").text_or("reason"), HasSubstr("expected a decimal number"));
  std::string mended = kRules;
  mended.replace(mended.find("value | to_number"), 17, "3");
  const Value good = bench_.try_out(draft(mended, R"({"id":"7"})"));
  EXPECT_EQ(good.at("map").at("intents").as_list().size(), 1U) << core::dump_json(good);
  EXPECT_EQ(test::read_file(rules_), kRules);
}

TEST_F(WorkbenchTest, AProblemHasItsPlace) {
  std::string broken = kRules;
  broken.replace(broken.find("to_number"), 9, "to_numbr");
  const Value tried = bench_.try_out(draft(broken, "{}"));
  ASSERT_EQ(tried.at("problems").as_list().size(), 1U);
  const Value& problem = tried.at("problems").as_list().front();
  EXPECT_EQ(problem.at("line"), Value(6));
  EXPECT_EQ(problem.at("here"), Value(true));
  EXPECT_THAT(problem.text_or("excerpt"), HasSubstr("to_numbr"));
  EXPECT_TRUE(tried.at("map").is_null());
}

TEST_F(WorkbenchTest, AFailingTestHidesNothing) {
  std::string failing = kRules;
  failing.replace(failing.find("key: c-1}"), 9, "key: c-2}");
  const Value tried = bench_.try_out(draft(failing, R"({"id":"7"})"));
  EXPECT_EQ(tried.at("tests").at("failed"), Value(1));
  EXPECT_EQ(tried.at("map").at("intents").as_list().size(), 1U);
}

TEST_F(WorkbenchTest, SavesTheTextWithATestOfTheRecord) {
  std::string mended = kRules;
  mended.replace(mended.find("value | to_number"), 17, "3");
  Workbench::Draft wanted = draft(mended, R"({"id":"7","name":"Globex","more":1})");
  wanted.name = "seven";
  const Value saved = bench_.save_test(wanted);
  EXPECT_EQ(saved.at("saved"), Value(true)) << core::dump_json(saved);
  const std::string written = test::read_file(rules_);
  EXPECT_EQ(written, saved.text_or("text"));
  EXPECT_THAT(written, HasSubstr("  - mapping: companies\n    name: seven\n    record:\n"));
  EXPECT_EQ(written.find("more"), std::string::npos);
  const auto loaded = config::load_file(main_, secrets_);
  ASSERT_TRUE(loaded.config.has_value());
  EXPECT_EQ(loaded.tests.passed, 2);
  EXPECT_EQ(test::read_file(saved.text_or("kept")), kRules);
}

TEST_F(WorkbenchTest, WritesNothingThatHasAProblemOrWasChangedMeanwhile) {
  std::string broken = kRules;
  broken.replace(broken.find("to_number"), 9, "to_numbr");
  EXPECT_THAT(bench_.save_test(draft(broken, R"({"id":"7"})")).text_or("why"),
              HasSubstr("problems"));
  const Workbench::Draft mine = draft(kRules, R"({"id":"7"})");
  test::write_file(rules_, std::string(kRules) + "# somebody else\n");
  const Value refused = bench_.save_test(mine);
  EXPECT_EQ(refused.at("saved"), Value(false));
  EXPECT_THAT(refused.text_or("why"), HasSubstr("was changed meanwhile"));
  EXPECT_THAT(refused.text_or("test"), HasSubstr("- mapping: companies"));
  EXPECT_THAT(test::read_file(rules_), HasSubstr("# somebody else"));
}

}  // namespace
}  // namespace assembly_sync::app
