#include "mapping/hints.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mapping/functions.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

using Row = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
std::string_view find(const Row (&rows)[N], std::string_view word) {
  const auto found = std::find_if(std::begin(rows), std::end(rows),
                                  [&](const Row& row) { return row.first == word; });
  return found == std::end(rows) ? std::string_view() : found->second;
}

constexpr std::string_view kNoClock =
    " (there is no clock: the same record must give the same value tomorrow)";

/// By their names in small letters.
constexpr Row kFunctions[] = {
    {"uppercase", " (write upper)"},
    {"ucase", " (write upper)"},
    {"toupper", " (write upper)"},
    {"lowercase", " (write lower)"},
    {"lcase", " (write lower)"},
    {"tolower", " (write lower)"},
    {"downcase", " (write lower)"},
    {"proper", " (write title)"},
    {"capitalize", " (write title)"},
    {"strip", " (write trim)"},
    {"len", " (write length)"},
    {"size", " (write count for a list, length for a text)"},
    {"substr", " (write substring)"},
    {"mid", " (write substring; its first position is 0)"},
    {"concatenate", " (write concat)"},
    {"textjoin", " (write join)"},
    {"iif", " (write if)"},
    {"ifelse", " (write if)"},
    {"ifs", " (write case, or if)"},
    {"switch", " (write case)"},
    {"choose", " (write case)"},
    {"when", " (write if, or case)"},
    {"ifnull", " (write default)"},
    {"iferror", " (write default)"},
    {"nvl", " (write default)"},
    {"isnull", " (write is_null)"},
    {"isblank", " (write is_empty)"},
    {"empty", " (write is_empty)"},
    {"blank", " (write is_empty)"},
    {"present", " (write not_empty)"},
    {"exists", " (write not_empty)"},
    {"number", " (write to_number)"},
    {"float", " (write to_number)"},
    {"parsefloat", " (write to_number)"},
    {"value", " (write to_number)"},
    {"int", " (write to_int)"},
    {"parseint", " (write to_int)"},
    {"string", " (write to_text)"},
    {"tostring", " (write to_text)"},
    {"text", " (write to_text, or date_format for a date)"},
    {"bool", " (write to_bool)"},
    {"date", " (write to_date, or parse_date for another form)"},
    {"datevalue", " (write to_date, or parse_date for another form)"},
    {"format_date", " (write date_format)"},
    {"strftime", " (write date_format)"},
    {"strptime", " (write parse_date)"},
    {"datediff", " (write days_between)"},
    {"dateadd", " (write add_days or add_months)"},
    {"edate", " (write add_months)"},
    {"timezone", " (write in_zone)"},
    {"now", kNoClock},
    {"today", kNoClock},
    {"uuid", " (a value made up anew each time can't be a key; short_hash makes one of a text)"},
    {"random", " (a value made up anew each time is different tomorrow)"},
    {"map", " (write pluck: contacts | pluck(\"email\"))"},
    {"filter", " (write where(list, \"path\", value), or compact to drop empty ones)"},
    {"distinct", " (write unique)"},
    {"uniq", " (write unique)"},
    {"head", " (write first)"},
    {"nth", " (write at)"},
    {"index", " (write at)"},
    {"plus", " (write add)"},
    {"minus", " (write sub)"},
    {"subtract", " (write sub)"},
    {"multiply", " (write mul)"},
    {"times", " (write mul)"},
    {"divide", " (write div)"},
    {"roundup", " (write ceil)"},
    {"rounddown", " (write floor)"},
    {"vlookup", " (write lookup)"},
    {"translate", " (write lookup)"},
    {"regex", " (write matches, extract or replace_pattern)"},
    {"match", " (write matches or extract)"},
    {"regexp_replace", " (write replace_pattern)"},
    {"substitute", " (write replace)"},
    {"md5", " (write sha256)"},
    {"hash", " (write sha256 or short_hash)"},
    {"slugify", " (write slug)"},
    {"domain", " (write domain_of)"},
    {"and", " (a and b)"},
    {"or", " (a or b)"},
    {"not", " (not a)"},
};

constexpr std::string_view kAddress =
    " (write domain, which is the e-mail address of a customer or contact)";
constexpr std::string_view kValue = " (write contract_value)";
constexpr Row kAttributes[] = {
    {"website", " (write domain: properties.website | domain_of)"},
    {"url", " (write domain: … | domain_of)"},
    {"email", kAddress},
    {"mail", kAddress},
    {"email_address", kAddress},
    {"title", " (write role)"},
    {"job_title", " (write role)"},
    {"jobtitle", " (write role)"},
    {"phone_number", " (write phone)"},
    {"phones", " (write phone)"},
    {"arr", kValue},
    {"mrr", kValue},
    {"revenue", kValue},
    {"amount", kValue},
    {"seats", " (write number_of_seats)"},
    {"employees", " (write number_of_seats)"},
    {"renewal", " (write renewal_date)"},
    {"trial_end", " (write trial_expiration_date)"},
    {"logo", " (write image_url)"},
    {"image", " (write image_url)"},
    {"labels", " (write tags, tier, stage or company_type)"},
    {"description", " (write notes)"},
    {"note", " (write notes)"},
};

constexpr std::string_view kAccount =
    " (write company, or customer for a single person as account)";
constexpr std::string_view kPerson =
    " (write contact for a person of a company, customer for one who is an account)";
constexpr std::string_view kLog = " (write usage)";
constexpr Row kTargets[] = {
    {"account", kAccount},
    {"accounts", kAccount},
    {"organization", kAccount},
    {"organizations", kAccount},
    {"organisation", kAccount},
    {"person", kPerson},
    {"people", kPerson},
    {"user", kPerson},
    {"users", kPerson},
    {"lead", kPerson},
    {"event", kLog},
    {"events", kLog},
    {"log", kLog},
    {"usage_log", kLog},
    {"usage log", kLog},
    {"usage_logs", kLog},
};

constexpr Row kWords[] = {
    {"is", " (write a == \"x\", a == null or is_empty(a))"},
    {"equals", " (write a == \"x\")"},
    {"eq", " (write a == \"x\")"},
    {"like", " (write contains(a, \"x\") or matches(a, 'pattern'))"},
    {"then", " (write if(condition, a, b))"},
    {"else", " (write if(condition, a, b))"},
    {"xor", " (write a != b)"},
    {"as", " (a value has no other name here)"},
};

constexpr std::string_view kRecordHint = " (a path begins with a property of the record itself)";
constexpr Row kRoots[] = {{"record", kRecordHint}, {"this", kRecordHint}, {"self", kRecordHint},
                          {"row", kRecordHint},    {"data", kRecordHint}, {"item", kRecordHint},
                          {"object", kRecordHint}};

constexpr ForeignSymbol kSymbols[] = {
    {"&&", "and", " (write a and b)"},
    {"||", "or", " (write a or b; one | hands a value to a function)"},
    {"===", "==", " (write a == b)"},
    {"=>", ">=", " (there are no functions of one's own)"},
    {"=", "==", " (write a == b)"},
    {"<>", "!=", " (write a != b)"},
    {"!", "not", " (write not a)"},
    {"??", "default", " (write a | default(b))"},
    {"?", "if", " (write if(condition, a, b))"},
    {"+", "add or concat", " (write add(a, b) for numbers, concat(a, b) for texts)"},
    {"-", "sub", " (write sub(a, b))"},
    {"*", "mul", " (write mul(a, b))"},
    {"/", "div", " (write div(a, b))"},
    {"%", "a function", " (write date_format(…, '%d.%m.%Y') for a pattern, in quotes)"},
    {"&", "concat or and", " (write concat(a, b) for texts, a and b for conditions)"},
    {";", "a comma", " (write a comma between arguments)"},
    {"{{", "an expression", " (write the path alone, without the braces: properties.name)"},
    {"}}", "the end", " (write the path alone, without the braces: properties.name)"},
    {"${", "a path", " (write the path alone, without ${ and }: properties.name)"},
    {"$", "a path", " (a path begins with the name of a property)"},
    {"{", "an expression", " (a map can't stand in an expression)"},
    {"}", "an operator, | or the end", ""},
    {"@", "a path", " (a fixed text stands in quotes, alone as {value: …})"},
    {"#", "a path", " (a fixed text stands in quotes, alone as {value: …})"},
    {"`", "a quote \" or '", " (write \"text\")"},
    {"\u201c", "a straight quote \" or '", " (a word processor made it curly: write \"text\")"},
    {"\u201d", "a straight quote \" or '", " (a word processor made it curly: write \"text\")"},
    {"\u201e", "a straight quote \" or '", " (a word processor made it curly: write \"text\")"},
    {"\u2018", "a straight quote \" or '", " (a word processor made it curly: write 'text')"},
    {"\u2019", "a straight quote \" or '", " (a word processor made it curly: write 'text')"},
    {"\u00ab", "a straight quote \" or '", " (write \"text\")"},
    {"\u00bb", "a straight quote \" or '", " (write \"text\")"},
    {"\u2013", "a minus sign", " (a word processor made it longer: write -)"},
    {"\u2014", "a minus sign", " (a word processor made it longer: write -)"},
    {"\u2026", "a value", " (write all of them)"},
    {"\u2260", "!=", " (write a != b)"},
    {"\u2264", "<=", " (write a <= b)"},
    {"\u2265", ">=", " (write a >= b)"},
};

}  // namespace

std::string_view function_hint(std::string_view name) {
  return find(kFunctions, lower(name));
}

std::string_view attribute_hint(std::string_view name) {
  return find(kAttributes, lower(name));
}

std::string_view target_hint(std::string_view word) {
  return find(kTargets, lower(word));
}

std::string word_hint(std::string_view word) {
  if (const std::string_view hint = find(kWords, lower(word)); !hint.empty()) {
    return std::string(hint);
  }
  const std::string name(word);
  if (find_function(name) == nullptr) return "";
  return " (a function comes after | or before parentheses: … | " + name + ", " + name + "(…))";
}

std::string_view root_hint(std::string_view name) {
  return find(kRoots, name);
}

std::optional<std::string> keyword_of(std::string_view word) {
  constexpr std::array<std::string_view, 8> kKeywords = {"and",  "or",    "not",  "in",
                                                         "true", "false", "null", "none"};
  const std::string small = lower(word);
  if (small == word || std::find(kKeywords.begin(), kKeywords.end(), small) == kKeywords.end()) {
    return std::nullopt;
  }
  return small == "none" ? "null" : small;
}

const ForeignSymbol* foreign_symbol(std::string_view rest) {
  const auto found = std::find_if(std::begin(kSymbols), std::end(kSymbols),
                                  [&](const auto& row) { return rest.starts_with(row.symbol); });
  return found == std::end(kSymbols) ? nullptr : found;
}

}  // namespace assembly_sync::mapping
