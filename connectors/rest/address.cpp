#include "connectors/rest/address.hpp"

#include <algorithm>

namespace assembly_sync::connectors::rest {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// What is left behind `https:`; a colon counts only where a scheme can end (RFC 3986 3.1).
std::string_view without_scheme(std::string_view address) {
  if (address.empty() || !is_letter(address.front())) return address;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (c == ':') return address.substr(i + 1);
    const bool goes_on = is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!goes_on) return address;
  }
  return address;
}

/// What is left behind `//host:port`.
std::string_view without_host(std::string_view address) {
  if (!address.starts_with("//")) return address;
  return address.substr(std::min(address.find_first_of("/?#", 2), address.size()));
}

/// Of a path that begins with a slash: `/a/./b/../c` is `/a/c` (RFC 3986 5.2.4).
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up) out.erase(std::min(out.rfind('/'), out.size()));
    if (!up && segment != "/.") {
      out += segment;
    } else if (path.empty()) {
      out += '/';
    }
  }
  return out.empty() ? "/" : out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t from = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(from);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

bool holds_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(" \t"), list.size());
    if (same_word(list.substr(0, end), token)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// Where `;` or `,` ends what `text` begins with, both being part of a text in quotes.
std::size_t end_of_parameter(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') ++i;
    if (!quoted && (text[i] == ';' || text[i] == ',')) return i;
  }
  return text.size();
}

/// Takes the parameters of one link from the front of `rest`; true when its relation is `next`.
bool takes_next(std::string_view& rest) {
  bool found = false;
  bool has_relation = false;  // of several the first counts (RFC 8288 3.3)
  while (!rest.empty()) {
    const std::size_t end = end_of_parameter(rest);
    const std::string_view parameter = rest.substr(0, end);
    const bool last = end == rest.size() || rest[end] == ',';
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos && !has_relation &&
        same_word(trimmed(parameter.substr(0, equals)), "rel")) {
      std::string_view value = trimmed(parameter.substr(equals + 1));
      if (value.starts_with('"')) value = value.substr(1, value.rfind('"') - 1);
      has_relation = true;
      found = holds_token(value, "next");
    }
    if (last) break;
  }
  return found;
}

std::string_view next_in(std::string_view rest) {
  while (true) {
    const std::size_t open = rest.find('<');
    const std::size_t close = open == std::string_view::npos ? open : rest.find('>', open);
    if (close == std::string_view::npos) return {};
    const std::string_view address = rest.substr(open + 1, close - open - 1);
    rest.remove_prefix(close + 1);
    if (takes_next(rest)) return trimmed(address);
  }
}

}  // namespace

std::string_view path_of(std::string_view url) {
  const std::string_view rest = without_host(without_scheme(url));
  const std::string_view path = rest.substr(0, rest.find_first_of("?#"));
  return path.empty() ? "/" : path;
}

std::string resolve(std::string_view base, std::string_view reference) {
  const std::string_view behind_scheme = without_scheme(trimmed(reference));
  const bool has_host = behind_scheme.starts_with("//");
  reference = without_host(behind_scheme);
  reference = reference.substr(0, reference.find('#'));
  const std::size_t question = std::min(reference.find('?'), reference.size());
  std::string_view path = reference.substr(0, question);
  if (has_host && path.empty()) path = "/";
  std::string whole;
  if (path.starts_with('/')) {
    whole = path;
  } else {
    // A path of its own replaces the last part of the base, a query alone leaves it.
    const std::string_view kept = path.empty() ? base : base.substr(0, base.rfind('/') + 1);
    if (!kept.starts_with('/')) whole = '/';
    whole += kept;
    whole += path;
  }
  // What may not stand in an address (a blank, a line break, a letter with an accent) is encoded;
  // an escape stays what it is.
  return core::percent_encode(without_dots(whole), "%/:@!$&'()*+,;=[]") +
         core::percent_encode(reference.substr(question), "%/:@!$&'()*+,;=[]?");
}

std::string next_link(const std::vector<core::HttpHeader>& headers) {
  for (const core::HttpHeader& header : headers) {
    if (!same_word(header.name, "Link")) continue;
    if (const std::string_view address = next_in(header.value); !address.empty()) {
      return std::string(address);
    }
  }
  return {};
}

}  // namespace assembly_sync::connectors::rest
