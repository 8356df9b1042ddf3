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

/// Names of the topics, with the objects that they are about.
std::vector<std::string> topics_of(const Connector& source) {
  std::vector<std::string> texts;
  for (const HookTopic& topic : source.hooks()->topics({}, kUrl)) {
    std::string text = topic.name + ':';
    for (const core::ObjectName& object : topic.objects) text += ' ' + object.str();
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<Hook> listed(const Connector& source, const std::string& body) {
  ScriptedTransport transport({answer(200, body)});
  return source.hooks()->list(transport, kNow).value();
}

TEST(RestHooks, are_there_only_where_they_are_described_and_webhooks_can_be_verified) {
  EXPECT_EQ(make_source("pipedrive", "api_token: t")->hooks(), nullptr);
  EXPECT_EQ(with_secret("twenty", "api_key: t", "s")->hooks(), nullptr);
  EXPECT_NE(with_secret("pipedrive", "api_token: t", "u:p")->hooks(), nullptr);
}

TEST(RestHooks, where_the_api_chooses_the_secret_the_first_one_needs_none) {
  const auto attio = make_source("attio", "access_token: t");
  ASSERT_NE(attio->hooks(), nullptr);
  EXPECT_FALSE(attio->takes_webhooks());
  EXPECT_TRUE(attio->hooks()->brings_secret());
  EXPECT_EQ(attio->hooks()->secret_key(), "webhook_secrets");
  EXPECT_NE(make_source("close", "api_key: t")->hooks(), nullptr);
  EXPECT_EQ(make_source("zoho", "client_id: c\nclient_secret: s\nrefresh_token: r")->hooks(),
            nullptr)
      << "whose token is ours to choose";
  EXPECT_FALSE(with_secret("pipedrive", "api_token: t", "u:p")->hooks()->brings_secret());
}

TEST(RestHooks, what_is_wanted_follows_from_the_webhooks_of_all_objects) {
  EXPECT_THAT(topics_of(*with_secret("attio", "access_token: t", "s")),
              ElementsAre("records: companies people"));
  EXPECT_THAT(topics_of(*with_secret("close", "api_key: t", "00")),
              ElementsAre("leads and contacts: contacts leads"));
  const std::string added = R"(api_token: t
objects:
  deals:
    request: {path: /api/v2/deals}
    webhooks: [{when: {meta.entity: deal}, id: meta.entity_id}]
    detail: {request: {path: "/api/v2/deals/{id}"}}
  orders:
    request: {path: /api/v2/deals}
    webhooks: [{when: {meta.entity: [deal, order], meta.action: add}, id: meta.entity_id}]
    detail: {request: {path: "/api/v2/orders/{id}"}})";
  EXPECT_THAT(topics_of(*with_secret("pipedrive", added, "u:p")),
              ElementsAre("organization: organizations", "person: persons", "deal: deals orders",
                          "order: orders"));
}

TEST(RestHooks, one_that_tells_in_another_shape_or_too_little_does_not_fit) {
  const auto pipedrive = with_secret("pipedrive", "api_token: t", "u:p");
  const auto hooks = listed(*pipedrive, R"({"data":[
      {"id":1,"subscription_url":"u","event_object":"person","event_action":"*","version":"2.0"},
      {"id":2,"subscription_url":"u","event_object":"person","event_action":"added",
       "version":"1.0"},
      {"id":3,"subscription_url":"u","event_object":"person","event_action":"*","version":"1.0"},
      {"id":4,"subscription_url":"u","event_object":"person"}]})");
  ASSERT_EQ(hooks.size(), 4U);
  EXPECT_EQ(hooks[0].misfit, "");
  EXPECT_EQ(hooks[1].misfit, "its event_action is not *");
  EXPECT_EQ(hooks[2].misfit, "its version is not 2.0");
  EXPECT_EQ(hooks[3].misfit, "") << "what is not told is not held against it";
}

TEST(RestHooks, one_without_some_of_the_events_does_not_fit_and_a_filter_is_seen) {
  const auto attio = with_secret("attio", "access_token: t", "s");
  const std::string all = R"({"event_type":"record.created","filter":F},
      {"event_type":"record.updated","filter":F},{"event_type":"record.merged","filter":F},
      {"event_type":"record.deleted","filter":F})";
  const auto with_filter = [&](std::string text, const std::string& filter) {
    for (std::size_t at = 0; (at = text.find(":F", at)) != std::string::npos;) {
      text.replace(at + 1, 1, filter);
    }
    return text;
  };
  const auto hooks = listed(*attio, R"({"data":[
      {"id":{"webhook_id":"w1"},"target_url":"u","status":"active","subscriptions":[)" +
                                        with_filter(all, "null") + R"(]},
      {"id":{"webhook_id":"w2"},"target_url":"u","status":"degraded","subscriptions":[)" +
                                        with_filter(all, R"({"$and":[]})") + R"(]},
      {"id":{"webhook_id":"w3"},"target_url":"u","status":"inactive","subscriptions":[
          {"event_type":"record.created","filter":null}]}]})");
  ASSERT_EQ(hooks.size(), 3U);
  EXPECT_EQ(hooks[0].misfit, "");
  EXPECT_FALSE(hooks[0].narrowed);
  EXPECT_TRUE(hooks[1].working) << "degraded: it is tried again";
  EXPECT_EQ(hooks[1].misfit, "");
  EXPECT_TRUE(hooks[1].narrowed);
  EXPECT_FALSE(hooks[2].working);
  EXPECT_EQ(hooks[2].misfit, "it does not tell all that is wanted");
  const auto close = with_secret("close", "api_key: t", "00ff");
  EXPECT_EQ(listed(*close, R"({"data":[{"id":"w","url":"u","status":"active","events":[
      {"object_type":"lead","action":"created"},{"object_type":"contact","action":"merged"}]}]})")
                .at(0)
                .misfit,
            "it does not tell all that is wanted");
}

TEST(RestHooks, an_id_of_ours_is_the_same_each_time_and_another_for_each_address_and_object) {
  const auto zoho =
      with_secret("zoho", "client_id: c\nclient_secret: s\nrefresh_token: r", "channel-token");
  std::set<std::string> ids;
  for (const std::string& url : {kUrl, std::string("https://second.test/hooks/crm")}) {
    for (const HookTopic& topic : zoho->hooks()->topics({}, url)) {
      EXPECT_EQ(topic.own_id.size(), 15U);
      EXPECT_EQ(topic.own_id.find_first_not_of("0123456789"), std::string::npos);
      ids.insert(topic.own_id);
    }
  }
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_EQ(zoho->hooks()->topics({}, kUrl)[0].own_id, "291564748449594");
  EXPECT_EQ(with_secret("pipedrive", "api_token: t", "u:p")->hooks()->topics({}, kUrl)[0].own_id,
            "");
}

TEST(RestHooks, a_channel_that_ran_out_and_was_forgotten_is_made_again) {
  const auto zoho =
      with_secret("zoho", "client_id: c\nclient_secret: s\nrefresh_token: r", "channel-token");
  const HookKeeper& hooks = *zoho->hooks();
  ScriptedTransport transport([](const core::HttpRequest& request) {
    if (request.url.ends_with("/token")) return answer(200, R"({"access_token":"t"})");
    if (request.method == "PUT") return answer(400, R"({"code":"INVALID_DATA"})");
    return answer(201, R"({"watch":[{"status":"success"}]})");
  });
  Hook hook{.id = "7", .name = "Accounts", .url = kUrl};
  hook.ends_ms = core::to_ms(kNow) + 1;
  EXPECT_TRUE(hooks.renew(hook, transport, kNow).has_value()) << "it lasts still";
  hook.ends_ms = core::to_ms(kNow);
  EXPECT_FALSE(hooks.renew(hook, transport, kNow).has_value());
  EXPECT_EQ(transport.requests.back().method, "POST");
  EXPECT_THAT(transport.requests.back().body, HasSubstr(R"("channel_id":"7")"));
}

TEST(RestHooks, say_what_is_wrong_with_their_description) {
  const std::string rest = R"(
  list: {request: {path: /hooks}, id: id, url: url, tells: {at: events, all: EVENTS}}
  create: {request: {path: /hooks}}
  remove: {path: "/hooks/{id}"}
objects: {people: {request: {path: /people}, detail: {request: {path: "/people/{id}"}},
                   webhooks: [{when: {kind: person}}]}})";
  const auto described = [&](const std::string& each, const std::string& events) {
    std::string text = "hooks:" + each + rest;
    return problems_of(text.replace(text.find("EVENTS"), 6, events));
  };
  EXPECT_THAT(described("\n  each_by: kind", "[a]"), testing::IsEmpty());
  EXPECT_THAT(described("\n  each_by: type", "[a]"),
              ElementsAre("hooks.each_by: expected a field that `when` of some object's `webhooks` "
                          "has, got another"));
  EXPECT_THAT(described("", "[a]"),
              ElementsAre("hooks: expected `each` or `each_by`, got neither"));
  EXPECT_THAT(described("\n  each: [{name: a}]\n  each_by: kind", "[a]"),
              ElementsAre("hooks: expected either `each` or `each_by`, got both"));
  EXPECT_THAT(described("\n  each_by: kind", "one"),
              ElementsAre("hooks.list.tells.all: expected a list of events, got text"));
  EXPECT_THAT(described("\n  each_by: kind", "[\"{hook.nme}\"]"),
              ElementsAre(HasSubstr("hooks.list.tells.all: expected one of the variables")));
}

TEST(RestHooks, pipedrive_lists_makes_and_removes_one_for_each_object) {
  const auto source = with_secret("pipedrive", "api_token: t", "user:pass:word");
  const HookKeeper& hooks = *source->hooks();
  EXPECT_THAT(topics_of(*source), ElementsAre("organization: organizations", "person: persons"));
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
  EXPECT_EQ(made->id, hooks.topics({}, kUrl)[1].own_id);
  EXPECT_THAT(transport.requests.back().body, HasSubstr("\"channel_id\":\"" + made->id + '"'));
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
