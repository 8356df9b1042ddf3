#include "connectors/rest/raw_json.hpp"

#include <algorithm>
#include <charconv>

#include "core/json.hpp"

namespace assembly_sync::connectors::rest {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// Behind the text that begins at `at` with a quote.
std::size_t skip_text(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

/// Behind the value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_text(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0 && (c == ',' || is_blank(c))) {
      return at;
    } else {
      ++at;
      continue;  // inside a number or a word, or between the parts of a list
    }
    if (depth == 0) return at;
  }
  return text.size();
}

std::string name_of(std::string_view quoted) {
  if (quoted.find('\\') == std::string_view::npos) {
    return std::string(quoted.substr(1, quoted.size() < 2 ? 0 : quoted.size() - 2));
  }
  const auto name = core::parse_json(quoted);
  return name && name->is_string() ? name->as_string() : std::string();
}

std::optional<std::size_t> index_of(const std::string& step) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc{} || end != step.data() + step.size()) return std::nullopt;
  return index;
}

/// What one step of a path leads to.
void take_step(std::string_view value, const std::string& step,
               std::vector<std::string_view>& out) {
  const bool all = step == "*";
  if (value.starts_with('[')) {
    const auto index = index_of(step);
    std::size_t at = 0;
    for_each_raw_item(value, [&](std::string_view item) {
      if (all || (index && at == *index)) out.push_back(item);
      ++at;
    });
    return;
  }
  for_each_raw_member(value, [&](const std::string& name, std::string_view member) {
    if (all || name == step) out.push_back(member);
  });
}

}  // namespace

std::string_view raw_value(std::string_view text) {
  const std::size_t at = skip_blanks(text, 0);
  return text.substr(at, skip_value(text, at) - at);
}

void for_each_raw_item(std::string_view list, const std::function<void(std::string_view)>& visit) {
  if (!list.starts_with('[')) return;
  std::size_t at = skip_blanks(list, 1);
  while (at < list.size() && list[at] != ']') {
    const std::size_t end = skip_value(list, at);
    visit(list.substr(at, end - at));
    at = skip_blanks(list, end);
    if (at >= list.size() || list[at] != ',') return;
    at = skip_blanks(list, at + 1);
  }
}

void for_each_raw_member(std::string_view object,
                         const std::function<void(const std::string&, std::string_view)>& visit) {
  if (!object.starts_with('{')) return;
  std::size_t at = skip_blanks(object, 1);
  while (at < object.size() && object[at] == '"') {
    const std::size_t name_end = skip_text(object, at);
    const std::string name = name_of(object.substr(at, name_end - at));
    at = skip_blanks(object, name_end);
    if (at >= object.size() || object[at] != ':') return;
    at = skip_blanks(object, at + 1);
    const std::size_t end = skip_value(object, at);
    visit(name, object.substr(at, end - at));
    at = skip_blanks(object, end);
    if (at >= object.size() || object[at] != ',') return;
    at = skip_blanks(object, at + 1);
  }
}

std::vector<std::string_view> raw_find(std::string_view text,
                                       const std::vector<std::string>& path) {
  std::vector<std::string_view> here = {raw_value(text)};
  for (const std::string& step : path) {
    std::vector<std::string_view> next;
    for (const std::string_view value : here) take_step(value, step, next);
    here = std::move(next);
  }
  return here;
}

}  // namespace assembly_sync::connectors::rest
