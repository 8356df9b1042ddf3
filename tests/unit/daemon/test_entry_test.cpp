// A test that the workbench writes is one that the loader reads and passes.
#include "daemon/test_entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "core/json_view.hpp"
#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::app {
namespace {

using core::Value;
using testing::HasSubstr;

constexpr const char* kConfig = R"yaml(version: 1
assembly: {base_url: https://a.test, api_key: "${env:KEY}"}
store: {path: s.db}
sources:
  crm: {type: webhook, verify: {scheme: standard-webhooks, secrets: ["${env:PRODUCT_SECRET}"]}, objects: {companies: {id: id}}}
mappings:
  - name: companies
    from: crm.companies
    to: company
    when: state == "customer"
    key: concat("c-", id)
    fields: {name: name | default(id), domain: site | domain_of | default("c.test"),
             contract_value: value}
    additional_properties: {Note: note}
)yaml";

constexpr const char* kRecord = R"({"id": "17", "state": "customer", "name": "yes", "unused": 5,
  "site": "https://www.acme.test/x", "value": 12.50, "note": "a: \"b\" # c\n– d"})";

config::LoadResult load(const std::string& text) {
  return config::load("/etc/app/c.yaml", text, config::FakeSecrets());
}

std::vector<TestEntry> entries_for(const std::string& text, const std::string& record) {
  const auto loaded = load(text);
  EXPECT_TRUE(loaded.config.has_value())
      << (loaded.problems.empty() ? "" : core::to_text(loaded.problems.front()));
  if (!loaded.config) return {};
  const core::SourceName source("crm");
  const core::ObjectName object("companies");
  core::JsonDocument document;
  const auto results = loaded.config->rules->apply(source, object, *document.parse(record));
  return test_entries("", *core::parse_json(record), results,
                      loaded.config->rules->paths(source, object), Value());
}

void expect_passes(const std::string& before, const std::string& record) {
  const auto text = with_tests(before, entries_for(before, record));
  ASSERT_TRUE(text.has_value()) << text.error().message;
  const auto after = load(*text);
  EXPECT_TRUE(after.config.has_value())
      << (after.problems.empty() ? "" : core::to_text(after.problems.front())) << '\n'
      << *text;
  EXPECT_EQ(after.tests.passed, load(before).tests.passed + 1) << *text;
}

TEST(TestEntry, ABlockIsMadeWhereThereIsNone) {
  expect_passes(kConfig, kRecord);
}

TEST(TestEntry, TheLastLineMayLackItsEnd) {
  std::string text = kConfig;
  text.pop_back();
  expect_passes(text, kRecord);
}

TEST(TestEntry, AnEntryComesBehindTheLastOne) {
  const std::string first =
      "tests:\n  - mapping: companies\n    record: {id: \"1\", state: customer}\n"
      "    expect: {key: c-1}\n    # a remark of this entry\n";
  expect_passes(kConfig + first, kRecord);
  expect_passes(first + "\n# about the rest\n" + kConfig, kRecord);
  expect_passes(kConfig + std::string("tests:\n- mapping: companies\n  record: {id: \"1\", state: "
                                      "customer}\n  expect:\n    key: c-1\n"),
                kRecord);
}

TEST(TestEntry, WhatEndsOtherwiseIsExpectedToo) {
  expect_passes(kConfig, R"({"id": "17", "state": "lead"})");
  expect_passes(kConfig, R"({"id": "17", "state": "customer", "value": "much"})");
}

TEST(TestEntry, TheRecordIsCutToWhatRulesLookAt) {
  const auto entries = entries_for(kConfig, kRecord);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].record.find("unused"), nullptr);
  EXPECT_EQ(entries[0].record.text_or("name"), "yes");
  EXPECT_THAT(to_yaml(entries, 2), HasSubstr("      name: \"yes\"\n"));
}

TEST(TestEntry, AListInBracketsIsLeftAlone) {
  const std::string text =
      kConfig +
      std::string("tests: [{mapping: companies, record: {id: \"1\"}, expect: {filtered: true}}]\n");
  const auto added = with_tests(text, entries_for(text, kRecord));
  ASSERT_FALSE(added.has_value());
  EXPECT_THAT(added.error().message, HasSubstr("brackets"));
}

}  // namespace
}  // namespace assembly_sync::app
