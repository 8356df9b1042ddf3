// The `tests:` block: the admin's own records and what is to come out of them. Values are shown in
// the differences: they were written by the admin into the configuration.
#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "core/json_view.hpp"
#include "mapping/mapping.hpp"
#include "mapping/reader.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using core::Value;
using core::YamlNode;

bool same(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a.as_double() == b.as_double();
  if (!a.is_list() || !b.is_list()) return a == b;
  return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(), b.as_list().end(),
                    same);
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
    const auto result = rules_.apply_named(test.find("mapping")->scalar, *record);
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
    sink_.unknown_keys(test, path, {"name", "mapping", "record", "expect"});
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
    if (const YamlNode* expect = require_map(test, path, "expect", "what must come out")) {
      check_expectation(*expect, path + ".expect");
    }
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
    sink_.unknown_keys(expect, path,
                       {"key", "company", "fields", "tags", "additional_properties", "filtered",
                        "no_parent", "refused"});
    for (const char* const flag : {"filtered", "no_parent"}) {
      const YamlNode* found = expect.find(flag);
      if (found != nullptr && core::to_value(*found) != Value(true)) {
        sink_.add(*found, path + '.' + flag, "expected true, got another value");
      }
    }
    for (const char* const part : {"fields", "additional_properties"}) {
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
        return "no company for the contact";
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
    compare_intent(expect, core::to_value(result.intent));
  }

  void compare_intent(const YamlNode& expect, const Value& intent) {
    for (const char* const whole : {"key", "company"}) {
      const YamlNode* found = expect.find(whole);
      if (found != nullptr)
        compare_value(whole, text_form(core::to_value(*found)), intent.at(whole));
    }
    if (const YamlNode* tags = expect.find("tags")) {
      compare_value("tags", sorted_texts(core::to_value(*tags)), sorted_texts(intent.at("tags")));
    }
    for (const std::string part : {"fields", "additional_properties"}) {
      const YamlNode* found = expect.find(part);
      if (found == nullptr) continue;
      for (const auto& [name, value] : found->members) {
        const bool tags = part == "fields" && name.scalar == "tags";
        const Value& got = tags ? intent.at("tags") : intent.at(part).at(name.scalar);
        compare_value(part + '.' + name.scalar, core::to_value(value), got);
      }
    }
  }

  /// Keys are texts, though `key: 42` is written as a number.
  static Value text_form(Value value) {
    return value.is_number() ? Value(core::dump_json(value)) : value;
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
  for (std::size_t i = 0; i < block->items.size(); ++i) {
    ++(run.run(block->items[i], "tests[" + std::to_string(i) + ']') ? summary.passed
                                                                    : summary.failed);
  }
  return summary;
}

}  // namespace assembly_sync::mapping
