// Additional properties, labels and usage logs through the client.
#include <set>

#include <gmock/gmock.h>

#include "tests/unit/daemon/assembly/contract/contract.hpp"

namespace assembly_sync::assembly {
namespace {

using testing::ElementsAre;

TEST_P(AssemblyContract, A114_A116_A117_A119_A120_A121_I4_I28_PropertiesAreMadeAndReadByEachName) {
  const AssemblyId id = company();
  int number = 0;
  for (const Identifier& identifier : {by_id(id), by_domain("acme.test"), by_key("c-1")}) {
    const std::string name = "New Property " + std::to_string(++number);
    const Outcome outcome =
        client_.add_properties(kAccounts, identifier, {{name, Value::list({"a", "b"})}});
    ASSERT_EQ(kind_of(outcome), "delivered");
    if (switches().create_status != 204) {
      EXPECT_EQ(std::get<Delivered>(outcome).id, id);
    }
    EXPECT_EQ(properties_of(identifier)[name], Value::list({"a", "b"}));
  }
  EXPECT_EQ(properties_of(by_id(id)).size(), 3U);
}

TEST_P(AssemblyContract, A113_A115_EachAccountAndContactHasItsOwnProperties) {
  company();
  company("c-2", "other.test");
  contact();
  for (const Identifier& identifier : {by_key("c-1"), by_key("c-2")}) {
    client_.add_properties(kAccounts, identifier, {{"A", identifier.text}});
  }
  ASSERT_EQ(kind_of(client_.add_properties(kContacts, by_key("p-1"), {{"A", "p"}})), "delivered");
  EXPECT_EQ(properties_of(by_key("c-1")), (Value::Object{{"A", "c-1"}}));
  EXPECT_EQ(properties_of(by_key("c-2")), (Value::Object{{"A", "c-2"}}));
  const auto of_contact = client_.properties(kContacts, by_key("p-1"));
  ASSERT_TRUE(of_contact && *of_contact);
  EXPECT_EQ((*of_contact)->values, (Value::Object{{"A", "p"}}));
}

TEST_P(AssemblyContract, A118_Q24_CreateOfAPresentPropertyIsRefusedAndTheRestHasToBeRead) {
  const AssemblyId id = company();
  client_.add_properties(kAccounts, by_id(id), {{"Old", 1}});
  EXPECT_EQ(kind_of(client_.add_properties(kAccounts, by_id(id), {{"New", 1}, {"Old", 2}})),
            tells_present() ? "rejected already_exists" : "rejected invalid");
  const Value::Object after = properties_of(by_id(id));
  EXPECT_EQ(after.at("Old"), Value(1));
  EXPECT_EQ(after.contains("New"), switches().properties_created_partly);
}

TEST_P(AssemblyContract, A122_A123_A124_A125_UpdateChangesAndAddsByEachName) {
  const AssemblyId id = company();
  int number = 0;
  for (const Identifier& identifier : {by_id(id), by_domain("acme.test"), by_key("c-1")}) {
    const std::string added = "N" + std::to_string(++number);
    const Outcome outcome =
        client_.set_properties(kAccounts, identifier, {{"Same", number}, {added, "x"}});
    ASSERT_EQ(kind_of(outcome), "delivered");
    EXPECT_EQ(std::get<Delivered>(outcome).id, id);
    EXPECT_EQ(properties_of(by_id(id)).at("Same"), Value(number));
    EXPECT_EQ(properties_of(by_id(id)).at(added), Value("x"));
  }
}

TEST_P(AssemblyContract, A44_A96_A126_A127_A128_Q25_DeleteTakesNamesAndLeavesTheRest) {
  const AssemblyId id = company();
  client_.set_properties(kAccounts, by_id(id),
                         {{"A B", 1}, {"C", 2}, {"D", 3}, {"E", 4}, {"F", 5}});
  EXPECT_EQ(kind_of(client_.remove_properties(kAccounts, by_id(id), {"A B", "C"})), "delivered");
  EXPECT_EQ(kind_of(client_.remove_properties(kAccounts, by_domain("acme.test"), {"D"})),
            "delivered");
  EXPECT_EQ(kind_of(client_.remove_properties(kAccounts, by_key("c-1"), {"E"})), "delivered");
  EXPECT_EQ(properties_of(by_id(id)), (Value::Object{{"F", 5}}));
  const std::string refused = tells_missing() ? "rejected not_found" : "rejected invalid";
  EXPECT_EQ(kind_of(client_.remove_properties(kAccounts, by_id(id), {"gone"})),
            switches().deleting_absent_property_is_error ? refused : "delivered");
  EXPECT_EQ(properties_of(by_id(id)), (Value::Object{{"F", 5}}));
}

TEST_P(AssemblyContract, Q27_AnyJsonIsPassedOnAsAPropertysValue) {
  const AssemblyId id = company();
  const Value::Object odd{{"Nested", Value::object({{"a", true}})}, {"Big", 9007199254740993}};
  const Outcome outcome = client_.set_properties(kAccounts, by_id(id), odd);
  if (switches().simple_properties_only) {
    EXPECT_EQ(kind_of(outcome), "rejected invalid");
    EXPECT_TRUE(properties_of(by_id(id)).empty());
  } else {
    EXPECT_EQ(kind_of(outcome), "delivered");
    EXPECT_EQ(properties_of(by_id(id)), odd);
  }
}

TEST_P(AssemblyContract, A129_A130_A134_A135_A136_A139_I6_LabelsAreMadeListedAndPutOnAccounts) {
  const std::pair<LabelType, const char*> kinds[] = {{LabelType::tier, "tier"},
                                                     {LabelType::stage, "stage"},
                                                     {LabelType::company_type, "company_type"}};
  const AssemblyId id = company();
  for (const auto& [type, attribute] : kinds) {
    const AssemblyId made = label(type, "L");
    EXPECT_EQ(kind_of(client_.update(kAccounts, id, {{attribute, made.str()}})), "delivered");
    EXPECT_EQ(get(kAccounts, by_id(id))->attributes.text_or(attribute), made.str());
  }
  ASSERT_EQ(kind_of(client_.create_label({LabelType::account_tag, "Big", "#545A92", "spends"})),
            "delivered");
  const auto labels = client_.labels();
  ASSERT_TRUE(labels);
  ASSERT_EQ(labels->size(), 4U);
  const auto tag = client_.labels(LabelType::account_tag);
  EXPECT_EQ(tag->at(0).description, "spends");
  EXPECT_EQ(tag->at(0).color, "#545A92");
}

TEST_P(AssemblyContract, A137_A138_A141_I7_LabelsOfATypeAndOneOfThem) {
  const AssemblyId tier = label(LabelType::tier, "Gold");
  label(LabelType::account_tag, "Big");
  const auto tiers = client_.labels(LabelType::tier);
  ASSERT_TRUE(tiers);
  ASSERT_EQ(tiers->size(), 1U);
  EXPECT_EQ(tiers->at(0).id, tier);
  const auto one = client_.label(tier);
  ASSERT_TRUE(one && *one);
  EXPECT_EQ((*one)->name, "Gold");
  const auto none = client_.label(AssemblyId("nobody"));
  EXPECT_EQ(none.has_value(), tells_missing());
  EXPECT_FALSE(none.value_or(std::nullopt));
}

TEST_P(AssemblyContract, A140_A142_A143_A144_A145_LabelsAreChangedAndRemoved) {
  const AssemblyId id = label(LabelType::tier, "Gold");
  const Outcome changed = client_.update_label(id, {{"name", "Platinum"}});
  ASSERT_EQ(kind_of(changed), "delivered");
  EXPECT_EQ(std::get<Delivered>(changed).id, id);
  const auto label = client_.label(id);
  EXPECT_EQ((*label)->name, "Platinum");
  EXPECT_EQ((*label)->color, "#545A92");
  EXPECT_EQ((*label)->type, LabelType::tier);
  EXPECT_EQ(kind_of(client_.remove_label(id)), "delivered");
  EXPECT_TRUE(client_.labels()->empty());
  const bool known = tells_missing() || !switches().delete_missing_is_error;
  EXPECT_EQ(kind_of(client_.remove_label(id)), known ? "delivered" : "rejected invalid");
}

TEST_P(AssemblyContract, Q29_AColorAndANameAreSentAsGiven) {
  label(LabelType::tier, "Gold");
  const std::string again = kind_of(client_.create_label({LabelType::tier, "Gold", "#000000", ""}));
  const std::string refused = tells_present() ? "rejected already_exists" : "rejected invalid";
  EXPECT_EQ(again, switches().label_names_unique ? refused : "delivered");
  EXPECT_EQ(kind_of(client_.create_label({LabelType::stage, "Live", "green", ""})),
            switches().color_free ? "delivered" : "rejected invalid");
}

TEST_P(AssemblyContract, A146_A154_A155_A156_A157_A158_I5_LogsAreTiedToTheItemInTheUrl) {
  const AssemblyId id = company();
  contact();
  const AssemblyId loose = usage(UsageTarget::organisation(), "2025-01-01T00:00:00Z", "o");
  const AssemblyId of_account =
      usage(UsageTarget::of(kAccounts, by_id(id)), "2025-01-02T00:00:00Z", "a");
  const AssemblyId of_contact =
      usage(UsageTarget::of(kContacts, by_key("p-1")), "2025-01-03T00:00:00Z", "c");
  const auto ids = [&](const UsageTarget& target) {
    std::vector<AssemblyId> out;
    for (const UsageLog& log : all_usage(target)) out.push_back(log.id);
    return out;
  };
  EXPECT_THAT(ids(UsageTarget::organisation()), ElementsAre(of_contact, of_account, loose));
  for (const Identifier& identifier : {by_id(id), by_domain("acme.test"), by_key("c-1")}) {
    EXPECT_THAT(ids(UsageTarget::of(kAccounts, identifier)), ElementsAre(of_account));
  }
  for (const Identifier& identifier : {by_domain("ann@acme.test"), by_key("p-1")}) {
    EXPECT_THAT(ids(UsageTarget::of(kContacts, identifier)), ElementsAre(of_contact));
  }
  EXPECT_FALSE(client_.list_usage(UsageTarget::of(kAccounts, by_key("nobody")), 10, 0));
}

TEST_P(AssemblyContract, A159_A161_A162_Q16_LogsComeNewestFirstOverTheirPages) {
  for (const char* day : {"03", "01", "05", "02", "04"}) {
    usage(UsageTarget::organisation(), std::string("2025-01-") + day + "T00:00:00Z", day);
  }
  usage(UsageTarget::organisation(), "2025-01-05T00:00:00Z", "tie");
  std::vector<std::string> days;
  std::vector<std::string> ids;
  for (const UsageLog& log : all_usage(UsageTarget::organisation())) {
    days.push_back(log.timestamp.substr(8, 2));
    ids.push_back(log.id.str());
  }
  EXPECT_THAT(days, ElementsAre("05", "05", "04", "03", "02", "01"));
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 6U);
}

TEST_P(AssemblyContract, A153_A163_I9_MetadataIsReadBackFromTheLogIfNotFromTheList) {
  const AssemblyId id = usage(UsageTarget::organisation(), "2025-01-01T00:00:00Z", "c",
                              {{"metadata", Value::object({{"event", "e-1"}})}});
  const auto log = client_.usage_log(id);
  ASSERT_TRUE(log && *log);
  EXPECT_EQ((*log)->metadata, Value::object({{"event", "e-1"}}));
  EXPECT_EQ((*log)->content, "c");
  EXPECT_EQ((*log)->attribute, "Login");
  const auto listed = all_usage(UsageTarget::organisation());
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].metadata.has_value(), switches().metadata_in_list);
  const auto none = client_.usage_log(AssemblyId("nobody"));
  EXPECT_EQ(none.has_value(), tells_missing());
  EXPECT_FALSE(none.value_or(std::nullopt));
}

TEST_P(AssemblyContract, A164_A165_A166_A167_UpdateIsPartialButReplacesMetadata) {
  const AssemblyId id = usage(UsageTarget::organisation(), "2025-01-01T00:00:00Z", "c",
                              {{"metadata", Value::object({{"a", 1}, {"b", 2}})}});
  const Outcome changed =
      client_.update_usage(id, {{"content", "d"}, {"metadata", Value::object({{"c", 3}})}});
  ASSERT_EQ(kind_of(changed), "delivered");
  EXPECT_EQ(std::get<Delivered>(changed).id, id);
  const auto log = client_.usage_log(id);
  EXPECT_EQ((*log)->content, "d");
  EXPECT_EQ((*log)->attribute, "Login");
  EXPECT_EQ((*log)->timestamp, "2025-01-01T00:00:00Z");
  EXPECT_EQ((*log)->metadata, Value::object({{"c", 3}}));
}

TEST_P(AssemblyContract, A168_A169_ALogIsRemovedByItsId) {
  const AssemblyId id = usage(UsageTarget::organisation(), "2025-01-01T00:00:00Z", "c");
  EXPECT_EQ(kind_of(client_.remove_usage(id)), "delivered");
  EXPECT_TRUE(sandbox_.usage().empty());
  const bool known = tells_missing() || !switches().delete_missing_is_error;
  EXPECT_EQ(kind_of(client_.remove_usage(id)), known ? "delivered" : "rejected invalid");
}

TEST_P(AssemblyContract, A151_A152_Q12_Q13_ValuesArePassedOnUnchanged) {
  const auto metric = [&](const char* type, Value value) {
    return kind_of(
        client_.create_usage(UsageTarget::organisation(), {{"timestamp", "2025-01-01T00:00:00Z"},
                                                           {"type", type},
                                                           {"content", "c"},
                                                           {"attribute", "Spend"},
                                                           {"value", std::move(value)}}));
  };
  EXPECT_EQ(metric("Metric", 20), "delivered");
  EXPECT_EQ(metric("CumulativeMetric", 20.5), "delivered");
  EXPECT_EQ(metric("CumulativeMetric", 7), "delivered");
  std::vector<double> kept;
  for (const Value& log : sandbox_.usage()) kept.push_back(log.at("value").as_double());
  EXPECT_THAT(kept, testing::UnorderedElementsAre(20, 20.5, 7));
  const bool refused = switches().usage_value == sandbox::UsageValue::not_negative;
  EXPECT_EQ(metric("Metric", -1), refused ? "rejected invalid" : "delivered");
}

TEST_P(AssemblyContract, Q14_AnyTimestampIsSentInTheFormThatIsTaken) {
  for (const char* text : {"2025-01-01T00:00:00.5Z", "2025-01-01T01:00:00+01:00"}) {
    usage(UsageTarget::organisation(), text, text);
  }
  for (const Value& log : sandbox_.usage()) {
    EXPECT_EQ(log.text_or("timestamp"), "2025-01-01T00:00:00Z");
  }
}

TEST_P(AssemblyContract, Q15_LogsOfTheFutureAndValuesOfActionsAreSentAsGiven) {
  Value::Object log{{"timestamp", "2999-01-01T00:00:00Z"},
                    {"type", "Action"},
                    {"content", "c"},
                    {"attribute", "Login"}};
  const auto send = [&] { return kind_of(client_.create_usage(UsageTarget::organisation(), log)); };
  EXPECT_EQ(send(), switches().future_logs_refused ? "rejected invalid" : "delivered");
  log["timestamp"] = "2025-01-01T00:00:00Z";
  log["value"] = 1;
  EXPECT_EQ(send(), switches().action_value_refused ? "rejected invalid" : "delivered");
}

TEST_P(AssemblyContract, Q11_TheSameLogTwiceIsTakenForTwo) {
  for (int i = 0; i < 2; ++i) usage(UsageTarget::organisation(), "2025-01-01T00:00:00Z", "c");
  EXPECT_EQ(sandbox_.usage().size(), switches().same_log_once ? 1U : 2U);
}

}  // namespace
}  // namespace assembly_sync::assembly
