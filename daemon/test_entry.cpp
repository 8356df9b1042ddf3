#include "daemon/test_entry.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"

namespace assembly_sync::app {
namespace {

using core::Value;
using core::YamlNode;

/// Parts of an intent that a test can expect.
constexpr std::array<std::string_view, 9> kExpected = {
    "key",     "match", "company", "about", "fields", "tags", "more_keys", "additional_properties",
    "metadata"};

Value expectation(const mapping::Result& result) {
  using Kind = mapping::Result::Kind;
  if (result.kind == Kind::filtered) return Value::object({{"filtered", true}});
  if (result.kind == Kind::no_parent) return Value::object({{"no_parent", true}});
  if (result.kind == Kind::refused) {
    return Value::object({{"refused", result.refusal.field + ": " + result.refusal.reason}});
  }
  const Value intent = core::to_value(result.intent);
  Value out = Value::object();
  for (const std::string_view part : kExpected) {
    const Value* found = intent.find(part);
    if (found == nullptr || found->is_null()) continue;
    if (found->is_object() && found->as_object().empty()) continue;
    out.set(std::string(part), *found);
  }
  return out;
}

void copy_path(const Value& from, const std::vector<std::string>& path, std::size_t depth,
               Value& to) {
  const Value* member = from.find(path[depth]);
  if (member == nullptr) return;
  if (depth + 1 == path.size() || !member->is_object()) {
    to.set(path[depth], *member);
    return;
  }
  Value inner = to.at(path[depth]);
  if (!inner.is_object()) inner = Value::object();
  copy_path(*member, path, depth + 1, inner);
  to.set(path[depth], std::move(inner));
}

bool is_plain(const std::string& text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !is_letter(text.front()) || text.back() == ' ') return false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!is_letter(c) && !digit && std::string_view(" _.@/+-").find(c) == std::string_view::npos) {
      return false;
    }
  }
  // What some reader of YAML takes for something else than a text.
  const std::string small = core::lower_ascii(text);
  constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on",
                                         "off",  "y",     "n",    "nan", "inf"};
  return std::find(std::begin(kWords), std::end(kWords), small) == std::end(kWords);
}

/// A double-quoted scalar of YAML says everything that a string of JSON does.
std::string scalar(const Value& value) {
  return value.is_string() && is_plain(value.as_string()) ? value.as_string()
                                                          : core::dump_json(value);
}

void write_map(std::string& out, const Value::Object& members, std::size_t indent);

/// Behind `name:`, with the line end.
void write_member(std::string& out, const Value& value, std::size_t indent) {
  if (value.is_object() && !value.as_object().empty()) {
    out += '\n';
    write_map(out, value.as_object(), indent + 2);
  } else {
    out += ' ' + scalar(value) + '\n';
  }
}

void write_map(std::string& out, const Value::Object& members, std::size_t indent) {
  for (const auto& [name, value] : members) {
    out += std::string(indent, ' ') + scalar(Value(name)) + ':';
    write_member(out, value, indent);
  }
}

std::size_t indent_of(std::string_view line) {
  const auto first = line.find_first_not_of(' ');
  return first == std::string_view::npos ? line.size() : first;
}

bool is_blank(std::string_view line) {
  const auto first = line.find_first_not_of(" \r\n");
  return first == std::string_view::npos || line[first] == '#';
}

/// Where each line begins, and the end of the text.
std::vector<std::size_t> line_starts(const std::string& text) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    starts.push_back(at + 1);
  }
  if (starts.back() != text.size()) starts.push_back(text.size());
  return starts;
}

/// The end of what is indented at least as far as `column` (from 1), from `line` (from 1) on.
std::size_t end_of_block(const std::string& text, int line, int column) {
  const auto starts = line_starts(text);
  const auto at = [&](std::size_t i) {
    return std::string_view(text).substr(starts[i], starts[i + 1] - starts[i]);
  };
  auto last = static_cast<std::size_t>(line) - 1;
  for (std::size_t i = last + 1; i + 1 < starts.size(); ++i) {
    if (is_blank(at(i))) continue;
    if (indent_of(at(i)) + 1 < static_cast<std::size_t>(column)) break;
    last = i;
  }
  return starts[last + 1];
}

std::string inserted(std::string text, std::size_t at, const std::string& entries) {
  const bool needs_end = at > 0 && text[at - 1] != '\n';
  return text.insert(at, (needs_end ? "\n" : "") + entries);
}

}  // namespace

std::vector<TestEntry> test_entries(const std::string& name, const Value& record,
                                    const std::vector<mapping::Result>& results,
                                    const std::set<std::vector<std::string>>& paths,
                                    const Value& options) {
  Value cut = Value::object();
  for (const std::vector<std::string>& path : paths) {
    if (!path.empty()) copy_path(record, path, 0, cut);
  }
  std::vector<TestEntry> entries;
  for (const mapping::Result& result : results) {
    entries.push_back({name, result.mapping, cut, options, expectation(result)});
  }
  return entries;
}

std::string to_yaml(const std::vector<TestEntry>& entries, int indent) {
  const auto dash = static_cast<std::size_t>(indent);
  const std::string margin(dash + 2, ' ');
  std::string out;
  for (const TestEntry& entry : entries) {
    out += std::string(dash, ' ') + "- mapping: " + scalar(Value(entry.mapping)) + '\n';
    if (!entry.name.empty()) out += margin + "name: " + scalar(Value(entry.name)) + '\n';
    for (const auto& [key, value] :
         {std::pair("record", &entry.record), std::pair("options", &entry.options),
          std::pair("expect", &entry.expect)}) {
      if (value->is_null()) continue;
      out += margin + key + ':';
      write_member(out, *value, margin.size());
    }
  }
  return out;
}

core::Result<std::string> with_tests(const std::string& text,
                                     const std::vector<TestEntry>& entries) {
  core::Problems problems;
  const YamlNode root = core::read_yaml(text, "", problems);
  if (!problems.empty()) return core::fail("expected a text without problems");
  const YamlNode* tests = root.find("tests");
  if (tests == nullptr) {
    return inserted(text, text.size(), "\ntests:\n" + to_yaml(entries, 2));
  }
  if (tests->is_null()) return core::fail("expected entries below `tests:`, or no such key");
  if (!tests->is_list() || tests->items.empty()) {
    return core::fail("expected `tests:` to be a list with an entry on each line");
  }
  const YamlNode& last = tests->items.back();
  const auto starts = line_starts(text);
  const std::size_t dash = starts[static_cast<std::size_t>(tests->line) - 1] +
                           static_cast<std::size_t>(tests->column) - 1;
  if (dash >= text.size() || text[dash] != '-') {
    return core::fail("expected `tests:` to be a list with a dash before each entry, got brackets");
  }
  return inserted(text, end_of_block(text, last.line, tests->column + 1),
                  to_yaml(entries, tests->column - 1));
}

}  // namespace assembly_sync::app
