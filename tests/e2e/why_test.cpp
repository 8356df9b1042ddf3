// `why` and `why-not` of the real program: a value that came through a merge and two configurations
// is led back to its record; a record that is not in Assembly is told where it stopped.
#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

WorldOptions options() {
  WorldOptions options;
  options.assembly.rate_per_second = 0;
  options.rate_per_second = 500;
  options.labels = false;
  options.on_delete = "tag";
  options.when = R"(properties.name != "Left out")";
  return options;
}

std::string add(World& world, const std::string& name) {
  return world.crm().create("companies", {{"name", name}, {"domain", name + ".test"}});
}

void told(World& world) {
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
}

/// The only field of `why` about the entity that is called so.
Value field(World& world, const std::string& entity, const std::string& name) {
  const Finished why = world.run({"why", entity, name, "--json"});
  EXPECT_EQ(why.code, 0) << why.err;
  const Value fields = json(why.out).at("fields");
  EXPECT_EQ(fields.as_list().size(), 1U) << why.out;
  return fields.as_list().empty() ? Value() : fields.as_list().front();
}

TEST(Why, LeadsThroughAMergeAndTwoConfigurations) {
  World world(options());
  world.start();
  const std::string first = add(world, "acme");
  const std::string second = add(world, "apex");
  told(world);
  EXPECT_EQ(field(world, "acme", "name").at("config"), Value(1));

  std::string text = read_file(world.config());
  const std::string rule = "name: properties.name";
  ASSERT_NE(text.find(rule), std::string::npos);
  text.replace(text.find(rule), rule.size(), R"(name: 'concat(properties.name, " Inc")')");
  write_file(world.config(), "# edited\n" + text);
  ASSERT_EQ(world.run({"reload"}).code, 0);
  ASSERT_TRUE(world.wait_settled());
  const std::string survivor = world.crm().merge("companies", first, second);
  told(world);

  const Finished plain = world.run({"why", company_key(survivor), "name"});
  EXPECT_THAT(plain.out, HasSubstr("merged in"));
  EXPECT_THAT(plain.out, HasSubstr("configuration 2"));
  const Value merged = field(world, company_key(survivor), "name");
  EXPECT_EQ(merged.at("config"), Value(2));
  EXPECT_EQ(merged.at("record").at("id"), Value(first)) << "its account was the first one's";
  EXPECT_EQ(merged.at("from"), Value("acme"));
  EXPECT_TRUE(merged.at("run").is_int()) << "the new mapping's; " << core::dump_json(merged);
  EXPECT_THAT(merged.at("rule").text_or("text"), HasSubstr("concat"));
  EXPECT_FALSE(merged.at("steps").as_list().empty());

  world.crm().update("companies", survivor, {{"name", "both"}});
  told(world);
  const Value name = field(world, company_key(survivor), "name");
  EXPECT_EQ(name.at("record").at("id"), Value(survivor));
  EXPECT_EQ(name.at("from"), Value("acme Inc"));
  EXPECT_TRUE(name.at("receipt").is_int()) << core::dump_json(name);
}

TEST(Why, OfAnythingUnknownSaysHowToAsk) {
  World world(options());
  world.start();
  add(world, "acme");
  told(world);
  const Finished nobody = world.run({"why", "nobody"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("why-not SOURCE.OBJECT ID"));
  const Finished no_field = world.run({"why", "acme", "colour"});
  EXPECT_EQ(no_field.code, 1);
  EXPECT_THAT(no_field.err, HasSubstr("it has: contract_type domain name"));
}

TEST(WhyNot, TellsWhereARecordStopped) {
  World world(options());
  world.start();
  const std::string out = add(world, "Left out");
  const std::string orphan = world.crm().create(
      "contacts", {{"firstname", "Ada"}, {"lastname", "L"}, {"email", "a@b.test"}});
  told(world);
  const auto asked = [&](const std::string& object, const std::string& id) {
    const Finished answer = world.run({"why-not", "hubspot." + object, id, "--json"});
    return json(answer.out);
  };
  const Value left_out = asked("companies", out);
  EXPECT_EQ(left_out.at("state"), Value("filtered")) << core::dump_json(left_out);
  EXPECT_EQ(left_out.at("today").as_list().front().at("result"), Value("filtered"));
  EXPECT_EQ(asked("contacts", orphan).at("state"), Value("orphaned"));
  EXPECT_EQ(asked("companies", "404404").at("state"), Value("unknown"));
  EXPECT_EQ(world.run({"why-not", "companies"}).code, 64);
}

TEST(Why, HashedHistoryHoldsNoValue) {
  World world(options());
  write_file(world.config(), read_file(world.config()) + "privacy: hashed\n");
  world.start();
  const std::string id = add(world, "acme");
  told(world);
  world.crm().update("companies", id, {{"name", "zenith"}});
  told(world);
  const Value name = field(world, company_key(id), "name");
  EXPECT_EQ(name.at("value"), Value("zenith")) << "what Assembly has now is no secret here";
  EXPECT_THAT(name.text_or("from"), HasSubstr("sha256:"));
}

}  // namespace
}  // namespace assembly_sync::test
