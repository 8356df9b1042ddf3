// The webhook subscriptions of a HubSpot app: what is wanted, and how the app's management API is
// asked; then against the local HubSpot.
#include <algorithm>

#include <gmock/gmock.h>

#include "connectors/hooks.hpp"
#include "tests/unit/connectors/local_hubspot.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using test::answer;
using test::LocalHubspot;
using test::ScriptedTransport;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr const char* kUrl = "https://sync.test/hooks/hubspot";
constexpr const char* kKey = "sample-developer-key";
const core::WallTime kNow = core::from_ms(1'767'225'600'000);

std::unique_ptr<Connector> source_with(std::map<std::string, std::string> texts,
                                       std::map<std::string, core::Secret> secrets) {
  SourceSettings settings;
  settings.name = core::SourceName("hubspot");
  settings.texts = std::move(texts);
  settings.secrets = std::move(secrets);
  settings.secrets["client_secret"] = core::Secret("s");
  return find_type("hubspot")->make(settings);
}

std::unique_ptr<Connector> oauth_app() {
  return source_with(
      {{"client_id", "c"}, {"app_id", "4004"}, {"base_url", "https://crm.test/"}},
      {{"refresh_token", core::Secret("r")}, {"developer_api_key", core::Secret("a key&more")}});
}

/// What is wrong with the settings: "app_id: expected …".
std::string problem_of(std::map<std::string, std::string> texts,
                       std::map<std::string, core::Secret> secrets) {
  try {
    source_with(std::move(texts), std::move(secrets));
  } catch (const SettingProblems& found) {
    return found.problems.front().path.front() + ": " + found.problems.front().message;
  }
  return {};
}

std::vector<std::string> names_of(const std::vector<HookTopic>& topics) {
  std::vector<std::string> names;
  for (const HookTopic& topic : topics) names.push_back(topic.name);
  return names;
}

TEST(HubspotSubscriptions, AreKeptWithTheDevelopersKeyOfAnOauthAppOnly) {
  EXPECT_NE(oauth_app()->hooks(), nullptr);
  const core::Secret secret("t");
  EXPECT_EQ(source_with({{"client_id", "c"}}, {{"refresh_token", secret}})->hooks(), nullptr);
  EXPECT_EQ(source_with({}, {{"access_token", secret}})->hooks(), nullptr);
  EXPECT_EQ(problem_of({{"client_id", "c"}, {"app_id", "1"}}, {{"refresh_token", secret}}),
            "app_id: expected developer_api_key beside it, got none");
  EXPECT_EQ(
      problem_of({{"client_id", "c"}}, {{"refresh_token", secret}, {"developer_api_key", secret}}),
      "developer_api_key: expected app_id beside it, got none");
  EXPECT_EQ(problem_of({{"client_id", "c"}, {"app_id", "my app"}},
                       {{"refresh_token", secret}, {"developer_api_key", secret}}),
            "app_id: expected the app's number, got another text");
  EXPECT_THAT(
      problem_of({{"app_id", "1"}}, {{"access_token", secret}, {"developer_api_key", secret}}),
      HasSubstr("app_id: expected client_id and refresh_token beside it (an OAuth app)"));
}

TEST(HubspotSubscriptions, AnAddressAndAnEventEachOfChangesOneEachProperty) {
  const auto source = oauth_app();
  const WantedPaths wanted = {
      {core::ObjectName("companies"),
       {{"id"}, {"properties", "name"}, {"properties", "hs_lastmodifieddate"}, {"owner", "email"}}},
      {core::ObjectName("contacts"),
       {{"properties", "email"},
        {"properties", "num_unique_conversion_events"},
        {"associations", "company"}}}};
  const auto topics = source->hooks()->topics(wanted, kUrl);
  EXPECT_THAT(names_of(topics),
              ElementsAre("target URL", "company.creation", "company.deletion", "company.merge",
                          "company.restore", "company.propertyChange hubspot_owner_id",
                          "company.propertyChange name", "contact.creation", "contact.deletion",
                          "contact.merge", "contact.restore", "contact.associationChange",
                          "contact.privacyDeletion", "contact.propertyChange email"));
  EXPECT_TRUE(topics[0].is_address);
  EXPECT_EQ(std::count_if(topics.begin(), topics.end(), [](const auto& t) { return t.is_address; }),
            1);
  EXPECT_THAT(names_of(source->hooks()->topics({{core::ObjectName("companies"), {}}}, kUrl)),
              Not(testing::Contains(HasSubstr("contact."))));
}

TEST(HubspotSubscriptions, AreListedWithTheirNamesAndThoseOfTheGenericEvents) {
  ScriptedTransport transport(
      {answer(200, R"({"targetUrl":"https://sync.test/hooks/hubspot","throttling":{}})"),
       answer(200, R"({"results":[
          {"id":"12","eventType":"contact.propertyChange","propertyName":"email","active":true},
          {"id":13,"eventType":"company.creation","active":false},
          {"id":"14","eventType":"object.propertyChange","objectTypeId":"0-2",
           "propertyName":"name","active":true},
          {"id":"15","eventType":"object.creation","objectTypeId":"2-77","active":true}]})")});
  const auto source = oauth_app();
  const auto hooks = source->hooks()->list(transport, kNow);
  ASSERT_TRUE(hooks.has_value());
  std::vector<std::string> texts;
  for (const Hook& hook : *hooks) {
    texts.push_back(hook.id + ' ' + hook.name + ' ' + hook.url + (hook.working ? "" : "off"));
  }
  EXPECT_THAT(texts, ElementsAre("settings target URL https://sync.test/hooks/hubspot",
                                 "12 contact.propertyChange email ", "13 company.creation off",
                                 "14 company.propertyChange name ", "15 object.creation 2-77 "));
  EXPECT_EQ(transport.requests[0].url,
            "https://crm.test/webhooks/v3/4004/settings?hapikey=a%20key%26more");
  EXPECT_EQ(transport.requests[1].url,
            "https://crm.test/webhooks/v3/4004/subscriptions?hapikey=a%20key%26more");
  EXPECT_EQ(core::find_header(transport.requests[0].headers, "Authorization"), std::nullopt);
}

TEST(HubspotSubscriptions, AnotherTargetLeavesTheOtherSettingsAsTheyAre) {
  ScriptedTransport transport(
      {answer(200, R"({"targetUrl":"https://o.test","throttling":{"maxConcurrentRequests":25}})"),
       answer(200, "{}"), answer(404, R"({"category":"OBJECT_NOT_FOUND"})"), answer(200, "{}")});
  const auto source = oauth_app();
  ASSERT_TRUE(source->hooks()->create("target URL", kUrl, transport, kNow).has_value());
  EXPECT_EQ(transport.requests[1].method, "PUT");
  EXPECT_EQ(transport.requests[1].body, R"({"targetUrl":"https://sync.test/hooks/hubspot",)"
                                        R"("throttling":{"maxConcurrentRequests":25}})");
  ASSERT_TRUE(source->hooks()->create("target URL", kUrl, transport, kNow).has_value());
  EXPECT_EQ(transport.requests[3].body, R"({"targetUrl":"https://sync.test/hooks/hubspot",)"
                                        R"("throttling":{"maxConcurrentRequests":10}})");
}

TEST(HubspotSubscriptions, ARefusalIsToldWithoutTheKey) {
  ScriptedTransport transport([](const core::HttpRequest&) {
    return answer(401, R"({"category":"INVALID_AUTHENTICATION","message":"a key&more"})");
  });
  const auto source = oauth_app();
  const auto refused = source->hooks()->list(transport, kNow);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ReadError::Kind::unauthorized);
  EXPECT_EQ(refused.error().reason,
            "HubSpot answered 401 INVALID_AUTHENTICATION: is developer_api_key that of app_id's "
            "owner?");
  ScriptedTransport silent([](const core::HttpRequest&) -> ScriptedTransport::Answer {
    return tl::unexpected(core::HttpFailure{false, "connection refused", false});
  });
  EXPECT_EQ(source->hooks()->list(silent, kNow).error().reason, "no answer: connection refused");
  ScriptedTransport odd({answer(404, ""), answer(200, R"({"data":[]})")});
  EXPECT_THAT(source->hooks()->list(odd, kNow).error().reason, HasSubstr("has no results"));
}

TEST(HubspotSubscriptions, TheLocalHubspotKeepsThem) {
  LocalHubspot hubspot;
  hubspot.connect({{"client_id", "sample-client"}, {"app_id", "4004"}},
                  {{"refresh_token", core::Secret("sample-refresh")},
                   {"developer_api_key", core::Secret(kKey)}});
  const HookKeeper& hooks = *hubspot.source->hooks();
  const auto list = [&] { return hooks.list(hubspot.transport, kNow).value(); };
  EXPECT_THAT(list(), IsEmpty());
  const WantedPaths wanted = {{core::ObjectName("companies"), {{"properties", "name"}}},
                              {core::ObjectName("contacts"), {{"properties", "email"}}}};
  std::vector<std::string> names;
  for (const HookTopic& topic : hooks.topics(wanted, kUrl)) {
    const auto made = hooks.create(topic.name, kUrl, hubspot.transport, kNow);
    ASSERT_TRUE(made.has_value()) << topic.name << ": " << made.error().reason;
    names.push_back(topic.name);
  }
  std::vector<std::string> listed;
  for (const Hook& hook : list()) listed.push_back(hook.name);
  EXPECT_THAT(listed, testing::UnorderedElementsAreArray(names));
  const auto again = hooks.create("company.merge", kUrl, hubspot.transport, kNow);
  ASSERT_FALSE(again.has_value()) << "HubSpot takes each once";
  EXPECT_EQ(again.error().reason, "HubSpot answered 400 VALIDATION_ERROR");
  const Hook one = list().back();
  ASSERT_FALSE(hooks.renew(one, hubspot.transport, kNow).has_value());
  ASSERT_FALSE(hooks.remove(one, hubspot.transport, kNow).has_value());
  EXPECT_EQ(list().size(), names.size() - 1);
  EXPECT_EQ(hooks.remove(one, hubspot.transport, kNow)->reason,
            "HubSpot answered 404 OBJECT_NOT_FOUND");
}

}  // namespace
}  // namespace assembly_sync::connectors
