#include "connectors/registry.hpp"

#include <gtest/gtest.h>

#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

const Setting* find_setting(const ConnectorType& type, const std::string& name) {
  for (const Setting& setting : type.settings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

TEST(Registry, knows_its_types_by_name_and_no_others) {
  ASSERT_NE(find_type("hubspot"), nullptr);
  ASSERT_NE(find_type("csv"), nullptr);
  EXPECT_EQ(find_type("hubspot")->type, "hubspot");
  EXPECT_EQ(find_type("HubSpot"), nullptr);
  EXPECT_EQ(find_type(""), nullptr);
}

TEST(Registry, hubspot_requires_both_secrets_and_bounds_the_polling_interval) {
  const ConnectorType& type = *find_type("hubspot");
  for (const std::string name : {"access_token", "client_secret"}) {
    const Setting* secret = find_setting(type, name);
    ASSERT_NE(secret, nullptr) << name;
    EXPECT_EQ(secret->kind, Setting::Kind::secret);
    EXPECT_TRUE(secret->required);
  }
  EXPECT_EQ(find_setting(type, "base_url")->default_value, "https://api.hubapi.com");
  const Setting* poll = find_setting(type, "poll_seconds");
  ASSERT_NE(poll, nullptr);
  EXPECT_EQ(poll->kind, Setting::Kind::integer);
  EXPECT_EQ(poll->default_value, "300");
  EXPECT_EQ(poll->least, 0);
  EXPECT_EQ(poll->most, 86'400);
  EXPECT_FALSE(poll->required);
}

TEST(Registry, files_require_objects_and_take_a_path_for_all_or_for_each) {
  for (const std::string name : {"csv", "ndjson"}) {
    const ConnectorType& type = *find_type(name);
    EXPECT_EQ(find_setting(type, "path")->kind, Setting::Kind::path);
    EXPECT_FALSE(find_setting(type, "path")->required);
    EXPECT_EQ(find_setting(type, "objects")->kind, Setting::Kind::objects);
    EXPECT_TRUE(find_setting(type, "objects")->required);
  }
}

TEST(Hubspot, lists_companies_before_their_contacts) {
  const auto hubspot = test::make_hubspot_source();
  EXPECT_EQ(hubspot->objects(),
            (std::vector{core::ObjectName("companies"), core::ObjectName("contacts")}));
  EXPECT_TRUE(hubspot->takes_webhooks());
  EXPECT_TRUE(hubspot->reads_by_id());
  EXPECT_EQ(hubspot->batch_size(), 100u);
}

TEST(Hubspot, names_the_first_words_a_path_may_have) {
  const auto roots = test::make_hubspot_source()->roots(core::ObjectName("contacts"));
  EXPECT_EQ(roots, (std::set<std::string>{"archived", "associations", "createdAt", "id",
                                          "properties", "updatedAt"}));
}

TEST(Hubspot, asks_hubspot_itself_when_no_base_url_is_set) {
  SourceSettings settings;
  settings.name = core::SourceName("hubspot");
  settings.secrets = {{"access_token", core::Secret("pat-test")}};
  test::ScriptedTransport transport({test::answer(200, R"({"results":[]})")});
  const auto hubspot = find_type("hubspot")->make(settings);
  ASSERT_TRUE(hubspot->list(core::ObjectName("companies"), {}, {}, transport, {}));
  EXPECT_TRUE(transport.requests.at(0).url.starts_with("https://api.hubapi.com/crm/v3/"));
}

}  // namespace
}  // namespace assembly_sync::connectors
