#include "daemon/config/excerpt.hpp"

#include <random>

#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::config {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string shown(const std::string& text, int line, int column, const std::string& hint = "") {
  const std::string all = explained({"c.yaml", line, column, "k", "m", hint}, {{"c.yaml", text}});
  return all.substr(all.find('\n') + 1);
}

TEST(Explained, ShowsTheLineAMarkAndTheHint) {
  EXPECT_EQ(explained({"c.yaml", 2, 6, "b.c", "expected x, got y", "write: x"},
                      {{"other.yaml", "z\n"}, {"c.yaml", "a: 1\nb: {c: y}\n"}}),
            "c.yaml:2:6: b.c: expected x, got y\n"
            "    2 | b: {c: y}\n"
            "      |      ^\n"
            "      = write: x\n");
}

TEST(Explained, ShowsTheMessageAloneWithoutALineToShow) {
  EXPECT_EQ(shown("a: 1\n", 0, 0), "");
  EXPECT_EQ(shown("a: 1\n", 7, 1), "");
  EXPECT_EQ(explained({"none.yaml", 1, 1, "k", "m"}, {{"c.yaml", "a: 1\n"}}),
            "none.yaml:1:1: k: m\n");
}

TEST(Explained, MarksTheColumnBelowTabsAndWideCharacters) {
  EXPECT_EQ(shown("\ta:\tb\n", 1, 5), "    1 | \ta:\tb\n      | \t  \t^\n");
  EXPECT_EQ(shown("größe: x\n", 1, 8), "    1 | größe: x\n      |        ^\n");
  EXPECT_EQ(shown("名: x\n", 1, 4), "    1 | 名: x\n      |     ^\n");
  EXPECT_EQ(shown("e\u0301: x\n", 1, 5), "    1 | e\u0301: x\n      |    ^\n");
}

TEST(Explained, PrintsNothingThatMovesTheCursor) {
  EXPECT_EQ(shown("a: \x1b[2Jb\r\n", 1, 4), "    1 | a: ·[2Jb\n      |    ^\n");
  EXPECT_EQ(shown("a: \u202Eb\n", 1, 5), "    1 | a: ·b\n      |     ^\n");
  EXPECT_EQ(shown("a: \xFF\xC3\n", 1, 5), "    1 | a: ··\n      |     ^\n");
}

TEST(Explained, CutsLongLinesAroundTheMark) {
  const std::string line = "key: " + std::string(300, 'x');
  EXPECT_EQ(shown(line, 1, 6), "    1 | key: " + std::string(95, 'x') + "…\n      |      ^\n");
  const std::string middle = shown(line, 1, 200);
  EXPECT_EQ(middle,
            "    1 | …" + std::string(100, 'x') + "…\n      | " + std::string(71, ' ') + "^\n");
}

TEST(Explained, MarksTheEndOfAFileBehindItsLastLine) {
  EXPECT_EQ(shown("a: [1\n", 2, 1), "    2 | \n      | ^\n");
  EXPECT_EQ(shown("a: 1\n", 1, 99), "    1 | a: 1\n      |     ^\n");
}

/// The line that a problem on `line` shows.
std::string line_of(const std::string& text, int line) {
  const std::string all = shown(text, line, 1);
  return all.substr(8, all.find('\n') - 8);
}

/// Whatever a file holds: nothing breaks, and nothing but printable text comes out.
TEST(Explained, TakesAnyBytes) {
  std::mt19937 random(7);
  const std::string pieces[] = {
      "a",  ": ",       "- ",   "secrets", "\t",       "\n",   "\r",
      "\"", "${env:A}", "[",    "}",       "#",        "://",  "@",
      "é",  "名",       "\xC3", "\xFF",    "\xF0\x9F", "\x1b", "0123456789abcdefghij",
      " "};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (int n = 0; n < 30; ++n) text += pieces[random() % std::size(pieces)];
    const auto line = static_cast<int>(random() % 6);
    const std::string out = shown(text, line, static_cast<int>(random() % 40));
    EXPECT_TRUE(out.empty() || out.ends_with("^\n")) << text;
    EXPECT_EQ(out.find_first_of("\r\x1b\xFF"), std::string::npos) << text;
  }
}

TEST(Explained, ShowsASecretsKeyOnly) {
  EXPECT_EQ(line_of("api_key: s3cr3t\n", 1), "api_key: …");
  EXPECT_EQ(line_of("  \"api_key\": 's3cr3t'\n", 1), "  \"api_key\": …");
  EXPECT_EQ(line_of("{base_url: x, api_key: s3cr3t, rate_per_second: fast}\n", 1),
            "{base_url: x, api_key: …");
  EXPECT_EQ(line_of("{base_url: x, api_key:s3cr3t}\n", 1), "{base_url: x, api_key: …");
  EXPECT_EQ(line_of("access_token: # s3cr3t\n", 1), "access_token: …");
  EXPECT_EQ(line_of("client_secret: ${env:KEY}s3cr3t\n", 1), "client_secret: …");
  EXPECT_EQ(line_of("client_secret: ${s3cr3t}\n", 1), "client_secret: …");
  EXPECT_EQ(line_of("client_secret: ${env:s3cr3t key}\n", 1), "client_secret: …");
  EXPECT_EQ(line_of("my_password: s3cr3t\n", 1), "my_password: …");
  EXPECT_EQ(line_of("secrets: [\"${env:A}\", s3cr3t]\n", 1), "secrets: …");
}

TEST(Explained, ShowsNothingOfASecretsFurtherLines) {
  const std::string list = "verify:\n  secrets:\n    - ${env:A}\n    - s3cr3t\n  scheme: github\n";
  EXPECT_EQ(line_of(list, 4), "    - …");
  EXPECT_EQ(line_of(list, 5), "  scheme: github");
  EXPECT_EQ(line_of("secrets:\n- s3cr3t\n", 2), "- …");
  EXPECT_EQ(line_of("api_key: |\n  s3cr3t\nx: y\n", 2), "  …");
  EXPECT_EQ(line_of("api_key: |\n  s3cr3t\nx: y\n", 3), "x: y");
  EXPECT_EQ(line_of("api_key: \"a\n\n  # s3cr3t\"\n", 3), "  …");
  EXPECT_EQ(line_of("api_key:\n  value: s3cr3t\n", 2), "  value: …");
  EXPECT_EQ(line_of("v: {secrets: [\n  a,\n  s3cr3t]}\n", 3), "  …");
}

TEST(Explained, ShowsNoTokenAndNoPasswordWhereverTheyStand) {
  EXPECT_EQ(line_of("base_url: https://user:s3cr3t@a.test\n", 1), "base_url: https:// …");
  EXPECT_EQ(line_of("base_url: https://a.test/?k=s3cr3t\n", 1), "base_url: https://a.test/ …");
  EXPECT_EQ(line_of("path: sk-live-1s3cr3t\n", 1), "path: …");
  EXPECT_EQ(line_of("path: pat-na1-0123abcd-0000-s3cr3t\n", 1), "path: …");
  EXPECT_EQ(line_of("x: 0123456789abcdef0123456789abcdef\n", 1), "x: …");
}

TEST(Explained, ShowsWhatIsNoSecret) {
  for (const char* line :
       {"api_key: ${env:ASSEMBLY_API_KEY}", "secrets: [\"${env:A}\", '${file:/run/b}']",
        "{api_key: ${credential:api-key}, rate_per_second: fast}", "key: concat(\"crm-\", id)",
        "signature_key: v1", "base_url: https://api.wavelength.cx", "field: auth.token",
        "domain: properties.hs_analytics_source_data_1 | lower", "paid_on: 2026-01-31",
        "path: /var/lib/assembly-sync/assembly-sync.db", "secrets:"}) {
    EXPECT_EQ(line_of(line, 1), line);
  }
}

}  // namespace
}  // namespace assembly_sync::config
