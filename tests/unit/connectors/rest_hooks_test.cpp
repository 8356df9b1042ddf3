// Subscriptions for webhooks, as the shipped descriptions keep them.
#include "connectors/hooks.hpp"
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kUrl = "https://sync.test/hooks/crm";

std::unique_ptr<Connector> with_secret(const std::string& type, const std::string& keys,
                                       const std::string& secret) {
  return make_source(type, keys + "\nwebhook_secrets: [\"" + secret + "\"]\n");
}

TEST(RestHooks, are_there_only_where_they_are_described_and_webhooks_can_be_verified) {
  EXPECT_EQ(make_source("pipedrive", "api_token: t")->hooks(), nullptr);
  EXPECT_EQ(with_secret("twenty", "api_key: t", "s")->hooks(), nullptr);
  EXPECT_NE(with_secret("pipedrive", "api_token: t", "u:p")->hooks(), nullptr);
}

TEST(RestHooks, pipedrive_lists_makes_and_removes_one_for_each_object) {
  const auto source = with_secret("pipedrive", "api_token: t", "user:pass:word");
  const HookKeeper& hooks = *source->hooks();
  EXPECT_THAT(hooks.names(), ElementsAre("organization", "person"));
  EXPECT_TRUE(hooks.tells_names());
  EXPECT_FALSE(hooks.renews());
  ScriptedTransport transport({answer(200, R"({"success":true,"data":[
          {"id":7,"subscription_url":"https://sync.test/hooks/crm","event_object":"person","is_active":1},
          {"id":8,"subscription_url":"https://other.test","event_object":"deal","is_active":0}]})"),
                               answer(201, R"({"success":true,"data":{"id":9}})"),
                               answer(200, R"({"success":true})")});
  const auto listed = hooks.list(transport, kNow);
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].name, "person");
  EXPECT_EQ((*listed)[0].url, kUrl);
  EXPECT_TRUE((*listed)[0].working);
  EXPECT_FALSE((*listed)[1].working);
  const auto made = hooks.create("organization", kUrl, transport, kNow);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->id, "9");
  EXPECT_FALSE(made->secret.has_value());
  EXPECT_EQ(transport.requests[1].url, "https://api.pipedrive.com/v1/webhooks");
  EXPECT_EQ(transport.requests[1].body,
            R"({"event_action":"*","event_object":"organization","http_auth_password":"pass:word",)"
            R"("http_auth_user":"user","name":"assembly-sync",)"
            R"("subscription_url":"https://sync.test/hooks/crm","version":"2.0"})");
  EXPECT_FALSE(hooks.remove((*listed)[1], transport, kNow).has_value());
  EXPECT_EQ(transport.requests[2].method, "DELETE");
  EXPECT_EQ(transport.requests[2].url, "https://api.pipedrive.com/v1/webhooks/8");
}

TEST(RestHooks, attio_and_close_choose_the_secret_themselves) {
  const auto attio = with_secret("attio", "access_token: t", "s");
  ScriptedTransport first({answer(200, R"({"data":{"id":{"webhook_id":"w"},"secret":"shh"}})")});
  const auto made = attio->hooks()->create("records", kUrl, first, kNow);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->id, "w");
  EXPECT_EQ(made->secret->reveal(), "shh");
  EXPECT_FALSE(attio->hooks()->tells_names());
  const auto close = with_secret("close", "api_key: t", "00ff");
  ScriptedTransport second(
      {answer(201, R"({"id":"whsub_1","signature_key":"ab12"})"),
       answer(200, R"({"data":[{"id":"whsub_1","url":"u","status":"paused"}]})")});
  EXPECT_EQ(close->hooks()->create("leads and contacts", kUrl, second, kNow)->secret->reveal(),
            "ab12");
  EXPECT_FALSE(close->hooks()->list(second, kNow)->at(0).working);
}

TEST(RestHooks, zohos_channels_run_out_and_are_renewed) {
  const auto zoho =
      with_secret("zoho", "client_id: c\nclient_secret: s\nrefresh_token: r", "channel-token");
  const HookKeeper& hooks = *zoho->hooks();
  EXPECT_TRUE(hooks.renews());
  ScriptedTransport transport([](const core::HttpRequest& request) {
    if (request.url.ends_with("/token")) return answer(200, R"({"access_token":"t"})");
    if (request.method == "GET") {
      return answer(200, R"({"watch":[{"channel_id":"7365796301","notify_url":
          "https://sync.test/hooks/crm","resource_name":"Accounts",
          "channel_expiry":"2026-03-02T12:00:00+00:00"}]})");
    }
    return answer(200, R"({"watch":[{"status":"success"}]})");
  });
  const auto listed = hooks.list(transport, kNow);
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->at(0).ends_ms, 1772452800000);
  ASSERT_FALSE(hooks.renew(listed->at(0), transport, kNow).has_value());
  EXPECT_EQ(transport.requests.back().method, "PUT");
  EXPECT_EQ(transport.requests.back().body,
            R"({"watch":[{"channel_expiry":"2026-03-08T10:40:00+00:00","channel_id":"7365796301",)"
            R"("events":["Accounts.all"],"notify_on_related_action":false,)"
            R"("notify_url":"https://sync.test/hooks/crm","token":"channel-token"}]})");
  const auto made = hooks.create("Contacts", kUrl, transport, kNow);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->id, "7365796302");
  ASSERT_FALSE(hooks.remove(listed->at(0), transport, kNow).has_value());
  EXPECT_THAT(transport.requests.back().url, HasSubstr("/actions/watch?channel_ids=7365796301"));
}

TEST(RestHooks, a_refusal_is_told_and_an_empty_list_is_none) {
  const auto source = with_secret("pipedrive", "api_token: t", "u:p");
  ScriptedTransport transport({answer(204, ""), answer(402, "{}"), answer(201, "{}")});
  EXPECT_TRUE(source->hooks()->list(transport, kNow)->empty());
  EXPECT_EQ(source->hooks()->create("person", kUrl, transport, kNow).error().reason,
            "the API answered 402 to POST /v1/webhooks");
  EXPECT_THAT(source->hooks()->create("person", kUrl, transport, kNow).error().reason,
              HasSubstr("names no id"));
}

}  // namespace
}  // namespace assembly_sync::connectors
