// Whatever a record holds, a page stays the page that was meant.
#include "daemon/console/html.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assembly_sync::console {
namespace {

TEST(Html, TextsAreEscapedWhereverTheyGo) {
  const std::string hostile = "<script>alert(\"1\")</script>&'";
  const Markup page = tag("p", {{"title", hostile}}, hostile, tag("b", hostile), text(hostile));
  EXPECT_EQ(page.html().find("<script"), std::string::npos);
  const std::string escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;";
  EXPECT_EQ(page.html(), "<p title=\"" + escaped + "\">" + escaped + "<b>" + escaped + "</b>" +
                             escaped + "</p>");
}

TEST(Html, APieceIsNotEscapedTwice) {
  Markup list;
  for (const char* const one : {"a", "b"}) list += tag("li", one);
  EXPECT_EQ(tag("ul", list).html(), "<ul><li>a</li><li>b</li></ul>");
}

TEST(Html, ANulByteBecomesTheReplacementCharacter) {
  EXPECT_EQ(text(std::string_view("a\0b", 3)).html(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Html, VoidElementsHaveNoEnd) {
  EXPECT_EQ(tag("input", {{"name", "q"}}).html(), "<input name=\"q\">");
  EXPECT_EQ(tag("br").html(), "<br>");
}

TEST(Html, AnAttributeIsThereOrNot) {
  EXPECT_EQ(tag("option", {{"selected", true}, {"disabled", false}}).html(),
            "<option selected></option>");
  EXPECT_EQ(tag("td", {{"colspan", 3}}).html(), "<td colspan=\"3\"></td>");
}

TEST(Html, AddressesAreOfThisServer) {
  for (const char* const bad : {"javascript:alert(1)", "https://evil.test/", "//evil.test/",
                                "/\\evil.test", "data:x", "", "evil"}) {
    const auto link = [&] { return tag("a", {{"href", bad}}); };
    const auto form = [&] { return tag("form", {{"action", bad}}); };
    EXPECT_THROW(link(), std::logic_error) << bad;
    EXPECT_THROW(form(), std::logic_error) << bad;
  }
  EXPECT_EQ(tag("a", {{"href", "/dead?after=1&x=2"}}, "x").html(),
            "<a href=\"/dead?after=1&amp;x=2\">x</a>");
}

TEST(Html, NoCodeStandsInsideAPage) {
  const auto script = [] { return tag("script", "alert(1)"); };
  EXPECT_THROW(script(), std::logic_error);
  EXPECT_EQ(tag("script", {{"src", "/assets/console.js"}}).html(),
            "<script src=\"/assets/console.js\"></script>");
}

TEST(Html, PathsAreEncoded) {
  EXPECT_EQ(path_to({"entities", "a/b?c"}), "/entities/a%2Fb%3Fc");
  EXPECT_EQ(path_to({"search"}, {{"q", "Acme & Söhne"}, {"none", ""}}),
            "/search?q=Acme%20%26%20S%C3%B6hne");
  EXPECT_EQ(path_to({}), "/");
}

}  // namespace
}  // namespace assembly_sync::console
