#include "core/calendar.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::core {
namespace {

constexpr std::int64_t kTenOClock = 1'769'853'600'000;  // 2026-01-31T10:00:00Z

TEST(Calendar, ReadsTheFormsInWhichTimesAreWritten) {
  EXPECT_EQ(parse_calendar_ms("2026-01-31"), kTenOClock - 36'000'000);
  for (const char* text :
       {"2026-01-31T10:00:00Z", "2026-01-31T10:00", "2026-01-31 10:00:00", "2026-01-31t10:00:00z",
        "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00+0200", "2026-01-31T05:00:00 -05"}) {
    EXPECT_EQ(parse_calendar_ms(text), kTenOClock) << text;
  }
  EXPECT_EQ(parse_calendar_ms("2026-01-31T10:00:00.1239Z"), kTenOClock + 123);
  EXPECT_EQ(parse_calendar_ms("1969-12-31T23:59:59.999Z"), -1);
}

TEST(Calendar, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026", "2026-02-30", "2026-1-31", "31.01.2026", "2026-01-31T", "2026-01-31T24:00:00Z",
        "2026-01-31T10:00:00.Z", "2026-01-31T10:00:00X", "2026-01-31T10:00:00+2", "0000-01-01",
        "2026-01-31T10:00:00Z ", " 2026-01-31"}) {
    EXPECT_EQ(parse_calendar_ms(text), std::nullopt) << text;
  }
}

TEST(Calendar, TellsSecondsFromMillisecondsByTheirSize) {
  EXPECT_EQ(epoch_ms(1'769'853'600), kTenOClock);
  EXPECT_EQ(epoch_ms(1'769'853'600'000), kTenOClock);
  EXPECT_EQ(epoch_ms(1'769'853'600.5), kTenOClock + 500);
  EXPECT_EQ(epoch_ms(0), 0);
  EXPECT_EQ(epoch_ms(1e15), std::nullopt);
  EXPECT_EQ(epoch_ms(-1e14), std::nullopt);
}

}  // namespace
}  // namespace assembly_sync::core
