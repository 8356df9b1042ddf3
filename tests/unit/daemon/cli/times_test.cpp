#include "daemon/cli/times.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::cli {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kHour = 3'600'000;

std::int64_t time_of(const std::string& text, std::int64_t now_ms = kNow) {
  const auto time = parse_time(text, core::from_ms(now_ms));
  return time && *time ? **time : -1;
}

TEST(Times, AreDatesTimesDaysAndSpans) {
  EXPECT_EQ(time_of("2026-01-01"), kNow);
  EXPECT_EQ(time_of("2026-01-01T01:00:00Z"), kNow + kHour);
  EXPECT_EQ(time_of("2026-01-01T01:00:00+01:00"), kNow);
  EXPECT_EQ(time_of("today", kNow + 5 * kHour), kNow);
  EXPECT_EQ(time_of("yesterday", kNow + 5 * kHour), kNow - 24 * kHour);
  EXPECT_EQ(time_of("90s"), kNow - 90'000);
  EXPECT_EQ(time_of("15m"), kNow - kHour / 4);
  EXPECT_EQ(time_of("12h"), kNow - 12 * kHour);
  EXPECT_EQ(time_of("3d"), kNow - 72 * kHour);
  EXPECT_EQ(time_of("2w"), kNow - 14 * 24 * kHour);
}

TEST(Times, NothingSaidIsNothing) {
  const auto time = parse_time("", core::from_ms(kNow));
  ASSERT_TRUE(time);
  EXPECT_FALSE(*time);
}

TEST(Times, AnythingElseIsToldWhatIsExpected) {
  for (const char* text : {"h", "12", "12x", "-3h", "2026-02-30", "tomorrow", "999999999999w",
                           "99999999999999999999h"}) {
    const auto time = parse_time(text, core::from_ms(kNow));
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().message.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace assembly_sync::cli
