// What `check` says about mappings that are wrong: each text, and exactly the problems it has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::load_yaml;

/// `lines` begin on line 5 of the file, column 5.
struct Wrong {
  const char* what;
  const char* to;
  std::vector<std::string> lines;
  std::vector<std::string> problems;  // without "c.yaml:"
};

void expect_problems(const std::vector<Wrong>& rows) {
  for (const Wrong& row : rows) {
    std::vector<std::string> wanted;
    for (const std::string& problem : row.problems) wanted.push_back("c.yaml:" + problem);
    EXPECT_EQ(load_yaml(test::one_mapping(row.to, row.lines)).texts(), wanted) << row.what;
  }
}

const std::string kNames = "fields: {name: n, domain: d}";
const std::string kLog =
    "fields: {timestamp: t, type: {value: Action}, content: c, attribute: {value: Login}}";
const std::string kEntities = "expected only in mappings to company, customer or contact, got it ";
const std::string kInUsage = kEntities + "in one to usage";
const std::string kUsage = "expected only in mappings to usage, got it in one to ";
const std::string kMatch =
    "mappings[0].match: expected {key: expression} or {domain: expression}, got ";
const std::string kAbout =
    "mappings[0].about: expected {company: expression}, {customer: expression}, {contact: "
    "expression} or none (A155, A156), got ";

TEST(WrongMapping, AttributesOfAnotherTarget) {
  expect_problems({
      {"of companies in a customer",
       "customer",
       {"key: id", "fields: {name: n, domain: d, number_of_seats: s}"},
       {"6:34: mappings[0].fields.number_of_seats: expected an attribute of a customer, got "
        "number_of_seats, which only a company has"}},
      {"of companies in a contact",
       "contact",
       {"key: id", "company: c", "fields: {name: n, domain: d, company_type: s}"},
       {"7:34: mappings[0].fields.company_type: expected an attribute of a contact, got "
        "company_type, which only a company has"}},
      {"of persons in a company",
       "company",
       {"key: id", "fields: {name: n, domain: d, role: r}"},
       {"6:34: mappings[0].fields.role: expected an attribute of a company, got role, which only a "
        "customer or contact has"}},
      {"of usage logs in a company",
       "company",
       {"key: id", "fields: {name: n, domain: d, timestamp: t}"},
       {"6:34: mappings[0].fields.timestamp: expected an attribute of a company, got timestamp, "
        "which only a usage log has"}},
      {"tags in a usage log",
       "usage",
       {"about: none", "event_id: id",
        "fields: {tags: x, timestamp: t, type: {value: Action}, content: c, attribute: a}"},
       {"7:14: mappings[0].fields.tags: expected an attribute of a usage log, got tags, which only "
        "a company, customer or contact has"}},
      {"a slip in a usage log",
       "usage",
       {"about: none", "event_id: id",
        "fields: {timestamp: t, type: {value: Action}, content: c, attribute: a, valeu: v}"},
       {"7:77: mappings[0].fields.valeu: expected an attribute of a usage log, got an unknown one, "
        "did you mean `value`? (one of timestamp, type, content, attribute, value; other names go "
        "under metadata)"}},
      {"the type of an account",
       "company",
       {"key: id", "fields: {name: n, domain: d, type: t}"},
       {"6:34: mappings[0].fields.type: expected an attribute, got type, which `to` sets"}},
      {"the company of a contact",
       "contact",
       {"key: id", "company: c", "fields: {name: n, domain: d, company_domain: x}"},
       {"7:34: mappings[0].fields.company_domain: expected an attribute, got company_domain, which "
        "`company` sets"}},
      {"tags to remove",
       "company",
       {"key: id", "fields: {name: n, domain: d, removed_tags: x}"},
       {"6:34: mappings[0].fields.removed_tags: expected an attribute, got removed_tags, which the "
        "program works out by itself (tags are a whole list)"}},
      {"properties inside",
       "company",
       {"key: id", "fields: {name: n, domain: d, additional_properties: x}"},
       {"6:34: mappings[0].fields.additional_properties: expected an attribute, got "
        "additional_properties, which stands beside `fields`"}},
  });
}

TEST(WrongMapping, KeysOfAnotherTarget) {
  expect_problems({
      {"key in usage",
       "usage",
       {"key: id", "about: none", "event_id: id", kLog},
       {"5:10: mappings[0].key: " + kInUsage + " (a usage log has event_id)"}},
      {"match in usage",
       "usage",
       {"match: {key: id}", "about: none", "event_id: id", kLog},
       {"5:12: mappings[0].match: " + kInUsage + " (a usage log is always one of its own)"}},
      {"company in usage",
       "usage",
       {"company: id", "about: none", "event_id: id", kLog},
       {"5:14: mappings[0].company: expected only in mappings to contact, got it in one to usage "
        "(a usage log has about)"}},
      {"more_keys in usage",
       "usage",
       {"more_keys: id", "about: none", "event_id: id", kLog},
       {"5:16: mappings[0].more_keys: " + kInUsage}},
      {"additional_properties in usage",
       "usage",
       {"additional_properties: {A: a}", "about: none", "event_id: id", kLog},
       {"5:28: mappings[0].additional_properties: " + kInUsage + " (a usage log has metadata)"}},
      {"tags_mode in usage",
       "usage",
       {"tags_mode: mirror", "about: none", "event_id: id", kLog},
       {"5:16: mappings[0].tags_mode: " + kInUsage}},
      {"properties_mode in usage",
       "usage",
       {"properties_mode: merge", "about: none", "event_id: id", kLog},
       {"5:22: mappings[0].properties_mode: " + kInUsage}},
      {"about in company",
       "company",
       {"key: id", kNames, "about: none"},
       {"7:12: mappings[0].about: " + kUsage + "company"}},
      {"event_id in company",
       "company",
       {"key: id", kNames, "event_id: id"},
       {"7:15: mappings[0].event_id: " + kUsage + "company (accounts and contacts have key)"}},
      {"metadata in customer",
       "customer",
       {"key: id", kNames, "metadata: {A: a}"},
       {"7:15: mappings[0].metadata: " + kUsage +
        "customer (accounts and contacts have additional_properties)"}},
      {"on_change in contact",
       "contact",
       {"key: id", kNames, "company: c", "on_change: update"},
       {"8:16: mappings[0].on_change: " + kUsage +
        "contact (accounts and contacts always follow their record)"}},
  });
}

TEST(WrongMapping, KeyAndMatch) {
  expect_problems({
      {"neither",
       "company",
       {kNames},
       {"2:5: mappings[0].key: expected an expression for the source-specific ID (or match, in a "
        "mapping that only enriches), got nothing"}},
      {"both",
       "company",
       {"key: id", "match: {key: id}", kNames},
       {"6:12: mappings[0].match: expected key or match, got both"}},
      {"a text", "company", {"match: d", kNames}, {"5:12: " + kMatch + "a text"}},
      {"an empty map",
       "company",
       {"match: {}", kNames},
       {"5:12: " + kMatch + "a map without key or domain"}},
      {"two of them",
       "company",
       {"match: {key: id, domain: d}", kNames},
       {"5:12: " + kMatch + "both"}},
      {"a slip",
       "company",
       {"match: {domian: d}", kNames},
       {"5:13: mappings[0].match.domian: expected one of key, domain, got an unknown key, did you "
        "mean `domain`?"}},
      {"a list as key",
       "company",
       {"match: {key: \"split(d, ',')\"}", kNames},
       {"5:19: mappings[0].match.key: expected text or number, got list"}},
      {"the same for all",
       "company",
       {"match: {domain: '\"acme.test\"'}", kNames},
       {"5:21: mappings[0].match.domain: expected an expression that reads the record's domain, "
        "got the same text for every record"}},
      {"a company beside it",
       "contact",
       {"match: {key: id}", "company: c", kNames},
       {"6:14: mappings[0].company: expected only beside key, got it beside match (what only "
        "enriches a contact does not place it)"}},
      {"nothing to add",
       "company",
       {"match: {key: id}"},
       {"2:5: mappings[0].fields: expected fields, additional_properties or more_keys beside "
        "match, got none"}},
      {"more keys as object",
       "company",
       {"key: id", "more_keys: 'true'", kNames},
       {"6:17: mappings[0].more_keys: expected text, number or list, got true/false"}},
      {"no expression for more keys",
       "company",
       {"key: id", "more_keys: [a, b]", kNames},
       {"6:16: mappings[0].more_keys: expected an expression, got a list (an expression that "
        "begins with [ stands in quotes)"}},
  });
}

TEST(WrongMapping, NullPolicies) {
  expect_problems({
      {"unknown",
       "company",
       {"key: id", kNames, "on_null: clera"},
       {"7:14: mappings[0].on_null: expected skip, clear, keep or fail, got clera, did you mean "
        "`clear`?"}},
      {"unknown in an entry",
       "company",
       {"key: id", "fields: {name: n, domain: d, tier: {expr: t, on_null: drop}}"},
       {"6:59: mappings[0].fields.tier.on_null: expected skip, clear, keep or fail, got drop"}},
      {"a list",
       "company",
       {"key: id", kNames, "on_null: [skip]"},
       {"7:14: mappings[0].on_null: expected skip, clear, keep or fail, got a list"}},
      {"clear of what is required",
       "company",
       {"key: id", "fields: {name: n, domain: {expr: d, on_null: clear}}"},
       {"6:50: mappings[0].fields.domain.on_null: expected skip or fail for an attribute that "
        "Assembly requires (A15), got clear"}},
      {"keep of what is required",
       "contact",
       {"key: id", "company: c", "fields: {domain: d, name: {expr: n, on_null: keep}}"},
       {"7:50: mappings[0].fields.name.on_null: expected skip or fail for an attribute that "
        "Assembly requires (A66), got keep"}},
      {"clear of it where it is only added to",
       "company",
       {"match: {key: id}", "fields: {name: {expr: n, on_null: clear}}"},
       {"6:39: mappings[0].fields.name.on_null: expected skip, keep or fail for an attribute that "
        "Assembly requires (A14), got clear"}},
      {"of a contact's company",
       "contact",
       {"key: id", "company: {domain: c, on_null: clear}", kNames},
       {"6:35: mappings[0].company.on_null: expected no on_null for a contact's company, which "
        "Assembly requires (A68), got it"}},
      {"clear in usage",
       "usage",
       {"about: none", "event_id: id", kLog, "on_null: clear"},
       {"8:14: mappings[0].on_null: expected skip or fail in a mapping to usage, where nothing is "
        "cleared or kept, got clear"}},
      {"keep in metadata",
       "usage",
       {"about: none", "event_id: id", kLog, "metadata: {A: {expr: a, on_null: keep}}"},
       {"8:38: mappings[0].metadata.A.on_null: expected skip or fail in a mapping to usage, where "
        "nothing is cleared or kept, got keep"}},
      {"beside a literal",
       "company",
       {"key: id", "fields: {name: n, domain: d, tier: {value: Gold, on_null: keep}}"},
       {"6:63: mappings[0].fields.tier: expected on_null beside expr only, since a literal is "
        "never nothing, got it beside value"}},
      {"alone",
       "company",
       {"key: id", "fields: {name: n, domain: d, tier: {on_null: keep}}"},
       {"6:40: mappings[0].fields.tier: expected an expression, {expr: expression} or {value: "
        "literal}, got a map with neither"}},
      {"both forms",
       "company",
       {"key: id", "fields: {name: n, domain: d, tier: {value: Gold, expr: t}}"},
       {"6:60: mappings[0].fields.tier: expected expr or value, got both"}},
      {"a slip in the form",
       "company",
       {"key: id", "additional_properties: {A: {exp: t}}", kNames},
       {"6:33: mappings[0].additional_properties.A.exp: expected one of expr, value, on_null, got "
        "an unknown key, did you mean `expr`?"}},
      {"no expression",
       "company",
       {"key: id", "additional_properties: {A: {expr: , on_null: skip}}", kNames},
       {"6:33: mappings[0].additional_properties.A: expected an expression, got nothing"}},
      {"a wrong type inside the form",
       "company",
       {"key: id", "fields: {name: n, domain: d, contract_value: {expr: lower(v), on_null: skip}}"},
       {"6:57: mappings[0].fields.contract_value: expected number, got text (write to_number(…))"}},
      {"a literal that is nothing",
       "company",
       {"key: id", "fields: {name: n, domain: d, tier: {value: ''}}"},
       {"6:48: mappings[0].fields.tier: expected a value, got an empty text (on_null: clear "
        "empties an attribute whose expression gives nothing)"}},
  });
}

TEST(WrongMapping, Modes) {
  expect_problems({
      {"tags",
       "company",
       {"key: id", kNames, "tags_mode: exactly"},
       {"7:16: mappings[0].tags_mode: expected mirror or exact, got exactly, did you mean "
        "`exact`?"}},
      {"properties",
       "company",
       {"key: id", kNames, "properties_mode: replace"},
       {"7:22: mappings[0].properties_mode: expected merge or mirror, got replace"}},
      {"exact without tags",
       "company",
       {"key: id", kNames, "tags_mode: exact"},
       {"7:16: mappings[0].tags_mode: expected fields.tags beside tags_mode: exact, got none"}},
      {"change",
       "usage",
       {"about: none", "event_id: id", kLog, "on_change: updates"},
       {"8:16: mappings[0].on_change: expected ignore or update, got updates, did you mean "
        "`update`?"}},
      {"tag a deleted log",
       "usage",
       {"about: none", "event_id: id", kLog, "on_delete: tag"},
       {"8:16: mappings[0].on_delete: expected ignore or delete, got tag"}},
      {"no word",
       "company",
       {"key: id", kNames, "on_delete: [tag]"},
       {"7:16: mappings[0].on_delete: expected ignore, tag or delete, got a list"}},
      {"a slip in a key",
       "company",
       {"key: id", kNames, "tag_mode: exact"},
       {"7:5: mappings[0].tag_mode: expected one of name, from, to, when, key, match, more_keys, "
        "company, about, event_id, fields, additional_properties, metadata, on_null, tags_mode, "
        "properties_mode, on_change, on_delete, got an unknown key, did you mean `tags_mode`?"}},
  });
}

TEST(WrongMapping, UsageLogs) {
  const std::string since = "expected an expression, since Assembly requires ";
  expect_problems({
      {"no about", "usage", {"event_id: id", kLog}, {"2:5: " + kAbout + "nothing"}},
      {"another word",
       "usage",
       {"about: nobody", "event_id: id", kLog},
       {"5:12: " + kAbout + "a text"}},
      {"an empty map",
       "usage",
       {"about: {}", "event_id: id", kLog},
       {"5:12: " + kAbout + "an empty map"}},
      {"two",
       "usage",
       {"about: {company: c, contact: d}", "event_id: id", kLog},
       {"5:12: " + kAbout + "several of them"}},
      {"a slip in it",
       "usage",
       {"about: {compny: c}", "event_id: id", kLog},
       {"5:13: mappings[0].about.compny: expected one of company, customer, contact, got an "
        "unknown key, did you mean `company`?"}},
      {"a list as its key",
       "usage",
       {"about: {company: \"split(c, ',')\"}", "event_id: id", kLog},
       {"5:23: mappings[0].about.company: expected text or number, got list"}},
      {"no event id",
       "usage",
       {"about: none", kLog},
       {"2:5: mappings[0].event_id: expected an expression for the event's own id, got nothing"}},
      {"one event id for all",
       "usage",
       {"about: none", "event_id: '\"x\"'", kLog},
       {"6:15: mappings[0].event_id: expected an expression that reads the record's event id, got "
        "the same text for every record"}},
      {"no fields",
       "usage",
       {"about: none", "event_id: id"},
       {"2:5: mappings[0].fields.timestamp: " + since +
            "a timestamp to create a usage log (A147), got nothing",
        "2:5: mappings[0].fields.type: " + since +
            "a type to create a usage log (A148), got nothing",
        "2:5: mappings[0].fields.content: " + since +
            "content to create a usage log (A149), got nothing",
        "2:5: mappings[0].fields.attribute: " + since +
            "an attribute to create a usage log (A150), got nothing"}},
      {"a metric without value",
       "usage",
       {"about: none", "event_id: id",
        "fields: {timestamp: t, type: {value: Metric}, content: c, attribute: a}"},
       {"7:13: mappings[0].fields.value: " + since +
        "a value of a Metric or CumulativeMetric (A151), got nothing"}},
      {"a metric by expression without value",
       "usage",
       {"about: none", "event_id: id",
        "fields: {timestamp: t, type: '\"CumulativeMetric\"', content: c, attribute: a}"},
       {"7:13: mappings[0].fields.value: " + since +
        "a value of a Metric or CumulativeMetric (A151), got nothing"}},
      {"a type in small letters",
       "usage",
       {"about: none", "event_id: id",
        "fields: {timestamp: t, type: {value: action}, content: c, attribute: a}"},
       {"7:42: mappings[0].fields.type: expected Action, Metric or CumulativeMetric, got another "
        "text"}},
      {"a value that is no number",
       "usage",
       {"about: none", "event_id: id",
        "fields: {timestamp: t, type: {value: Metric}, content: c, attribute: a, value: {value: "
        "$20}}"},
       {"7:92: mappings[0].fields.value: expected number, got text (use to_number or to_int)"}},
      {"a time that is none",
       "usage",
       {"about: none", "event_id: id",
        "fields: {timestamp: {value: ''}, type: {value: Action}, content: c, attribute: a}"},
       {"7:33: mappings[0].fields.timestamp: expected a value, since Assembly requires a timestamp "
        "to create a usage log "
        "(A147), got nothing"}},
      {"the program's own member",
       "usage",
       {"about: none", "event_id: id", kLog, "metadata: {event_id: id}"},
       {"8:16: mappings[0].metadata.event_id: expected another name, got event_id, under which the "
        "program keeps the log's event id"}},
      {"metadata as list",
       "usage",
       {"about: none", "event_id: id", kLog, "metadata: [a]"},
       {"8:15: mappings[0].metadata: expected a map of name to expression, got a list"}},
      {"a member without name",
       "usage",
       {"about: none", "event_id: id", kLog, "metadata: {' ': a}"},
       {"8:16: mappings[0].metadata. : expected a member's name, got nothing"}},
  });
}

std::string logins(const std::string& name, const std::string& from, const std::string& id) {
  return "  - name: " + name + "\n    from: " + from +
         "\n    to: usage\n    about: none\n    event_id: " + id + "\n    " + kLog + '\n';
}

TEST(WrongMapping, TwoThatMakeOneLog) {
  const auto texts = [](const std::string& mappings) {
    return load_yaml("mappings:\n" + mappings).texts();
  };
  const std::string first = logins("a", "anything.rows", "concat(x, y)");
  EXPECT_THAT(
      texts(first + logins("b", "anything.rows", "' concat(x, y) '")),
      testing::ElementsAre(
          "c.yaml:12:15: mappings[1].event_id: expected another event_id than that of mapping `a`, "
          "which reads the same object, got the same: their logs would be taken for one"));
  EXPECT_THAT(texts(first + logins("b", "anything.rows", "concat(x, y, '-b')")),
              testing::IsEmpty());
  const std::string account =
      "  - {name: c, from: anything.rows, to: company, match: {key: 'concat(x, y)'}, fields: "
      "{notes: n}}\n";
  EXPECT_THAT(texts(first + account), testing::IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::mapping
