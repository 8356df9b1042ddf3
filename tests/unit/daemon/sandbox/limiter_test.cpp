#include "daemon/sandbox/limiter.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::sandbox {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// How many of `count` requests arriving at `at` are admitted.
int admitted(Limiter& limiter, std::int64_t at, int count) {
  int out = 0;
  for (int i = 0; i < count; ++i) out += limiter.admit(at, false) ? 1 : 0;
  return out;
}

TEST(SlidingLimiter, A170_AdmitsThirtyInAnyOneSecond) {
  const auto limiter = make_limiter(LimiterKind::sliding, 30, 30, 1);
  EXPECT_EQ(admitted(*limiter, 0, 31), 30);
  EXPECT_EQ(admitted(*limiter, kSecond - 1, 5), 0);
  EXPECT_EQ(admitted(*limiter, kSecond, 31), 30);
}

TEST(SlidingLimiter, Q1_FreesOnePlaceExactlyASecondAfterEachAdmittedRequest) {
  const auto limiter = make_limiter(LimiterKind::sliding, 2, 2, 1);
  EXPECT_TRUE(limiter->admit(0, false));
  EXPECT_TRUE(limiter->admit(400'000, false));
  EXPECT_FALSE(limiter->admit(999'999, false));
  EXPECT_TRUE(limiter->admit(1'000'000, false));
  EXPECT_FALSE(limiter->admit(1'399'999, false));
  EXPECT_TRUE(limiter->admit(1'400'000, false));
}

TEST(AnyLimiter, Q3_RefusedRequestsCountWhenToldSo) {
  const auto sliding = make_limiter(LimiterKind::sliding, 1, 1, 1);
  EXPECT_TRUE(sliding->admit(0, true));
  EXPECT_FALSE(sliding->admit(kSecond / 2, true));
  EXPECT_FALSE(sliding->admit(kSecond, true));
  EXPECT_TRUE(sliding->admit(2 * kSecond, true));
  const auto bucket = make_limiter(LimiterKind::bucket, 1, 1, 1);
  EXPECT_TRUE(bucket->admit(0, true));
  EXPECT_FALSE(bucket->admit(kSecond / 2, true));
  EXPECT_FALSE(bucket->admit(kSecond, true));
  EXPECT_TRUE(bucket->admit(2 * kSecond, true));
}

TEST(SlidingLimiter, Q3_RefusedRequestsDoNotCount) {
  const auto limiter = make_limiter(LimiterKind::sliding, 1, 1, 1);
  EXPECT_TRUE(limiter->admit(0, false));
  for (std::int64_t at = 1; at < kSecond; at += 1000) EXPECT_FALSE(limiter->admit(at, false));
  EXPECT_TRUE(limiter->admit(kSecond, false));
}

TEST(FixedLimiter, Q1_AdmitsTwiceTheRateAcrossAnEdgeButNeverMoreThanTheRateInsideAWindow) {
  const auto limiter = make_limiter(LimiterKind::fixed, 30, 30, 7);
  // Somewhere in one second lies the edge: before it 30 pass, after it 30 more.
  std::int64_t edge = -1;
  EXPECT_EQ(admitted(*limiter, 0, 40), 30);
  for (std::int64_t at = 1000; at <= kSecond && edge < 0; at += 1000) {
    if (admitted(*limiter, at, 40) == 30) edge = at;
  }
  ASSERT_GT(edge, 0);
  EXPECT_EQ(admitted(*limiter, edge + kSecond - 2000, 40), 0);
  EXPECT_EQ(admitted(*limiter, edge + kSecond, 40), 30);
}

TEST(FixedLimiter, TheSeedSetsThePhase) {
  const auto edge_of = [](std::uint64_t seed) {
    const auto limiter = make_limiter(LimiterKind::fixed, 1, 1, seed);
    limiter->admit(0, false);
    std::int64_t at = 0;
    while (!limiter->admit(++at, false)) {
    }
    return at;
  };
  EXPECT_EQ(edge_of(1), edge_of(1));
  EXPECT_NE(edge_of(1), edge_of(2));
}

TEST(BucketLimiter, Q1_AdmitsTheBurstAtOnceThenOnlyTheRate) {
  const auto limiter = make_limiter(LimiterKind::bucket, 30, 5, 1);
  EXPECT_EQ(admitted(*limiter, 0, 10), 5);
  int in_next_second = 0;
  for (std::int64_t at = 10'000; at <= kSecond; at += 10'000) {
    in_next_second += limiter->admit(at, false) ? 1 : 0;
  }
  EXPECT_EQ(in_next_second, 30);
  EXPECT_EQ(admitted(*limiter, 60 * kSecond, 10), 5);
}

TEST(BucketLimiter, EvenSpacingAtTheRateIsNeverRefused) {
  const auto limiter = make_limiter(LimiterKind::bucket, 30, 1, 1);
  for (std::int64_t i = 0; i < 300; ++i) EXPECT_TRUE(limiter->admit(i * 33'334, false)) << i;
}

TEST(AnyLimiter, ARateBelowOneIsOneRequestInSoManySeconds) {
  for (const auto kind : {LimiterKind::sliding, LimiterKind::bucket}) {
    const auto limiter = make_limiter(kind, 0.5, 1, 1);
    EXPECT_TRUE(limiter->admit(0, false));
    EXPECT_FALSE(limiter->admit(2 * kSecond - 1000, false));
    EXPECT_TRUE(limiter->admit(2 * kSecond, false));
  }
}

TEST(AnyLimiter, ARateOfZeroAdmitsEverything) {
  const auto limiter = make_limiter(LimiterKind::sliding, 0, 30, 1);
  EXPECT_EQ(admitted(*limiter, 0, 1000), 1000);
}

TEST(ArrivalWindow, CountsArrivalsOfTheLastSpan) {
  ArrivalWindow window(kSecond);
  for (const std::int64_t at : {0, 10, 20}) window.add(at);
  EXPECT_EQ(window.count(kSecond - 1), 3U);
  EXPECT_EQ(window.count(kSecond), 2U);
  EXPECT_EQ(window.count(kSecond + 20), 0U);
}

}  // namespace
}  // namespace assembly_sync::sandbox
