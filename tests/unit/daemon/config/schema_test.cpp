// The JSON Schema: that the stored one is fresh, and that it says what the reader does. What other
// people's validators and editors make of it, tests/witness tells.
#include "daemon/config/schema.hpp"

#include "core/json.hpp"
#include "daemon/config/keys.hpp"
#include "mapping/attributes.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/config/broken.hpp"

namespace assembly_sync::config {
namespace {

using core::Value;

const Value& schema() {
  static const Value kSchema = *core::parse_json(json_schema());
  return kSchema;
}

TEST(Schema, InDocsIsWhatTheKeyTableSays) {
  const std::filesystem::path stored = test::source_dir() / "docs" / "config.schema.json";
  const std::string text =
      std::filesystem::exists(stored) ? test::read_file(stored) : std::string();
  if (text == json_schema()) return;
  const std::filesystem::path made = std::filesystem::temp_directory_path() / "config.schema.json";
  test::write_file(made, json_schema());
  FAIL() << "docs/config.schema.json is out of date. To renew it:\n  cp " << made.string() << ' '
         << stored.string();
}

/// Where the schema says something about a key of the table; nullptr when it does not.
const Value* place_of(const std::string& path) {
  if (path.find('*') != std::string::npos) return nullptr;  // connectors' own: in `allOf`
  const Value* at = &schema();
  std::string rest = path;
  const auto enter = [&](const std::string& definition, std::size_t size) {
    at = &schema().at("definitions").at(definition);
    rest = path.substr(size);
  };
  if (path.starts_with("tests[].")) enter("test", 8);
  if (path.starts_with("mappings[].")) return nullptr;
  while (at != nullptr && !rest.empty()) {
    const auto dot = rest.find('.');
    const Value* members = at->find("properties");
    at = members == nullptr ? nullptr : members->find(rest.substr(0, dot));
    rest = dot == std::string::npos ? "" : rest.substr(dot + 1);
  }
  return at;
}

TEST(Schema, ExplainsEveryKeyOfTheTable) {
  int found = 0;
  for (const KeyInfo& key : known_keys()) {
    if (key.path.find('*') != std::string::npos || key.path.starts_with("mappings[].")) continue;
    const Value* at = place_of(key.path);
    ASSERT_NE(at, nullptr) << key.path;
    EXPECT_THAT(at->text_or("description"), testing::HasSubstr(key.help)) << key.path;
    EXPECT_EQ(at->find("default") != nullptr, !key.default_value.empty()) << key.path;
    ++found;
  }
  EXPECT_GT(found, 35);
}

std::vector<std::string> names_of(const Value& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.as_object()) names.push_back(name);
  return names;
}

TEST(Schema, HasTheAttributesOfEachKind) {
  for (const auto kind : {core::EntityKind::company, core::EntityKind::customer,
                          core::EntityKind::contact, core::EntityKind::usage}) {
    const Value& mapping =
        schema().at("definitions").at("mapping_to_" + std::string(core::to_text(kind)));
    EXPECT_THAT(names_of(mapping.at("properties").at("fields").at("properties")),
                testing::UnorderedElementsAreArray(mapping::attribute_names(kind)));
    EXPECT_EQ(mapping.at("additionalProperties"), Value(false));
  }
}

TEST(Schema, HasTheKeysThatMappingsOfEachKindMayHave) {
  const auto has = [](const std::string& kind, const std::string& key) {
    return schema().at("definitions").at("mapping_to_" + kind).at("properties").find(key) !=
           nullptr;
  };
  EXPECT_TRUE(has("contact", "company"));
  EXPECT_FALSE(has("company", "company"));
  EXPECT_TRUE(has("usage", "event_id"));
  EXPECT_FALSE(has("customer", "event_id"));
  EXPECT_FALSE(has("usage", "additional_properties"));
}

/// The words that the key table lists are those that the reader takes: it names them when it gets
/// another one.
TEST(Schema, ListsTheWordsThatTheReaderTakes) {
  int rows = 0;
  for (const KeyRule& rule : rules_of("mappings[]")) {
    if (rule.choices.empty()) continue;
    const std::string name(rule.name());
    const bool usage = name == "on_change";
    const std::string to = name == "to" ? "" : usage ? "    to: usage\n" : "    to: customer\n";
    const auto problems = problems_of(
        kGood +
        "sources: {t: {type: csv, path: a, objects: {r: {id: n}}}}\nmappings:\n  - name: a\n"
        "    from: t.r\n" +
        to + "    " + name + ": zzzzzz\n");
    EXPECT_THAT(problems, testing::Contains(testing::HasSubstr(
                              "." + name + ": expected " + type_in_words(rule) + ", got zzzzzz")))
        << name;
    ++rows;
  }
  EXPECT_EQ(rows, 6);
}

}  // namespace
}  // namespace assembly_sync::config
