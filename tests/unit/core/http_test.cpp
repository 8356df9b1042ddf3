#include "core/http.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace assembly_sync::core {
namespace {

using namespace std::chrono_literals;

std::optional<std::chrono::milliseconds> wait_for(const std::string& retry_after_text,
                                                  std::int64_t now_ms = 0) {
  return retry_after({{"retry-after", retry_after_text}}, now_ms);
}

TEST(FindHeader, IgnoresCaseAndTakesTheFirst) {
  const std::vector<HttpHeader> headers = {{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(find_header(headers, "content-type"), "a");
  EXPECT_EQ(find_header(headers, "X"), "1");
  EXPECT_EQ(find_header(headers, "content"), std::nullopt);
  EXPECT_EQ(find_header({}, "x"), std::nullopt);
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c?d&e=f+g%#"), "a%20b%2Fc%3Fd%26e%3Df%2Bg%25%23");
  EXPECT_EQ(percent_encode("é"), "%C3%A9");
  EXPECT_EQ(percent_encode(std::string_view("\0", 1)), "%00");
}

TEST(PercentEncode, LeavesWhatItIsToldTo) {
  EXPECT_EQ(percent_encode("name@company.com", "@"), "name@company.com");
  EXPECT_EQ(percent_encode("a@b/c", "@"), "a@b%2Fc");
}

TEST(PercentDecode, UndoesEncoding) {
  const std::string text = "a b/ü?%+&\n";
  EXPECT_EQ(percent_decode(percent_encode(text)), text);
  EXPECT_EQ(percent_decode("%c3%A9"), "é");
}

TEST(PercentDecode, PlusIsASpaceOnlyInQueries) {
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
}

TEST(PercentDecode, RefusesMalformedEscapes) {
  for (const char* text : {"%", "%4", "a%zz", "%4g", "%%41"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(wait_for("0"), 0ms);
  EXPECT_EQ(wait_for("2"), 2000ms);
}

TEST(RetryAfter, ReadsADate) {
  // Sun, 06 Nov 1994 08:49:37 GMT is 784111777 s after the epoch (RFC 9110, 5.6.7).
  EXPECT_EQ(wait_for("Sun, 06 Nov 1994 08:49:37 GMT", 784'111'770'000), 7000ms);
}

TEST(RetryAfter, IsNeverNegativeAndNeverLongerThanADay) {
  EXPECT_EQ(wait_for("Sun, 06 Nov 1994 08:49:37 GMT", 784'111'778'000), 0ms);
  EXPECT_EQ(wait_for("-5"), 0ms);
  EXPECT_EQ(wait_for("9999999"), 86'400'000ms);
}

TEST(RetryAfter, IsNothingWithoutAReadableHeader) {
  EXPECT_EQ(retry_after({}, 0), std::nullopt);
  EXPECT_EQ(wait_for(""), std::nullopt);
  EXPECT_EQ(wait_for("soon"), std::nullopt);
  EXPECT_EQ(wait_for("1.5"), std::nullopt);
}

}  // namespace
}  // namespace assembly_sync::core
