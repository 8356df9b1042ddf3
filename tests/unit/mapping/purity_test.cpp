#include <atomic>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "mapping/functions.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::apply;
using test::evaluate;
using test::load_yaml;

constexpr auto kRules = R"(
tables: {tiers: {gold: Gold}}
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("c-", id)
    fields:
      name: properties.name | trim | title
      domain: properties.domain | default(properties.website | domain_of)
      contract_value: properties.value | to_number | mul(12) | round(2)
      renewal_date: properties.renewal | add_days(30)
      tier: properties.tier | lookup(tiers, null)
      tags: properties.segments | split(";") | unique | sort
    additional_properties:
      Initials: concat(left(properties.name, 1), right(properties.name, 1)) | upper
)";

std::string record(int n) {
  const std::string text = std::to_string(n);
  return R"({"id": ")" + text + R"(", "properties": {"name": " acme )" + text +
         R"( ltd ", "website": "https://www.acme)" + text + R"(.test/x", "value": "99.9)" + text +
         R"(", "renewal": "2026-01-31T10:00:00Z", "tier": "gold", "segments": "b;a;b;)" + text +
         R"("}})";
}

std::string outcome(const Rules& rules, int n) {
  const auto results = apply(rules, "crm.companies", record(n));
  return core::dump_json(core::to_value(results.at(0).intent));
}

TEST(Invariant9, MappingIsPureAndGivesTheSameFromManyThreadsAtOnce) {
  const auto loaded = load_yaml(kRules);
  ASSERT_EQ(loaded.texts(), std::vector<std::string>());
  std::vector<std::string> expected;
  for (int n = 0; n < 50; ++n) expected.push_back(outcome(loaded.rules, n));
  EXPECT_NE(expected[1], expected[2]);
  std::atomic<int> different{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 400; ++i) {
        const int n = (i * 7 + t) % 50;
        if (outcome(loaded.rules, n) != expected[static_cast<std::size_t>(n)]) ++different;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(different, 0);
}

TEST(Invariant9, TheSameConfigurationReadTwiceMapsTheSame) {
  const auto first = load_yaml(kRules);
  const auto second = load_yaml(kRules);
  for (int n = 0; n < 20; ++n) EXPECT_EQ(outcome(first.rules, n), outcome(second.rules, n));
}

/// Writes expressions at random: mostly well-formed ones, of all functions and operators.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string expression(int depth) {
    if (depth <= 0) return leaf();
    switch (pick(10)) {
      case 0:
        return leaf();
      case 1:
        return "(" + expression(depth - 1) + ")";
      case 2:
        return "[" + expression(depth - 1) + ", " + expression(depth - 1) + "]";
      case 3:
        return "not " + expression(depth - 1);
      case 4:
        return expression(depth - 1) + binary() + expression(depth - 1);
      case 5:
      case 6:
        return expression(depth - 1) + " | " + call(depth, 1);
      default:
        return call(depth, 0);
    }
  }

  /// Any bytes, mostly those that mean something.
  std::string noise() {
    static const std::string kBytes = "ab.[]()|,'\"\\<>=! 0195-eE_notindrx\n\xC3\xA9\xFF";
    std::string out;
    for (std::size_t i = pick(40); i > 0; --i) out += kBytes[pick(kBytes.size())];
    return out;
  }

  std::size_t pick(std::size_t below) { return random_() % below; }

 private:
  std::string leaf() {
    static const std::vector<std::string> kLeaves = {
        "a",        "b",         "list",         "object",   "n",     "list[0]",
        "object.x", "missing.y", "null",         "true",     "12",    "-0.5",
        "''",       "'text'",    "'2026-01-31'", "\"é\\n\"", "1e300", "9223372036854775807",
        "[]",       "date",      "url",          "tiers"};
    return kLeaves[pick(kLeaves.size())];
  }
  std::string binary() {
    static const std::vector<std::string> kOperators = {
        " == ", " != ", " < ", " >= ", " in ", " not in ", " and ", " or "};
    return kOperators[pick(kOperators.size())];
  }
  std::string call(int depth, std::size_t given) {
    const Function& function = functions()[pick(functions().size())];
    std::string out(function.name);
    out += '(';
    const std::size_t wanted = function.parameters.size() + (pick(20) == 0 ? 1 : 0);
    for (std::size_t i = given; i < wanted; ++i) {
      if (i > given) out += ", ";
      const Parameter* parameter = function.parameter(i);
      const bool table = parameter != nullptr && parameter->has(Parameter::kTable);
      out += table ? "tiers" : expression(depth - 1);
    }
    return out + ')';
  }

  std::mt19937 random_;
};

constexpr auto kOddRecord =
    R"({"a": "Acme GmbH", "b": "", "n": -12.75, "list": ["x", null, 3, "x", {"y": 1}],
        "object": {"x": [1, 2]}, "date": "1767225600000", "url": "https://www.acme.co.uk",
        "tiers": 18446744073709551615})";

TEST(Invariant9, RandomExpressionsAlwaysEndInAValueARefusalOrAnError) {
  Writer writer(20260131);
  int values = 0;
  int refused = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::string text = writer.expression(static_cast<int>(writer.pick(5)));
    const std::string result = evaluate(text, kOddRecord);
    EXPECT_EQ(result, evaluate(text, kOddRecord)) << text;
    EXPECT_FALSE(result.starts_with("bad record"));
    refused += result.starts_with("refused: ") ? 1 : 0;
    values += result.starts_with("refused: ") || result.starts_with("error at ") ? 0 : 1;
  }
  EXPECT_GT(values, 500);
  EXPECT_GT(refused, 100);
}

TEST(Invariant9, RandomBytesNeverBreakTheReadingOfExpressions) {
  Writer writer(7);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = writer.noise();
    EXPECT_EQ(evaluate(text, kOddRecord), evaluate(text, kOddRecord));
  }
}

TEST(Invariant11, RefusalsNeverShowAValueOfTheRecord) {
  Writer writer(99);
  constexpr auto kMarked =
      R"({"a": "qqSECRETqq", "b": "qqSECRETqq", "n": 77777, "list": ["qqSECRETqq", 77777],
          "object": {"x": "qqSECRETqq"}, "date": "qqSECRETqq", "url": "qqSECRETqq", "tiers": 77777})";
  for (int i = 0; i < 4000; ++i) {
    const std::string text = writer.expression(static_cast<int>(writer.pick(4)));
    const std::string result = evaluate(text, kMarked);
    if (!result.starts_with("refused: ")) continue;
    EXPECT_EQ(result.find("SECRET"), std::string::npos) << text << " -> " << result;
    EXPECT_EQ(result.find("77777"), std::string::npos) << text << " -> " << result;
  }
}

}  // namespace
}  // namespace assembly_sync::mapping
