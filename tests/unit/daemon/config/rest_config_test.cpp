// REST sources in a configuration: what ships with the program and what the documents show must be
// accepted as it stands, and every mistake in an admin's own block is told with its place.
#include <fstream>
#include <set>
#include <sstream>

#include "connectors/rest/language.hpp"
#include "connectors/rest/presets.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/config/broken.hpp"

namespace assembly_sync::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Has a value for every variable of the environment.
class AnySecrets final : public SecretProvider {
 public:
  /// Hex digits, so that it will do as a signing key, with the colon of a user and password.
  std::optional<std::string> environment(const std::string& name) const override {
    return name.find("SIGNATURE") != std::string::npos ? "00ff" : "user:00ff";
  }
  core::Result<std::string> file(const std::string&) const override { return core::fail("no"); }
  core::Result<std::string> credential(const std::string&) const override {
    return core::fail("no");
  }
};

std::vector<std::string> problems_with_any_secret(const std::string& text) {
  const AnySecrets secrets;
  std::vector<std::string> out;
  for (const core::Problem& problem : load("/etc/app/c.yaml", text, secrets).problems) {
    out.push_back(to_text(problem));
  }
  return out;
}

std::string indented(std::string_view text, const std::string& by) {
  std::istringstream lines{std::string(text)};
  std::string out;
  for (std::string line; std::getline(lines, line);) out += by + line + '\n';
  return out;
}

TEST(RestPresets, AreBlocksThatAnAdminMayPasteAsTheyAre) {
  ASSERT_FALSE(connectors::rest::preset_files().empty());
  for (const auto& file : connectors::rest::preset_files()) {
    EXPECT_THAT(
        problems_with_any_secret(kGood + "sources:\n  crm:\n" + indented(file.text, "    ")),
        IsEmpty())
        << file.name;
  }
}

/// The ```yaml parts of a page of docs/connectors that begin with `sources:`.
std::vector<std::string> examples_in(const std::string& page) {
  std::istringstream lines(
      test::read_file((test::source_dir() / "docs" / "connectors" / page).string()));
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```yaml";
      if (inside) examples.emplace_back();
    } else if (inside) {
      examples.back() += line + '\n';
    }
  }
  std::erase_if(examples, [](const std::string& text) { return !text.starts_with("sources:"); });
  return examples;
}

TEST(RestManual, EveryExampleIsAccepted) {
  std::vector<std::string> pages = {"rest.md"};
  for (const auto& file : connectors::rest::preset_files()) {
    pages.push_back(std::string(file.name) + ".md");
  }
  for (const std::string& page : pages) {
    const auto examples = examples_in(page);
    EXPECT_FALSE(examples.empty()) << page;
    for (const std::string& example : examples) {
      EXPECT_THAT(problems_with_any_secret(kGood + example), IsEmpty()) << page << '\n' << example;
    }
  }
}

void collect(const std::vector<connectors::Setting>& settings, std::set<std::string>& names) {
  for (const connectors::Setting& setting : settings) {
    if (setting.name == "verify") continue;  // webhook.md explains it
    names.insert(setting.name);
    collect(setting.settings, names);
    for (const auto& variant : setting.variants) {
      names.insert(variant.name);
      collect(variant.settings, names);
    }
  }
}

TEST(RestManual, ExplainsEveryKey) {
  const std::string text =
      test::read_file((test::source_dir() / "docs" / "connectors" / "rest.md").string());
  std::set<std::string> names;
  collect(connectors::rest::settings(), names);
  EXPECT_GT(names.size(), 60U);
  for (const std::string& name : names) {
    const bool shown = text.find('`' + name) != std::string::npos ||
                       text.find(name + ':') != std::string::npos ||
                       text.find('.' + name) != std::string::npos;
    EXPECT_TRUE(shown) << name;
  }
}

/// `objects` on line 8, `people` at column 16.
Broken in_people(const std::string& what, const std::string& block, int column,
                 const std::string& rest) {
  return {what,
          kGood + "sources:\n  crm:\n    type: rest\n    objects: {people: " + block +
              "}\n    base_url: https://a.test\n",
          {"c.yaml:8:" + std::to_string(column) + ": sources.crm.objects.people" + rest}};
}

TEST(RestConfig, BrokenBlocks) {
  expect_problems({
      in_people("no request", "{id: id}", 23, ".request: expected a map, got nothing"),
      in_people("a text for a request", "{request: /p}", 33,
                ".request: expected a map, got a text"),
      in_people("misspelt key", "{request: {path: /p}, record: data}", 45,
                ".record: expected a known key, got \"record\": did you mean \"records\"?"),
      in_people("misspelt key inside", "{request: {path: /p, qeury: {a: b}}}", 44,
                ".request.qeury: expected a known key, got \"qeury\": did you mean \"query\"?"),
      in_people(
          "unknown scheme", "{request: {path: /p}, pages: {scheme: ofset}}", 61,
          ".pages.scheme: expected one of none, offset, page, cursor, keyset, next-url, link, "
          "got \"ofset\": did you mean \"offset\"?"),
      in_people("key of another scheme", "{request: {path: /p}, pages: {scheme: link, value: a}}",
                67, ".pages.value: expected one of scheme, limit, most, got an unknown key"),
      in_people("no path", "{request: {method: GET}}", 33,
                ".request.path: expected a text, got nothing"),
      in_people("wrong method", "{request: {path: /p, method: PUT}}", 52,
                ".request.method: expected one of GET, POST, got \"PUT\""),
      in_people("a variable without quotes", "{request: {path: /p, query: {a: {page}}}}", 55,
                ".request.query.a: expected a text, got a map"),
      in_people("an unknown variable", "{request: {path: /p, query: {a: \"{pag}\"}}}", 55,
                ".request.query.a: expected a known variable, got another: did you mean {page}?"),
      in_people("a reference that is none", "{request: {path: /p, query: {a: \"${secret.x}\"}}}",
                55, ".request.query.a: " + kForms + "${…} without a colon"),
      in_people("a list of no fields", "{request: {path: /p}, updated: []}", 54,
                ".updated: expected a field of a record or list of them, got an empty list"),
      in_people("a broken field", "{request: {path: /p}, updated: [a, .b]}", 58,
                ".updated[1]: expected a field such as id or data.id, got \".b\""),
      in_people(
          "a number as flag",
          "{request: {path: \"/{page}\"}, pages: {scheme: page, limit: 5, short_page_ends: 1}}",
          101, ".pages.short_page_ends: expected true or false, got \"1\""),
      in_people("a status that is none",
                "{request: {path: /p}, detail: {request: {path: \"/{id}\"}, missing: [404, 4]}}",
                95, ".detail.missing[1]: expected a whole number from 100 to 599, got 4"),
      in_people("a rule that is no map",
                "{request: {path: /p}, detail: {request: {path: \"/{id}\"}}, webhooks: [id]}", 92,
                ".webhooks[0]: expected a map, got \"id\""),
      in_people("rules that are no list",
                "{request: {path: /p}, detail: {request: {path: \"/{id}\"}}, webhooks: {id: a}}",
                91, ".webhooks: expected a list of maps, got a map"),
      in_people("a parent that there is none of",
                "{request: {path: /p}, company: {field: a, object: firms}}", 73,
                ".company.object: expected the name of an object, got another"),
  });
  const std::string source = kGood +
                             "sources:\n  crm:\n    type: rest\n    base_url: https://a.test\n"
                             "    objects: {people: {request: {path: /p}}}\n    ";
  const auto at_10 = [&](const std::string& line) { return problems_of(source + line + "\n"); };
  EXPECT_THAT(at_10("secrets: {token: hunter2}"),
              ElementsAre("c.yaml:10:22: sources.crm.secrets.token: " + kForms + "a literal text"));
  EXPECT_THAT(
      at_10("secrets: {\"a b\": \"${env:KEY}\"}"),
      ElementsAre("c.yaml:10:15: sources.crm.secrets: expected a name of letters, digits, - "
                  "and _, got a text"));
  EXPECT_THAT(
      at_10("headers: [a]"),
      ElementsAre("c.yaml:10:14: sources.crm.headers: expected a map of name to text, got a "
                  "list"));
  EXPECT_THAT(
      at_10("responses: [{status: 404, action: vanish}]"),
      ElementsAre(HasSubstr("c.yaml:10:39: sources.crm.responses[0].action: expected one of "
                            "ok, empty, missing, retry, fail, refresh, got \"vanish\"")));
  EXPECT_THAT(
      at_10("webhook: {events: e}"),
      ElementsAre("c.yaml:10:14: sources.crm.webhook: expected `verify` beside it, got none"));
  EXPECT_THAT(at_10("auth: {scheme: header, value: \"{secret.token}\"}"),
              ElementsAre(HasSubstr("c.yaml:10:35: sources.crm.auth.value: expected one of the "
                                    "variables {cursor}")));
}

TEST(RestConfig, BrokenBlocksOfAShippedDescription) {
  const std::string source = kGood + "sources:\n  crm:\n    type: pipedrive\n";
  EXPECT_THAT(problems_of(source),
              ElementsAre(HasSubstr("c.yaml:7:5: sources.crm.api_token: " + kForms + "nothing")));
  EXPECT_THAT(
      problems_of(source + "    api_token: ${env:KEY}\n    api_tokn: x\n"),
      ElementsAre("c.yaml:9:5: sources.crm.api_tokn: expected a known key, got \"api_tokn\": "
                  "did you mean \"api_token\"?"));
  EXPECT_THAT(problems_of(source + "    api_token: ${env:KEY}\n    webhook_secrets: "
                                   "[\"${env:KEY}\"]\n"),
              ElementsAre(HasSubstr("c.yaml:9:23: sources.crm.webhook_secrets[0]: expected ")));
  EXPECT_THAT(problems_of(kGood + "sources:\n  crm:\n    type: odoo\n    api_key: ${env:KEY}\n"),
              ElementsAre(HasSubstr("sources.crm.base_url: expected an https address")));
}

}  // namespace
}  // namespace assembly_sync::config
