// `check --online`: what an admin is told before any record flows, by asking the CRM.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// World's mapping of companies, with a further one over the same object.
WorldOptions with_rules(const std::string& properties, const std::string& when = "") {
  WorldOptions options;
  options.mappings = R"yaml(  - name: more
    from: hubspot.companies
    to: company
    match: {key: 'concat("hubspot-company-", id)'}
)yaml";
  if (!when.empty()) options.mappings += "    when: " + when + '\n';
  options.mappings += "    additional_properties:\n" + properties;
  return options;
}

struct Checked {
  std::optional<int> code;
  Value json;

  std::vector<std::string> messages(const std::string& list) const {
    std::vector<std::string> out;
    for (const Value& one : json.at(list).as_list()) {
      out.push_back(one.text_or("key") + ": " + one.text_or("message"));
    }
    return out;
  }
};

Checked check_online(World& world) {
  const Finished finished = world.run({"check", "--online", "--json"});
  return {finished.code, json(finished.out)};
}

/// `line:column` of the text in the configuration.
std::string place_of(World& world, const std::string& text) {
  const std::string file = read_file(world.config());
  const std::size_t at = file.find(text);
  const auto line = std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const std::size_t begin = file.rfind('\n', at) + 1;
  return std::to_string(line + 1) + ':' + std::to_string(at - begin + 1);
}

TEST(CheckOnline, FindsNothingInRulesThatFit) {
  World world;
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.messages("problems"), IsEmpty());
  EXPECT_THAT(checked.messages("warnings"), IsEmpty());
}

TEST(CheckOnline, NamesThePropertyThatWasMeantByItsNameOrItsLabel) {
  World world(
      with_rules("      A: properties.anualrevenue\n      B: properties.lifecycle_stage\n"
                 "      C: properties.seats\n      D: properties.favourite_colour\n"));
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(
      checked.messages("problems"),
      ElementsAre(AllOf(HasSubstr("mappings[2].additional_properties.A: expected a property of "
                                  "hubspot.companies, got `properties.anualrevenue`"),
                        HasSubstr("did you mean `annualrevenue` (labelled Annual revenue)?")),
                  HasSubstr("did you mean `lifecyclestage` (labelled Lifecycle stage)?"),
                  HasSubstr("did you mean `num_seats` (labelled Seats)?"),
                  AllOf(HasSubstr("`properties.favourite_colour`, which does not exist there"),
                        testing::Not(HasSubstr("did you mean")))));
  const Finished text = world.run({"check", "--online"});
  EXPECT_THAT(text.err, HasSubstr(world.config().string() + ':' +
                                  place_of(world, "properties.anualrevenue") + ": mappings[2]"));
  EXPECT_EQ(world.assembly().stats().writes, 0U);
}

TEST(CheckOnline, KnowsTheTypesOfProperties) {
  World world(
      with_rules("      A: properties.name | round\n"
                 "      B: properties.renewal_date | to_number\n",
                 R"('properties.numberofemployees == "many"')"));
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.messages("problems"),
              ElementsAre(HasSubstr("mappings[2].when: ==: expected a number"),
                          HasSubstr("round: expected number, got text"),
                          HasSubstr("to_number: expected a number, got a date")));
}

TEST(CheckOnline, WarnsOfOptionsThatATableLacks) {
  WorldOptions options = with_rules("      A: properties.tier | lookup(tiers)\n");
  World world(options);
  world.crm().define_property(
      "companies", "tier",
      {.label = "Tier",
       .type = "enumeration",
       .field_type = "select",
       .options = "gold=Gold;silver=Silver;bronze=Bronze;tin=Tin;lead=Lead"});
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 0) << "the program can do its work";
  EXPECT_THAT(checked.messages("problems"), IsEmpty());
  EXPECT_THAT(
      checked.messages("warnings"),
      ElementsAre(HasSubstr("mappings[2].additional_properties.A: lookup: table tiers has no "
                            "entry for the options lead, tin of properties.tier")));
  const Finished text = world.run({"check", "--online"});
  EXPECT_EQ(text.code, 0);
  EXPECT_THAT(text.err, HasSubstr("warning: " + world.config().string() + ':'));
  EXPECT_THAT(text.out, HasSubstr("good"));
}

TEST(CheckOnline, NamesAnArchivedProperty) {
  World world(with_rules("      A: properties.fax\n"));
  world.crm().define_property(
      "companies", "fax",
      {.label = "Fax", .type = "string", .field_type = "text", .archived = true});
  EXPECT_THAT(check_online(world).messages("problems"),
              ElementsAre(HasSubstr("`properties.fax`, which is archived")));
}

TEST(CheckOnline, SaysWhichScopeToAdd) {
  World world;
  world.crm().set_scope("crm.schemas.companies.read", false);
  world.crm().set_scope("crm.objects.contacts.read", false);
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.messages("problems"),
              ElementsAre(AllOf(HasSubstr("sources.hubspot: expected to read what companies hold"),
                                HasSubstr("add crm.schemas.companies.read to the scopes")),
                          AllOf(HasSubstr("sources.hubspot: expected contacts to be readable"),
                                HasSubstr("add crm.objects.contacts.read to the scopes"))));
}

TEST(CheckOnline, SaysWhichCredentialIsRefused) {
  World world;
  world.assembly().set_key_revoked(true);
  world.crm().add_fault("/crm/", 401, 100);
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.messages("problems"),
              ElementsAre(HasSubstr("assembly.api_key: expected Assembly to answer"),
                          AllOf(HasSubstr("sources.hubspot: expected companies to be readable"),
                                HasSubstr("the source refuses the credential")),
                          HasSubstr("sources.hubspot: expected contacts to be readable")));
  const std::string source = place_of(world, "type: hubspot");
  const std::vector<std::string> places = {place_of(world, "${env:ASSEMBLY_API_KEY}"), source,
                                           source};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Value& problem = checked.json.at("problems").as_list().at(i);
    EXPECT_EQ(std::to_string(problem.at("line").as_int()) + ':' +
                  std::to_string(problem.at("column").as_int()),
              places[i]);
  }
}

TEST(CheckOnline, ACrmThatCantBeReachedIsAProblem) {
  World world;
  std::string config = read_file(world.config());
  const std::string url = "${env:HUBSPOT_URL}";
  config.replace(config.find(url), url.size(), "http://127.0.0.1:1");
  write_file(world.config(), config);
  const Checked checked = check_online(world);
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.messages("problems"),
              ElementsAre(HasSubstr("expected companies to be readable, got: no answer: "),
                          HasSubstr("expected contacts to be readable, got: no answer: ")));
}

TEST(CheckOnline, LooksIntoTheFirstRowOfAFile) {
  WorldOptions options;
  options.sources = "  billing: {type: csv, path: billing.csv, objects: {plans: {id: number}}}\n";
  options.mappings = R"yaml(  - name: plans
    from: billing.plans
    to: company
    match: {domain: domain}
    fields: {contract_value: price}
)yaml";
  World world(options);
  write_file(world.file("billing.csv"), "number,domain,price\n1,acme.test,12\n");
  EXPECT_THAT(check_online(world).messages("problems"),
              ElementsAre(HasSubstr("mappings[2].fields.contract_value: expected number, got text "
                                    "(write to_number(…))")));
}

}  // namespace
}  // namespace assembly_sync::test
