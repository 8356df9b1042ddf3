#include "daemon/cli/patience.hpp"

#include <sstream>
#include <vector>

#include <gtest/gtest.h>

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;
using connectors::ReadError;
using connectors::ReadResult;
using Kind = ReadError::Kind;

/// Whoever sleeps wakes at once, that much later.
class LeapingClock final : public core::Clock {
 public:
  core::WallTime wall_now() const override { return {}; }
  core::SteadyTime steady_now() const override { return now_; }
  bool sleep_until(core::SteadyTime when, std::stop_token) override {
    now_ = when;
    return true;
  }

 private:
  core::SteadyTime now_{};
};

class Patience : public testing::Test {
 protected:
  /// Asks a source that fails so often, and then answers; true when the answer came.
  bool ask(const ReadError& error, int times) {
    asked_ = 0;
    return patiently(clock_, err_, "verb: ",
                     [&]() -> ReadResult<int> {
                       if (asked_++ < times) return tl::unexpected(error);
                       return 7;
                     })
        .has_value();
  }

  LeapingClock clock_;
  std::ostringstream err_;
  int asked_ = 0;
};

TEST_F(Patience, WaitsAsLongAsASourceAsksAndSaysSoOnce) {
  EXPECT_TRUE(ask({Kind::throttled, 2s, "the API answered 429"}, 4));
  EXPECT_EQ(clock_.steady_now().time_since_epoch(), 2s + 2s + 4s + 8s);
  EXPECT_EQ(err_.str(), "verb: the API answered 429; asks again in 4 s\n");
}

TEST_F(Patience, WaitsForWhatIsPreparedButNotForEver) {
  EXPECT_TRUE(ask({Kind::not_yet, 10s, "preparing"}, 30));
  EXPECT_FALSE(ask({Kind::throttled, 6h, "429"}, 1)) << "nobody waits so long at a terminal";
  EXPECT_FALSE(ask({Kind::not_yet, 10s, "preparing"}, 1'000'000));
  EXPECT_EQ(asked_, 181) << "half an hour";
}

TEST_F(Patience, APassingTroubleIsTriedAFewTimes) {
  EXPECT_TRUE(ask({Kind::transient, {}, "503"}, 5));
  EXPECT_FALSE(ask({Kind::transient, {}, "503"}, 6));
}

TEST_F(Patience, WhatIsRefusedIsNotAskedForAgain) {
  for (const Kind kind : {Kind::rejected, Kind::unauthorized}) {
    EXPECT_FALSE(ask({kind, {}, "no"}, 1));
    EXPECT_EQ(asked_, 1);
  }
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace assembly_sync::cli
