// Functions that choose between values: default, if, lookup and their kin.
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

Datum is_null(Call& call) {
  return Datum(call[0].is_null());
}
Datum is_empty(Call& call) {
  if (call[0].is_list()) return Datum(call.items(0).empty());
  return Datum(call[0].is_blank());
}
Datum not_empty(Call& call) {
  const Datum empty = is_empty(call);
  return Datum(!empty.as_bool());
}

Datum to_bool(Call& call) {
  if (call[0].is_bool()) return call[0];
  if (call[0].is_number()) {
    const double number = call[0].as_double();
    if (number == 0 || number == 1) return Datum(number == 1);
    return call.fail("expected 0 or 1, got another number");
  }
  const std::string word = lower(trim(call.text(0)));
  if (word.empty()) return {};
  for (const std::string_view yes : {"true", "yes", "y", "1", "on"}) {
    if (word == yes) return Datum(true);
  }
  for (const std::string_view no : {"false", "no", "n", "0", "off"}) {
    if (word == no) return Datum(false);
  }
  return call.fail("expected true/false, yes/no, y/n, on/off or 1/0, got another text");
}

}  // namespace

std::vector<Function> choice_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::choice;
  return {
      {"default",
       kSubject,
       {{"value", kAny, P::kPlain, NullArgument::skipped},
        {"otherwise", kAny, P::kRepeats, NullArgument::skipped}},
       kAny,
       "The first that is neither null nor the empty text; a CRM sends the empty text for a "
       "cleared "
       "property. When there is none, the last one. Later values are not looked at.",
       {{"properties.domain | default(properties.website | domain_of)",
         R"({"properties": {"domain": "", "website": "https://www.acme.test/en"}})",
         R"("acme.test")"},
        {"tier | default('Standard')", R"({})", R"("Standard")"}},
       nullptr,
       Form::first_filled},
      {"coalesce",
       kSubject,
       {{"value", kAny, P::kPlain, NullArgument::skipped},
        {"otherwise", kAny, P::kRepeats, NullArgument::skipped}},
       kAny,
       "The first that is not null; the empty text counts as a value. See default.",
       {{"coalesce(a, b, 'none')", R"({"a": null, "b": ""})", R"("")"}},
       nullptr,
       Form::first_known},
      {"if",
       kSubject,
       {{"condition", kBool, P::kPlain, NullArgument::is_false},
        {"then", kAny, P::kPlain, NullArgument::value},
        {"else", kAny, P::kOptional, NullArgument::value}},
       kAny,
       "The second value when the condition is true, else the third (null when it is left out). A "
       "null condition counts as false. The value not chosen is not looked at.",
       {{"if(seats >= 100, 'Enterprise', 'Business')", R"({"seats": 250})", R"("Enterprise")"},
        {"if(vip, 'VIP')", R"({"vip": false})", "null"}},
       nullptr,
       Form::choose},
      {"case",
       kSubject,
       {{"value", kScalar, P::kPlain, NullArgument::value},
        {"when", kScalar, P::kPlain, NullArgument::value},
        {"then", kAny, P::kRepeats, NullArgument::value}},
       kAny,
       "Pairs of a value and a result, and at the end what to take otherwise (null when it is left "
       "out): the result beside the first value that is equal, as `==` compares. Results not "
       "chosen are not looked at. For many values, or results that others should edit, use lookup.",
       {{"case(stage, 'won', 'Customer', 'lost', 'Former', 'Prospect')", R"({"stage": "lost"})",
         R"("Former")"},
        {"case(stage, 'won', 'Customer', 'Prospect')", R"({"stage": "new"})", R"("Prospect")"},
        {"case(stage, 'won', 'Customer')", R"({"stage": "new"})", "null"}},
       nullptr,
       Form::choose_case},
      {"lookup",
       kSubject,
       {{"key", kScalar, P::kPlain},
        {"table", kAny, P::kTable},
        {"otherwise", kAny, P::kOptional, NullArgument::value}},
       kAny,
       "The entry of a table of the configuration's `tables` block. Without an entry the record is "
       "refused, unless a third argument says what to take instead (null is allowed). Null and the "
       "empty text give null. Upper and lower case differ.",
       {{"tier | lookup(tiers)", R"({"tier": "gold"})", R"("Gold")"},
        {"tier | lookup(tiers, 'Other')", R"({"tier": "tin"})", R"("Other")"},
        {"tier | lookup(tiers)", R"({"tier": "tin"})", "refused: lookup: no entry in table tiers"}},
       nullptr,
       Form::lookup},
      {"label",
       kSubject,
       {{"property", kScalar, P::kField}, {"otherwise", kAny, P::kOptional, NullArgument::value}},
       kText | kList,
       "What people see in the CRM for the option that the property holds; a list for a property "
       "of "
       "several options, which is null when it has none. The options are those of the CRM, as last "
       "read; the record waits until they were read once. Where there is no such option, the "
       "record "
       "is refused, unless a second argument says what to take instead. Null and the empty text "
       "give "
       "null. In the examples the options of industry are COMPUTER_SOFTWARE, labelled Computer "
       "Software, and no others; those of segments are enterprise and startup, labelled Enterprise "
       "and Start-up, of which a company can have several.",
       {{"industry | label", R"({"industry": "COMPUTER_SOFTWARE"})", R"("Computer Software")"},
        {"segments | label", R"({"segments": "enterprise;startup"})",
         R"(["Enterprise", "Start-up"])"},
        {"industry | label('Other')", R"({"industry": "MINING"})", R"("Other")"},
        {"industry | label", R"({"industry": "MINING"})",
         "refused: label: no option of industry has the record's value"}},
       nullptr,
       Form::label},
      {"to_bool",
       kSubject,
       {{"value", kScalar, P::kPlain}},
       kBool,
       "True or false from true/false, yes/no, y/n, on/off (any case), 1/0. Empty text gives null.",
       {{"to_bool(active)", R"({"active": "Yes"})", "true"},
        {"to_bool(active)", R"({"active": "0"})", "false"},
        {"to_bool(active)", R"({"active": "maybe"})",
         "refused: to_bool: expected true/false, yes/no, y/n, on/off or 1/0, got another text"}},
       to_bool},
      {"is_null",
       kSubject,
       {{"value", kAny, P::kPlain, NullArgument::value}},
       kBool,
       "True when the value is null, which a missing property is too.",
       {{"is_null(a.b)", R"({"a": {}})", "true"}, {"is_null(a)", R"({"a": ""})", "false"}},
       is_null},
      {"is_empty",
       kSubject,
       {{"value", kAny, P::kPlain, NullArgument::value}},
       kBool,
       "True for null, the empty text and the empty list.",
       {{"is_empty(a)", R"({"a": ""})", "true"}, {"is_empty(a)", R"({"a": [0]})", "false"}},
       is_empty},
      {"not_empty",
       kSubject,
       {{"value", kAny, P::kPlain, NullArgument::value}},
       kBool,
       "The opposite of is_empty.",
       {{"not_empty(a)", R"({"a": "x"})", "true"}, {"not_empty(a)", R"({})", "false"}},
       not_empty},
  };
}

}  // namespace assembly_sync::mapping
