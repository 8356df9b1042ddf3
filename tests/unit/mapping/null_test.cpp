// Null by rule: every function with null in every place gives what its row in the table says.
#include <map>

#include <gtest/gtest.h>

#include "mapping/functions.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::evaluate;
using Arguments = std::vector<std::string>;

/// A call of each function with an argument for each parameter.
const std::map<std::string, Arguments>& calls() {
  static const std::map<std::string, Arguments> kCalls = {
      {"default", {"t", "u", "n"}},
      {"coalesce", {"t", "u", "n"}},
      {"if", {"b", "t", "u"}},
      {"case", {"t", "t", "u", "n"}},
      {"lookup", {"tier", "tiers", "u"}},
      {"label", {"industry", "u"}},
      {"to_bool", {"b"}},
      {"is_null", {"t"}},
      {"is_empty", {"t"}},
      {"not_empty", {"t"}},
      {"concat", {"t", "u"}},
      {"lower", {"t"}},
      {"upper", {"t"}},
      {"title", {"t"}},
      {"trim", {"t"}},
      {"replace", {"t", "u", "u"}},
      {"left", {"t", "n"}},
      {"right", {"t", "n"}},
      {"substring", {"t", "n", "n"}},
      {"truncate", {"t", "n", "u"}},
      {"split", {"t", "u"}},
      {"starts_with", {"t", "u"}},
      {"ends_with", {"t", "u"}},
      {"contains", {"t", "u"}},
      {"length", {"t"}},
      {"pad_left", {"t", "n", "u"}},
      {"pad_right", {"t", "n", "u"}},
      {"slug", {"t"}},
      {"to_text", {"n"}},
      {"matches", {"t", "'x'"}},
      {"extract", {"t", "'x'"}},
      {"replace_pattern", {"t", "'x'", "'y'"}},
      {"to_number", {"n", "'.'"}},
      {"to_int", {"n", "'.'"}},
      {"money", {"n", "'.'"}},
      {"round", {"n", "n"}},
      {"floor", {"n"}},
      {"ceil", {"n"}},
      {"abs", {"n"}},
      {"min", {"n", "m"}},
      {"max", {"n", "m"}},
      {"sum", {"list"}},
      {"add", {"n", "m"}},
      {"sub", {"n", "m"}},
      {"mul", {"n", "m"}},
      {"div", {"n", "m"}},
      {"to_date", {"d", "'UTC'"}},
      {"to_datetime", {"d", "'UTC'"}},
      {"in_zone", {"d", "'UTC'"}},
      {"parse_date", {"d", "'%Y-%m-%d'", "'UTC'"}},
      {"date_format", {"d", "'%Y'", "'UTC'"}},
      {"to_epoch", {"d", "'UTC'"}},
      {"start_of_day", {"d", "'UTC'"}},
      {"year", {"d", "'UTC'"}},
      {"month", {"d", "'UTC'"}},
      {"day", {"d", "'UTC'"}},
      {"add_days", {"d", "n", "'UTC'"}},
      {"add_months", {"d", "n", "'UTC'"}},
      {"days_between", {"d", "d", "'UTC'"}},
      {"first", {"list"}},
      {"last", {"list"}},
      {"at", {"list", "n"}},
      {"count", {"list"}},
      {"unique", {"list"}},
      {"sort", {"list"}},
      {"compact", {"list"}},
      {"pluck", {"objects", "'p'"}},
      {"where", {"objects", "'p'", "n"}},
      {"flatten", {"list"}},
      {"join", {"list", "u"}},
      {"domain_of", {"t"}},
      {"email_domain", {"t"}},
      {"is_email", {"t"}},
      {"is_free_mail", {"t"}},
      {"sha256", {"t"}},
      {"short_hash", {"t", "m"}},
      {"json", {"t"}},
  };
  return kCalls;
}

/// What null gives where it is a value like any other; the place counts from 0.
const std::map<std::pair<std::string, std::size_t>, std::string>& values() {
  static const std::map<std::pair<std::string, std::size_t>, std::string> kValues = {
      {{"if", 1}, "null"},          {{"if", 2}, R"("tt")"},
      {{"case", 0}, "2"},           {{"case", 1}, "2"},
      {{"case", 2}, "null"},        {{"case", 3}, R"("u")"},
      {{"lookup", 2}, R"("Gold")"}, {{"label", 1}, R"("Computer Software")"},
      {{"is_null", 0}, "true"},     {{"is_empty", 0}, "true"},
      {{"not_empty", 0}, "false"},  {{"where", 2}, R"([{"q":1}])"}};
  return kValues;
}

constexpr auto kRecord =
    R"({"t": "tt", "u": "u", "b": true, "n": 2, "m": 8, "tier": "gold", "industry": "COMPUTER_SOFTWARE", "d": "2026-01-31",
        "list": [1, 2, 3], "objects": [{"p": 2}, {"q": 1}]})";

std::string call(const std::string& function, const Arguments& arguments) {
  std::string text = function + '(';
  for (std::size_t i = 0; i < arguments.size(); ++i) text += (i > 0 ? ", " : "") + arguments[i];
  return evaluate(text + ')', kRecord);
}

std::string with(const std::string& function, std::size_t place, const std::string& other) {
  Arguments arguments = calls().at(function);
  arguments[place] = other;
  return call(function, arguments);
}

std::string without(const std::string& function, std::size_t place) {
  Arguments arguments = calls().at(function);
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(place));
  return call(function, arguments);
}

std::string expected(const Function& function, std::size_t place) {
  const std::string name(function.name);
  switch (function.parameter(place)->on_null) {
    case NullArgument::gives_null:
      return "null";
    case NullArgument::skipped:
      return without(name, place);
    case NullArgument::empty_text:
      return with(name, place, "\"\"");
    case NullArgument::is_false:
      return with(name, place, "false");
    case NullArgument::value:
      return values().at({name, place});
  }
  return "";
}

class Null : public testing::TestWithParam<std::string> {};

TEST_P(Null, InEveryPlaceGivesWhatTheTableSays) {
  const Function* const function = find_function(GetParam());
  ASSERT_NE(function, nullptr);
  const Arguments& whole = calls().at(GetParam());
  EXPECT_GE(whole.size(), function->parameters.size());
  const std::string result = call(GetParam(), whole);
  EXPECT_FALSE(result.starts_with("error") || result.starts_with("refused")) << result;
  for (std::size_t place = 0; place < whole.size(); ++place) {
    const Parameter& parameter = *function->parameter(place);
    // A path that leads nowhere, which is what null mostly comes from; the type is not known then.
    const std::string got = with(GetParam(), place, "no.where");
    if (parameter.has(Parameter::kLiteral)) {
      EXPECT_NE(
          got.find("expected a text in quotes as " + std::string(parameter.name) + ", got a path"),
          std::string::npos)
          << got;
    } else if (!parameter.has(Parameter::kTable)) {
      EXPECT_EQ(got, expected(*function, place)) << "place " << place;
      const bool path_only = parameter.has(Parameter::kField);
      if (path_only) continue;
      EXPECT_EQ(with(GetParam(), place, "null"), got) << "place " << place;
    }
  }
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const Function& function : functions()) out.emplace_back(function.name);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Table, Null, testing::ValuesIn(names()),
                         [](const auto& one) { return one.param; });

TEST(NullRule, IsSaidInWords) {
  EXPECT_EQ(find_function("lower")->null_rule(), "Null gives null.");
  EXPECT_EQ(find_function("concat")->null_rule(), "Null as `part` counts as the empty text.");
  EXPECT_EQ(find_function("if")->null_rule(),
            "Null as `condition` counts as false; as `then`, `else` is a value like any other.");
  EXPECT_EQ(find_function("where")->null_rule(),
            "Null as `value` is a value like any other; elsewhere it gives null.");
}

}  // namespace
}  // namespace assembly_sync::mapping
