#include "core/json_view.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "core/limits.hpp"

namespace assembly_sync::core {
namespace {

class JsonViewTest : public testing::Test {
 protected:
  JsonView parse(std::string_view text) {
    auto view = document_.parse(text);
    EXPECT_TRUE(view.has_value()) << text;
    return view ? *view : JsonView();
  }
  std::string error_of(std::string_view text) {
    const auto view = document_.parse(text);
    return view ? "no error" : view.error().message;
  }

  JsonDocument document_;
};

TEST_F(JsonViewTest, DefaultViewIsNull) {
  const JsonView view;
  EXPECT_EQ(view.kind(), JsonKind::null);
  EXPECT_EQ(view.size(), 0U);
  EXPECT_FALSE(view.find("a").has_value());
  EXPECT_FALSE(view.at(0).has_value());
  EXPECT_TRUE(view.to_value().is_null());
  view.for_each([](JsonView) { ADD_FAILURE() << "null has no elements"; });
}

TEST_F(JsonViewTest, TellsEveryKind) {
  const JsonView list = parse(R"([null, true, -1, 18446744073709551615, 1.0, "x", [], {}])");
  const JsonKind kinds[] = {
      JsonKind::null,   JsonKind::boolean, JsonKind::integer, JsonKind::unsigned_integer,
      JsonKind::number, JsonKind::text,    JsonKind::list,    JsonKind::object};
  ASSERT_EQ(list.size(), std::size(kinds));
  for (std::size_t i = 0; i < std::size(kinds); ++i) EXPECT_EQ(list.at(i)->kind(), kinds[i]) << i;
}

TEST_F(JsonViewTest, ReadsScalars) {
  const JsonView list = parse(R"([true, -9223372036854775808, 18446744073709551615, 2.5, "é\n"])");
  EXPECT_TRUE(list.at(0)->as_bool());
  EXPECT_EQ(list.at(1)->as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(list.at(2)->as_uint(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_DOUBLE_EQ(list.at(3)->as_double(), 2.5);
  EXPECT_EQ(list.at(4)->as_text(), "é\n");
}

TEST_F(JsonViewTest, AnyNumberReadsAsDouble) {
  const JsonView list = parse("[3, 18446744073709551615, 0.5]");
  EXPECT_DOUBLE_EQ(list.at(0)->as_double(), 3.0);
  EXPECT_DOUBLE_EQ(list.at(1)->as_double(), 18446744073709551615.0);
  EXPECT_DOUBLE_EQ(list.at(2)->as_double(), 0.5);
}

TEST_F(JsonViewTest, FindsMembersByExactName) {
  const JsonView view = parse(R"({"id":"1","a.b":2,"":3,"n":null})");
  EXPECT_EQ(view.find("id")->as_text(), "1");
  EXPECT_EQ(view.find("a.b")->as_int(), 2);
  EXPECT_EQ(view.find("")->as_int(), 3);
  EXPECT_EQ(view.find("n")->kind(), JsonKind::null);
  EXPECT_FALSE(view.find("ID").has_value());
  EXPECT_FALSE(view.find("id")->find("x").has_value());
}

TEST_F(JsonViewTest, IndexOutOfRangeIsNothing) {
  const JsonView list = parse("[1,2]");
  EXPECT_EQ(list.at(1)->as_int(), 2);
  EXPECT_FALSE(list.at(2).has_value());
  EXPECT_FALSE(parse("{}").at(0).has_value());
  EXPECT_EQ(parse(R"("abc")").size(), 0U);
}

TEST_F(JsonViewTest, VisitsElementsInOrder) {
  std::int64_t digits = 0;
  parse("[1,2,3]").for_each([&](JsonView item) { digits = digits * 10 + item.as_int(); });
  EXPECT_EQ(digits, 123);
}

TEST_F(JsonViewTest, CopyAsValueEqualsWhatTheOtherReaderGives) {
  const std::string text =
      R"({"b":[1,2.0,"x",null,true,18446744073709551615],"a":{"c":{}},"e":""})";
  EXPECT_EQ(parse(text).to_value(), parse_json(text).value());
}

TEST_F(JsonViewTest, DocumentCanBeParsedIntoAgain) {
  EXPECT_EQ(parse(R"({"a":1})").find("a")->as_int(), 1);
  EXPECT_EQ(error_of("{"), error_of("{"));
  EXPECT_EQ(parse(R"({"a":2})").find("a")->as_int(), 2);
}

TEST_F(JsonViewTest, KeepsItsOwnCopyOfTheText) {
  std::string text = R"({"a":"kept"})";
  const JsonView view = parse(text);
  text.assign(text.size(), '#');
  EXPECT_EQ(view.find("a")->as_text(), "kept");
}

TEST_F(JsonViewTest, ViewsSurviveMovingTheDocument) {
  const JsonView view = parse(R"({"a":"kept"})");
  const JsonDocument moved = std::move(document_);
  EXPECT_EQ(view.find("a")->as_text(), "kept");
}

TEST_F(JsonViewTest, RefusesWhatIsNotOneWholeDocument) {
  for (const char* text : {"", "{", "[1,]", "{} x", "nul", "\"\xff\""}) {
    EXPECT_TRUE(error_of(text).starts_with("invalid JSON: ")) << text;
  }
}

TEST_F(JsonViewTest, RefusesDepthBeyondTheLimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_NE(error_of(nested(limits::kJsonDepth + 1)), "no error");
  EXPECT_EQ(error_of(nested(limits::kJsonDepth - 1)), "no error");
}

TEST_F(JsonViewTest, RefusesDepthBeyondTheLimitInLargeDocumentsToo) {
  const std::size_t depth = limits::kJsonDepth + 1;
  const std::string padding(100'000, ' ');
  EXPECT_NE(error_of(std::string(depth, '[') + padding + std::string(depth, ']')), "no error");
}

TEST_F(JsonViewTest, RefusesRecordsBeyondTheByteLimit) {
  const std::string text = '"' + std::string(limits::kRecordBytes, 'x') + '"';
  EXPECT_EQ(error_of(text), "record larger than 4194304 bytes");
}

TEST_F(JsonViewTest, ErrorNeverShowsTheContent) {
  EXPECT_EQ(error_of("{\"a\": s3cret}").find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace assembly_sync::core
