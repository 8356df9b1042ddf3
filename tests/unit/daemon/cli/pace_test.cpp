#include "daemon/cli/pace.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;

TEST(Pace, IsThatOfTheLastMinute) {
  Pace pace;
  core::SteadyTime now{};
  pace.note(now, 0);
  EXPECT_FALSE(pace.per_second()) << "too early";
  std::int64_t count = 0;
  for (int second = 0; second < 300; ++second) {  // mostly unchanged rows
    pace.note(now += 1s, ++count);
  }
  EXPECT_NEAR(*pace.per_second(), 1, 0.05);
  for (int second = 0; second < 60; ++second) pace.note(now += 1s, count += 30);
  EXPECT_NEAR(*pace.per_second(), 30, 0.5) << "the five minutes before do not count";
  for (int second = 0; second < 61; ++second) pace.note(now += 1s, count);
  EXPECT_EQ(*pace.per_second(), 0);
}

}  // namespace
}  // namespace assembly_sync::cli
