// Every shape in which Assembly may say the same thing.
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/assembly/client.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/assembly/scripted_transport.hpp"

namespace assembly_sync::assembly {
namespace {

using namespace std::chrono_literals;

class AssemblyReading : public testing::Test {
 protected:
  Answer<std::optional<AccountView>> get(int status, const std::string& body,
                                         Collection collection = Collection::accounts) {
    transport_.answer(status, body);
    return client_.get(collection, Identifier::of(core::Key("k")));
  }
  Answer<Page> list(const std::string& body, std::size_t limit = 100) {
    transport_.answer(200, body);
    return client_.list(Collection::accounts, limit, 0);
  }

  test::ScriptedTransport transport_;
  test::ManualClock clock_;
  Client client_{transport_, clock_, {"http://assembly.test", core::Secret("key"), 1s}};
};

TEST_F(AssemblyReading, I10_AnAccountWrappedFlatWithEitherTypeIsTheSame) {
  for (const char* body : {
           R"({"account":{"id":"01","type":"Company","name":"Acme","domain":"acme.com"}})",
           R"({"account":{"id":"01","account_type":"Company","name":"Acme","domain":"acme.com"}})",
           R"({"id":"01","type":"Company","name":"Acme","domain":"acme.com"})",
       }) {
    const auto account = get(200, body);
    ASSERT_TRUE(account && *account) << body;
    EXPECT_EQ((*account)->id, core::AssemblyId("01"));
    EXPECT_EQ((*account)->type, "Company");
    EXPECT_EQ((*account)->name, "Acme");
    EXPECT_EQ((*account)->domain, "acme.com");
    EXPECT_EQ((*account)->attributes.text_or("name"), "Acme");
    EXPECT_FALSE((*account)->additional_properties);
  }
}

TEST_F(AssemblyReading, IdsAndKeysMayBeNumbers) {
  const auto account =
      get(200, R"({"account":{"id":123456789012345678,"source_specific_ids":["a",7,null]}})");
  ASSERT_TRUE(account && *account);
  EXPECT_EQ((*account)->id.str(), "123456789012345678");
  EXPECT_EQ((*account)->keys, (std::vector<core::Key>{core::Key("a"), core::Key("7")}));
}

TEST_F(AssemblyReading, AContactIsFoundUnderItsOwnName) {
  const auto contact =
      get(200, R"({"contact":{"id":"02","domain":"a@acme.com"}})", Collection::contacts);
  ASSERT_TRUE(contact && *contact);
  EXPECT_EQ((*contact)->domain, "a@acme.com");
}

TEST_F(AssemblyReading, I28_AdditionalPropertiesMayBeAnObjectOrAList) {
  const auto as_object = get(200, R"({"account":{"id":"1","additional_properties":{"Seats":7}}})");
  const auto as_list =
      get(200, R"({"account":{"id":"1","additional_properties":[{"name":"Seats","value":7}]}})");
  const core::Value::Object wanted{{"Seats", 7}};
  EXPECT_EQ((*as_object)->additional_properties, wanted);
  EXPECT_EQ((*as_list)->additional_properties, wanted);
}

TEST_F(AssemblyReading, AdditionalPropertiesOfAnUnknownShapeAreUnknownNotEmpty) {
  for (const char* shape : {R"(["Seats"])", R"([{"name":"A","value":1},{"id":"x"}])", "\"none\""}) {
    const auto account =
        get(200, R"({"account":{"id":"1","additional_properties":)" + std::string(shape) + "}}");
    ASSERT_TRUE(account && *account);
    EXPECT_FALSE((*account)->additional_properties) << shape;
  }
}

TEST_F(AssemblyReading, Q21_EveryWayToSayNotFoundIsNoAccount) {
  const std::vector<std::pair<int, std::string>> answers = {
      {404, ""},
      {404, R"({"error":"gone"})"},
      {400, R"({"error":"Account not found"})"},
      {200, R"({"account":null})"},
      {200, R"({"account":{}})"},
      {200, "{}"},
      {200, ""},
      {200, "null"},
      {204, ""},
  };
  for (const auto& [status, body] : answers) {
    const auto account = get(status, body);
    ASSERT_TRUE(account) << status << " " << body;
    EXPECT_FALSE(*account) << status << " " << body;
  }
}

TEST_F(AssemblyReading, WhatCanNotBeReadIsNotTakenForNotFound) {
  for (const char* body :
       {R"({"accounts":{"data":[]}})", R"({"account":{"name":"without id"}})", "[]", "7"}) {
    const auto account = get(200, body);
    ASSERT_FALSE(account) << body;
    EXPECT_TRUE(std::holds_alternative<Rejected>(account.error())) << body;
  }
  EXPECT_TRUE(std::holds_alternative<Transient>(get(200, "<html>").error()));
  EXPECT_TRUE(std::holds_alternative<Transient>(get(503, "").error()));
  EXPECT_TRUE(std::holds_alternative<Throttled>(get(429, "").error()));
  EXPECT_TRUE(std::holds_alternative<Unauthorized>(get(401, "").error()));
  EXPECT_TRUE(std::holds_alternative<Rejected>(get(400, "").error()));
}

TEST_F(AssemblyReading, ABrokenOffReadIsWorthRepeating) {
  transport_.fail(true, "answer cut off");
  const auto page = client_.list(Collection::accounts, 100, 0);
  EXPECT_EQ(std::get<Transient>(page.error()).reason, "answer cut off");
}

TEST_F(AssemblyReading, I8_I10_APageIsReadFlatWrappedOrBare) {
  for (const char* body : {
           R"({"accounts":{"data":[{"id":"1"},{"id":"2"}],"has_next_page":true,"next_cursor":2}})",
           R"({"accounts":{"data":[{"account":{"id":"1"}},{"account":{"id":"2"}}],)"
           R"("has_next_page":true}})",
           R"({"accounts":[{"id":"1"},{"id":"2"}],"has_next_page":"true"})",
       }) {
    const auto page = list(body);
    ASSERT_TRUE(page) << body;
    ASSERT_EQ(page->items.size(), 2U);
    EXPECT_EQ(page->items[1].id.str(), "2");
    EXPECT_TRUE(page->has_next_page) << body;
    EXPECT_EQ(page->received, 2U);
  }
}

TEST_F(AssemblyReading, I18_ElementsWithoutIdCountForTheOffsetOnly) {
  const auto page =
      list(R"({"accounts":{"data":[{"id":"1"},{"name":"x"}],"has_next_page":false}})");
  EXPECT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->received, 2U);
  EXPECT_FALSE(page->has_next_page);
}

TEST_F(AssemblyReading, I20_WithoutAWordOnTheNextPageAFullPageHasOne) {
  EXPECT_TRUE(list(R"({"accounts":{"data":[{"id":"1"},{"id":"2"}]}})", 2)->has_next_page);
  EXPECT_FALSE(list(R"({"accounts":{"data":[{"id":"1"}]}})", 2)->has_next_page);
  EXPECT_FALSE(list(R"({"accounts":{"data":[],"has_next_page":true}})", 2)->has_next_page);
  EXPECT_FALSE(list(R"({"accounts":[{"id":"1"},{"id":"2"},{"id":"3"}]})", 2)->has_next_page);
}

TEST_F(AssemblyReading, AListWithoutAListIsRefused) {
  for (const char* body : {"{}", R"({"accounts":{}})", R"({"contacts":{"data":[]}})", "[]"}) {
    EXPECT_TRUE(std::holds_alternative<Rejected>(list(body).error())) << body;
  }
}

TEST_F(AssemblyReading, LabelsAreReadWithTheirTypesInEverySpelling) {
  transport_.answer(200, R"({"labels":[
      {"id":"1","type":"Tier","name":"Gold","color":"#FFFFFF"},
      {"id":2,"type":"stage","name":"New"},
      {"label":{"id":"3","type":"company_type","name":"Agency"}},
      {"id":"4","type":"AccountTag","name":"Big"},
      {"id":"5","type":"tag","name":"Small"},
      {"id":"6","type":"Mood","name":"Happy"},
      {"name":"without id"}]})");
  const auto labels = client_.labels();
  ASSERT_TRUE(labels);
  ASSERT_EQ(labels->size(), 6U);
  EXPECT_EQ((*labels)[0].name, "Gold");
  EXPECT_EQ((*labels)[0].color, "#FFFFFF");
  EXPECT_EQ((*labels)[1].id.str(), "2");
  const std::optional<LabelType> types[] = {LabelType::tier,         LabelType::stage,
                                            LabelType::company_type, LabelType::account_tag,
                                            LabelType::account_tag,  std::nullopt};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ((*labels)[i].type, types[i]) << i;
}

TEST_F(AssemblyReading, NoLabelsAreAnEmptyListOnlyWhenTheAnswerSaysSo) {
  transport_.answer(200, R"({"labels":[]})");
  EXPECT_TRUE(client_.labels()->empty());
  transport_.answer(200, "{}");
  EXPECT_FALSE(client_.labels());
}

TEST_F(AssemblyReading, A139_OneLabelStandsInAListOrAlone) {
  const core::AssemblyId id("1");
  for (const char* body : {
           R"({"labels":[{"id":"1","type":"Tier","name":"Gold","description":"d"}]})",
           R"({"label":{"id":"1","type":"Tier","name":"Gold","description":"d"}})",
           R"({"id":"1","type":"Tier","name":"Gold","description":"d"})",
       }) {
    transport_.answer(200, body);
    const auto label = client_.label(id);
    ASSERT_TRUE(label && *label) << body;
    EXPECT_EQ((*label)->name, "Gold");
    EXPECT_EQ((*label)->description, "d");
  }
  for (const char* body :
       {"", "{}", R"({"labels":[]})", R"({"labels":null})", R"({"label":null})"}) {
    transport_.answer(200, body);
    const auto label = client_.label(id);
    ASSERT_TRUE(label) << body;
    EXPECT_FALSE(*label) << body;
  }
}

TEST_F(AssemblyReading, I9_OneUsageLogStandsUnderAnyOfItsNames) {
  const std::string log =
      R"({"id":"g","timestamp":"2025-03-20T15:30:00Z","type":"Metric","attribute":"Seats",)"
      R"("content":"c","value":7,"metadata":{"event":"e-1"}})";
  for (const std::string& body :
       {R"({"log":)" + log + "}", R"({"usage":)" + log + "}", R"({"logs":[)" + log + "]}",
        R"({"logs":{"data":[)" + log + "]}}", log}) {
    transport_.answer(200, body);
    const auto read = client_.usage_log(core::AssemblyId("g"));
    ASSERT_TRUE(read && *read) << body;
    EXPECT_EQ((*read)->id.str(), "g");
    EXPECT_EQ((*read)->timestamp, "2025-03-20T15:30:00Z");
    EXPECT_EQ((*read)->type, "Metric");
    EXPECT_EQ((*read)->attribute, "Seats");
    EXPECT_EQ((*read)->content, "c");
    EXPECT_EQ((*read)->value, core::Value(7));
    EXPECT_EQ((*read)->metadata, core::Value::object({{"event", "e-1"}}));
  }
  for (const char* body :
       {"{}", R"({"log":null})", R"({"logs":[]})", R"({"logs":{"data":[]}})", R"({"logs":null})"}) {
    transport_.answer(200, body);
    const auto read = client_.usage_log(core::AssemblyId("g"));
    ASSERT_TRUE(read) << body;
    EXPECT_FALSE(*read) << body;
  }
}

TEST_F(AssemblyReading, A162_APageOfUsageLogsIsReadWithOrWithoutMetadata) {
  transport_.answer(200, R"({"logs":{"data":[{"id":"2","type":"Action","metadata":{}},
      {"log":{"id":"1"}},{"type":"Action"}],"has_next_page":true,"next_cursor":3}})");
  const auto page = client_.list_usage(UsageTarget::organisation(), 3, 0);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->items[0].metadata, core::Value::object());
  EXPECT_EQ(page->items[1].metadata, std::nullopt);
  EXPECT_EQ(page->items[1].value, std::nullopt);
  EXPECT_EQ(page->received, 3U);
  EXPECT_TRUE(page->has_next_page);
}

TEST_F(AssemblyReading, A121_I28_PropertiesOfOneItemInEitherShape) {
  const core::Value::Object wanted{{"Seats", 7}};
  for (const char* body : {
           R"({"id":"1","additional_properties":{"Seats":7}})",
           R"({"id":"1","additional_properties":[{"name":"Seats","value":7,"id":"p"}]})",
           R"({"account":{"id":"1","additional_properties":{"Seats":7}}})",
       }) {
    transport_.answer(200, body);
    const auto read = client_.properties(Collection::accounts, Identifier::of(core::Key("k")));
    ASSERT_TRUE(read && *read) << body;
    EXPECT_EQ((*read)->id.str(), "1");
    EXPECT_EQ((*read)->values, wanted);
  }
  transport_.answer(200, R"({"id":"1","additional_properties":["Seats"]})");
  const auto unknown = client_.properties(Collection::accounts, Identifier::of(core::Key("k")));
  ASSERT_TRUE(unknown && *unknown);
  EXPECT_FALSE((*unknown)->values);
  EXPECT_EQ((*unknown)->raw, core::Value::list({"Seats"}));
  for (const auto& [status, body] :
       {std::pair{404, ""}, {200, "{}"}, {200, R"({"additional_properties":null})"}}) {
    transport_.answer(status, body);
    const auto none = client_.properties(Collection::accounts, Identifier::of(core::Key("k")));
    ASSERT_TRUE(none) << body;
    EXPECT_FALSE(*none) << body;
  }
}

TEST_F(AssemblyReading, Q30_LabelsOfAnAccountStandAsTheirIds) {
  const auto account = get(200, R"({"account":{"id":"1","tier":{"id":"t","name":"Gold"},)"
                                R"("stage":"s","company_type":null,"tags":[{"id":"a"},"b"]}})");
  ASSERT_TRUE(account && *account);
  const core::Value& attributes = (*account)->attributes;
  EXPECT_EQ(attributes.text_or("tier"), "t");
  EXPECT_EQ(attributes.text_or("stage"), "s");
  EXPECT_TRUE(attributes.at("company_type").is_null());
  EXPECT_EQ(attributes.at("tags"), core::Value::list({"a", "b"}));
}

}  // namespace
}  // namespace assembly_sync::assembly
