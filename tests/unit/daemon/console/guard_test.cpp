// To whom a request is sent, and from where.
#include "daemon/console/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assembly_sync::console {
namespace {

http::Request with(std::vector<core::HttpHeader> headers) {
  http::Request request;
  request.headers = std::move(headers);
  return request;
}

TEST(Guard, TheHostMustBeOurs) {
  const auto ours = [](const std::string& host, const std::string& listen) {
    return names_us(with({{"Host", host}}), listen);
  };
  EXPECT_TRUE(ours("127.0.0.1:8481", "127.0.0.1:8481"));
  EXPECT_TRUE(ours("localhost:9000", "127.0.0.1:8481")) << "through ssh -L";
  EXPECT_TRUE(ours("LOCALHOST", "127.0.0.1:8481"));
  EXPECT_TRUE(ours("[::1]:8481", "127.0.0.1:8481"));
  EXPECT_TRUE(ours("sync.internal:8481", "sync.internal:8481"));
  EXPECT_FALSE(ours("evil.test", "127.0.0.1:8481"));
  EXPECT_FALSE(ours("127.0.0.1.evil.test", "127.0.0.1:8481"));
  EXPECT_FALSE(ours("localhost.evil.test:8481", "127.0.0.1:8481"));
  EXPECT_FALSE(ours("", "127.0.0.1:8481"));
  EXPECT_FALSE(ours("10.1.2.3:8481", "127.0.0.1:8481"));
  EXPECT_TRUE(ours("10.1.2.3:8481", "0.0.0.0:8481")) << "digits can't be rebound";
  EXPECT_FALSE(ours("evil.test:8481", "0.0.0.0:8481"));
}

TEST(Guard, TheBrowserSaysFromWhichSite) {
  const core::HttpHeader host{"Host", "127.0.0.1:8481"};
  EXPECT_FALSE(sent_by_other_site(with({host}))) << "a program";
  EXPECT_FALSE(sent_by_other_site(with({host, {"Origin", "http://127.0.0.1:8481"}})));
  EXPECT_TRUE(sent_by_other_site(with({host, {"Origin", "http://127.0.0.1:9999"}})));
  EXPECT_TRUE(sent_by_other_site(with({host, {"Origin", "https://evil.test"}})));
  EXPECT_TRUE(sent_by_other_site(with({host, {"Origin", "null"}})));
  EXPECT_FALSE(sent_by_other_site(
      with({host, {"Origin", "https://console.test"}, {"Sec-Fetch-Site", "same-origin"}})))
      << "behind a proxy of another name";
  for (const char* const site : {"cross-site", "same-site"}) {
    EXPECT_TRUE(sent_by_other_site(with({host, {"Sec-Fetch-Site", site}}))) << site;
  }
}

TEST(Guard, CookiesAreFoundByName) {
  const auto request = with({{"Host", "127.0.0.1:8481"}, {"Cookie", "a=1; b=two; bb=3"}});
  EXPECT_EQ(cookie(request, "b"), "two");
  EXPECT_EQ(cookie(request, "a"), "1");
  EXPECT_EQ(cookie(request, "c"), std::nullopt);
  EXPECT_EQ(cookie_name(request), "assembly_sync_8481");
  EXPECT_EQ(cookie_name(with({{"Host", "console.test"}})), "assembly_sync");
}

TEST(Guard, FormsAreDecoded) {
  const auto form = parse_form("a=1+2&b=%C3%B6&c&a=second&d=x%3Dy");
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->at("a"), "1 2");
  EXPECT_EQ(form->at("b"), "ö");
  EXPECT_EQ(form->at("c"), "");
  EXPECT_EQ(form->at("d"), "x=y");
  EXPECT_EQ(parse_form("a=%zz"), std::nullopt);
  EXPECT_TRUE(parse_form("")->empty());
}

TEST(Guard, HtmlIsForBrowsers) {
  EXPECT_TRUE(accepts_html(with({{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}})));
  EXPECT_FALSE(accepts_html(with({{"Accept", "*/*"}})));
  EXPECT_FALSE(accepts_html(with({})));
}

}  // namespace
}  // namespace assembly_sync::console
