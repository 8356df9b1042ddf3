#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

namespace assembly_sync::tidy {
namespace {

constexpr std::size_t kLineWidth = 100;
constexpr std::size_t kFileLines = 600;

/// What the files of a folder may include of ours, beside their own folder. `daemon` itself holds
/// the composition root, which sees everything but the verbs.
const std::map<std::string, std::set<std::string>>& arrows() {
  static const std::map<std::string, std::set<std::string>> kArrows = {
      {"core", {}},
      {"connectors", {"core"}},
      {"mapping", {"core"}},
      {"daemon/http", {"core"}},
      {"daemon/telemetry", {"core"}},
      {"daemon/store", {"core"}},
      {"daemon/assembly", {"core"}},
      {"daemon/config", {"core", "connectors", "mapping"}},
      {"daemon/sync", {"core", "daemon/store"}},
      {"daemon/delivery",
       {"core", "daemon/store", "daemon/assembly", "daemon/sync", "daemon/telemetry"}},
      {"daemon/intake",
       {"core", "connectors", "mapping", "daemon/store", "daemon/sync", "daemon/http",
        "daemon/telemetry"}},
      {"daemon/answers", {"core", "daemon/store", "daemon/sync"}},
      {"daemon/console", {"core", "daemon/store", "daemon/http", "daemon/answers"}},
      {"daemon/sandbox", {"core", "daemon/http"}},
      {"daemon",
       {"core", "connectors", "mapping", "daemon/http", "daemon/telemetry", "daemon/store",
        "daemon/assembly", "daemon/config", "daemon/sync", "daemon/delivery", "daemon/intake",
        "daemon/answers", "daemon/console", "daemon/sandbox"}},
      {"daemon/cli",
       {"core", "connectors", "mapping", "daemon", "daemon/http", "daemon/telemetry",
        "daemon/store", "daemon/assembly", "daemon/config", "daemon/sync", "daemon/delivery",
        "daemon/intake", "daemon/answers", "daemon/console", "daemon/sandbox"}},
      {"daemon/main.cpp", {"daemon", "daemon/cli"}},
  };
  return kArrows;
}

/// A word that may stand in certain places only.
struct Ban {
  std::string_view word;
  std::vector<std::string_view> allowed;  // prefixes of paths
  std::string_view instead;
};

const std::vector<Ban>& bans() {
  static const std::vector<Ban> kBans = {
      {"system_clock::now", {"core/clock.cpp"}, "take a core::Clock"},
      {"std::regex", {}, "it can take exponential time and overflow the stack"},
      {"<regex>", {}, "it can take exponential time and overflow the stack"},
      {"this_thread::sleep_for", {}, "wait through a core::Clock"},
      {"this_thread::sleep_until", {}, "wait through a core::Clock"},
      {"usleep", {}, "wait through a core::Clock"},
      {"nanosleep", {}, "wait through a core::Clock"},
      {"getenv", {"daemon/config/"}, "the environment is read by daemon/config"},
      {"std::cout", {"daemon/cli/", "daemon/main.cpp", "tests/"}, "verbs print, nothing else"},
      {"nlohmann", {"core/json.cpp", "tests/bench/"}, "use core/json.hpp"},
      {"yaml-cpp", {"core/yaml.cpp"}, "use core/yaml.hpp"},
      {"YAML", {"core/yaml.cpp"}, "use core/yaml.hpp"},
      {"simdjson", {"core/json_view.cpp", "tests/bench/"}, "use core/json_view.hpp"},
      {"prometheus", {"daemon/telemetry/metrics.cpp"}, "use daemon/telemetry/metrics.hpp"},
  };
  return kBans;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// True when `word` stands in `line` and is not a part of a longer word.
bool has_word(std::string_view line, std::string_view word) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts = at == 0 || !is_word(word.front()) || !is_word(line[at - 1]);
    const bool ends = end == line.size() || !is_word(word.back()) || !is_word(line[end]);
    if (starts && ends) return true;
  }
  return false;
}

bool starts_with_any(std::string_view path, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

bool is_product(std::string_view path) {
  return starts_with_any(path, {"core/", "connectors/", "mapping/", "daemon/"});
}

/// The key of arrows() that a file belongs to: the longest that is a folder of its path.
std::string folder_of(const std::string& path) {
  if (arrows().contains(path)) return path;
  std::string folder = path.substr(0, path.rfind('/'));
  while (!arrows().contains(folder)) {
    const auto slash = folder.rfind('/');
    if (slash == std::string::npos) return "";
    folder.resize(slash);
  }
  return folder;
}

/// The path in quotes of an #include line; empty for any other line.
std::string included(const std::string& line, const std::string& code) {
  if (!code.starts_with("#include")) return "";
  const auto open = line.find('"');
  if (open == std::string::npos) return "";
  return line.substr(open + 1, line.find('"', open + 1) - open - 1);
}

bool looks_like_sql(std::string_view text) {
  for (const std::string_view start :
       {"SELECT ", "INSERT INTO", "INSERT OR", "DELETE FROM", "CREATE TABLE", "CREATE INDEX",
        "DROP TABLE", "ALTER TABLE", "PRAGMA ", "BEGIN IMMEDIATE"}) {
    if (has_word(text, start)) return true;
  }
  return has_word(text, "UPDATE") && has_word(text, "SET");
}

template <class Check>
Findings each_line(const Source& source, const std::vector<std::string>& lines, Check check) {
  Findings findings;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (std::string message = check(lines[i]); !message.empty()) {
      findings.push_back({source.path, static_cast<int>(i) + 1, std::move(message)});
    }
  }
  return findings;
}

void append(Findings& to, Findings more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::string to_text(const Finding& finding) {
  return finding.path + ':' + std::to_string(finding.line) + ": " + finding.message;
}

Findings check_includes(const Source& source) {
  Findings findings;
  if (!is_product(source.path) || !is_cpp(source.path)) return findings;
  const std::string from = folder_of(source.path);
  const auto& allowed = arrows().at(from);
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string path = included(source.lines[i], source.code[i]);
    if (path.empty()) continue;
    const int line = static_cast<int>(i) + 1;
    const std::string to = folder_of(path);
    if (to.empty()) {
      findings.push_back({source.path, line, "include \"" + path + "\" by its path from the root"});
    } else if (to != from && !allowed.contains(to)) {
      findings.push_back({source.path, line, from + " may not include " + to});
    }
  }
  return findings;
}

Findings check_sql(const Source& source) {
  Findings findings;
  // The admin's queries are wrapped in SQL where the databases of others are read, and only there;
  // what is asked of Salesforce is SOQL, the query language of its API.
  if (!is_product(source.path) || starts_with_any(source.path, {"daemon/store/", "connectors/sql/",
                                                                "connectors/salesforce/"})) {
    return findings;
  }
  for (const Literal& literal : source.literals) {
    if (looks_like_sql(literal.text)) {
      findings.push_back({source.path, literal.line, "SQL belongs to daemon/store"});
    }
  }
  append(findings, each_line(source, source.code, [](const std::string& line) {
           return line.find("sqlite3") == std::string::npos ? "" : "SQLite belongs to daemon/store";
         }));
  return findings;
}

Findings check_bans(const Source& source) {
  Findings findings;
  for (const Ban& ban : bans()) {
    if (starts_with_any(source.path, ban.allowed)) continue;
    append(findings, each_line(source, source.code, [&](const std::string& line) {
             return has_word(line, ban.word)
                        ? std::string(ban.word) + ": " + std::string(ban.instead)
                        : std::string();
           }));
  }
  return findings;
}

namespace {

/// Lines that a raw string touches: text of another language keeps its own line breaks.
std::set<std::size_t> raw_lines(const Source& source) {
  std::set<std::size_t> lines;
  for (const Literal& literal : source.literals) {
    if (!literal.raw) continue;
    const auto breaks = std::count(literal.text.begin(), literal.text.end(), '\n');
    for (std::int64_t i = 0; i <= breaks; ++i) {
      lines.insert(static_cast<std::size_t>(literal.line + i - 1));
    }
  }
  return lines;
}

Findings check_widths(const Source& source) {
  Findings findings;
  const std::set<std::size_t> raw = raw_lines(source);
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::size_t wide = width(source.lines[i]);
    if (wide <= kLineWidth || raw.contains(i)) continue;
    findings.push_back(
        {source.path, static_cast<int>(i) + 1,
         "line of " + std::to_string(wide) + " characters, at most " + std::to_string(kLineWidth)});
  }
  return findings;
}

}  // namespace

Findings check_shape(const Source& source) {
  Findings findings;
  if (!is_cpp(source.path)) return findings;
  append(findings, check_widths(source));
  if (source.lines.size() > kFileLines) {
    findings.push_back({source.path, static_cast<int>(source.lines.size()),
                        "file longer than " + std::to_string(kFileLines) + " lines"});
  }
  if (!is_header(source.path)) return findings;
  if (source.lines.empty() || !source.lines[0].starts_with("// ")) {
    findings.push_back({source.path, 1, "a header begins with a comment that says what it is for"});
  }
  if (std::find(source.lines.begin(), source.lines.end(), "#pragma once") == source.lines.end()) {
    findings.push_back({source.path, 1, "a header has #pragma once"});
  }
  return findings;
}

Findings check_words(const Source& source) {
  // Written in halves, so that this file passes its own rule.
  static const std::vector<std::string> kWords = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X",
      "/work"
      "/"};
  return each_line(source, source.lines, [](const std::string& line) {
    for (const std::string& word : kWords) {
      if (has_word(line, word)) return word + " does not belong here";
    }
    return std::string();
  });
}

Findings check_all(const Source& source) {
  Findings findings;
  for (const auto check : {check_includes, check_sql, check_bans, check_shape, check_words}) {
    append(findings, check(source));
  }
  return findings;
}

}  // namespace assembly_sync::tidy
