#include "mapping/attributes.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using core::EntityKind;
using core::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = Result::Kind;

TEST(AttributeTable, HasWhatEachKindTakes) {
  const std::vector<std::string> common = {
      "name",           "domain",        "image_url",    "phone",
      "contract_value", "contract_type", "renewal_date", "trial_expiration_date",
      "tier",           "stage",         "tags",         "notes",
      "id_in_tool"};
  const auto with = [&](std::vector<std::string> further) {
    further.insert(further.begin(), common.begin(), common.end());
    return further;
  };
  EXPECT_EQ(attribute_names(EntityKind::company), with({"company_type", "number_of_seats"}));
  EXPECT_EQ(attribute_names(EntityKind::customer), with({"role"}));
  EXPECT_EQ(attribute_names(EntityKind::contact), with({"role"}));
  EXPECT_THAT(attribute_names(EntityKind::usage),
              ElementsAre("timestamp", "type", "content", "attribute", "value"));
}

TEST(AttributeTable, TellsWhoHasAnAttribute) {
  EXPECT_EQ(owners_of("number_of_seats"), "company");
  EXPECT_EQ(owners_of("role"), "customer or contact");
  EXPECT_EQ(owners_of("name"), "company, customer or contact");
  EXPECT_EQ(owners_of("timestamp"), "usage log");
  EXPECT_EQ(owners_of("colour"), "");
}

TEST(Convert, TakesFiniteNumbersOnly) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double number : {infinite, -infinite, std::numeric_limits<double>::quiet_NaN()}) {
    const auto converted = convert(AttributeType::number, number);
    ASSERT_FALSE(converted);
    EXPECT_EQ(converted.error(), "expected a finite number (Q13), got infinity or no number");
  }
  EXPECT_EQ(convert(AttributeType::number, 20.0).value(), Value(20));
}

TEST(Convert, CutsATimestampToSecondsDownwards) {
  EXPECT_EQ(convert(AttributeType::timestamp, std::string_view("1969-12-31T23:59:59.999Z")).value(),
            Value("1969-12-31T23:59:59Z"));
}

Value property(std::string_view value) {
  const auto loaded =
      test::load_yaml(test::one_mapping("company", {"key: id", "fields: {name: id, domain: d}",
                                                    "additional_properties:", "  'Größe: x': v"}));
  EXPECT_THAT(loaded.texts(), testing::IsEmpty());
  const auto result =
      test::apply(loaded.rules, "anything.rows",
                  R"({"id": 1, "d": "a.test", "v": )" + std::string(value) + "}")[0];
  if (result.kind != Kind::intent) return result.refusal.field + ": " + result.refusal.reason;
  const auto found = result.intent.additional_properties.find("Größe: x");
  return found == result.intent.additional_properties.end() ? Value("left out") : found->second;
}

TEST(AdditionalProperties, TakeScalarsAndListsUnderAnyName) {
  EXPECT_EQ(property("2"), Value(2));
  EXPECT_EQ(property("2.0"), Value(2));
  EXPECT_EQ(property("18446744073709551615"), Value(std::uint64_t{18446744073709551615U}));
  EXPECT_EQ(property("true"), Value(true));
  EXPECT_EQ(property(R"("")"), Value(""));
  EXPECT_EQ(property("null"), Value("left out"));
  EXPECT_EQ(property(R"(["x", 1, null])"), Value::list({"x", 1}));
}

TEST(AdditionalProperties, TakeNestedValuesWhole) {
  for (const char* const text : {R"({})", R"([])", R"({"a b":{"c":[1,null,{"d":false}]},"e":null})",
                                 R"([{"x":1.5},{"x":9007199254740993}])", R"([[1,null],["é"]])"}) {
    EXPECT_EQ(property(text), core::parse_json(text).value()) << text;
  }
  EXPECT_EQ(property(R"([{"x": 2.0}])"), Value::list({Value::object({{"x", 2}})}));
}

TEST(AdditionalProperties, MayBeListsThatAnExpressionMakesOfObjects) {
  const auto result = test::apply(
      test::load_yaml(test::one_mapping("company", {"key: id", "fields: {name: id, domain: d}",
                                                    "additional_properties: {Both: '[a, b, x]'}"}))
          .rules,
      "anything.rows", R"({"id": 1, "d": "a.test", "a": {"n": 1}, "b": [2]})")[0];
  EXPECT_EQ(result.intent.additional_properties.at("Both"),
            Value::list({Value::object({{"n", 1}}), Value::list({2})}));
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + '1' + std::string(depth, ']');
}

std::string list_of(std::size_t count, const std::string& item) {
  std::string out = "[" + item;
  for (std::size_t i = 1; i < count; ++i) out += ',' + item;
  return out + ']';
}

TEST(AdditionalProperties, HaveBoundsOfDepthAndSize) {
  using namespace core::limits;
  const std::string field = "additional_properties.Größe: x: ";
  EXPECT_EQ(property(nested(kPropertyDepth)), core::parse_json(nested(kPropertyDepth)).value());
  EXPECT_EQ(property(nested(kPropertyDepth + 1)),
            Value(field + "expected a value nested at most 16 deep, got a deeper one"));
  EXPECT_EQ(property(list_of(kPropertyItems, "1")).as_list().size(), kPropertyItems);
  const Value too_many(field + "expected a value of at most 10000 elements, got a larger one");
  EXPECT_EQ(property(list_of(kPropertyItems + 1, "1")), too_many);
  EXPECT_EQ(property(list_of(kPropertyItems / 2, R"({"a":1})")).as_list().size(),
            kPropertyItems / 2);
  EXPECT_EQ(property(list_of(kPropertyItems / 2 + 1, R"({"a":1})")), too_many);
  const std::string long_text = '"' + std::string(kProducedTextBytes, 'x') + '"';
  EXPECT_EQ(property(list_of(4, long_text)).as_list().size(), 4U);
  EXPECT_EQ(
      property(list_of(5, long_text)),
      Value(field +
            "expected a value with texts of at most 262144 bytes together, got a larger one"));
  EXPECT_EQ(property(R"({"a": ["x)" + std::string(kProducedTextBytes, 'x') + R"("]})"),
            Value(field + "expected a text of at most 65536 bytes, got a longer one"));
}

}  // namespace
}  // namespace assembly_sync::mapping
