// Functions of texts. Positions and lengths count characters, never bytes.
#include <algorithm>

#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

/// A longer text to search for would make the search's cost its length times the text's.
constexpr std::size_t kSearchBytes = 1024;

/// More than any number or true/false takes.
constexpr std::size_t kShortText = 32;

Datum concat(Call& call) {
  bool any_filled = false;
  bool all_literal = true;
  std::size_t most = 0;
  for (std::size_t i = 0; i < call.size(); ++i) {
    const bool literal = call.is_literal(i);
    all_literal = all_literal && literal;
    any_filled = any_filled || (!literal && !call[i].is_blank());
    most += call[i].is_text() ? call.text(i).size() : kShortText;
  }
  if (!any_filled && !all_literal) return {};
  char* const out = call.room(most);
  if (out == nullptr) return {};
  char* to = out;
  const auto add = [&](std::string_view part) { to = std::copy(part.begin(), part.end(), to); };
  for (std::size_t i = 0; i < call.size(); ++i) {
    if (call[i].is_text()) add(call.text(i));
    if (call[i].is_bool()) add(call[i].as_bool() ? "true" : "false");
    if (call[i].is_number()) add(number_text(call[i]));
  }
  return std::string_view(out, static_cast<std::size_t>(to - out));
}

Datum lower_of(Call& call) {
  return call.keep(lower(call.text(0)));
}
Datum upper_of(Call& call) {
  return call.keep(upper(call.text(0)));
}
Datum title_of(Call& call) {
  return call.keep(title(call.text(0)));
}
Datum trim_of(Call& call) {
  return trim(call.text(0));
}
Datum slug_of(Call& call) {
  return call.keep(slug(call.text(0)));
}

/// False (and failed) when `find` is empty or long.
bool searchable(Call& call, std::string_view find) {
  if (!find.empty() && find.size() <= kSearchBytes) return true;
  call.fail("expected a text of 1 to " + std::to_string(kSearchBytes) + " bytes to look for, got " +
            (find.empty() ? "an empty one" : "a longer one"));
  return false;
}

Datum replace(Call& call) {
  const std::string_view text = call.text(0);
  const std::string_view find = call.text(1);
  if (!searchable(call, find)) return {};
  std::string out;
  std::size_t from = 0;
  for (std::size_t hit = text.find(find); hit != std::string_view::npos;
       hit = text.find(find, from)) {
    out.append(text.substr(from, hit - from)).append(call.text(2));
    from = hit + find.size();
    if (out.size() > core::limits::kProducedTextBytes) return call.keep(out);  // refuses it
  }
  if (from == 0) return call[0];
  return call.keep(out.append(text.substr(from)));
}

/// The whole number of argument `i`; nothing (and failed) when it is none or below `least`.
std::optional<std::int64_t> whole(Call& call, std::size_t i, std::int64_t least) {
  const auto number = whole_number(call[i]);
  if (number && *number >= least) return number;
  call.fail("expected a whole number from " + std::to_string(least) + ", got another number");
  return std::nullopt;
}

Datum left(Call& call) {
  const auto count = whole(call, 1, 0);
  if (!count) return {};
  const std::string_view text = call.text(0);
  return text.substr(0, byte_of_character(text, static_cast<std::size_t>(*count)));
}

Datum right(Call& call) {
  const auto count = whole(call, 1, 0);
  if (!count) return {};
  const std::string_view text = call.text(0);
  const std::size_t all = count_characters(text);
  const std::size_t wanted = std::min(all, static_cast<std::size_t>(*count));
  return text.substr(byte_of_character(text, all - wanted));
}

Datum substring(Call& call) {
  const auto begin = whole(call, 1, 0);
  if (!begin) return {};
  std::string_view text = call.text(0);
  text.remove_prefix(byte_of_character(text, static_cast<std::size_t>(*begin)));
  if (call.size() < 3) return text;
  const auto count = whole(call, 2, 0);
  if (!count) return {};
  return text.substr(0, byte_of_character(text, static_cast<std::size_t>(*count)));
}

Datum truncate(Call& call) {
  const auto most = whole(call, 1, 0);
  if (!most) return {};
  const std::string_view text = call.text(0);
  const auto limit = static_cast<std::size_t>(*most);
  if (count_characters(text) <= limit) return text;
  const std::string_view mark = call.size() > 2 ? call.text(2) : "";
  const std::size_t mark_size = count_characters(mark);
  if (mark_size > limit) return text.substr(0, byte_of_character(text, limit));
  std::string out(text.substr(0, byte_of_character(text, limit - mark_size)));
  return call.keep(out.append(mark));
}

Datum split(Call& call) {
  std::string_view rest = call.text(0);
  const std::string_view separator = call.text(1);
  if (!searchable(call, separator)) return {};
  std::size_t count = 1;
  for (std::size_t at = rest.find(separator); at != std::string_view::npos;
       at = rest.find(separator, at + separator.size())) {
    ++count;
  }
  if (rest.empty()) count = 0;
  Datum* const out = call.list_room(count);
  if (out == nullptr) return {};
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = rest.find(separator);
    out[i] = trim(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + separator.size());
  }
  return Datum::Items{out, count};
}

Datum starts_with(Call& call) {
  return Datum(call.text(0).starts_with(call.text(1)));
}
Datum ends_with(Call& call) {
  return Datum(call.text(0).ends_with(call.text(1)));
}

Datum contains(Call& call) {
  if (!searchable(call, call.text(1))) return {};
  return Datum(call.text(0).find(call.text(1)) != std::string_view::npos);
}

Datum length(Call& call) {
  const std::size_t n = call[0].is_list() ? call.items(0).size() : count_characters(call.text(0));
  return Datum(static_cast<std::int64_t>(n));
}

/// What is missing to the width; nothing when it failed.
std::optional<std::string> padding(Call& call, std::string_view text, std::string_view usual) {
  const auto width = whole(call, 1, 0);
  if (!width) return std::nullopt;
  const std::string_view fill = call.size() > 2 ? call.text(2) : usual;
  if (count_characters(fill) != 1) {
    call.fail("expected one character to fill with, got " +
              std::string(fill.empty() ? "none" : "several"));
    return std::nullopt;
  }
  const std::size_t has = count_characters(text);
  std::string out;
  if (static_cast<std::size_t>(*width) <= has) return out;
  const std::size_t missing = static_cast<std::size_t>(*width) - has;
  if (missing > core::limits::kProducedTextBytes) {
    call.fail("expected a width of at most " + std::to_string(core::limits::kProducedTextBytes) +
              ", got a greater one");
    return std::nullopt;
  }
  for (std::size_t i = 0; i < missing; ++i) out += fill;
  return out;
}

Datum pad_left(Call& call) {
  const auto text = call.scalar_text(call[0]);
  auto fill = text ? padding(call, *text, "0") : std::nullopt;
  return fill ? call.keep(fill->append(*text)) : Datum();
}

Datum pad_right(Call& call) {
  const auto text = call.scalar_text(call[0]);
  const auto fill = text ? padding(call, *text, " ") : std::nullopt;
  return fill ? call.keep(std::string(*text).append(*fill)) : Datum();
}

Datum to_text_of(Call& call) {
  const auto text = call.scalar_text(call[0]);
  return text ? Datum(*text) : Datum();
}

}  // namespace

std::vector<Function> text_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::text;
  return {
      {"concat",
       kSubject,
       {{"part", kScalar, P::kRepeats, NullArgument::empty_text}},
       kText,
       "All parts in a row. Null when every part that is no literal is null or empty, so that a "
       "missing id makes no key of only a prefix; otherwise null parts are empty.",
       {{"concat('hubspot-company-', id)", R"({"id": 42})", R"("hubspot-company-42")"},
        {"concat('hubspot-company-', associations.company)", R"({"associations": {}})", "null"},
        {"concat(first, ' ', last) | trim", R"({"first": "Ada"})", R"("Ada")"}},
       concat},
      {"lower",
       kSubject,
       {{"text", kText}},
       kText,
       "Small letters. Knows Latin, Greek, Cyrillic and Armenian letters.",
       {{"lower(a)", R"({"a": "ÀB@Acme.TEST"})", R"("àb@acme.test")"}},
       lower_of},
      {"upper",
       kSubject,
       {{"text", kText}},
       kText,
       "Capital letters.",
       {{"upper(a)", R"({"a": "ch-é"})", R"("CH-É")"}},
       upper_of},
      {"title",
       kSubject,
       {{"text", kText}},
       kText,
       "Each word with a capital letter first and small letters after it.",
       {{"title(a)", R"({"a": "ada LOVELACE-king"})", R"("Ada Lovelace-King")"}},
       title_of},
      {"trim",
       kSubject,
       {{"text", kText}},
       kText,
       "Without white space at both ends.",
       {{"trim(a)", R"({"a": "  Acme Ltd \n"})", R"("Acme Ltd")"}},
       trim_of},
      {"replace",
       kSubject,
       {{"text", kText}, {"find", kText}, {"with", kText}},
       kText,
       "Every occurrence of `find` replaced. Plain text; patterns have replace_pattern.",
       {{"replace(phone, ' ', '')", R"({"phone": "+41 44 000"})", R"("+4144000")"}},
       replace},
      {"left",
       kSubject,
       {{"text", kText}, {"count", kNumber}},
       kText,
       "The first `count` characters.",
       {{"left(a, 2)", R"({"a": "Zürich"})", R"("Zü")"}},
       left},
      {"right",
       kSubject,
       {{"text", kText}, {"count", kNumber}},
       kText,
       "The last `count` characters.",
       {{"right(a, 3)", R"({"a": "Zürich"})", R"("ich")"}},
       right},
      {"substring",
       kSubject,
       {{"text", kText}, {"begin", kNumber}, {"count", kNumber, P::kOptional}},
       kText,
       "`count` characters from position `begin` (the first is 0); all the rest without `count`.",
       {{"substring(a, 2, 3)", R"({"a": "abcdef"})", R"("cde")"},
        {"substring(a, 4)", R"({"a": "abcdef"})", R"("ef")"}},
       substring},
      {"truncate",
       kSubject,
       {{"text", kText}, {"most", kNumber}, {"mark", kText, P::kOptional}},
       kText,
       "At most `most` characters; a text that was cut ends in `mark`, which counts.",
       {{"truncate(a, 6, '…')", R"({"a": "long description"})", R"("long …")"},
        {"truncate(a, 6, '…')", R"({"a": "short"})", R"("short")"}},
       truncate},
      {"split",
       kSubject,
       {{"text", kText}, {"separator", kText}},
       kList,
       "The parts between the separators, each trimmed. The empty text gives an empty list.",
       {{"segments | split(';')", R"({"segments": "EU; Retail"})", R"(["EU", "Retail"])"}},
       split},
      {"starts_with",
       kSubject,
       {{"text", kText}, {"begin", kText}},
       kBool,
       "True when the text begins so. Upper and lower case differ.",
       {{"starts_with(a, 'AC')", R"({"a": "ACME"})", "true"}},
       starts_with},
      {"ends_with",
       kSubject,
       {{"text", kText}, {"end", kText}},
       kBool,
       "True when the text ends so. Upper and lower case differ.",
       {{"lower(mail) | ends_with('@acme.test')", R"({"mail": "Ada@ACME.test"})", "true"}},
       ends_with},
      {"contains",
       kSubject,
       {{"text", kText}, {"part", kText}},
       kBool,
       "True when `part` stands anywhere in the text. For elements of a list use `in`.",
       {{"contains(a, 'cm')", R"({"a": "acme"})", "true"}},
       contains},
      {"length",
       kSubject,
       {{"value", kText | kList}},
       kNumber,
       "Characters of a text, elements of a list.",
       {{"length(a)", R"({"a": "Zürich"})", "6"}, {"length(a)", R"({"a": [1, 2]})", "2"}},
       length},
      {"pad_left",
       kSubject,
       {{"value", kText | kNumber}, {"width", kNumber}, {"fill", kText, P::kOptional}},
       kText,
       "Filled up on the left to `width` characters, with 0 unless `fill` says otherwise.",
       {{"pad_left(id, 6)", R"({"id": 42})", R"("000042")"}},
       pad_left},
      {"pad_right",
       kSubject,
       {{"value", kText | kNumber}, {"width", kNumber}, {"fill", kText, P::kOptional}},
       kText,
       "Filled up on the right to `width` characters, with spaces unless `fill` says otherwise.",
       {{"pad_right(a, 5, '.')", R"({"a": "ab"})", R"("ab...")"}},
       pad_right},
      {"slug",
       kSubject,
       {{"text", kText}},
       kText,
       "Small ASCII letters and digits with - between the words; accents of Latin letters are "
       "dropped, letters of other scripts left out.",
       {{"slug(a)", R"({"a": "Müller & Söhne GmbH"})", R"("muller-sohne-gmbh")"}},
       slug_of},
      {"to_text",
       kSubject,
       {{"value", kScalar}},
       kText,
       "A number or true/false as text; a number without needless decimals.",
       {{"to_text(a)", R"({"a": 12.50})", R"("12.5")"},
        {"to_text(a)", R"({"a": true})", R"("true")"}},
       to_text_of},
  };
}

}  // namespace assembly_sync::mapping
