#include "core/time_text.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::core {
namespace {

TEST(ParseDate, TakesRealDaysOnly) {
  EXPECT_EQ(to_ms(*parse_date("2026-01-01")), 1'767'225'600'000);
  EXPECT_TRUE(parse_date("2028-02-29"));
  for (const char* wrong : {"2027-02-29", "2027-13-01", "2027-00-10", "2027-04-31", "2027-4-3",
                            "20270403", "2027-04-03T00:00:00Z", "", "2027/04/03", "aaaa-bb-cc"}) {
    EXPECT_FALSE(parse_date(wrong)) << wrong;
  }
}

TEST(ParseRfc3339, TakesFractionsAndOffsets) {
  EXPECT_EQ(to_ms(*parse_rfc3339("2026-01-01T00:00:00Z")), 1'767'225'600'000);
  EXPECT_EQ(to_ms(*parse_rfc3339("2026-01-01T00:00:00.5Z")), 1'767'225'600'500);
  EXPECT_EQ(to_ms(*parse_rfc3339("2026-01-01T00:00:00.123456Z")), 1'767'225'600'123);
  EXPECT_EQ(to_ms(*parse_rfc3339("2026-01-01T02:00:00+02:00")), 1'767'225'600'000);
  EXPECT_EQ(to_ms(*parse_rfc3339("2025-12-31T23:30:00-00:30")), 1'767'225'600'000);
}

TEST(ParseRfc3339, RefusesEverythingElse) {
  for (const char* wrong :
       {"2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0200",
        "2026-02-30T00:00:00Z", "1767225600000", "", "2026-01-01T00:00:00ZZ"}) {
    EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace assembly_sync::core
