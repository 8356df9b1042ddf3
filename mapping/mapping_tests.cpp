// The `tests:` block: the admin's own records and what is to come out of them. Values are shown in
// the differences: they were written by the admin into the configuration.
#include <algorithm>
#include <optional>
#include <utility>

#include "core/catalogue.hpp"
#include "core/json.hpp"
#include "core/json_view.hpp"
#include "mapping/mapping.hpp"
#include "mapping/problem_sink.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using core::Value;
using core::YamlNode;

bool same(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a.as_double() == b.as_double();
  if (a.is_list() && b.is_list()) {
    return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(),
                      b.as_list().end(), same);
  }
  if (a.is_object() && b.is_object()) {
    return std::equal(a.as_object().begin(), a.as_object().end(), b.as_object().begin(),
                      b.as_object().end(), [](const auto& x, const auto& y) {
                        return x.first == y.first && same(x.second, y.second);
                      });
  }
  return a == b;
}

std::string shown(const Value& value) {
  return value.is_null() ? "nothing" : core::dump_json(value);
}

/// A set has no order: both are compared sorted.
Value sorted_texts(const Value& value) {
  if (!value.is_list()) return value;
  Value::List items = value.as_list();
  std::stable_sort(items.begin(), items.end(), [](const Value& a, const Value& b) {
    return core::dump_json(a) < core::dump_json(b);
  });
  return items;
}

/// Parts of an intent that are compared whole, and those of which the named members are.
constexpr const char* kWhole[] = {"key", "match", "company", "about"};
constexpr const char* kSets[] = {"tags", "more_keys", "kept", "cleared"};
constexpr const char* kMembers[] = {"fields", "additional_properties", "metadata"};
constexpr const char* kFlags[] = {"filtered", "no_parent"};

std::vector<std::string> expectations() {
  std::vector<std::string> out(std::begin(kWhole), std::end(kWhole));
  out.insert(out.end(), std::begin(kMembers), std::end(kMembers));
  out.insert(out.end(), std::begin(kSets), std::end(kSets));
  out.insert(out.end(), std::begin(kFlags), std::end(kFlags));
  out.emplace_back("refused");
  return out;
}

/// What null policy `clear` empties: "fields.tier", "additional_properties.Plan".
Value cleared(const core::Intent& intent) {
  Value::List out;
  const auto add = [&](const std::string& part, const Value::Object& members) {
    for (const auto& [name, value] : members) {
      if (value.is_null()) out.emplace_back(part + '.' + name);
    }
  };
  add("fields", intent.fields);
  add("additional_properties", intent.additional_properties);
  return out;
}

/// Keys are texts, though `key: 42` is written as a number.
Value text_form(const Value& value) {
  if (value.is_number()) return core::dump_json(value);
  if (value.is_list()) {
    Value::List items;
    for (const Value& item : value.as_list()) items.push_back(text_form(item));
    return items;
  }
  if (!value.is_object()) return value;
  Value::Object members;
  for (const auto& [name, member] : value.as_object()) members.emplace(name, text_form(member));
  return members;
}

class TestRun {
 public:
  TestRun(const Rules& rules, ProblemSink& sink) : rules_(rules), sink_(sink) {}

  /// True when the test passed; what is wrong has been reported otherwise.
  bool run(const YamlNode& test, const std::string& path) {
    const std::size_t before = sink_.count();
    check_form(test, path);
    if (sink_.count() > before) return false;
    core::JsonDocument document;
    const auto record = document.parse(core::dump_json(core::to_value(*test.find("record"))));
    if (!record) {
      sink_.add(*test.find("record"), path + ".record",
                "expected a record, got " + record.error().message);
      return false;
    }
    const auto catalogue = catalogue_of(test.find("options"));
    const auto result = rules_.apply_named(test.find("mapping")->scalar, *record, nullptr,
                                           catalogue ? &*catalogue : nullptr);
    differences_.clear();
    compare(*test.find("expect"), *result);
    if (differences_.empty()) return true;
    sink_.add(test, path, title(test) + differences_);
    return false;
  }

 private:
  static std::string title(const YamlNode& test) {
    const YamlNode* name = test.find("name");
    return name == nullptr ? "test failed: " : "test \"" + name->scalar + "\" failed: ";
  }

  void check_form(const YamlNode& test, const std::string& path) {
    if (!test.is_map()) {
      return sink_.add(
          test, path,
          "expected a test with mapping, record and expect, got " + std::string(test.kind_name()));
    }
    sink_.unknown_keys(test, path, {"name", "mapping", "record", "options", "expect"});
    const YamlNode* mapping = test.find("mapping");
    const std::vector<std::string> known = rules_.names();
    if (mapping == nullptr || !mapping->is_scalar()) {
      sink_.add(test, path + ".mapping", "expected the name of a mapping, got nothing");
    } else if (std::find(known.begin(), known.end(), mapping->scalar) == known.end()) {
      sink_.add(*mapping, path + ".mapping",
                "expected the name of a mapping, got `" + mapping->scalar + '`' +
                    did_you_mean(mapping->scalar, known) + " (known: " + listed(known) + ")");
    }
    require_map(test, path, "record", "a record, as the CRM gives it");
    check_options(test, path);
    if (const YamlNode* expect = require_map(test, path, "expect", "what must come out")) {
      check_expectation(*expect, path + ".expect");
    }
  }

  /// `{properties.industry: {SOFT: Software}}`; a property of several options ends with [].
  void check_options(const YamlNode& test, const std::string& path) {
    const YamlNode* found = test.find("options");
    if (found == nullptr || require_map(test, path, "options", "a map of properties") == nullptr) {
      return;
    }
    for (const auto& [name, options] : found->members) {
      const std::string at = path + ".options." + name.scalar;
      if (!options.is_map()) {
        sink_.add(options, at,
                  "expected a map of values to what label() gives for them, got " +
                      std::string(options.kind_name()));
        continue;
      }
      for (const auto& [value, label] : options.members) {
        if (label.is_scalar()) continue;
        sink_.add(label, at + '.' + value.scalar,
                  "expected a text, got " + std::string(label.kind_name()));
      }
    }
  }

  /// As if the source had told these options and no other properties.
  static std::optional<core::Catalogue> catalogue_of(const YamlNode* options) {
    if (options == nullptr) return std::nullopt;
    constexpr std::string_view kSeveral = "[]";
    core::Catalogue catalogue;
    for (const auto& [path, labels] : options->members) {
      core::Field field;
      std::string name = path.scalar.substr(path.scalar.rfind('.') + 1);
      const bool several = name.ends_with(kSeveral);
      if (several) name.resize(name.size() - kSeveral.size());
      field.type = several ? core::FieldType::choices : core::FieldType::choice;
      for (const auto& [value, label] : labels.members) {
        field.options.emplace(value.scalar, label.scalar);
      }
      catalogue.fields.insert_or_assign(std::move(name), std::move(field));
    }
    return catalogue;
  }

  const YamlNode* require_map(const YamlNode& test, const std::string& path, const std::string& key,
                              const std::string& expected) {
    const YamlNode* found = test.find(key);
    if (found != nullptr && found->is_map()) return found;
    sink_.add(found == nullptr ? test : *found, path + '.' + key,
              "expected " + expected + ", got " +
                  std::string(found == nullptr ? "nothing" : found->kind_name()));
    return nullptr;
  }

  void check_expectation(const YamlNode& expect, const std::string& path) {
    if (expect.members.empty()) {
      sink_.add(expect, path,
                "expected at least one of key, fields, filtered, refused, got nothing");
    }
    sink_.unknown_keys(expect, path, expectations());
    for (const char* const flag : kFlags) {
      const YamlNode* found = expect.find(flag);
      if (found != nullptr && core::to_value(*found) != Value(true)) {
        sink_.add(*found, path + '.' + flag, "expected true, got another value");
      }
    }
    for (const char* const part : kMembers) {
      const YamlNode* found = expect.find(part);
      if (found != nullptr && !found->is_map()) {
        sink_.add(*found, path + '.' + part,
                  "expected a map, got " + std::string(found->kind_name()));
      }
    }
  }

  void differ(const std::string& what, const std::string& expected, const std::string& got) {
    if (!differences_.empty()) differences_ += "; ";
    differences_ += "expected " + what + (what.empty() ? "" : " ") + expected + ", got " + got;
  }

  static std::string outcome(const Result& result) {
    switch (result.kind) {
      case Result::Kind::intent:
        return "an intent";
      case Result::Kind::filtered:
        return "filtered";
      case Result::Kind::no_parent:
        return "no_parent" + (result.reason.empty() ? "" : ": " + result.reason);
      case Result::Kind::refused:
        break;
    }
    return "refused: " + refusal_text(result.refusal);
  }
  static std::string refusal_text(const Refusal& refusal) {
    return refusal.field + ": " + refusal.reason;
  }

  void compare(const YamlNode& expect, const Result& result) {
    using K = Result::Kind;
    if (const YamlNode* refused = expect.find("refused")) {
      const bool fits = result.kind == K::refused &&
                        refusal_text(result.refusal).find(refused->scalar) != std::string::npos;
      if (!fits) differ("", "refused: " + refused->scalar, outcome(result));
      return;
    }
    const K wanted = expect.find("filtered") != nullptr    ? K::filtered
                     : expect.find("no_parent") != nullptr ? K::no_parent
                                                           : K::intent;
    if (result.kind != wanted) {
      Result like;
      like.kind = wanted;
      return differ("", outcome(like), outcome(result));
    }
    Value intent = core::to_value(result.intent);
    intent.set("cleared", cleared(result.intent));
    compare_intent(expect, intent);
  }

  void compare_intent(const YamlNode& expect, const Value& intent) {
    for (const char* const whole : kWhole) {
      const YamlNode* found = expect.find(whole);
      if (found != nullptr)
        compare_value(whole, text_form(core::to_value(*found)), intent.at(whole));
    }
    for (const char* const set : kSets) {
      const YamlNode* found = expect.find(set);
      if (found == nullptr) continue;
      const Value* got = intent.find(set);
      compare_value(set, sorted_texts(text_form(core::to_value(*found))),
                    sorted_texts(got == nullptr ? Value::list() : *got));
    }
    for (const std::string part : kMembers) {
      const YamlNode* found = expect.find(part);
      if (found == nullptr) continue;
      for (const auto& [name, value] : found->members) {
        const bool tags = part == "fields" && name.scalar == "tags";
        const Value& got = tags ? intent.at("tags") : intent.at(part).at(name.scalar);
        compare_value(part + '.' + name.scalar, core::to_value(value), got);
      }
    }
  }

  void compare_value(const std::string& what, const Value& expected, const Value& got) {
    if (!same(expected, got)) differ(what, shown(expected), shown(got));
  }

  const Rules& rules_;
  ProblemSink& sink_;
  std::string differences_;
};

}  // namespace

TestSummary run_tests(const Rules& rules, const YamlNode& root, const std::string& file,
                      core::Problems& problems) {
  TestSummary summary;
  const YamlNode* block = root.find("tests");
  if (block == nullptr || block->is_null()) return summary;
  ProblemSink sink(file, problems);
  if (!block->is_list()) {
    sink.add(*block, "tests", "expected a list of tests, got " + std::string(block->kind_name()));
    return summary;
  }
  TestRun run(rules, sink);
  const std::vector<std::string> paths = core::item_paths(*block, "tests");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    ++(run.run(block->items[i], paths[i]) ? summary.passed : summary.failed);
  }
  return summary;
}

}  // namespace assembly_sync::mapping
