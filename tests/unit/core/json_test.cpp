#include "core/json.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace assembly_sync::core {
namespace {

std::string error_of(std::string_view text, JsonLimits limits = {}) {
  const auto parsed = parse_json(text, limits);
  return parsed ? "no error" : parsed.error().message;
}

std::string round_trip(std::string_view text) {
  return dump_json(parse_json(text).value());
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(ParseJson, ReadsEveryType) {
  const Value value =
      parse_json(R"({"n":null,"t":true,"i":-7,"d":1.5,"s":"x","l":[1,[]],"o":{}})").value();
  EXPECT_EQ(value, Value::object({{"n", nullptr},
                                  {"t", true},
                                  {"i", -7},
                                  {"d", 1.5},
                                  {"s", "x"},
                                  {"l", Value::list({1, Value::list()})},
                                  {"o", Value::object()}}));
}

TEST(ParseJson, ReadsScalarsAsWholeDocuments) {
  EXPECT_EQ(parse_json("17").value(), Value(17));
  EXPECT_EQ(parse_json(" \"a\" ").value(), Value("a"));
  EXPECT_EQ(parse_json("null").value(), Value());
}

TEST(ParseJson, KeepsIntegersExactTo64Bits) {
  EXPECT_EQ(parse_json("9223372036854775807").value().as_int(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_json("-9223372036854775808").value().as_int(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_json("18446744073709551615").value().as_uint(),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(parse_json("18446744073709551616").value().is_double());
}

TEST(ParseJson, LastOfTwoEqualNamesWins) {
  EXPECT_EQ(round_trip(R"({"a":1,"a":2})"), R"({"a":2})");
}

TEST(ParseJson, RefusesWhatIsNotOneWholeDocument) {
  for (const char* text : {"", "  ", "{", "[1,]", "{\"a\":1} x", "{'a':1}", "01", "NaN", "tru",
                           "[1] [2]", "\"\\x\"", "// no\n1"}) {
    EXPECT_FALSE(parse_json(text).has_value()) << text;
  }
}

TEST(ParseJson, RefusesTextThatIsNotUtf8) {
  EXPECT_FALSE(parse_json("\"\xff\"").has_value());
  EXPECT_FALSE(parse_json("\"\xc0\xaf\"").has_value());
  EXPECT_FALSE(parse_json("\"\xed\xa0\x80\"").has_value());
}

TEST(ParseJson, ErrorNamesThePlace) {
  EXPECT_EQ(error_of("{\n  \"a\": 1,\n  \"b\": ?\n}"), "invalid JSON at line 3, column 8");
}

TEST(ParseJson, ErrorNeverShowsTheContent) {
  EXPECT_EQ(error_of("{\"a\": s3cret}").find("s3cret"), std::string::npos);
  EXPECT_EQ(error_of("{\"s3cret\" 1}").find("s3cret"), std::string::npos);
}

TEST(ParseJson, StopsAtTheDepthLimit) {
  EXPECT_TRUE(parse_json(nested(64)).has_value());
  EXPECT_EQ(error_of(nested(65)), "JSON nested deeper than 64");
  EXPECT_EQ(error_of("{\"a\":{\"b\":{}}}", {.bytes = 100, .depth = 2}),
            "JSON nested deeper than 2");
}

TEST(ParseJson, SurvivesDepthThatWouldExhaustTheStack) {
  EXPECT_EQ(error_of(std::string(5'000'000, '[')), "JSON nested deeper than 64");
}

TEST(ParseJson, StopsAtTheByteLimit) {
  EXPECT_TRUE(parse_json("[1,2]", {.bytes = 5, .depth = 8}).has_value());
  EXPECT_EQ(error_of("[1,2] ", {.bytes = 5, .depth = 8}), "JSON larger than 5 bytes");
}

TEST(DumpJson, SortsMembersSoThatEqualDocumentsHaveEqualTexts) {
  EXPECT_EQ(round_trip(R"({"b":1,"a":{"d":[],"c":null}})"), R"({"a":{"c":null,"d":[]},"b":1})");
}

TEST(DumpJson, KeepsTheDifferenceOfWholeAndRealNumbers) {
  EXPECT_EQ(round_trip("[1.0, 1, -0.5, 1e3]"), "[1.0,1,-0.5,1000.0]");
  EXPECT_EQ(round_trip("18446744073709551615"), "18446744073709551615");
}

TEST(DumpJson, EscapesWhatJsonMustEscape) {
  EXPECT_EQ(dump_json(Value("a\"\\\n\x01é")), "\"a\\\"\\\\\\n\\u0001é\"");
}

TEST(DumpJson, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(dump_json(Value("a\xff"
                            "b")),
            "\"a\xef\xbf\xbd"
            "b\"");
}

TEST(DumpJson, WritesEveryKindOfValueAsThePrettyTextDoes) {
  const Value value =
      Value::list({nullptr, true, false, "", "plain", "q\"", "\x7f", "\xf0\x9f\x98\x80", -0.0, 1e-7,
                   1e22, 0.1, 5e-324, 123456789012345680.0, std::numeric_limits<double>::infinity(),
                   std::numeric_limits<std::int64_t>::min(), Value::list(), Value::object(),
                   Value::object({{"k\n", Value::list({1})}})});
  std::string pretty = dump_json_pretty(value);
  std::erase_if(pretty, [](char c) { return c == '\n' || c == ' '; });
  EXPECT_EQ(dump_json(value), pretty);
}

TEST(DumpJson, PrettyTextReadsBackAsTheSameDocument) {
  const Value value = Value::object({{"a", Value::list({1, "x"})}, {"b", Value::object()}});
  EXPECT_EQ(dump_json_pretty(value), "{\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"b\": {}\n}");
  EXPECT_EQ(parse_json(dump_json_pretty(value)).value(), value);
}

}  // namespace
}  // namespace assembly_sync::core
