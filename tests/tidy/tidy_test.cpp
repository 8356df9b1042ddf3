// Runs the house rules over the sources, and the rules over planted offences: a rule that finds
// nothing any more would pass for ever.
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/support.hpp"
#include "tests/tidy/rules.hpp"
#include "tests/tidy/scan.hpp"

namespace assembly_sync::tidy {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = test::source_dir();

bool is_checked_text(const fs::path& file) {
  static const std::set<std::string> kExtensions = {".cpp",  ".hpp", ".md",      ".txt", ".cmake",
                                                    ".yaml", ".yml", ".service", ".sql", ".mjs",
                                                    ".js",   ".ts",  ".html",    ".css"};
  return kExtensions.contains(file.extension().string()) || file.filename() == "dev" ||
         file == kRoot / ".ci" / "run";
}

/// Folders that hold what others made.
bool is_foreign(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name == "node_modules" || folder == kRoot / "build" || folder == kRoot / ".git" ||
         folder == kRoot / ".cache" || folder == kRoot / "tests" / "data";
}

std::vector<Source> project_sources() {
  std::vector<Source> sources;
  for (auto entry = fs::recursive_directory_iterator(kRoot); entry != fs::end(entry); ++entry) {
    if (entry->is_directory() && is_foreign(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && is_checked_text(entry->path())) {
      sources.push_back(scan(fs::relative(entry->path(), kRoot).generic_string(),
                             test::read_file(entry->path())));
    }
  }
  return sources;
}

std::vector<std::string> texts(const Findings& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(to_text(finding));
  return out;
}

TEST(Tidy, TheSourcesKeepTheHouseRules) {
  const std::vector<Source> sources = project_sources();
  EXPECT_GT(sources.size(), 50U) << "the walk missed the sources";
  std::string found;
  for (const Source& source : sources) {
    for (const std::string& text : texts(check_all(source))) found += text + '\n';
  }
  EXPECT_TRUE(found.empty()) << found;
}

struct Offence {
  const char* path;
  std::string text;
  std::vector<std::string> findings;
};

TEST(Tidy, EveryRuleFindsItsOffence) {
  const std::string wide(101, 'x');
  const Offence offences[] = {
      {"core/a.cpp",
       "#include \"mapping/mapping.hpp\"\n",
       {"core/a.cpp:1: core may not include mapping"}},
      {"connectors/csv/a.cpp",
       "\n#include \"daemon/store/store.hpp\"\n",
       {"connectors/csv/a.cpp:2: connectors may not include daemon/store"}},
      {"daemon/assembly/a.cpp",
       "#include \"daemon/http/client.hpp\"\n",
       {"daemon/assembly/a.cpp:1: daemon/assembly may not include daemon/http"}},
      {"daemon/app.cpp",
       "#include \"daemon/cli/a.hpp\"\n",
       {"daemon/app.cpp:1: daemon may not include daemon/cli"}},
      {"mapping/a.cpp",
       "#include \"a.hpp\"\n",
       {"mapping/a.cpp:1: include \"a.hpp\" by its path from the root"}},
      {"daemon/sync/a.cpp",
       "f(\"SELECT id FROM t\");\n",
       {"daemon/sync/a.cpp:1: SQL belongs to daemon/store"}},
      {"daemon/sync/a.cpp",
       "f(R\"(\n UPDATE t SET a = 1)\");\n",
       {"daemon/sync/a.cpp:1: SQL belongs to daemon/store"}},
      {"daemon/a.cpp",
       "#include <sqlite3.h>\n",
       {"daemon/a.cpp:1: SQLite belongs to daemon/store"}},
      {"core/a.cpp",
       "auto t = std::chrono::system_clock::now();\n",
       {"core/a.cpp:1: system_clock::now: take a core::Clock"}},
      {"tests/unit/a_test.cpp",
       "std::this_thread::sleep_for(1s);\n",
       {"tests/unit/a_test.cpp:1: this_thread::sleep_for: wait through a core::Clock"}},
      {"daemon/app.cpp",
       "std::getenv(\"A\");\n",
       {"daemon/app.cpp:1: getenv: the environment is read by daemon/config"}},
      {"daemon/app.cpp",
       "std::cout << 1;\n",
       {"daemon/app.cpp:1: std::cout: verbs print, nothing else"}},
      {"mapping/a.cpp",
       "#include <nlohmann/json.hpp>\n",
       {"mapping/a.cpp:1: nlohmann: use core/json.hpp"}},
      {"core/a.cpp", wide + "\n", {"core/a.cpp:1: line of 101 characters, at most 100"}},
      {"core/a.cpp",
       "auto t = R\"(\n" + wide + ")\";\n" + wide + "\n",
       {"core/a.cpp:3: line of 101 characters, at most 100"}},
      {"core/a.hpp",
       "#pragma once\n",
       {"core/a.hpp:1: a header begins with a comment that says what it is for"}},
      {"core/a.hpp", "// What it is.\n", {"core/a.hpp:1: a header has #pragma once"}},
      {"README.md",
       "TO"
       "DO: more\n",
       {"README.md:1: TO"
        "DO does not belong here"}},
  };
  for (const Offence& offence : offences) {
    EXPECT_EQ(texts(check_all(scan(offence.path, offence.text))), offence.findings) << offence.text;
  }
}

TEST(Tidy, FilesMayHave600Lines) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "\n";
  EXPECT_THAT(check_shape(scan("core/a.cpp", text)), testing::IsEmpty());
  EXPECT_THAT(texts(check_shape(scan("core/a.cpp", text + "\n"))),
              testing::ElementsAre("core/a.cpp:601: file longer than 600 lines"));
}

TEST(Tidy, AllowedPlacesAreAllowed) {
  const std::pair<const char*, const char*> innocent[] = {
      {"core/clock.cpp", "std::chrono::system_clock::now();\n"},
      {"daemon/config/a.cpp", "std::getenv(\"A\");\n"},
      {"daemon/store/a.cpp", "#include <sqlite3.h>\nf(\"SELECT 1 FROM t\");\n"},
      {"daemon/intake/a.cpp", "#include \"connectors/connector.hpp\"\n"},
      {"core/a.cpp", "// getenv in a comment\nf(\"std::regex in a text\");\n"},
      {"core/a.cpp", "const int n = 1'000'000;  // ' std::regex\n"},
      {"tests/a.cpp",
       "const char* p = \"/tmp/name-XX"
       "XXXX\";\n"},
      {"daemon/sync/a.cpp", "f(\"update the set of tags\");\n"},
  };
  for (const auto& [path, text] : innocent) {
    EXPECT_THAT(texts(check_all(scan(path, text))), testing::IsEmpty()) << text;
  }
}

/// The names of what a source writes into the log.
std::vector<std::string> log_events(const std::string& text) {
  std::vector<std::string> events;
  for (const std::string call : {"info(", "warn(", "error(", "recurring("}) {
    for (auto at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
      const std::string_view before = std::string_view(text).substr(0, at);
      if (!before.ends_with("log.") && !before.ends_with("log_.")) continue;
      const auto begin = text.find_first_not_of(" \n", at + call.size());
      if (begin == std::string::npos || text[begin] != '"') continue;
      events.push_back(text.substr(begin + 1, text.find('"', begin + 1) - begin - 1));
    }
  }
  return events;
}

TEST(Tidy, TheManualExplainsEachLogEvent) {
  const std::string manual = test::read_file(kRoot / "docs" / "operations.md");
  std::size_t found = 0;
  for (const Source& source : project_sources()) {
    if (!source.path.starts_with("daemon/") || !source.path.ends_with(".cpp")) continue;
    for (const std::string& event : log_events(test::read_file(kRoot / source.path))) {
      ++found;
      EXPECT_NE(manual.find('`' + event + '`'), std::string::npos)
          << source.path << " writes event=" << event << ", which docs/operations.md does not name";
    }
  }
  EXPECT_GT(found, 40U);
}

TEST(Scan, BlanksCommentsAndLiteralsAndKeepsPlaces) {
  const Source source =
      scan("a.cpp", "a(\"x//\"); // c\nb('\"', 1'0); /* d\n e */ f(R\"q(\")\")q\");\n");
  EXPECT_THAT(source.code,
              testing::ElementsAre("a(     );     ", "b(   , 1'0);     ", "      f(          );"));
  ASSERT_EQ(source.literals.size(), 2U);
  EXPECT_EQ(source.literals[0].text, "x//");
  EXPECT_EQ(source.literals[1].text, "\")\"");
  EXPECT_EQ(source.literals[1].line, 3);
}

TEST(Scan, CountsCharactersNotBytes) {
  EXPECT_EQ(width("é…x"), 3U);
}

}  // namespace
}  // namespace assembly_sync::tidy
