#include "daemon/config/checks.hpp"

namespace assembly_sync::config {
namespace {

std::string url(const std::string& text) {
  const auto checked = checked_url(text);
  return checked ? *checked : "got " + checked.error().message;
}

TEST(CheckedUrl, CutsTrailingSlashes) {
  EXPECT_EQ(url("https://a.test/"), "https://a.test");
  EXPECT_EQ(url("https://a.test:8443/api//"), "https://a.test:8443/api");
}

TEST(CheckedUrl, AllowsHttpToThisMachineOnly) {
  for (const char* own : {"http://localhost:1", "http://LOCALHOST", "http://127.0.0.1:8080",
                          "http://127.1.2.3", "http://[::1]:80"}) {
    EXPECT_EQ(url(own), own);
  }
  for (const char* other :
       {"http://a.test", "http://127.0.0.1.a.test", "http://10.0.0.1", "http://localhost.a.test",
        "http://0.0.0.0", "http://[::2]", "http://[::ffff:8.8.8.8]", "http://0177.0.0.1.x"}) {
    EXPECT_EQ(url(other), "got http to another machine: a key must not travel unencrypted")
        << other;
  }
}

TEST(CheckedUrl, RefusesWhatIsNoPlainAddress) {
  EXPECT_EQ(url("a.test"), "got an address that does not start with https://");
  EXPECT_EQ(url("https:a.test"), "got an address that does not start with https://");
  EXPECT_EQ(url("ftp://a.test"), "got an address of another scheme");
  EXPECT_EQ(url("https://"), "got an address without a host");
  EXPECT_EQ(url("https://a b.test"), "got a text that is no address");
  EXPECT_EQ(url("https://a.test\nHost: b"), "got a text that is no address");
  EXPECT_EQ(url("https://user:s3cr3t@a.test"), "got an address with a user or password in it");
  EXPECT_EQ(url("http://127.0.0.1@a.test"), "got an address with a user or password in it");
  EXPECT_EQ(url("https://a.test?key=s3cr3t"), "got an address with a query or fragment");
  EXPECT_EQ(url("https://a.test#x"), "got an address with a query or fragment");
  EXPECT_EQ(url("https://a.test:99999"), "got a text that is no address");
}

TEST(IsAddress, NeedsHostAndPort) {
  for (const char* good : {"127.0.0.1:8480", "localhost:0", "[::1]:65535", "my-host.test:1"}) {
    EXPECT_TRUE(is_address(good)) << good;
  }
  for (const char* bad : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                          "[::1]", "[x]:1", "a b:1", "a:-1", "a:1x", "a:+1"}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
}

TEST(IsColor, IsHashAndSixHexDigits) {
  EXPECT_TRUE(is_color("#545A92"));
  EXPECT_TRUE(is_color("#abcdef"));
  for (const char* bad : {"545A92", "#545A9", "#545A922", "#545A9G", "blue", ""}) {
    EXPECT_FALSE(is_color(bad)) << bad;
  }
}

TEST(Names, OfSourcesAreSmallLetters) {
  EXPECT_TRUE(is_source_name("hub_spot-2"));
  for (const char* bad : {"", "2a", "-a", "Hub", "a.b", "a b", "ü"}) {
    EXPECT_FALSE(is_source_name(bad)) << bad;
  }
  EXPECT_TRUE(is_object_name("Account"));
  EXPECT_FALSE(is_object_name("a.b"));
}

TEST(InvalidUtf8, HasAPlace) {
  const auto place = [](std::string_view text) {
    const Place found = first_invalid_utf8(text);
    return std::to_string(found.line) + ':' + std::to_string(found.column);
  };
  EXPECT_EQ(place("aé…😀\n"), "0:0");
  EXPECT_EQ(place("a\né\xE9z"), "2:2");
  EXPECT_EQ(place("\xC0\xAF"), "1:1");
  EXPECT_EQ(place("\xED\xA0\x80"), "1:1");
  EXPECT_EQ(place("ab\xE2\x82"), "1:3");
  EXPECT_EQ(place("\x80"), "1:1");
  EXPECT_EQ(place("\xF5\x80\x80\x80"), "1:1");
}

}  // namespace
}  // namespace assembly_sync::config
