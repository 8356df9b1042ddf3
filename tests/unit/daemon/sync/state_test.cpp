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

TEST(State, ANullClearsAFieldOnce) {
  const State wanted = state({{"name", "Acme"}, {"notes", nullptr}});
  State known = state({{"name", "Acme"}, {"notes", "x"}});
  EXPECT_EQ(difference(&known, wanted).fields, (Value::Object{{"notes", nullptr}}));
  known = after_delivery(&known, wanted);
  EXPECT_TRUE(difference(&known, wanted).empty());
}

TEST(State, ANullWhereNothingIsKnownIsSentToo) {
  const State known = state({{"name", "Acme"}});
  EXPECT_EQ(difference(&known, state({{"notes", nullptr}})).fields,
            (Value::Object{{"notes", nullptr}}));
}

TEST(State, PropertiesThatAreWantedNoMoreAreRemovedByPolicy) {
  State known = state({});
  known.properties = {{"Plan", "A"}, {"Seats", 3}};
  State wanted = state({});
  wanted.properties = {{"Plan", "A"}};
  EXPECT_TRUE(difference(&known, wanted).empty());
  wanted.mirror_properties = true;
  EXPECT_EQ(difference(&known, wanted).removed_properties, std::vector<std::string>{"Seats"});
  wanted.mirror_properties = false;
  wanted.properties["Seats"] = nullptr;
  const Difference d = difference(&known, wanted);
  EXPECT_EQ(d.removed_properties, std::vector<std::string>{"Seats"});
  EXPECT_TRUE(d.empty_but_removals());
  EXPECT_FALSE(d.empty());
  // The first half of the change leaves it there, the second takes it away.
  known = after_delivery(&known, wanted);
  EXPECT_FALSE(difference(&known, wanted).empty());
  known = without_removed(known, wanted);
  EXPECT_TRUE(difference(&known, wanted).empty());
}

TEST(State, APropertyThatWasNeverThereIsNotRemoved) {
  State wanted = state({});
  wanted.properties = {{"Plan", nullptr}};
  const Difference d = difference(nullptr, wanted);
  EXPECT_TRUE(d.properties.empty());
  EXPECT_TRUE(d.removed_properties.empty());
  EXPECT_TRUE(after_delivery(nullptr, wanted).properties.empty());
}

TEST(State, FurtherKeysAreMirrored) {
  State known = state({});
  known.more_keys = {core::Key("a"), core::Key("b")};
  State wanted = state({});
  wanted.more_keys = {core::Key("b"), core::Key("c")};
  const Difference d = difference(&known, wanted);
  EXPECT_EQ(d.added_keys, std::vector<core::Key>{core::Key("c")});
  EXPECT_EQ(d.removed_keys, std::vector<core::Key>{core::Key("a")});
}

TEST(State, MetadataIsReplacedWhole) {
  State known = state({});
  known.metadata = {{"user", "A"}};
  State wanted = known;
  EXPECT_FALSE(difference(&known, wanted).metadata);
  wanted.metadata["plan"] = "B";
  EXPECT_TRUE(difference(&known, wanted).metadata);
}

TEST(State, PropertiesAreMirroredOnlyWhereAllWhoFeedTheEntitySaySo) {
  State a = state({});
  a.mirror_properties = true;
  State b = state({});
  EXPECT_FALSE(merged({a, b}).mirror_properties);
  EXPECT_TRUE(merged({a, a}).mirror_properties);
  EXPECT_FALSE(merged({}).mirror_properties);
}

TEST(State, SurvivesBeingStored) {
  State s = state({{"name", "Żółć"}, {"contract_value", 1.0}}, std::vector<std::string>{"x"});
  s.properties = {{"Custom Key", Value::list({1, "two"})}};
  s.company = core::Key("c");
  s.linked = false;
  s.exact_tags = true;
  s.mirror_properties = true;
  s.more_keys = {core::Key("k2")};
  s.metadata = {{"user", "A"}};
  s.fields["notes"] = nullptr;
  EXPECT_EQ(parse_state(to_text(s)), s);
}

TEST(State, ADamagedTextIsAnErrorNotAnEmptyState) {
  EXPECT_THROW(parse_state("{"), std::runtime_error);
  EXPECT_THROW(parse_state("{}"), std::runtime_error);
}

}  // namespace
}  // namespace assembly_sync::sync
