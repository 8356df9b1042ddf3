// When data is stale, and what is said about it.
#include "daemon/answers/freshness.hpp"

#include <gmock/gmock.h>

#include "core/json.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
const core::SourceName kCrm("crm");

FreshRules rules(std::int64_t fresh_seconds, bool is_asked) {
  FreshRules rules;
  rules.sources[kCrm] = {fresh_seconds, is_asked};
  rules.pending_seconds = 900;
  rules.since_ms = kNow - 86'400'000;
  return rules;
}

Value judged(const store::SourceActivity& activity, const FreshRules& rules) {
  Value source = Value::object();
  judge_source(source, kCrm, activity, rules, kNow);
  return source;
}

store::SourceActivity polled(std::int64_t seconds_ago) {
  store::SourceActivity activity;
  activity.last_poll_ms = kNow - seconds_ago * 1000;
  return activity;
}

store::SourceActivity heard(std::int64_t seconds_ago) {
  store::SourceActivity activity;
  activity.last_webhook_ms = kNow - seconds_ago * 1000;
  return activity;
}

TEST(Freshness, ASourceThatIsAskedIsFreshAsLongAsItIsReadInTime) {
  EXPECT_EQ(judged(polled(900), rules(900, true)).at("fresh"), Value(true));
  const Value stale = judged(polled(901), rules(900, true));
  EXPECT_EQ(stale.at("fresh"), Value(false));
  EXPECT_EQ(stale.text_or("problem"),
            "last read at 2025-12-31T23:44:59.000Z; it should be at least every 15 min 0 s");
  EXPECT_EQ(stale.at("silent_seconds"), Value(901));
}

TEST(Freshness, WebhooksDoNotStandInForReadings) {
  store::SourceActivity activity = polled(5000);
  activity.last_webhook_ms = kNow;
  EXPECT_EQ(judged(activity, rules(900, true)).at("fresh"), Value(false));
}

TEST(Freshness, ASourceThatOnlySendsMayBeQuiet) {
  EXPECT_EQ(judged(heard(10 * 86'400), rules(0, false)).at("fresh"), Value(true));
  EXPECT_EQ(judged({}, rules(0, false)).at("fresh"), Value(true));
}

TEST(Freshness, ASourceThatOnlySendsIsStaleWhereItsSilenceWasGivenAnEnd) {
  EXPECT_EQ(judged(heard(3599), rules(3600, false)).at("fresh"), Value(true));
  const Value stale = judged(heard(3601), rules(3600, false));
  EXPECT_EQ(stale.at("fresh"), Value(false));
  EXPECT_THAT(stale.text_or("problem"), HasSubstr("last heard at"));
}

TEST(Freshness, TimeBeforeTheConfigurationWasLoadedIsNotMissed) {
  FreshRules young = rules(900, true);
  young.since_ms = kNow - 60'000;
  EXPECT_EQ(judged(polled(5000), young).at("fresh"), Value(true));
  EXPECT_EQ(judged({}, young).at("fresh"), Value(true));
  young.since_ms = kNow - 901'000;
  EXPECT_THAT(judged({}, young).text_or("problem"),
              HasSubstr("not read since the configuration was loaded"));
}

TEST(Freshness, AClockThatWasSetBackMakesNothingStale) {
  EXPECT_EQ(judged(polled(-3600), rules(900, true)).at("fresh"), Value(true));
  EXPECT_EQ(judged(polled(-3600), rules(900, true)).at("silent_seconds"), Value(0));
}

TEST(Freshness, AFailedReadingIsStaleAtOnceAndSaysWhy) {
  store::SourceActivity activity = polled(1);
  activity.last_error_ms = kNow - 5000;
  activity.last_error = "401";
  activity.last_error_kind = "unauthorized";
  const Value stale = judged(activity, rules(900, true));
  EXPECT_EQ(stale.at("fresh"), Value(false));
  EXPECT_EQ(stale.at("refused"), Value(true));
  EXPECT_EQ(stale.text_or("problem"), "401");
}

TEST(Freshness, DeliveryIsStaleWhenALiveChangeWaitsForTooLong) {
  const Value sources = Value::object();
  const auto waits = [](std::int64_t seconds) {
    return store::OldestChange{store::Lane::retry, kNow - seconds * 1000, 7};
  };
  EXPECT_EQ(freshness(sources, waits(900), "", rules(0, false), kNow).at("fresh"), Value(true));
  const Value stale = freshness(sources, waits(901), "", rules(0, false), kNow);
  EXPECT_EQ(stale.at("fresh"), Value(false));
  EXPECT_EQ(stale.at("oldest_pending_seconds"), Value(901));
  EXPECT_EQ(
      freshness_text(stale),
      "delivery: a change of the lane retry waits to be sent since 2025-12-31T23:44:59.000Z; it "
      "should go within 15 min 0 s; it was tried 7 times\n");
  FreshRules unlimited = rules(0, false);
  unlimited.pending_seconds = 0;
  EXPECT_EQ(freshness(sources, waits(100'000), "", unlimited, kNow).at("fresh"), Value(true));
}

TEST(Freshness, WithoutADaemonNothingIsFresh) {
  Value judged = Value::object({{"fresh", true}, {"stale", Value::list()}});
  set_stopped(judged, Value("2026-01-31T10:00:00.000Z"));
  EXPECT_EQ(judged.at("fresh"), Value(false));
  EXPECT_EQ(freshness_text(judged), "daemon: no daemon is running\n");
  EXPECT_EQ(judged.at("stale").as_list().front().at("since"), Value("2026-01-31T10:00:00.000Z"));
}

TEST(Freshness, TellsEachReason) {
  Value sources = Value::object();
  sources.set("crm", judged(polled(901), rules(900, true)));
  Value gone = judged(polled(90'000), rules(900, true));
  gone.set("configured", false);
  sources.set("old", gone);
  const Value all = freshness(sources, std::nullopt, "the disk is full", rules(900, true), kNow);
  EXPECT_EQ(all.at("stale").as_list().size(), 2U);
  EXPECT_THAT(freshness_text(all), HasSubstr("crm: last read at"));
  EXPECT_THAT(freshness_text(all), HasSubstr("intake: sources are told to wait: the disk is full"));
}

}  // namespace
}  // namespace assembly_sync::answers
