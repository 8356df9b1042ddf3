// What `check` says about broken configurations: each text, and exactly the problems it has.
#include "tests/unit/daemon/config/broken.hpp"

namespace assembly_sync::config {
namespace {

const std::string kUrl = "expected an https address (http only to this machine), got ";

TEST(BrokenConfig, AsAWhole) {
  expect_problems({
      {"empty", "", {"c.yaml:1:1: expected a map of settings, got nothing"}},
      {"a list", "- a\n", {"c.yaml:1:1: expected a map of settings, got a list"}},
      {"a text", "hello\n", {"c.yaml:1:1: expected a map of settings, got a text"}},
      {"no YAML",
       "a: b: c\n",
       {"c.yaml:1:5: expected one value behind the key, got another `: ` (a text with a colon and "
        "a space in it stands in quotes; a key of its own stands at the column of the one above "
        "it)"}},
      {"Latin-1", "version: 1\n# f\xFCr\n", {"c.yaml:2:4: expected UTF-8 text, got another byte"}},
      {"two documents", kGood + "---\na: 1\n", {"c.yaml:6:1: expected one YAML document, got 2"}},
  });
}

TEST(BrokenConfig, VersionAndUnknownKeys) {
  const std::string assembly = "assembly: {base_url: https://a.test, api_key: \"${env:KEY}\"}\n";
  expect_problems({
      {"no version", assembly, {"c.yaml:1:1: version: expected 1, got nothing"}},
      {"other version", "version: 2\n" + assembly, {"c.yaml:1:10: version: expected 1, got 2"}},
      {"version as text",
       "version: one\n" + assembly,
       {"c.yaml:1:10: version: expected 1, got \"one\""}},
      {"no assembly", "version: 1\n", {"c.yaml:1:1: assembly: expected a map, got nothing"}},
      {"unknown key near a known one",
       kGood + "source: {}\n",
       {"c.yaml:5:1: source: expected a known key, got \"source\": did you mean \"sources\"?"}},
      {"unknown key near nothing",
       kGood + "webhook_ports: 1\n",
       {"c.yaml:5:1: webhook_ports: expected one of version, include, assembly, store, retention, "
        "health, privacy, listen, sources, tables, labels, mappings, tests, got an unknown key"}},
      {"the same key twice",
       kGood + "version: 1\n",
       {"c.yaml:5:1: version: expected each key once, got one that appears twice, first on line 1 "
        "(take one of them out)"}},
      {"section as text",
       kGood + "listen: all\n",
       {"c.yaml:5:9: listen: expected a map, got \"all\""}},
      {"section as list",
       kGood + "store: [a]\n",
       {"c.yaml:5:8: store: expected a map, got a list"}},
  });
}

TEST(BrokenConfig, AssemblyAddress) {
  const auto with = [](const std::string& url) {
    return "version: 1\nassembly:\n  api_key: ${env:KEY}\n  base_url: " + url + "\n";
  };
  const std::string at = "c.yaml:4:13: assembly.base_url: ";
  expect_problems({
      {"missing",
       "version: 1\nassembly:\n  api_key: ${env:KEY}\n",
       {"c.yaml:3:3: assembly.base_url: " + kUrl + "nothing"}},
      {"unencrypted",
       with("http://a.test"),
       {at + kUrl + "http to another machine: a key must not travel unencrypted"}},
      {"no scheme", with("a.test"), {at + kUrl + "an address that does not start with https://"}},
      {"other scheme", with("ftp://a.test"), {at + kUrl + "an address of another scheme"}},
      {"password in it",
       with("https://u:s3cr3t@a.test"),
       {at + kUrl + "an address with a user or password in it"}},
      {"a list", with("[https://a.test]"), {at + kUrl + "a list"}},
      {"empty", with("\"\""), {at + kUrl + "an empty text"}},
      {"variable not set",
       with("${env:NONE}"),
       {at + "expected a value from ${env:NONE}, got an environment variable that is not set"}},
      {"variable with another meaning",
       with("${env:KEY}"),
       {at + kUrl + "an address that does not start with https://"}},
  });
}

TEST(BrokenConfig, ApiKey) {
  const auto with = [](const std::string& key) {
    return "version: 1\nassembly:\n  base_url: https://a.test\n  api_key: " + key + "\n";
  };
  const std::string at = "c.yaml:4:12: assembly.api_key: ";
  expect_problems({
      {"missing",
       "version: 1\nassembly:\n  base_url: https://a.test\n",
       {"c.yaml:3:3: assembly.api_key: " + kForms + "nothing"}},
      {"literal", with("s3cr3t"), {at + kForms + "a literal text"}},
      {"literal in quotes", with("\"s3cr3t\""), {at + kForms + "a literal text"}},
      {"literal number", with("12345"), {at + kForms + "a literal text"}},
      {"literal list", with("[s3cr3t]"), {at + kForms + "a list"}},
      {"literal map", with("{s3cr3t: s3cr3t}"), {at + kForms + "a map"}},
      {"half a reference", with("Bearer ${env:KEY}"), {at + kForms + "text beside the reference"}},
      {"slip in the kind",
       with("${evn:KEY}"),
       {at + kForms + "a reference of another kind: did you mean ${env:…}?"}},
      {"not set",
       with("${env:NONE}"),
       {at + "expected a value from ${env:NONE}, got an environment variable that is not set"}},
      {"empty",
       with("${env:EMPTY}"),
       {at + "expected a secret from ${env:EMPTY}, got an empty text"}},
      {"several lines",
       with("${env:LINES}"),
       {at + "expected a secret of one line from ${env:LINES}, got several lines"}},
      {"no space after the colon",
       "version: 1\nassembly: {base_url: https://a.test, api_key:s3cr3t}\n",
       {"c.yaml:2:11: assembly.api_key: " + kForms + "nothing",
        "c.yaml:2:38: assembly: expected a space after the colon of each key, got none"}},
      {"secret as a key",
       kGood + "  s3cr3t s3cr3t: 1\n",
       {"c.yaml:5:3: assembly: expected one of base_url, api_key, rate_per_second, max_in_flight, "
        "timeout_seconds, directory_hours, got an unknown key"}},
  });
}

TEST(BrokenConfig, NumbersAndSwitches) {
  const std::string rate = "assembly.rate_per_second: expected a number from 0.1 to 1000, got ";
  const std::string flight = "assembly.max_in_flight: expected a whole number from 1 to 256, got ";
  const std::string timeout = "assembly.timeout_seconds: expected a number from 1 to 300, got ";
  expect_problems({
      {"too small", kGood + "  rate_per_second: 0.05\n", {"c.yaml:5:20: " + rate + "0.05"}},
      {"too large", kGood + "  rate_per_second: 1001\n", {"c.yaml:5:20: " + rate + "1001"}},
      {"negative", kGood + "  rate_per_second: -1\n", {"c.yaml:5:20: " + rate + "-1"}},
      {"a word", kGood + "  rate_per_second: fast\n", {"c.yaml:5:20: " + rate + "\"fast\""}},
      {"in quotes", kGood + "  rate_per_second: \"30\"\n", {"c.yaml:5:20: " + rate + "\"30\""}},
      {"no value", kGood + "  rate_per_second:\n", {"c.yaml:5:3: " + rate + "nothing"}},
      {"not whole", kGood + "  max_in_flight: 1.5\n", {"c.yaml:5:18: " + flight + "1.5"}},
      {"zero", kGood + "  max_in_flight: 0\n", {"c.yaml:5:18: " + flight + "0"}},
      {"far too large",
       kGood + "  max_in_flight: 99999999999999999999\n",
       {"c.yaml:5:18: " + flight + "99999999999999999999"}},
      {"too long", kGood + "  timeout_seconds: 301\n", {"c.yaml:5:20: " + timeout + "301"}},
      {"yes for true",
       kGood + "labels: {create: yes}\n",
       {"c.yaml:5:18: labels.create: expected true or false, got \"yes\""}},
      {"a switch as text",
       kGood + "labels: {create: \"true\"}\n",
       {"c.yaml:5:18: labels.create: expected true or false, got \"true\""}},
  });
}

TEST(BrokenConfig, StoreListenAndLabels) {
  const std::string address = "expected HOST:PORT, for example 127.0.0.1:8480, got ";
  const std::string color = "expected a colour in quotes, for example \"#545A92\", got ";
  expect_problems({
      {"path as list",
       kGood + "store: {path: [a]}\n",
       {"c.yaml:5:15: store.path: expected a file name, got a list"}},
      {"port alone",
       kGood + "listen: {webhooks: 8480}\n",
       {"c.yaml:5:20: listen.webhooks: " + address + "\"8480\""}},
      {"port too large",
       kGood + "listen: {admin: \"127.0.0.1:70000\"}\n",
       {"c.yaml:5:17: listen.admin: " + address + "a text"}},
      {"one address for both",
       kGood + "listen:\n  webhooks: 127.0.0.1:8481\n",
       {"c.yaml:6:3: listen.admin: expected another address than listen.webhooks, got the same"}},
      {"public address unencrypted",
       kGood + "listen: {public_url: http://a.test}\n",
       {"c.yaml:5:22: listen.public_url: " + kUrl +
        "http to another machine: a key must not travel unencrypted"}},
      {"colour read as a remark",
       kGood + "labels:\n  colors:\n    Tier: #545A92\n",
       {"c.yaml:7:5: labels.colors.Tier: " + color + "nothing"}},
      {"colour by name",
       kGood + "labels: {colors: {Tier: blue}}\n",
       {"c.yaml:5:25: labels.colors.Tier: " + color + "\"blue\""}},
      {"unknown label",
       kGood + "labels: {colors: {Stages: \"#000000\"}}\n",
       {"c.yaml:5:19: labels.colors.Stages: expected a known key, got \"Stages\": did you mean "
        "\"Stage\"?"}},
  });
}

TEST(BrokenConfig, Sources) {
  const std::string types =
      "expected one of hubspot, csv, ndjson, postgresql, sqlite, webhook, salesforce, rest, attio, "
      "close, espocrm, odoo, pipedrive, twenty, zoho, got ";
  expect_problems({
      {"a list", kGood + "sources: [crm]\n", {"c.yaml:5:10: sources: expected a map, got a list"}},
      {"bad name",
       kGood + "sources:\n  My CRM: {type: csv}\n",
       {"c.yaml:6:3: sources: expected a name of small letters, digits, - and _, got a text"}},
      {"source as text",
       kGood + "sources:\n  crm: hubspot\n",
       {"c.yaml:6:8: sources.crm: expected a map, got \"hubspot\""}},
      {"no type",
       kGood + "sources:\n  crm: {path: a}\n",
       {"c.yaml:6:8: sources.crm.type: " + types + "nothing"}},
      {"unknown type",
       kGood + "sources:\n  crm: {type: hubspott}\n",
       {"c.yaml:6:15: sources.crm.type: " + types + "\"hubspott\": did you mean \"hubspot\"?"}},
      {"type as list",
       kGood + "sources:\n  crm: {type: [csv]}\n",
       {"c.yaml:6:15: sources.crm.type: " + types + "a list"}},
      {"missing settings",
       kGood + "sources:\n  t: {type: csv}\n",
       {"c.yaml:6:6: sources.t.objects: expected a map, got nothing"}},
      {"no file",
       kGood + "sources:\n  t: {type: csv, objects: {r: {id: n}}}\n",
       {"c.yaml:6:31: sources.t.objects.r.path: expected a file name here or in the source, got "
        "nothing"}},
      {"a word of YAML as a text",
       kGood + "sources:\n  t: {type: csv, path: a, nulls: [NULL], objects: {r: {id: n}}}\n",
       {"c.yaml:6:35: sources.t.nulls: expected a text, got nothing"}},
      {"no delimiter",
       kGood + "sources:\n  t: {type: csv, path: a, delimiter: comma, objects: {r: {id: n}}}\n",
       {"c.yaml:6:38: sources.t.delimiter: expected one character such as \",\" or \";\", or tab, "
        "got a longer text"}},
      {"setting of another type",
       kGood + "sources:\n  t: {type: csv, path: a, objects: {r: {id: n}}, access_token: a}\n",
       {"c.yaml:6:50: sources.t.access_token: expected one of type, path, delimiter, encoding, "
        "nulls, objects, poll_seconds, sweep_hours, max_shrink_percent, fresh_seconds, got an "
        "unknown key"}},
      {"literal token",
       kGood + "listen: {public_url: https://p.test}\nsources:\n  crm:\n    type: hubspot\n    "
               "access_token: s3cr3t\n    client_secret: ${env:TOKEN}\n",
       {"c.yaml:9:19: sources.crm.access_token: " + kForms + "a literal text"}},
      {"out of range",
       kGood + "listen: {public_url: https://p.test}\nsources:\n  crm:\n    type: hubspot\n    "
               "access_token: ${env:TOKEN}\n    client_secret: ${env:TOKEN}\n    poll_seconds: "
               "-1\n",
       {"c.yaml:11:19: sources.crm.poll_seconds: expected a whole number from 0 to 86400, got -1"}},
      {"webhooks without public address",
       kGood + "sources:\n  crm: {type: hubspot, access_token: \"${env:TOKEN}\", client_secret: "
               "\"${env:TOKEN}\"}\n",
       {"c.yaml:1:1: listen.public_url: expected the https address at which source \"crm\" reaches "
        "this machine with its webhooks, got nothing"}},
      {"webhooks without public address in listen",
       kGood + "listen: {admin: \"127.0.0.1:1\"}\nsources:\n  crm: {type: hubspot, access_token: "
               "\"${env:TOKEN}\", client_secret: \"${env:TOKEN}\"}\n",
       {"c.yaml:5:9: listen.public_url: expected the https address at which source \"crm\" reaches "
        "this machine with its webhooks, got nothing"}},
  });
}

TEST(BrokenConfig, ObjectsOfASource) {
  const auto with = [](const std::string& objects) {
    return kGood + "sources:\n  t:\n    type: csv\n    path: a.csv\n    objects: " + objects + "\n";
  };
  const std::string at = "c.yaml:9:14: sources.t.objects: ";
  expect_problems({
      {"none", with("{}"), {at + "expected a map of NAME to {id: FIELD}, got a map"}},
      {"a list", with("[rows]"), {at + "expected a map of NAME to {id: FIELD}, got a list"}},
      {"no id",
       with("{rows: {}}"),
       {"c.yaml:9:21: sources.t.objects.rows.id: expected a text, got nothing"}},
      {"id alone",
       with("{rows: n}"),
       {"c.yaml:9:21: sources.t.objects.rows: expected a map, got \"n\""}},
      {"bad name",
       with("{a.b: {id: n}}"),
       {"c.yaml:9:15: sources.t.objects: expected a name of letters, digits, - and _, got "
        "\"a.b\""}},
      {"unknown key",
       with("{rows: {id: n, ids: m}}"),
       {"c.yaml:9:29: sources.t.objects.rows.ids: expected a known key, got \"ids\": did you mean "
        "\"id\"?"}},
  });
}

TEST(BrokenConfig, ConnectorMayRefuseItsSettings) {
  const auto problems = problems_of(
      kGood + "sources:\n  t: {type: csv, path: a.csv, objects: {a: {id: n}, b: {id: n}}}\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0], testing::StartsWith("c.yaml:6:56: sources.t.objects.b: "));
}

const std::string kMapping = R"(mappings:
  - name: people
    from: t.rows
    to: customer
    key: concat("t-", n)
    fields: {name: label, domain: mail}
)";

TEST(BrokenConfig, OneSlipInASourceMakesOneProblem) {
  expect_problems({
      {"broken block",
       kGood + "sources:\n  t: {type: csv, pfad: a.csv, path: a.csv, objects: {rows: {id: n}}}\n" +
           kMapping,
       {"c.yaml:6:18: sources.t.pfad: expected one of type, path, delimiter, encoding, "
        "nulls, objects, poll_seconds, sweep_hours, max_shrink_percent, fresh_seconds, got an "
        "unknown key"}},
      {"unknown type",
       kGood + "sources:\n  t: {type: cvs}\n" + kMapping,
       {"c.yaml:6:13: sources.t.type: expected one of hubspot, csv, ndjson, postgresql, sqlite, "
        "webhook, salesforce, rest, attio, close, espocrm, odoo, pipedrive, twenty, zoho, got "
        "\"cvs\": did you "
        "mean \"csv\"?"}},
      {"unreadable sources",
       kGood + "sources: t\n" + kMapping,
       {"c.yaml:5:10: sources: expected a map, got \"t\""}},
  });
}

TEST(BrokenConfig, MappingsAreCheckedBesideOtherProblems) {
  const auto problems = problems_of(kGood + "store: {path: []}\n" + kMapping);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0], "c.yaml:5:15: store.path: expected a file name, got a list");
  EXPECT_THAT(problems[1], testing::StartsWith("c.yaml:8:11: mappings[0].from: "));
}

TEST(BrokenConfig, WhatAMappingSaysOfNullsTagsAndLogs) {
  const std::string source =
      kGood + "sources:\n  t: {type: csv, path: a.csv, objects: {rows: {id: n}}}\n";
  const std::string log =
      "mappings:\n  - name: logins\n    from: t.rows\n    to: usage\n    event_id: n\n    fields: "
      "{timestamp: at, type: {value: Metric}, content: text, attribute: kind, value: v}\n";
  const std::string about =
      "mappings[0].about: expected {company: expression}, {customer: expression}, {contact: "
      "expression} or none (A155, A156), got ";
  expect_problems({
      {"a policy of no name",
       source + kMapping + "    on_null: remove\n",
       {"c.yaml:13:14: mappings[0].on_null: expected skip, clear, keep or fail, got remove"}},
      {"exact tags without tags",
       source + kMapping + "    additional_properties: {A: a}\n    tags_mode: exact\n",
       {"c.yaml:14:16: mappings[0].tags_mode: expected fields.tags beside tags_mode: exact, got "
        "none"}},
      {"a log about nothing", source + log, {"c.yaml:8:5: " + about + "nothing"}},
      {"a log about a company by name",
       source + log + "    about: company\n",
       {"c.yaml:13:12: " + about + "a text"}},
      {"a log with tags_mode",
       source + log + "    about: none\n    tags_mode: exact\n",
       {"c.yaml:14:16: mappings[0].tags_mode: expected only in mappings to company, customer or "
        "contact, got it in one to usage"}},
      {"a log with a slip in a key",
       source + log + "    about: none\n    on_chance: update\n",
       {"c.yaml:14:5: mappings[0].on_chance: expected one of name, from, to, when, key, match, "
        "more_keys, company, about, event_id, fields, additional_properties, metadata, on_null, "
        "tags_mode, properties_mode, on_change, on_delete, got an unknown key, did you mean "
        "`on_change`?"}},
      {"a test of a log that looks for something else",
       source + log +
           "    about: none\ntests:\n  - {mapping: logins, record: {n: 1}, expect: {abuot: "
           "none}}\n",
       {"c.yaml:15:48: tests[0].expect.abuot: expected one of key, match, company, about, fields, "
        "additional_properties, metadata, tags, more_keys, kept, cleared, filtered, no_parent, "
        "refused, got an unknown key, did you mean `about`?"}},
  });
}

TEST(BrokenConfig, MappingTestsWaitUntilTheRestIsRight) {
  const std::string text =
      kGood + "sources:\n  t: {type: csv, path: a.csv, objects: {rows: {id: n}}}\n" + kMapping +
      "tests:\n  - {mapping: people, record: {n: 1, label: A, mail: a@b.test}, expect: {key: "
      "other}}\n";
  EXPECT_EQ(load("c.yaml", text, kSecrets).tests.failed, 1);
  const LoadResult broken = load("c.yaml", "unknown_key: 1\n" + text, kSecrets);
  EXPECT_EQ(broken.tests.failed, 0);
  EXPECT_EQ(broken.problems.size(), 1U);
}

TEST(BrokenConfig, AllProblemsComeAtOnceInFileOrder) {
  EXPECT_EQ(
      problems_of("labels: {create: 1}\nversoin: 1\nassembly:\n  api_key: s3cr3t\n  max_in_flight: "
                  "0\nsources:\n  t: {type: csv}\nstore: {path: a.db, paht: b.db}\n"),
      (std::vector<std::string>{
          "c.yaml:1:18: labels.create: expected true or false, got \"1\"",
          "c.yaml:2:1: versoin: expected a known key, got \"versoin\": did you mean \"version\"?",
          "c.yaml:4:3: assembly.base_url: " + kUrl + "nothing",
          "c.yaml:4:12: assembly.api_key: " + kForms + "a literal text",
          "c.yaml:5:18: assembly.max_in_flight: expected a whole number from 1 to 256, got 0",
          "c.yaml:7:6: sources.t.objects: expected a map, got nothing",
          "c.yaml:8:21: store.paht: expected a known key, got \"paht\": did you mean \"path\"?",
      }));
}

}  // namespace
}  // namespace assembly_sync::config
