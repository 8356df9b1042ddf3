// Which subscriptions for webhooks are kept, made, renewed and taken away.
#include "daemon/intake/hook_plan.hpp"

#include <gmock/gmock.h>

#include "tests/unit/daemon/intake/hook_world.hpp"

namespace assembly_sync::intake {
namespace {

using connectors::Hook;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using Action = HookStep::Action;

class HookPlan : public testing::Test {
 protected:
  /// "create b", "keep a 1", "remove a 2" …
  std::vector<std::string> plan() {
    std::vector<std::string> out;
    for (const HookStep& step : plan_hooks(keeper_, keeper_.hooks, scene_, core::from_ms(kNow))) {
      constexpr const char* kWords[] = {"keep",   "create",    "renew",
                                        "remove", "switch on", "redirect"};
      std::string text = kWords[static_cast<int>(step.action)];
      text += ' ' + step.name;
      if (step.hook) text += ' ' + step.hook->id;
      EXPECT_TRUE(!step.reason.empty() || step.action == Action::keep);
      out.push_back(std::move(text));
    }
    return out;
  }
  void there(const std::string& id, const std::string& name,
             const std::string& url = "https://sync.test/hooks/crm") {
    keeper_.hooks.push_back({.id = id, .name = name, .url = url});
  }

  ListedHooks keeper_;
  HookScene scene_{kPublicUrl, kSource, {kSource, core::SourceName("other")}};
};

TEST_F(HookPlan, MakesWhatIsMissingAndAdoptsWhatIsThere) {
  EXPECT_THAT(plan(), ElementsAre("create a", "create b"));
  there("1", "a");
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "create b"));
  there("2", "b", "https://sync.test/hooks/crm/?key=k");
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "keep b 2"));
}

TEST_F(HookPlan, TakesSecondOnesAwayAndLeavesOthersAlone) {
  there("1", "a");
  there("2", "a");
  there("3", "b");
  there("4", "a", "https://elsewhere.test/hooks/crm");
  there("5", "c");
  there("6", "a", "https://sync.test/hooks/gone");
  there("7", "a", "https://sync.test/hooks/other");
  EXPECT_THAT(plan(), UnorderedElementsAre("keep a 1", "remove a 2", "keep b 3", "remove c 5",
                                           "remove a 6"));
}

TEST_F(HookPlan, RenewsInTimeAndWhatRanOutAndReplacesWhatIsSwitchedOff) {
  keeper_.topics_ = {{"a"}, {"b"}, {"c"}, {"d"}};
  for (const char* name : {"a", "b", "c", "d"}) there(name, name);
  keeper_.hooks[0].ends_ms = kNow + 4 * kDay;
  keeper_.hooks[1].ends_ms = kNow + 2 * kDay;
  keeper_.hooks[2].ends_ms = kNow - 1;
  keeper_.hooks[3].working = false;
  EXPECT_THAT(plan(), ElementsAre("keep a a", "renew b b", "renew c c", "remove d d", "create d"));
  keeper_.runs_out = false;
  EXPECT_THAT(plan(), ElementsAre("keep a a", "keep b b", "remove c c", "create c", "remove d d",
                                  "create d"));
}

TEST_F(HookPlan, KeepsTheOneThatWorks) {
  keeper_.topics_ = {{"a"}};
  there("1", "a");
  there("2", "a");
  keeper_.hooks[0].working = false;
  EXPECT_THAT(plan(), ElementsAre("keep a 2", "remove a 1"));
}

TEST_F(HookPlan, WhereNoNamesAreToldTheAddressAloneDecides) {
  keeper_.tells = false;
  keeper_.topics_ = {{"all"}};
  EXPECT_THAT(plan(), ElementsAre("create all"));
  there("1", "");
  EXPECT_THAT(plan(), ElementsAre("keep all 1"));
  there("2", "");
  EXPECT_THAT(plan(), ElementsAre("keep all 1", "remove all 2"));
}

TEST_F(HookPlan, CarriedOutThereIsNothingLeftToDo) {
  there("1", "a");
  there("2", "a");
  NoTransport transport;
  const core::WallTime now = core::from_ms(kNow);
  for (const HookStep& step : plan_hooks(keeper_, keeper_.hooks, scene_, now)) {
    if (step.action == Action::create) {
      ASSERT_TRUE(keeper_.create(step.name, hook_url(kPublicUrl, kSource), transport, now));
    } else if (step.action == Action::remove) {
      EXPECT_FALSE(keeper_.remove(*step.hook, transport, now));
    }
  }
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "keep b made"));
}

/// A CRM that tells of all its objects at once, as Attio: "a" is about companies and people.
class NarrowedHookPlan : public HookPlan {
 protected:
  NarrowedHookPlan() {
    keeper_.tells = false;
    keeper_.topics_ = {
        {.name = "a", .objects = {core::ObjectName("companies"), core::ObjectName("people")}}};
  }
  void below(const std::string& id, const std::string& object) {
    there(id, "", "https://sync.test/hooks/crm/" + object);
    keeper_.hooks.back().narrowed = true;
  }
};

TEST_F(NarrowedHookPlan, WhatIsToldAtTheAddressesOfObjectsIsNotMadeAgain) {
  below("1", "companies");
  below("2", "people");
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "keep a 2"));
  below("3", "people");
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "keep a 2", "remove a 3"));
}

TEST_F(NarrowedHookPlan, OneOfAPartAloneIsLeftAsItIsAndItIsSaidWhatNothingTells) {
  below("1", "companies");
  const auto steps = plan_hooks(keeper_, keeper_.hooks, scene_, core::from_ms(kNow));
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].action, Action::keep);
  EXPECT_EQ(steps[0].reason, "of companies alone, nothing tells of people");
  scene_.wanted = {{core::ObjectName("companies"), {}}};
  EXPECT_EQ(plan_hooks(keeper_, keeper_.hooks, scene_, core::from_ms(kNow))[0].reason,
            "of companies alone")
      << "no rule reads people";
}

TEST_F(NarrowedHookPlan, OneForEverythingBesideThoseOfAllObjectsIsASecondOne) {
  below("1", "companies");
  below("2", "people");
  there("3", "");
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "keep a 2", "remove a 3"));
  keeper_.hooks.erase(keeper_.hooks.begin());
  EXPECT_THAT(plan(), ElementsAre("keep a 3", "remove a 2")) << "it alone tells of companies";
}

TEST_F(NarrowedHookPlan, WhereOneOfThemIsOffOneForEverythingTakesTheirPlace) {
  below("1", "companies");
  below("2", "people");
  keeper_.hooks[0].working = false;
  EXPECT_THAT(plan(), ElementsAre("create a", "remove a 1", "remove a 2"));
}

TEST_F(NarrowedHookPlan, AFilterAtTheSourcesOwnAddressLeavesSomethingOut) {
  there("1", "");
  there("2", "");
  for (Hook& hook : keeper_.hooks) hook.narrowed = true;
  EXPECT_THAT(plan(), ElementsAre("remove a 1", "create a", "remove a 2"));
}

TEST_F(HookPlan, WithANameOneBelowTheAddressCountsForItsNameOnly) {
  there("1", "a", "https://sync.test/hooks/crm/companies/");
  there("2", "c", "https://sync.test/hooks/crm/deals");
  there("3", "a", "https://sync.test/hooks/crmother");
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "create b", "remove c 2", "remove a 3"));
}

TEST_F(HookPlan, ReplacesWhatTellsInAnotherShape) {
  there("1", "a");
  there("2", "b");
  keeper_.hooks[0].misfit = "its version is not 2.0";
  EXPECT_THAT(plan(), ElementsAre("remove a 1", "create a", "keep b 2"));
  there("3", "a");
  EXPECT_THAT(plan(), ElementsAre("keep a 3", "remove a 1", "keep b 2"))
      << "one that fits is there";
}

TEST_F(HookPlan, OneSubscriptionThatTellsOfSeveralThingsIsNotRenewedForOneOfThem) {
  keeper_.topics_ = {{.name = "a", .own_id = "10"}, {.name = "b", .own_id = "11"}};
  there("1", "a");
  there("1", "b");
  for (Hook& hook : keeper_.hooks) hook.ends_ms = kNow + kDay;
  EXPECT_THAT(plan(), ElementsAre("remove a 1", "create a", "create b"));
  // Ours, but somebody added to it: it stays, and the other thing gets one of its own.
  for (Hook& hook : keeper_.hooks) hook.id = "10";
  EXPECT_THAT(plan(), ElementsAre("renew a 10", "create b"));
}

/// A CRM with one address for all that it tells, as an app of HubSpot.
class OneAddressHookPlan : public HookPlan {
 protected:
  OneAddressHookPlan() {
    keeper_.topics_ = {{.name = "address", .is_address = true}, {.name = "a"}, {.name = "b"}};
    keeper_.switches = true;
    keeper_.runs_out = false;
    there("1", "a", "");
    there("2", "c", "");
    keeper_.hooks[0].working = false;
  }
};

TEST_F(OneAddressHookPlan, SetsTheAddressMakesWhatIsMissingAndSwitchesOnWhatIsOff) {
  EXPECT_THAT(plan(), ElementsAre("create address", "switch on a 1", "create b", "remove c 2"));
  there("0", "address");
  EXPECT_THAT(plan(), ElementsAre("keep address 0", "switch on a 1", "create b", "remove c 2"));
}

TEST_F(OneAddressHookPlan, WhatAnotherProgramAskedForStaysWhereItsAddressIsReplaced) {
  there("0", "address", "https://other.test/hubspot?key=secret");
  EXPECT_THAT(plan(), ElementsAre("redirect address 0", "switch on a 1", "create b"));
  const auto steps = plan_hooks(keeper_, keeper_.hooks, scene_, core::from_ms(kNow));
  EXPECT_EQ(steps[0].reason, "it is https://other.test/hubspot, and there is only one");
}

}  // namespace
}  // namespace assembly_sync::intake
