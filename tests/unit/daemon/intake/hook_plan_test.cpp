// Which subscriptions for webhooks are kept, made, renewed and taken away.
#include "daemon/intake/hook_plan.hpp"

#include <gmock/gmock.h>

#include "daemon/intake/hook_care.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using connectors::Hook;
using connectors::MadeHook;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Action = HookStep::Action;

constexpr std::int64_t kNow = 1'767'225'600'500;
constexpr std::int64_t kDay = 86'400'000;

/// Keeps its list in memory; its names are one letter each.
class ListedHooks final : public connectors::HookKeeper {
 public:
  std::vector<std::string> names() const override { return names_; }
  bool tells_names() const override { return tells; }
  bool renews() const override { return true; }
  ReadResult<std::vector<Hook>> list(core::HttpTransport&, core::WallTime) const override {
    return hooks;
  }
  ReadResult<MadeHook> create(const std::string& name, const std::string& url, core::HttpTransport&,
                              core::WallTime) const override {
    hooks.push_back({.id = "made", .name = name, .url = url});
    return MadeHook{.id = "made"};
  }
  std::optional<ReadError> renew(const Hook& hook, core::HttpTransport&,
                                 core::WallTime now) const override {
    for (Hook& one : hooks) {
      if (one.id == hook.id) one.ends_ms = core::to_ms(now) + 7 * kDay;
    }
    return std::nullopt;
  }
  std::optional<ReadError> remove(const Hook& hook, core::HttpTransport&,
                                  core::WallTime) const override {
    std::erase_if(hooks, [&](const Hook& one) { return one.id == hook.id; });
    return std::nullopt;
  }

  std::vector<std::string> names_ = {"a", "b"};
  bool tells = true;
  mutable std::vector<Hook> hooks;
};

class HookPlan : public testing::Test {
 protected:
  /// "create b", "keep a 1", "remove a 2" …
  std::vector<std::string> plan() {
    std::vector<std::string> out;
    for (const HookStep& step :
         plan_hooks(keeper_, keeper_.hooks, "https://sync.test", kSource,
                    {kSource, core::SourceName("other")}, core::from_ms(kNow))) {
      constexpr const char* kWords[] = {"keep", "create", "renew", "remove"};
      std::string text = kWords[static_cast<int>(step.action)];
      text += ' ' + step.name;
      if (step.hook) text += ' ' + step.hook->id;
      EXPECT_EQ(step.reason.empty(), step.action == Action::keep);
      out.push_back(std::move(text));
    }
    return out;
  }
  void there(const std::string& id, const std::string& name,
             const std::string& url = "https://sync.test/hooks/crm") {
    keeper_.hooks.push_back({.id = id, .name = name, .url = url});
  }

  ListedHooks keeper_;
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

TEST_F(HookPlan, RenewsInTimeAndReplacesWhatRanOutOrIsSwitchedOff) {
  keeper_.names_ = {"a", "b", "c", "d"};
  for (const char* name : {"a", "b", "c", "d"}) there(name, name);
  keeper_.hooks[0].ends_ms = kNow + 4 * kDay;
  keeper_.hooks[1].ends_ms = kNow + 2 * kDay;
  keeper_.hooks[2].ends_ms = kNow - 1;
  keeper_.hooks[3].working = false;
  EXPECT_THAT(plan(), ElementsAre("keep a a", "renew b b", "remove c c", "create c", "remove d d",
                                  "create d"));
}

TEST_F(HookPlan, KeepsTheOneThatWorks) {
  keeper_.names_ = {"a"};
  there("1", "a");
  there("2", "a");
  keeper_.hooks[0].working = false;
  EXPECT_THAT(plan(), ElementsAre("keep a 2", "remove a 1"));
}

TEST_F(HookPlan, WhereNoNamesAreToldTheAddressAloneDecides) {
  keeper_.tells = false;
  keeper_.names_ = {"all"};
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
  for (const HookStep& step :
       plan_hooks(keeper_, keeper_.hooks, "https://sync.test", kSource, {kSource}, now)) {
    if (step.action == Action::create) {
      ASSERT_TRUE(
          keeper_.create(step.name, hook_url("https://sync.test", kSource), transport, now));
    } else if (step.action == Action::remove) {
      EXPECT_FALSE(keeper_.remove(*step.hook, transport, now));
    }
  }
  EXPECT_THAT(plan(), ElementsAre("keep a 1", "keep b made"));
}

}  // namespace
}  // namespace assembly_sync::intake
