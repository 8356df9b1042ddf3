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

TEST(Registry, hubspot_requires_the_apps_secret_and_bounds_the_polling_interval) {
  const ConnectorType& type = *find_type("hubspot");
  for (const std::string name : {"access_token", "client_secret", "refresh_token"}) {
    const Setting* secret = find_setting(type, name);
    ASSERT_NE(secret, nullptr) << name;
    EXPECT_EQ(secret->kind, Setting::Kind::secret);
    EXPECT_EQ(secret->required, name == "client_secret");
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

TEST(Hubspot, takes_one_of_two_kinds_of_credentials) {
  const core::Secret secret("s");
  const auto make = [&](std::vector<std::string> secrets, bool client_id) {
    SourceSettings settings;
    settings.name = core::SourceName("hubspot");
    for (const std::string& name : secrets) settings.secrets[name] = secret;
    if (client_id) settings.texts["client_id"] = "abc";
    return find_type("hubspot")->make(settings);
  };
  EXPECT_NO_THROW(make({"access_token"}, false));
  EXPECT_NO_THROW(make({"refresh_token"}, true));
  EXPECT_THROW(make({}, false), std::invalid_argument);
  EXPECT_THROW(make({"access_token"}, true), SettingProblems);
  EXPECT_THROW(make({"access_token", "refresh_token"}, false), SettingProblems);
  EXPECT_THROW(make({}, true), SettingProblems);
  EXPECT_THROW(make({"refresh_token"}, false), SettingProblems);
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
  const auto source = test::make_hubspot_source();
  std::set<std::string> roots = {"archived", "associations", "createdAt",  "id",
                                 "lists",    "owner",        "properties", "updatedAt"};
  EXPECT_EQ(source->roots(core::ObjectName("contacts")), roots);
  roots.insert("deals");
  EXPECT_EQ(source->roots(core::ObjectName("companies")), roots);
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
