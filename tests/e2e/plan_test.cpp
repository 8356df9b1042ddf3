// plan: what a changed mapping would do, beside the running daemon.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

void edit(const World& world, const std::string& from, const std::string& to) {
  std::string text = read_file(world.config());
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos);
  write_file(world.config(), text.replace(at, from.size(), to));
}

class Plan : public testing::Test {
 protected:
  Plan() {
    world_.crm().populate(6, 6);
    world_.start();
    EXPECT_EQ(world_.run({"backfill"}).code, 0);
  }
  World world_{{}};
};

TEST_F(Plan, AnUnchangedMappingChangesNothing) {
  const Finished plan = world_.run({"plan", "--json"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_EQ(json(plan.out).at("changes"), Value::list());
  EXPECT_EQ(json(plan.out).at("totals").at("unchanged"), Value(12));
}

TEST_F(Plan, NamesWhatAChangedRuleWouldChangeAndSendsNothing) {
  const std::size_t writes = world_.writes().size();
  edit(world_, "contract_type: {value: Year}", "contract_type: {value: Month}");
  const Finished plan = world_.run({"plan", "--json"});
  EXPECT_EQ(plan.code, 2) << plan.err;
  const Value found = json(plan.out);
  ASSERT_EQ(found.at("changes").as_list().size(), 6U);
  for (const Value& change : found.at("changes").as_list()) {
    EXPECT_EQ(change.text_or("to"), "company");
    EXPECT_THAT(change.text_or("key"), HasSubstr("hubspot-company-"));
    EXPECT_EQ(change.at("fields"),
              Value(Value::Object{
                  {"contract_type", Value::object({{"from", "Year"}, {"to", "Month"}})}}));
  }
  EXPECT_EQ(found.at("calls"), Value(6));
  EXPECT_EQ(world_.writes().size(), writes);
  EXPECT_TRUE(world_.settled());
}

TEST_F(Plan, ShowsTheFirstChangesAndCountsAll) {
  edit(world_, "contract_type: {value: Year}", "contract_type: {value: Month}");
  const Finished plan = world_.run({"plan", "--limit", "2"});
  EXPECT_EQ(plan.code, 2);
  EXPECT_THAT(plan.out, HasSubstr("contract_type  Year -> Month"));
  EXPECT_THAT(plan.out, HasSubstr("and 4 more"));
  EXPECT_THAT(plan.out, HasSubstr("6  company: contract_type only"));
  EXPECT_THAT(plan.out, HasSubstr("6 calls to Assembly"));
}

TEST_F(Plan, LooksAtOneMappingWhenAsked) {
  edit(world_, "contract_type: {value: Year}", "contract_type: {value: Month}");
  EXPECT_EQ(world_.run({"plan", "--mapping", "contacts"}).code, 0);
  const Finished unknown = world_.run({"plan", "--mapping", "contact"});
  EXPECT_EQ(unknown.code, 64);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean contacts?"));
}

}  // namespace
}  // namespace assembly_sync::test
