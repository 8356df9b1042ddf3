#include "core/value.hpp"

#include <cstdint>
#include <limits>

namespace assembly_sync::core {
namespace {

TEST(Value, IsNullUntilSet) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value(nullptr).is_null());
  EXPECT_FALSE(Value(false).is_null());
}

TEST(Value, TextLiteralIsTextNotTrue) {
  EXPECT_TRUE(Value("no").is_string());
  EXPECT_EQ(Value("no").as_string(), "no");
}

TEST(Value, UnsignedInRangeOfSignedIsStoredAsSigned) {
  EXPECT_TRUE(Value(std::uint64_t{7}).is_int());
  EXPECT_EQ(Value(std::uint64_t{7}), Value(7));
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(Value(most).is_int());
  EXPECT_TRUE(Value(most + 1).is_uint());
  EXPECT_EQ(Value(most + 1).as_uint(), most + 1);
}

TEST(Value, IntegerAndEqualDoubleAreDifferentDocuments) {
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_DOUBLE_EQ(Value(1).as_double(), 1.0);
  EXPECT_DOUBLE_EQ(Value(std::numeric_limits<std::uint64_t>::max()).as_double(),
                   18446744073709551615.0);
}

TEST(Value, AccessorsThrowOnAnotherType) {
  EXPECT_THROW(static_cast<void>(Value("1").as_int()), std::bad_variant_access);
  EXPECT_THROW(static_cast<void>(Value(1).as_string()), std::bad_variant_access);
  EXPECT_THROW(static_cast<void>(Value("1").as_double()), std::bad_variant_access);
}

TEST(Value, FindsMembersOfObjectsOnly) {
  const Value object = Value::object({{"a", 1}, {"n", nullptr}});
  ASSERT_NE(object.find("a"), nullptr);
  EXPECT_EQ(object.find("a")->as_int(), 1);
  EXPECT_EQ(object.find("b"), nullptr);
  EXPECT_EQ(Value("text").find("a"), nullptr);
  EXPECT_TRUE(object.at("b").is_null());
  EXPECT_TRUE(object.at("n").is_null());
}

TEST(Value, TextOrFallsBackForMissingAndForOtherTypes) {
  const Value object = Value::object({{"a", "x"}, {"n", 1}});
  EXPECT_EQ(object.text_or("a", "else"), "x");
  EXPECT_EQ(object.text_or("n", "else"), "else");
  EXPECT_EQ(object.text_or("z"), "");
}

TEST(Value, SetTurnsNullIntoAnObjectAndReplacesMembers) {
  Value value;
  value.set("a", 1).set("b", 2).set("a", 3);
  EXPECT_EQ(value, Value::object({{"a", 3}, {"b", 2}}));
  EXPECT_THROW(Value("text").set("a", 1), std::bad_variant_access);
}

TEST(Value, NamesItsType) {
  EXPECT_EQ(Value().type_name(), "null");
  EXPECT_EQ(Value(true).type_name(), "true/false");
  EXPECT_EQ(Value(1).type_name(), "number");
  EXPECT_EQ(Value(1.5).type_name(), "number");
  EXPECT_EQ(Value("").type_name(), "text");
  EXPECT_EQ(Value::list().type_name(), "list");
  EXPECT_EQ(Value::object().type_name(), "object");
}

}  // namespace
}  // namespace assembly_sync::core
