// The dispatcher with its workers, a real store and an Assembly that many threads call at once.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "tests/unit/daemon/delivery/delivery_world.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;
using store::NoticeState;
using testing::Each;
using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr int kWorkers = 8;
constexpr auto kLongGrace = 100s;  // never waited out

TEST(DispatcherConcurrency, EightWorkersDeliverEachEntityOnce) {
  constexpr int kEntities = 150;
  DeliveryWorld world;
  world.assembly.let_meet(kWorkers);
  for (int i = 0; i < kEntities; ++i) world.put(company(i), 1);
  const auto dispatcher = world.dispatcher(kWorkers);
  dispatcher->start();
  ASSERT_TRUE(eventually([&] { return world.idle(); }));
  EXPECT_TRUE(dispatcher->stop(kLongGrace));
  dispatcher->join();
  EXPECT_EQ(world.assembly.most_at_once(), kWorkers);
  EXPECT_FALSE(world.assembly.overlapped());
  EXPECT_THAT(world.assembly.writes(), SizeIs(kEntities));
  EXPECT_THAT(world.assembly.writes(), Each(Pair(testing::_, 1)));
  EXPECT_EQ(world.count(NoticeState::delivered), kEntities);
  EXPECT_EQ(world.totals().calls, kEntities);
}

TEST(DispatcherConcurrency, Invariant4_OneCallAtATimeAndNeverAnOlderState) {
  constexpr int kEntities = 5;
  constexpr int kVersions = 60;
  DeliveryWorld world;
  // Every seventh call fails without effect, every eleventh loses its answer.
  world.assembly.before = [](std::size_t n) -> std::optional<FakeAssembly::Answer> {
    if (n % 7 == 3) return core::HttpResponse{503, {}, {}};
    return std::nullopt;
  };
  world.assembly.after = [](std::size_t n) -> std::optional<FakeAssembly::Answer> {
    if (n % 11 == 5) return tl::unexpected(core::HttpFailure{true, "reset"});
    return std::nullopt;
  };
  const auto dispatcher = world.dispatcher(kWorkers);
  dispatcher->start();
  std::vector<std::jthread> writers;
  for (int entity = 0; entity < kEntities; ++entity) {
    writers.emplace_back([&world, entity] {
      for (int version = 1; version <= kVersions; ++version) world.put(company(entity), version);
    });
  }
  writers.clear();
  ASSERT_TRUE(eventually([&] { return world.idle(); }));
  EXPECT_TRUE(dispatcher->stop(kLongGrace));
  dispatcher->join();

  EXPECT_FALSE(world.assembly.overlapped());
  std::map<std::string, std::int64_t> reached;
  for (const FakeAssembly::Call& call : world.assembly.calls()) {
    const core::Value* version = call.body.find("contract_value");
    if (!call.effect || version == nullptr) continue;
    EXPECT_GE(version->as_int(), reached[call.key]) << call.key;
    reached[call.key] = version->as_int();
  }
  EXPECT_THAT(reached, SizeIs(kEntities));
  EXPECT_THAT(reached, Each(Pair(testing::_, kVersions)));
  const store::Totals totals = world.totals();
  EXPECT_EQ(totals.notices[static_cast<std::size_t>(NoticeState::delivered)] +
                totals.notices[static_cast<std::size_t>(NoticeState::superseded)] +
                totals.notices[static_cast<std::size_t>(NoticeState::unchanged)],
            kEntities * kVersions);
}

TEST(DispatcherConcurrency, ALabelThatManyChangesNeedIsCreatedOnce) {
  constexpr int kEntities = 40;
  DeliveryWorld world;
  for (int i = 0; i < kEntities; ++i)
    world.put(company(i), 1, {{"new", i % 2 == 0 ? "even" : "odd"}});
  const auto dispatcher = world.dispatcher(kWorkers);
  dispatcher->start();
  ASSERT_TRUE(eventually([&] { return world.idle(); }));
  EXPECT_TRUE(dispatcher->stop(kLongGrace));
  dispatcher->join();
  EXPECT_THAT(world.assembly.labels(),
              UnorderedElementsAre("AccountTag/new", "AccountTag/even", "AccountTag/odd"));
  EXPECT_THAT(world.assembly.writes(), SizeIs(kEntities));
  EXPECT_THAT(world.assembly.writes(), Each(Pair(testing::_, 1)));
  for (const FakeAssembly::Call& call : world.assembly.calls()) {
    if (call.key.empty()) continue;
    EXPECT_EQ(call.body.at("tags").as_list().size(), 2U);
  }
}

TEST(DispatcherConcurrency, Invariant7_UnauthorizedClosesTheGateAndOneProbeOpensIt) {
  constexpr int kEntities = 20;
  DeliveryWorld world(20);
  world.assembly.latency = 1s;  // long enough for a second probe to meet the first
  std::atomic<bool> revoked = true;
  world.assembly.before = [&](std::size_t) -> std::optional<FakeAssembly::Answer> {
    if (revoked) return core::HttpResponse{401, {}, {}};
    return std::nullopt;
  };
  std::vector<store::RowId> entities;
  for (int i = 0; i < kEntities; ++i) entities.push_back(world.put(company(i), 1));
  const auto refused = [&] {
    return world.store
        .read([](const store::View& view) { return view.key_refused_ms(store::KeyUse::changes); })
        .has_value();
  };
  const auto dispatcher = world.dispatcher(kWorkers);
  dispatcher->start();
  ASSERT_TRUE(eventually([&] { return refused() && world.totals().in_flight == 0; }));
  world.assembly.forget_most_at_once();
  const std::size_t before = world.assembly.calls().size();
  ASSERT_TRUE(eventually([&] { return world.assembly.calls().size() >= before + 2; }));
  EXPECT_EQ(world.assembly.most_at_once(), 1);
  EXPECT_TRUE(refused());
  for (const store::RowId entity : entities) {
    const auto change = world.store.read([&](const store::View& v) {
      const auto pending = v.pending_of(entity);
      return pending ? pending : v.in_flight_of(entity);
    });
    ASSERT_TRUE(change);
    EXPECT_EQ(change->attempts, 0);
  }

  revoked = false;
  ASSERT_TRUE(eventually([&] { return world.idle(); }));
  EXPECT_FALSE(refused());
  EXPECT_EQ(world.count(NoticeState::delivered), kEntities);
  EXPECT_THAT(world.assembly.writes(), SizeIs(kEntities));
  EXPECT_THAT(world.assembly.writes(), Each(Pair(testing::_, 1)));
}

TEST(DispatcherConcurrency, Invariant7_ThrottledPausesAllSending) {
  DeliveryWorld world;
  world.assembly.before = [](std::size_t n) -> std::optional<FakeAssembly::Answer> {
    if (n == 0) return core::HttpResponse{429, {{"Retry-After", "30"}}, {}};
    return std::nullopt;
  };
  for (int i = 0; i < 3; ++i) world.put(company(i), 1);
  const auto dispatcher = world.dispatcher(1);
  dispatcher->start();
  ASSERT_TRUE(eventually([&] { return world.idle(); }));
  const auto calls = world.assembly.calls();
  ASSERT_THAT(calls, SizeIs(4));
  EXPECT_GE(calls[1].start, calls[0].end + 30s);
  EXPECT_EQ(world.totals().refused, 1);
  EXPECT_EQ(world.count(NoticeState::delivered), 3);
  EXPECT_THAT(world.assembly.writes(), Each(Pair(testing::_, 1)));
}

TEST(DispatcherConcurrency, StoppedAndStartedAgainAndAgainNothingIsLostOrSentTwice) {
  constexpr int kRounds = 15;
  constexpr int kEntities = 120;
  DeliveryWorld world;
  std::jthread writer([&] {
    for (int i = 0; i < kEntities; ++i) world.put(company(i), 1);
  });
  for (int round = 0; round < kRounds; ++round) {
    const auto dispatcher = world.dispatcher(kWorkers);
    const auto before = world.assembly.calls().size();
    dispatcher->start();
    // From a stop at once to one in the middle of things.
    const auto calls = static_cast<std::size_t>(round % 5);
    ASSERT_TRUE(eventually([&] {
      return world.assembly.calls().size() >= std::min<std::size_t>(before + calls, kEntities);
    }));
    EXPECT_TRUE(dispatcher->stop(kLongGrace));
    dispatcher->join();
    EXPECT_EQ(world.assembly.under_way(), 0);
    EXPECT_EQ(world.totals().in_flight, 0);
  }
  writer.join();
  const auto dispatcher = world.dispatcher(kWorkers);
  dispatcher->start();
  ASSERT_TRUE(eventually([&] { return world.idle(); }));
  EXPECT_THAT(world.assembly.writes(), SizeIs(kEntities));
  EXPECT_THAT(world.assembly.writes(), Each(Pair(testing::_, 1)));
  EXPECT_EQ(world.count(NoticeState::delivered), kEntities);
}

TEST(LabelsConcurrency, ManyThreadsGetTheSameNewLabel) {
  DeliveryWorld world;
  std::mutex mutex;
  std::set<std::string> ids;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kWorkers; ++i) {
      threads.emplace_back([&] {
        const auto id = world.labels.resolve("Tier", "Gold", core::Lane::live, {});
        const std::lock_guard lock(mutex);
        ids.insert(id ? id->str() : "none");
      });
    }
  }
  EXPECT_THAT(ids, ElementsAre("l-1"));
  EXPECT_THAT(world.assembly.labels(), ElementsAre("Tier/Gold"));
  EXPECT_THAT(world.assembly.calls(), SizeIs(2));  // one list, one creation
}

}  // namespace
}  // namespace assembly_sync::delivery
