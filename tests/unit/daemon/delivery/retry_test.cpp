#include "daemon/delivery/retry.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::delivery {
namespace {

class Fixed final : public core::Random {
 public:
  explicit Fixed(double unit) : bits_(static_cast<std::uint64_t>(unit * 0x1.0p53) << 11) {}
  std::uint64_t next() override { return bits_; }

 private:
  std::uint64_t bits_;
};

TEST(Retry, DoublesFromASecondToAnHour) {
  Fixed middle(0.5);
  const std::pair<int, std::int64_t> table[] = {{1, 1'000},     {2, 2'000},      {3, 4'000},
                                                {6, 32'000},    {12, 2'048'000}, {13, 3'600'000},
                                                {99, 3'600'000}};
  for (const auto& [attempts, ms] : table) {
    EXPECT_EQ(next_attempt(attempts, middle)->count(), ms) << attempts;
  }
}

TEST(Retry, IsSpreadByAFifth) {
  Fixed low(0);
  Fixed high(0.9999);
  EXPECT_EQ(next_attempt(1, low)->count(), 800);
  EXPECT_EQ(next_attempt(1, high)->count(), 1199);
}

TEST(Retry, EndsOneDay) {
  Fixed middle(0.5);
  EXPECT_FALSE(next_attempt(kMostAttempts, middle));
}

}  // namespace
}  // namespace assembly_sync::delivery
