// Who gets in, for how long, and how often one may be wrong.
#include "daemon/console/auth.hpp"

#include <gtest/gtest.h>

#include "tests/support/support.hpp"

namespace assembly_sync::console {
namespace {

using namespace std::chrono_literals;
using Answer = Auth::Answer;

constexpr const char* kToken = "the-right-token-of-this-test";

class AuthTest : public testing::Test {
 protected:
  AuthTest() { auth_.set_token(core::Secret(kToken)); }

  /// `times` different wrong tokens.
  void guess(int times, const std::string& from) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(auth_.try_token("wrong " + std::to_string(++guesses_), from), Answer::wrong);
    }
  }

  test::ManualClock clock_;
  int secrets_ = 0;
  int guesses_ = 0;
  Auth auth_{clock_, [this] { return "secret-" + std::to_string(++secrets_); }};
};

TEST_F(AuthTest, OnlyTheTokenOpens) {
  EXPECT_EQ(auth_.try_token(kToken, "127.0.0.1"), Answer::right);
  EXPECT_EQ(auth_.try_token("", "127.0.0.1"), Answer::wrong);
  EXPECT_EQ(auth_.try_token("the-right-token-of-this-test ", "127.0.0.1"), Answer::wrong);
}

TEST_F(AuthTest, WithoutATokenNobodyGetsIn) {
  Auth closed(clock_, [] { return std::string("x"); });
  EXPECT_EQ(closed.try_token("", "127.0.0.1"), Answer::wrong);
}

TEST_F(AuthTest, AfterTooManyWrongOnesTheRightOneHasToWait) {
  guess(kTries, "10.0.0.1");
  EXPECT_EQ(auth_.try_token("another", "10.0.0.1"), Answer::too_many);
  EXPECT_EQ(auth_.try_token(kToken, "10.0.0.1"), Answer::too_many);
  EXPECT_EQ(auth_.try_token(kToken, "10.0.0.2"), Answer::right) << "another address";
  clock_.advance(kTryAgain);
  EXPECT_EQ(auth_.try_token(kToken, "10.0.0.1"), Answer::right);
}

TEST_F(AuthTest, AScriptWithAnOldTokenLocksNobodyOut) {
  for (int i = 0; i < 10 * kTries; ++i) {
    EXPECT_EQ(auth_.try_token("old token", "127.0.0.1"), Answer::wrong);
  }
  EXPECT_EQ(auth_.try_token(kToken, "127.0.0.1"), Answer::right);
}

TEST_F(AuthTest, AddressesWithoutEndShareOneCount) {
  for (std::size_t i = 0; i < kAddresses; ++i) guess(1, "a" + std::to_string(i));
  guess(kTries, "beyond");
  EXPECT_EQ(auth_.try_token(kToken, "also beyond"), Answer::too_many);
  clock_.advance(kTryAgain * kTries);
  EXPECT_EQ(auth_.try_token(kToken, "also beyond"), Answer::right) << "those of long ago are gone";
}

TEST_F(AuthTest, ASessionEndsWithoutUseAndAfterItsLongestTime) {
  const Session idle = auth_.begin();
  clock_.advance(kSessionIdle);
  EXPECT_TRUE(auth_.find(idle.id).has_value());
  clock_.advance(kSessionIdle + 1s);
  EXPECT_FALSE(auth_.find(idle.id).has_value());

  const Session used = auth_.begin();
  for (auto age = 0h; age + 6h <= kSessionLongest; age += 6h) {
    ASSERT_TRUE(auth_.find(used.id).has_value()) << age.count();
    clock_.advance(6h);
  }
  clock_.advance(1s);
  EXPECT_FALSE(auth_.find(used.id).has_value());
}

TEST_F(AuthTest, LogoutAndAnotherTokenEndSessions) {
  const Session first = auth_.begin();
  const Session second = auth_.begin();
  EXPECT_NE(first.id, second.id);
  EXPECT_NE(first.csrf, second.csrf);
  auth_.end(first.id);
  EXPECT_FALSE(auth_.find(first.id).has_value());
  auth_.set_token(core::Secret(kToken));
  EXPECT_TRUE(auth_.find(second.id).has_value()) << "the same token";
  auth_.set_token(core::Secret("another token by now"));
  EXPECT_FALSE(auth_.find(second.id).has_value());
}

TEST_F(AuthTest, SessionsAreBounded) {
  const Session oldest = auth_.begin();
  clock_.advance(1s);
  const Session next = auth_.begin();
  for (std::size_t i = 0; i + 1 < kSessions; ++i) {
    clock_.advance(1s);
    auth_.begin();
  }
  EXPECT_FALSE(auth_.find(oldest.id).has_value());
  EXPECT_TRUE(auth_.find(next.id).has_value());
}

TEST_F(AuthTest, WhatIsToldIsToldOnce) {
  const Session session = auth_.begin();
  auth_.tell(session.id, "done");
  EXPECT_EQ(auth_.take_told(session.id), "done");
  EXPECT_EQ(auth_.take_told(session.id), "");
}

}  // namespace
}  // namespace assembly_sync::console
