// Subscriptions for webhooks in the course of time: what is renewed and made again by itself, and
// what is told to a person. With the shipped descriptions, against CRMs that forget.
#include "daemon/intake/hook_care.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <thread>

#include <gmock/gmock.h>

#include "connectors/block.hpp"
#include "core/time_text.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"
#include "tests/unit/daemon/intake/hook_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using test::answer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::shared_ptr<connectors::Connector> source_of(const std::string& type, const std::string& yaml) {
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(yaml, "test.yaml", problems);
  if (!problems.empty()) throw std::invalid_argument(core::to_text(problems.front()));
  connectors::SourceSettings settings;
  settings.name = kSource;
  settings.block = connectors::read_block(root, connectors::find_type(type)->settings);
  settings.texts = settings.block.texts;
  settings.secrets = settings.block.secrets;
  return connectors::find_type(type)->make(settings);
}

std::shared_ptr<connectors::Connector> pipedrive() {
  return source_of("pipedrive", R"({api_token: t, webhook_secrets: ["user:word"]})");
}
std::shared_ptr<connectors::Connector> attio(const std::string& more) {
  return source_of("attio", "{access_token: t" + more + "}");
}
std::shared_ptr<connectors::Connector> zoho() {
  return source_of("zoho", R"({client_id: c, client_secret: s, refresh_token: r,
                              webhook_secrets: [channel-token]})");
}

class HookCareTest : public testing::Test {
 protected:
  HookCareTest()
      : transport_([this](const core::HttpRequest& request) { return answers(request); }),
        log_(telemetry::LogStyle::plain) {}

  HookCareParts parts(std::shared_ptr<connectors::Connector> connector) {
    return {
        {{kSource, std::move(connector)}}, kPublicUrl, sample_rules(), transport_, clock_, log_};
  }
  /// One round, and what it wrote into the log.
  std::string look(const std::shared_ptr<connectors::Connector>& connector) {
    HookCare care(parts(connector));
    testing::internal::CaptureStdout();
    care.work();
    return testing::internal::GetCapturedStdout();
  }
  /// "GET /v1/webhooks" …, without the calls for a token.
  std::vector<std::string> changes() const {
    std::vector<std::string> calls;
    for (const core::HttpRequest& request : transport_.requests) {
      if (request.method == "GET" || request.url.ends_with("/token")) continue;
      calls.push_back(request.method + ' ' + request.body);
    }
    return calls;
  }

  std::function<core::HttpResponse(const core::HttpRequest&)> answers;
  test::ManualClock clock_;
  test::ScriptedTransport transport_;
  telemetry::Log log_;
};

/// The channels of Zoho: what has run out is forgotten, and an update of what is not there refused.
class HookCareOfZoho : public HookCareTest {
 protected:
  HookCareOfZoho() {
    answers = [this](const core::HttpRequest& request) { return channels(request); };
  }

  core::HttpResponse channels(const core::HttpRequest& request) {
    if (request.url.ends_with("/token")) return answer(200, R"({"access_token":"t"})");
    if (request.method == "GET") return list();
    const core::Value channel = test::json(request.body).at("watch").as_list().front();
    const std::string id = channel.text_or("channel_id");
    if (request.method == "PUT" && !channels_.contains(id)) {
      return answer(400, R"({"code":"INVALID_DATA","status":"error"})");
    }
    channels_[id] = channel;
    return answer(200, R"({"watch":[{"code":"SUCCESS","status":"success"}]})");
  }

  core::HttpResponse list() {
    std::erase_if(channels_,
                  [&](const auto& entry) { return !lists_ended_ && ended(entry.second); });
    core::Value::List watch;
    for (const auto& [id, channel] : channels_) {
      for (const core::Value& event : channel.at("events").as_list()) {
        core::Value shown = channel;
        shown.set("events", core::Value::list({event}));
        shown.set("resource_name", event.as_string().substr(0, event.as_string().find('.')));
        watch.push_back(std::move(shown));
      }
    }
    if (watch.empty()) return answer(204, "");
    return answer(200, core::dump_json(core::Value::object({{"watch", core::Value(watch)}})));
  }

  bool ended(const core::Value& channel) const {
    return core::parse_rfc3339(channel.text_or("channel_expiry")).value() <= clock_.wall_now();
  }

  std::vector<std::string> told() const {
    std::vector<std::string> events;
    for (const auto& [id, channel] : channels_) {
      if (ended(channel)) continue;
      for (const core::Value& event : channel.at("events").as_list()) {
        events.push_back(event.as_string());
      }
    }
    std::sort(events.begin(), events.end());
    return events;
  }

  std::map<std::string, core::Value> channels_;
  bool lists_ended_ = false;
};

TEST_F(HookCareOfZoho, ChannelsAreRenewedBeforeTheyEndForAsLongAsTheProgramRuns) {
  const auto source = zoho();
  EXPECT_THAT(look(source), HasSubstr("event=hook_renewed"));
  EXPECT_THAT(told(), ElementsAre("Accounts.all", "Contacts.all"));
  const std::size_t made = changes().size();
  for (int round = 0; round < 4 * 30; ++round) {
    clock_.advance(6h);
    ASSERT_THAT(told(), ElementsAre("Accounts.all", "Contacts.all")) << "after " << round;
    look(source);
  }
  EXPECT_EQ(channels_.size(), 2U) << "no channel more";
  EXPECT_GE(changes().size(), made + 8) << "four weeks, two channels of a week";
  EXPECT_LE(changes().size(), made + 16) << "not in each round";
}

TEST_F(HookCareOfZoho, AMachineThatWasAwayPastTheEndGetsItsNotificationsBackByItself) {
  const auto source = zoho();
  look(source);
  const auto before = channels_;
  for (const bool lists_ended : {false, true}) {
    lists_ended_ = lists_ended;
    clock_.advance(24h * 20);
    ASSERT_THAT(told(), IsEmpty());
    EXPECT_THAT(look(source), Not(HasSubstr("hooks_missing")));
    EXPECT_THAT(told(), ElementsAre("Accounts.all", "Contacts.all"));
    EXPECT_EQ(channels_.size(), 2U);
    for (const auto& [id, channel] : before) EXPECT_TRUE(channels_.contains(id)) << "the same ids";
  }
}

TEST_F(HookCareOfZoho, AnothersChannelIsNotTouched) {
  const auto source = zoho();
  look(source);
  channels_["42"] = test::json(R"({"channel_id":"42","events":["Deals.all"],
      "channel_expiry":"2026-01-01T00:00:01+00:00","notify_url":"https://other.test/hook"})");
  lists_ended_ = true;
  clock_.advance(24h * 5);
  look(source);
  EXPECT_EQ(channels_.at("42").text_or("channel_expiry"), "2026-01-01T00:00:01+00:00");
}

TEST_F(HookCareOfZoho, OneChannelForBothModulesLosesNoneOfThem) {
  channels_["42"] = test::json(R"({"channel_id":"42","events":["Accounts.all","Contacts.all"],
      "channel_expiry":"2026-01-02T00:00:00+00:00","notify_url":"https://sync.test/hooks/crm"})");
  const auto source = zoho();
  EXPECT_THAT(look(source), HasSubstr("event=hooks_missing source=crm count=2"));
  EXPECT_THAT(changes(), IsEmpty()) << "an update for one of them would drop the other";
  EXPECT_THAT(told(), ElementsAre("Accounts.all", "Contacts.all"));
  clock_.advance(24h * 2);
  look(source);
  EXPECT_THAT(told(), ElementsAre("Accounts.all", "Contacts.all"));
}

TEST_F(HookCareOfZoho, WhatIsRefusedIsToldAndTriedAgainInTheNextRound) {
  const auto source = zoho();
  bool refuses = true;
  answers = [&](const core::HttpRequest& request) {
    return refuses && request.method == "POST" && !request.url.ends_with("/token")
               ? answer(403, "{}")
               : channels(request);
  };
  EXPECT_THAT(look(source), HasSubstr("event=hooks_not_kept"));
  refuses = false;
  look(source);
  EXPECT_THAT(told(), ElementsAre("Accounts.all", "Contacts.all"));
}

TEST_F(HookCareOfZoho, Concurrency_RoundsFollowEachOtherWhileItRuns) {
  HookCare care(parts(zoho()));
  std::atomic<int> lists{0};
  answers = [&](const core::HttpRequest& request) {
    const core::HttpResponse response = channels(request);
    if (request.method == "GET") ++lists;
    return response;
  };
  care.start();
  while (lists < 3) {
    clock_.advance(1h);
    std::this_thread::yield();
  }
  care.request_stop();
  care.join();
  EXPECT_EQ(channels_.size(), 2U);
}

TEST_F(HookCareTest, AHookThatPipedriveRemovedIsToldAndLeftToAPerson) {
  answers = [](const core::HttpRequest&) {
    return answer(200, R"({"data":[{"id":7,"subscription_url":"https://sync.test/hooks/crm",
        "event_object":"person","event_action":"*","version":"2.0","is_active":1}]})");
  };
  const std::string log = look(pipedrive());
  EXPECT_THAT(log, HasSubstr("event=hooks_missing source=crm count=1"));
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(HookCareTest, AHookInAnOldShapeIsToldAndLeftToAPerson) {
  answers = [](const core::HttpRequest&) {
    return answer(200, R"({"data":[
        {"id":7,"subscription_url":"https://sync.test/hooks/crm","event_object":"person",
         "event_action":"*","version":"2.0","is_active":1},
        {"id":8,"subscription_url":"https://sync.test/hooks/crm","event_object":"organization",
         "event_action":"added","version":"1.0","is_active":1}]})");
  };
  EXPECT_THAT(look(pipedrive()), HasSubstr("event=hooks_missing source=crm count=1"));
  EXPECT_THAT(changes(), IsEmpty());
}

/// Attio's answer with one webhook for everything.
core::HttpResponse attio_webhook(const std::string& status) {
  return answer(200, R"({"data":[{"id":{"webhook_id":"w"},"status":")" + status +
                         R"(","target_url":"https://sync.test/hooks/crm","subscriptions":[
      {"event_type":"record.created","filter":null},{"event_type":"record.updated","filter":null},
      {"event_type":"record.deleted","filter":null},
      {"event_type":"record.merged","filter":null}]}]})");
}

TEST_F(HookCareTest, ADegradedWebhookOfAttioIsThereAndOneThatWasSwitchedOffIsTold) {
  std::string status = "degraded";
  answers = [&](const core::HttpRequest&) { return attio_webhook(status); };
  const auto source = attio(R"(, webhook_secrets: ["s"])");
  EXPECT_EQ(look(source), "");
  status = "inactive";
  EXPECT_THAT(look(source), HasSubstr("event=hooks_missing source=crm count=1"));
  EXPECT_THAT(changes(), IsEmpty()) << "its secret would be known to nobody";
}

TEST_F(HookCareTest, WhoHasNoSecretForWebhooksIsNotAskedForThem) {
  answers = [](const core::HttpRequest&) { return answer(403, "{}"); };
  EXPECT_EQ(look(attio("")), "");
  EXPECT_THAT(transport_.requests, IsEmpty());
}

TEST_F(HookCareTest, ACrmThatDoesNotTellIsNoReasonToLeaveOutTheOthers) {
  answers = [](const core::HttpRequest& request) {
    return request.url.find("pipedrive") != std::string::npos ? answer(500, "{}")
                                                              : attio_webhook("inactive");
  };
  HookCareParts both = parts(pipedrive());
  both.sources.push_back({core::SourceName("second"), attio(R"(, webhook_secrets: ["s"])")});
  HookCare care(std::move(both));
  testing::internal::CaptureStdout();
  care.work();
  const std::string log = testing::internal::GetCapturedStdout();
  EXPECT_THAT(log, HasSubstr("event=hooks_not_kept source=crm"));
  EXPECT_THAT(log, HasSubstr("event=hooks_missing source=second"));
}

}  // namespace
}  // namespace assembly_sync::intake
