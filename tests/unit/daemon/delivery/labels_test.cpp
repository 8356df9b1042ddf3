#include "daemon/delivery/labels.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/delivery/delivery_world.hpp"

namespace assembly_sync::delivery {
namespace {

using core::AssemblyId;
using core::Value;

/// Assembly's label list, and a Labels as a process has it after each start.
class LabelNames : public testing::Test {
 protected:
  LabelNames() {
    world_.assembly.before = [this](std::size_t) -> std::optional<FakeAssembly::Answer> {
      if (world_.assembly.calls().back().method != "GET") return std::nullopt;
      return core::HttpResponse{200, {}, core::dump_json(Value::object({{"labels", listed_}}))};
    };
  }
  void list(Value::List labels) { listed_ = std::move(labels); }
  static Value label(const char* id, const char* type, const char* name) {
    return Value::object({{"id", id}, {"type", type}, {"name", name}});
  }
  std::unique_ptr<Labels> restarted(bool create = true) {
    auto labels =
        std::make_unique<Labels>(LabelPolicy{.create = create, .colors = {}, .description = "D"},
                                 world_.client, world_.budget, *world_.store, world_.clock);
    EXPECT_FALSE(labels->ensure_listed(core::Lane::live, {}));
    return labels;
  }
  DeliveryWorld world_;
  Value::List listed_;
};

TEST_F(LabelNames, ARenamedLabelStaysTheOneThatTheMappingMeans) {
  list({label("1", "Tier", "Gold")});
  EXPECT_EQ(restarted()->use("Tier", "Gold"), AssemblyId("1"));
  list({label("1", "Tier", "Premium")});
  const auto labels = restarted();
  EXPECT_EQ(labels->resolve("Tier", "Gold", core::Lane::live, {}), AssemblyId("1"));
  EXPECT_EQ(labels->resolve("Tier", "Premium", core::Lane::live, {}), AssemblyId("1"));
  EXPECT_TRUE(world_.assembly.labels().empty());
}

TEST_F(LabelNames, ADeletedLabelIsMadeAnew) {
  list({label("1", "Tier", "Gold")});
  EXPECT_EQ(restarted()->use("Tier", "Gold"), AssemblyId("1"));
  list({});
  EXPECT_EQ(restarted()->resolve("Tier", "Gold", core::Lane::live, {}), AssemblyId("l-1"));
  EXPECT_EQ(world_.assembly.labels(), std::multiset<std::string>{"Tier/Gold"});
}

TEST_F(LabelNames, EqualNamesOfDifferentTypesAreDifferentLabels) {
  list({label("1", "Tier", "Gold"), label("2", "AccountTag", "Gold")});
  const auto labels = restarted();
  EXPECT_EQ(labels->use("Tier", "Gold"), AssemblyId("1"));
  EXPECT_EQ(labels->use("AccountTag", "Gold"), AssemblyId("2"));
  EXPECT_EQ(labels->use("Stage", "Gold"), std::nullopt);
}

TEST_F(LabelNames, AMissingLabelIsRefusedWhereNoneMayBeCreated) {
  const auto answer = restarted(false)->resolve("Tier", "Gold", core::Lane::live, {});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(std::holds_alternative<assembly::Rejected>(answer.error()));
  EXPECT_TRUE(world_.assembly.labels().empty());
}

TEST_F(LabelNames, ARefusalAsksWhetherALabelIsStillTheOneItWas) {
  list({label("1", "Tier", "Gold")});
  const auto labels = restarted();
  const std::map<Labels::TypeAndName, AssemblyId> used = {{{"Tier", "Gold"}, AssemblyId("1")}};
  EXPECT_FALSE(labels->changed(used, world_.clock.steady_now(), core::Lane::live, {}));
  list({});
  // A refusal of before the list was read says nothing new.
  EXPECT_FALSE(labels->changed(used, core::SteadyTime{}, core::Lane::live, {}));
  EXPECT_TRUE(labels->changed(used, world_.clock.steady_now(), core::Lane::live, {}));
  EXPECT_FALSE(labels->changed({}, world_.clock.steady_now(), core::Lane::live, {}));
}

TEST_F(LabelNames, ACreatedLabelCarriesItsDescription) {
  ASSERT_TRUE(restarted()->resolve("Stage", "New", core::Lane::live, {}));
  EXPECT_EQ(world_.assembly.calls().back().body.text_or("description"), "D");
}

}  // namespace
}  // namespace assembly_sync::delivery
