#include "daemon/config/secret_lines.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>

#include "daemon/config/config.hpp"

namespace assembly_sync::config {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_name_byte(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

const std::set<std::string>& secret_keys() {
  static const std::set<std::string> kKeys = [] {
    std::set<std::string> keys;
    for (const KeyInfo& key : known_keys()) {
      if (key.type != "secret" && key.type != "list of secrets") continue;
      keys.insert(key.path.substr(key.path.rfind('.') + 1));
    }
    return keys;
  }();
  return kKeys;
}

/// The keys of the table, and what others call theirs.
bool is_secret_key(std::string_view key) {
  constexpr std::array<std::string_view, 17> kEnds = {
      "secret", "secrets",    "token",       "tokens",        "password",  "passwords",
      "passwd", "api_key",    "api-key",     "apikey",        "bearer",    "private_key",
      "pat",    "access_key", "credentials", "authorization", "credential"};
  const std::string name = lower(key);
  return secret_keys().contains(name) ||
         std::any_of(kEnds.begin(), kEnds.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

std::size_t skip_spaces(std::string_view line, std::size_t at) {
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

/// The byte after the reference at `at`, which names a place and holds no secret; nothing when
/// there stands something else.
std::optional<std::size_t> after_reference(std::string_view line, std::size_t at) {
  const auto close = line.find('}', at);
  if (!line.substr(at).starts_with("${") || close == kNowhere) return std::nullopt;
  const std::string_view inside = line.substr(at + 2, close - at - 2);
  const std::string_view kind = inside.substr(0, inside.find(':'));
  if (kind.size() == inside.size()) return std::nullopt;
  const std::string_view name = inside.substr(kind.size() + 1);
  const std::string_view also = kind == "file" ? "._-/@" : kind == "credential" ? "._-@" : "_";
  const bool named = !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || also.find(c) != kNowhere;
  });
  const bool known = kind == "env" || kind == "file" || kind == "credential";
  return named && known ? std::optional(close + 1) : std::nullopt;
}

/// What stands behind a secret's key: references only, or nothing on this line, may be shown. Gives
/// the first byte that may not.
std::size_t first_literal(std::string_view line, std::size_t at) {
  constexpr std::string_view kAround = " \t\"'[],{}";
  const std::size_t begin = at;
  bool after_value = false;
  while (at < line.size()) {
    if (line[at] == '#') return at;  // to YAML a remark, to its writer perhaps the secret
    if (kAround.find(line[at]) != kNowhere) {
      after_value = false;
      // The end of the value; what follows is another key's.
      if ((line[at] == ',' || line[at] == '}') &&
          line.substr(begin, at - begin).find('[') == kNowhere) {
        return kNowhere;
      }
      if (line[at] == ']') return kNowhere;
      ++at;
      continue;
    }
    const auto after = after_value ? std::nullopt : after_reference(line, at);
    if (!after) return begin;
    at = *after;
    after_value = true;
  }
  return kNowhere;
}

struct Key {
  std::size_t begin = 0;
  std::size_t end = 0;    // of the name
  std::size_t value = 0;  // behind the colon
};

/// Every `name:` of the line, also those without a space behind the colon.
std::vector<Key> keys_of(std::string_view line) {
  std::vector<Key> keys;
  for (auto colon = line.find_first_of(":="); colon != kNowhere;
       colon = line.find_first_of(":=", colon + 1)) {
    std::size_t end = colon;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '"' || line[end - 1] == '\''))
      --end;
    std::size_t begin = end;
    while (begin > 0 && is_name_byte(line[begin - 1])) --begin;
    if (begin == end) continue;
    // The colon of ${env:NAME} is none of a key.
    if (begin >= 2 && line.substr(begin - 2, 2) == "${") continue;
    keys.push_back({begin, end, colon + 1});
  }
  return keys;
}

std::string_view name_of(std::string_view line, const Key& key) {
  return line.substr(key.begin, key.end - key.begin);
}

std::size_t behind_secret_key(std::string_view line) {
  for (const Key& key : keys_of(line)) {
    if (!is_secret_key(name_of(line, key))) continue;
    if (const std::size_t begin = first_literal(line, key.value); begin != kNowhere) return begin;
  }
  return kNowhere;
}

/// https://user:password@host/path?key=secret
std::size_t inside_address(std::string_view line) {
  for (auto at = line.find("://"); at != kNowhere; at = line.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::string_view address = line.substr(0, line.find_first_of(" \t\"'", begin));
    if (address.find('@', begin) != kNowhere) return begin;
    if (const auto query = address.find_first_of("?#", begin); query != kNowhere) return query;
  }
  return kNowhere;
}

/// Keys and tokens as machines make them: long, letters and digits mixed, or with a known begin.
bool looks_like_token(std::string_view word) {
  constexpr std::size_t kLong = 20;
  constexpr std::ptrdiff_t kMixed = 3;
  constexpr std::array<std::string_view, 14> kBegins = {
      "sk-",  "sk_",  "pk_",         "rk_", "pat-", "whsec_", "ghp_",
      "gho_", "ghs_", "github_pat_", "xox", "eyJ",  "AKIA",   "glpat-"};
  const auto digits = std::count_if(word.begin(), word.end(), is_digit);
  const auto letters = std::count_if(word.begin(), word.end(), is_letter);
  if (word.size() >= kLong && digits >= kMixed && letters >= kMixed) return true;
  return digits > 0 && std::any_of(kBegins.begin(), kBegins.end(), [&](std::string_view begin) {
           return word.starts_with(begin) && word.size() >= begin.size() + 3;
         });
}

std::size_t at_token(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size()) {
    if (const auto after = after_reference(line, at)) {
      at = *after;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && (is_name_byte(line[end]) || line[end] == '+' || line[end] == '=')) {
      ++end;
    }
    if (looks_like_token(line.substr(at, end - at))) return at;
    at = std::max(end, at + 1);
  }
  return kNowhere;
}

struct Outline {
  std::size_t indent = 0;  // of what stands behind any `- `
  bool item = false;       // begins with `- `
  bool blank = true;       // nothing, or a remark
  std::vector<Key> keys;
  bool begins_with_key = false;
};

Outline outline_of(std::string_view line) {
  Outline out;
  std::size_t at = skip_spaces(line, 0);
  while (line.substr(at).starts_with("- ") || line.substr(at) == "-") {
    out.item = true;
    at = skip_spaces(line, at + 1);
  }
  out.indent = at;
  out.blank = !out.item && (at >= line.size() || line[at] == '#');
  out.keys = keys_of(line);
  out.begins_with_key = !out.keys.empty() && out.keys.front().begin <= at + 1;
  return out;
}

/// True when the line belongs to a secret's key further up: as its list, block or next line.
bool below_secret_key(const std::vector<std::string_view>& lines, std::size_t index) {
  Outline here = outline_of(lines[index]);
  bool any_indent = !here.begins_with_key;  // a line that goes on belongs to the one before
  while (index-- > 0) {
    const Outline above = outline_of(lines[index]);
    if (above.blank || !above.begins_with_key) continue;
    if (!any_indent && above.indent >= here.indent) continue;
    const std::string_view line = lines[index];
    if (is_secret_key(name_of(line, above.keys.back()))) return true;
    here = above;
    any_indent = false;
  }
  return false;
}

}  // namespace

std::size_t secret_begin(const std::vector<std::string_view>& lines, std::size_t index) {
  const std::string_view line = lines[index];
  std::size_t begin = std::min({behind_secret_key(line), inside_address(line), at_token(line)});
  if (below_secret_key(lines, index)) {
    const Outline outline = outline_of(line);
    begin = std::min(begin, outline.begins_with_key ? outline.keys.front().value : outline.indent);
  }
  return begin;
}

}  // namespace assembly_sync::config
