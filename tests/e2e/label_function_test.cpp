// label(): from HubSpot's options to Assembly's properties, and what `map` says about it.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

WorldOptions labelled() {
  WorldOptions options;
  options.mappings = R"yaml(  - name: labels
    from: hubspot.companies
    to: company
    match: {key: 'concat("hubspot-company-", id)'}
    additional_properties:
      Sector: properties.industry | label
      Segments: properties.segments | label
)yaml";
  return options;
}

std::string create(World& world, const std::string& industry) {
  return world.crm().create("companies", {{"name", "Acme"},
                                          {"domain", "acme.test"},
                                          {"annualrevenue", "1000"},
                                          {"industry", industry},
                                          {"segments", "startup;public"}});
}

/// What was last sent of the property; null when nothing was.
Value sent(World& world, const std::string& property) {
  Value last;
  for (const auto& write : world.writes()) {
    if (write.body.empty()) continue;
    const Value body = json(write.body);
    if (const Value* found = body.at("additional_properties").find(property)) last = *found;
  }
  return last;
}

TEST(Labels, OfOptionsReachAssembly) {
  World world(labelled());
  world.start();
  create(world, "COMPUTER_SOFTWARE");
  EXPECT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_EQ(sent(world, "Sector"), Value("Computer Software"));
  EXPECT_EQ(sent(world, "Segments"), Value(Value::List{"Start-up", "Public sector"}));
}

TEST(Labels, MapSaysWhereItHasThemFrom) {
  World world(labelled());
  const std::string id = create(world, "COMPUTER_SOFTWARE");
  const Finished asked = world.run({"map", "hubspot.companies", "--id", id, "--trace"});
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.out, HasSubstr("labels of hubspot.companies: read from the source now"));
  EXPECT_THAT(asked.out, HasSubstr("properties.industry | label  =>  \"Computer Software\""));

  world.start();
  EXPECT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  const Finished stored = world.run({"map", "hubspot.companies", "--record", "-", "--json"},
                                    R"({"id":"9","properties":{"name":"N","domain":"n.test",
                                        "industry":"RENEWABLES"}})");
  const Value document = json(stored.out);
  EXPECT_EQ(document.at("labels").text_or("from"), "store") << stored.out;
  EXPECT_FALSE(document.at("labels").text_or("read_at").empty());
  EXPECT_THAT(stored.out, HasSubstr("Renewables & Environment"));
}

TEST(Labels, MapSaysWhenTheyAreNotKnown) {
  World world(labelled());
  world.crm().set_scope("crm.schemas.companies.read", false);
  const std::string id = create(world, "COMPUTER_SOFTWARE");
  const Finished mapped = world.run({"map", "hubspot.companies", "--id", id});
  EXPECT_EQ(mapped.code, 1);
  EXPECT_THAT(mapped.out, HasSubstr("labels of hubspot.companies: not known: "));
  EXPECT_THAT(mapped.out, HasSubstr("add crm.schemas.companies.read to the scopes"));
  EXPECT_THAT(mapped.out, HasSubstr("label: the options of industry are not known"));
}

TEST(Labels, ADryRunSaysWhatTheyLack) {
  World world(labelled());
  world.crm().set_scope("crm.schemas.companies.read", false);
  create(world, "COMPUTER_SOFTWARE");
  const Finished planned = world.run({"backfill", "--dry-run"});
  EXPECT_EQ(planned.code, 69);
  EXPECT_THAT(planned.err, HasSubstr("add crm.schemas.companies.read to the scopes"));
}

TEST(Labels, PlanReadsThemBeforeTheDaemonEverDid) {
  World world(labelled());
  create(world, "COMPUTER_SOFTWARE");
  const std::string with_labels = read_file(world.config());
  std::string without = with_labels;
  for (auto at = without.find(" | label"); at != std::string::npos; at = without.find(" | label")) {
    without.erase(at, std::string_view(" | label").size());
  }
  write_file(world.config(), without);
  world.start();
  EXPECT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_EQ(sent(world, "Sector"), Value("COMPUTER_SOFTWARE"));
  world.daemon().stop();

  write_file(world.config(), with_labels);
  const Finished planned = world.run({"plan"});
  EXPECT_EQ(planned.code, 2) << planned.err;
  EXPECT_THAT(planned.out, HasSubstr("Computer Software"));
}

}  // namespace
}  // namespace assembly_sync::test
