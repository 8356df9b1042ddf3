// The small words of core/: ids, lanes, intents, records, secrets, randomness, time.
#include <algorithm>
#include <atomic>
#include <thread>
#include <type_traits>
#include <unordered_set>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/intent.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/record.hpp"
#include "core/secret.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::core {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_convertible_v<RecordId, AssemblyId>);
static_assert(!std::is_constructible_v<AssemblyId, RecordId>);
static_assert(!std::is_convertible_v<std::string, Key>);

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Printable<Secret>);
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };
static_assert(!Comparable<Secret>);

TEST(Ids, CompareAndHashByText) {
  EXPECT_EQ(Key("a"), Key(std::string("a")));
  EXPECT_LT(Key("a"), Key("b"));
  const std::unordered_set<Key> keys = {Key("a"), Key("a"), Key("b")};
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_TRUE(Key().empty());
}

TEST(Ids, RecordReferencesOrderBySourceObjectAndId) {
  const RecordRef a{SourceName("s"), ObjectName("o"), RecordId("1")};
  RecordRef b = a;
  EXPECT_EQ(a, b);
  b.object = ObjectName("p");
  EXPECT_LT(a, b);
}

TEST(Lane, LiveGoesFirstAndAuditLast) {
  EXPECT_LT(Lane::live, Lane::retry);
  EXPECT_LT(Lane::retry, Lane::backfill);
  EXPECT_LT(Lane::backfill, Lane::audit);
  EXPECT_EQ(to_text(Lane::live), "live");
  EXPECT_EQ(to_text(Lane::audit), "audit");
  EXPECT_EQ(static_cast<int>(Lane::audit), kLaneCount - 1);
}

TEST(EntityKind, EveryNameReadsBack) {
  for (const auto kind :
       {EntityKind::company, EntityKind::customer, EntityKind::contact, EntityKind::usage}) {
    EXPECT_EQ(parse_entity_kind(to_text(kind)), kind);
  }
  EXPECT_EQ(parse_entity_kind("Company"), std::nullopt);
  EXPECT_EQ(parse_entity_kind(""), std::nullopt);
}

TEST(NoticeKind, HasAName) {
  EXPECT_EQ(to_text(NoticeKind::upserted), "upserted");
  EXPECT_EQ(to_text(NoticeKind::erased), "erased");
}

TEST(Intent, ShowsTagsBesideTheOtherFields) {
  Intent intent;
  intent.mapping = "companies";
  intent.key = Key("hubspot-company-1");
  intent.fields = {{"name", "Acme"}, {"tags", Value::list({"a", "b"})}};
  intent.additional_properties = {{"Industry", "Tin"}};
  EXPECT_EQ(dump_json(to_value(intent)),
            R"({"additional_properties":{"Industry":"Tin"},"fields":{"name":"Acme"},)"
            R"("key":"hubspot-company-1","mapping":"companies","tags":["a","b"],"to":"company"})");
}

TEST(Intent, ShowsTheParentByKeyOrByDomain) {
  Intent intent;
  intent.kind = EntityKind::contact;
  EXPECT_EQ(to_value(intent).find("company"), nullptr);
  intent.company_key = Key("c-1");
  EXPECT_EQ(to_value(intent).at("company"), Value("c-1"));
  intent.company_key.reset();
  intent.company_domain = "acme.test";
  EXPECT_EQ(to_value(intent).at("company"), Value::object({{"domain", "acme.test"}}));
}

TEST(Secret, GivesItsTextOnlyWhenAsked) {
  const Secret secret(std::string("s3cret"));
  EXPECT_EQ(secret.reveal(), "s3cret");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
  const Secret copy = secret;
  EXPECT_EQ(copy.reveal(), "s3cret");
}

TEST(EqualConstantTime, ComparesWholeTexts) {
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("xbc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_constant_time("abc", ""));
}

TEST(Random, SameSeedGivesTheSameSequence) {
  const auto a = make_seeded_random(7);
  const auto b = make_seeded_random(7);
  const auto c = make_seeded_random(8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = a->next();
    EXPECT_EQ(value, b->next());
    differs = differs || value != c->next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, UnitStaysBelowOneAndSpreads) {
  const auto random = make_seeded_random(1);
  double least = 1;
  double most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double unit = random->unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
    least = std::min(least, unit);
    most = std::max(most, unit);
  }
  EXPECT_LT(least, 0.01);
  EXPECT_GT(most, 0.99);
}

TEST(Random, SystemRandomsDiffer) {
  EXPECT_NE(make_system_random()->next(), make_system_random()->next());
}

TEST(Clock, FormatsUtcWithMilliseconds) {
  EXPECT_EQ(format_utc(from_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_utc(from_ms(951'827'696'789)), "2000-02-29T12:34:56.789Z");
  EXPECT_EQ(format_utc(from_ms(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, MillisecondsConvertBothWays) {
  EXPECT_EQ(to_ms(from_ms(1'767'225'600'500)), 1'767'225'600'500);
}

TEST(SystemClock, PastTimeNeedsNoWaiting) {
  SystemClock clock;
  EXPECT_TRUE(clock.sleep_until(clock.steady_now() - 1h, {}));
}

TEST(SystemClock, StopEndsALongSleep) {
  SystemClock clock;
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(clock.sleep_for(24h, stop.get_token()));
}

TEST(SystemClock, SteadyTimeNeverGoesBack) {
  SystemClock clock;
  SteadyTime last = clock.steady_now();
  for (int i = 0; i < 1000; ++i) {
    const SteadyTime now = clock.steady_now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ManualClock, SleepersWakeWhenTheirTimeHasCome) {
  test::ManualClock clock;
  std::atomic<bool> woke = false;
  const SteadyTime when = clock.steady_now() + 10s;
  std::jthread sleeper([&] { woke = clock.sleep_until(when, {}); });
  clock.advance(9s);
  EXPECT_FALSE(woke);
  clock.advance(1s);
  sleeper.join();
  EXPECT_TRUE(woke);
}

TEST(ManualClock, BothTimesMoveTogether) {
  test::ManualClock clock(from_ms(1000));
  clock.advance(1500us);
  clock.advance(500us);
  EXPECT_EQ(to_ms(clock.wall_now()), 1002);
  EXPECT_EQ(clock.steady_now().time_since_epoch(), 2ms);
}

}  // namespace
}  // namespace assembly_sync::core
