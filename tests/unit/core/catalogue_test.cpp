#include "core/catalogue.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace assembly_sync::core {
namespace {

Catalogue sample() {
  Catalogue catalogue;
  catalogue.root = "properties";
  catalogue.texts = true;
  catalogue.fields["industry"] = {
      .label = "Industry", .type = FieldType::choice, .options = {{"SOFT", "Software"}}};
  catalogue.fields["fax"] = {.label = "Fax", .archived = true};
  return catalogue;
}

TEST(Catalogue, KeepsItsFieldsThroughItsStoredForm) {
  const auto stored = parse_json(dump_json(to_value(sample())));
  ASSERT_TRUE(stored);
  const auto read = to_catalogue(*stored);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sample());
}

TEST(Catalogue, KeepsEachTypeThroughItsStoredForm) {
  for (const FieldType type :
       {FieldType::text, FieldType::number, FieldType::boolean, FieldType::date,
        FieldType::datetime, FieldType::choice, FieldType::choices}) {
    Catalogue catalogue;
    catalogue.fields["x"] = {.type = type};
    EXPECT_EQ(to_catalogue(to_value(catalogue)).value(), catalogue) << to_text(type);
  }
}

TEST(Catalogue, RefusesAnotherForm) {
  for (const char* text : {"null", "{}", R"({"root":"p"})", R"({"root":"p","fields":[]})",
                           R"({"root":"p","fields":{"a":{"type":"odd","options":{}}}})",
                           R"({"root":"p","fields":{"a":{"type":"text"}}})",
                           R"({"root":"p","fields":{"a":{"type":"text","options":{"x":1}}}})"}) {
    EXPECT_FALSE(to_catalogue(parse_json(text).value())) << text;
  }
}

TEST(Catalogue, WritesPathsAsExpressionsDo) {
  EXPECT_EQ(sample().path_of("industry"), "properties.industry");
  EXPECT_EQ(Catalogue{}.path_of("industry"), "industry");
  EXPECT_EQ(sample().find("industri"), nullptr);
}

}  // namespace
}  // namespace assembly_sync::core
