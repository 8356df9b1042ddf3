// What the mappings made of a record, as the planner is told.
#include "daemon/intake/pipeline.hpp"

#include <gtest/gtest.h>

#include "core/yaml.hpp"

namespace assembly_sync::intake {
namespace {

constexpr auto kRules = R"(mappings:
  - name: people
    from: t.rows
    to: contact
    key: id
    company: company
    fields: {name: name, domain: mail}
  - name: plans
    from: t.rows
    to: company
    match: {domain: domain}
    fields: {notes: name}
  - name: logins
    from: t.rows
    to: usage
    about: {company: company}
    event_id: id
    fields: {timestamp: at, type: {value: Action}, content: name, attribute: name}
)";

TEST(Pipeline, SaysForEachMappingWhyItGoesToNobody) {
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(kRules, "c.yaml", problems);
  mapping::Schemas schemas;
  schemas["t.rows"];
  auto rules = mapping::load(root, "c.yaml", schemas, problems);
  ASSERT_TRUE(problems.empty()) << core::to_text(problems.front());
  const Mapper mapper(std::make_shared<const mapping::Rules>(std::move(rules)));
  core::Record record;
  record.ref = {core::SourceName("t"), core::ObjectName("rows"), core::RecordId("1")};
  record.json = R"({"id": 1, "name": "Ada"})";
  core::JsonDocument document;
  std::vector<std::string> reasons;
  for (const sync::Verdict& verdict : mapper.map(record, document).verdicts) {
    EXPECT_EQ(verdict.kind, sync::Verdict::Kind::no_parent);
    reasons.push_back(verdict.reason);
  }
  EXPECT_EQ(reasons, (std::vector<std::string>{"mapping people: it has no company",
                                               "mapping plans: it has no domain to match by",
                                               "mapping logins: it is about nobody"}));
}

}  // namespace
}  // namespace assembly_sync::intake
