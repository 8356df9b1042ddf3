#include "daemon/sync/state.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::sync {
namespace {

using core::Value;

State state(Value::Object fields, std::optional<std::vector<std::string>> tags = std::nullopt) {
  State s;
  s.fields = std::move(fields);
  s.tags = std::move(tags);
  return s;
}

TEST(State, NothingKnownMeansEverythingIsSent) {
  const State wanted = state({{"name", "Acme"}}, std::vector<std::string>{"a"});
  const Difference d = difference(nullptr, wanted);
  EXPECT_EQ(d.fields, wanted.fields);
  EXPECT_EQ(d.added_tags, std::vector<std::string>{"a"});
  EXPECT_TRUE(d.link);
}

TEST(State, OnlyDifferingFieldsAreSent) {
  const State known = state({{"name", "Acme"}, {"notes", "x"}});
  const Difference d = difference(&known, state({{"name", "Acme"}, {"notes", "y"}}));
  EXPECT_EQ(d.fields, (Value::Object{{"notes", "y"}}));
}

TEST(State, EqualNumbersOfDifferentKindsDoNotDiffer) {
  const State known = state({{"contract_value", 100.0}});
  EXPECT_TRUE(difference(&known, state({{"contract_value", 100}})).empty());
  EXPECT_FALSE(difference(&known, state({{"contract_value", "100"}})).empty());
}

TEST(State, WhatTheWantedStateLeavesOutStays) {
  const State known = state({{"name", "Acme"}, {"notes", "x"}});
  const State wanted = state({{"name", "Acme"}});
  EXPECT_TRUE(difference(&known, wanted).empty());
  EXPECT_EQ(after_delivery(&known, wanted).fields, known.fields);
}

TEST(State, TagsThatWereOursAndAreNoLongerWantedAreRemoved) {
  const State known = state({}, std::vector<std::string>{"a", "b"});
  const Difference d = difference(&known, state({}, std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(d.added_tags, std::vector<std::string>{"c"});
  EXPECT_EQ(d.removed_tags, std::vector<std::string>{"a"});
}

TEST(State, TagsThatAreNotLookedAfterAreLeftAlone) {
  const State known = state({}, std::vector<std::string>{"a"});
  EXPECT_TRUE(difference(&known, state({})).empty());
}

TEST(State, AnotherParentIsADifference) {
  State known = state({});
  known.company = core::Key("c1");
  State wanted = known;
  wanted.company = core::Key("c2");
  EXPECT_TRUE(difference(&known, wanted).company);
}

TEST(State, AnAccountFoundByItsDomainStillNeedsItsKey) {
  State known = state({{"name", "Acme"}});
  known.linked = false;
  EXPECT_TRUE(difference(&known, state({{"name", "Acme"}})).link);
  EXPECT_TRUE(after_delivery(&known, state({})).linked);
}

TEST(State, SurvivesBeingStored) {
  State s = state({{"name", "Żółć"}, {"contract_value", 1.0}}, std::vector<std::string>{"x"});
  s.properties = {{"Custom Key", Value::list({1, "two"})}};
  s.company = core::Key("c");
  s.linked = false;
  const State again = parse_state(to_text(s));
  EXPECT_EQ(to_text(again), to_text(s));
  EXPECT_EQ(again.tags, s.tags);
  EXPECT_FALSE(again.linked);
}

TEST(State, ADamagedTextIsAnErrorNotAnEmptyState) {
  EXPECT_THROW(parse_state("{"), std::runtime_error);
  EXPECT_THROW(parse_state("{}"), std::runtime_error);
}

}  // namespace
}  // namespace assembly_sync::sync
