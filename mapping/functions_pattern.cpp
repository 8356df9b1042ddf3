// Functions of regular expressions, by RE2: time linear in the text whatever the pattern is, and
// bounded memory.
#include <array>

#include <re2/re2.h>

#include "core/limits.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::size_t kMostGroups = 9;
/// Where the library's fast way runs out of memory, its slow one costs this times the text.
constexpr int kMostSteps = 4000;
/// Finding a place may mean looking at all the rest of the text: bytes of that, for one call. Never
/// reached by texts of up to 16 KiB.
constexpr std::size_t kMostSearched = 128 * 1024 * 1024;

/// Of a call; `with` is what replace_pattern puts in.
struct Pattern final : Prepared {
  Pattern(std::string_view pattern, const re2::RE2::Options& options)
      : expression(re2::StringPiece(pattern.data(), pattern.size()), options) {}

  re2::RE2 expression;
  std::string with;
};

std::size_t groups_of(const re2::RE2& expression) {
  return static_cast<std::size_t>(expression.NumberOfCapturingGroups());
}

/// The library's words for the kinds of mistakes, in ours.
std::string mistake(const re2::RE2& expression) {
  using Code = re2::RE2::ErrorCode;
  switch (expression.error_code()) {
    case Code::ErrorMissingBracket:
      return "a [ without its ]";
    case Code::ErrorMissingParen:
    case Code::ErrorUnexpectedParen:
      return "a parenthesis without its partner (a plain one is written \\( or \\))";
    case Code::ErrorBadEscape:
    case Code::ErrorTrailingBackslash:
      return "an unknown escape";
    case Code::ErrorBadCharRange:
      return "a range from high to low";
    case Code::ErrorRepeatArgument:
    case Code::ErrorRepeatOp:
      return "a repetition of nothing";
    case Code::ErrorRepeatSize:
      return "a repetition that is too large";
    case Code::ErrorBadPerlOp:
      return "a group of an unknown kind (there is no look-ahead or look-behind)";
    case Code::ErrorPatternTooLarge:
      return "one that needs too much memory";
    default:
      return "something else";
  }
}

/// Where in the pattern the mistake is.
std::size_t place(std::string_view pattern, const re2::RE2& expression) {
  const std::string& piece = expression.error_arg();
  const std::size_t at = piece.empty() ? pattern.npos : pattern.find(piece);
  return at == pattern.npos ? 0 : at;
}

/// `\1` to `\9` in what replaces a match, `\0` for all of it, `\\` for a backslash.
std::optional<PrepareError> check_replacement(std::string_view with, std::size_t groups) {
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] != '\\') continue;
    const char next = i + 1 < with.size() ? with[i + 1] : ' ';
    const bool group = next >= '0' && next <= '9' && static_cast<std::size_t>(next - '0') <= groups;
    if (!group && next != '\\') {
      return PrepareError{2, i,
                          "expected \\0 to \\" + std::to_string(groups) +
                              " (the pattern's groups) or \\\\, got another \\"};
    }
    ++i;
  }
  return std::nullopt;
}

tl::expected<std::shared_ptr<Pattern>, PrepareError> compiled(Literals literals) {
  const auto wrong = [](std::string message, std::size_t within = 0) {
    return tl::unexpected(PrepareError{1, within, std::move(message)});
  };
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(core::limits::kPatternBytes);
  const std::string_view text = *literals[1];
  auto out = std::make_shared<Pattern>(text, options);
  const re2::RE2& expression = out->expression;
  if (!expression.ok()) {
    return wrong("expected a regular expression, got " + mistake(expression),
                 place(text, expression));
  }
  if (expression.ProgramSize() > kMostSteps) {
    return wrong("expected a regular expression, got one that needs too much memory");
  }
  if (groups_of(expression) > kMostGroups) {
    return wrong("expected at most 9 groups (one that is not used: (?:…)), got " +
                 std::to_string(groups_of(expression)));
  }
  return out;
}

PrepareResult prepare_pattern(Literals literals) {
  return compiled(literals);
}

PrepareResult prepare_replacement(Literals literals) {
  auto out = compiled(literals);
  if (!out) return tl::unexpected(std::move(out.error()));
  if (auto wrong = check_replacement(*literals[2], groups_of((*out)->expression))) {
    return tl::unexpected(std::move(*wrong));
  }
  (*out)->with = *literals[2];
  return *out;
}

using Groups = std::array<re2::StringPiece, kMostGroups + 1>;

bool find(const Pattern& pattern, std::string_view text, std::size_t from, Groups& out,
          std::size_t wanted) {
  return pattern.expression.Match(re2::StringPiece(text.data(), text.size()), from, text.size(),
                                  re2::RE2::UNANCHORED, out.data(), static_cast<int>(wanted));
}

std::string_view view(const re2::StringPiece& piece) {
  return {piece.data(), piece.size()};
}

/// False (and failed) when the text is so long that a pattern could take long.
bool searchable(Call& call) {
  if (call.text(0).size() <= core::limits::kProducedTextBytes) return true;
  call.fail("expected a text of at most " + std::to_string(core::limits::kProducedTextBytes) +
            " bytes, got a longer one");
  return false;
}

Datum matches(Call& call) {
  if (!searchable(call)) return {};
  Groups groups;
  return Datum(find(call.prepared<Pattern>(), call.text(0), 0, groups, 0));
}

Datum extract(Call& call) {
  if (!searchable(call)) return {};
  const Pattern& pattern = call.prepared<Pattern>();
  const std::size_t wanted = groups_of(pattern.expression) == 0 ? 0 : 1;
  Groups groups;
  if (!find(pattern, call.text(0), 0, groups, wanted + 1)) return {};
  if (groups[wanted].data() == nullptr) return {};  // a group that took no part
  return view(groups[wanted]);
}

void append_replacement(const std::string& with, const Groups& groups, std::string& out) {
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] != '\\') {
      out += with[i];
    } else if (with[++i] == '\\') {
      out += '\\';
    } else {
      out += view(groups[static_cast<std::size_t>(with[i] - '0')]);
    }
  }
}

/// Where the next search begins after an empty match: behind one more character.
std::size_t behind_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

Datum replace_pattern(Call& call) {
  if (!searchable(call)) return {};
  const Pattern& pattern = call.prepared<Pattern>();
  const std::string_view text = call.text(0);
  const std::size_t wanted = groups_of(pattern.expression) + 1;
  Groups groups;
  std::string out;
  std::size_t copied = 0;
  std::size_t from = 0;
  std::size_t searched = 0;
  while (from <= text.size() && find(pattern, text, from, groups, wanted)) {
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    const std::size_t end = begin + groups[0].size();
    searched += text.size() - from + 1;
    if (searched > kMostSearched) {
      return call.fail("expected fewer places that the pattern fits in so long a text, got more");
    }
    out.append(text.substr(copied, begin - copied));
    append_replacement(pattern.with, groups, out);
    if (out.size() > core::limits::kProducedTextBytes) return call.keep(out);  // refuses it
    copied = end;
    from = end > begin ? end : behind_character(text, end);
  }
  return searched == 0 ? call[0] : call.keep(out.append(text.substr(copied)));
}

}  // namespace

std::vector<Function> pattern_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::pattern;
  constexpr Form kPlain = Form::plain;
  const P kPattern = {"pattern", kText, P::kLiteral};
  return {
      {"matches",
       kSubject,
       {{"text", kText}, kPattern},
       kBool,
       "True when the pattern fits somewhere in the text; ^ and $ stand for its begin and end. "
       "`(?i)` at the begin of a pattern makes capital and small letters equal.",
       {{"matches(phone, '^[+]41')", R"({"phone": "+41 44 000"})", "true"},
        {"matches(a, '(?i)gmbh$')", R"({"a": "Acme GmbH"})", "true"}},
       matches,
       kPlain,
       prepare_pattern},
      {"extract",
       kSubject,
       {{"text", kText}, kPattern},
       kText,
       "What the pattern's first group (or the whole pattern, if it has none) fits first; null "
       "when it fits nowhere.",
       {{"extract(a, 'ACC-([0-9]+)')", R"({"a": "ref ACC-1042, ACC-7"})", R"("1042")"},
        {"extract(a, '[0-9]{4}')", R"({"a": "none"})", "null"}},
       extract,
       kPlain,
       prepare_pattern},
      {"replace_pattern",
       kSubject,
       {{"text", kText}, kPattern, {"with", kText, P::kLiteral}},
       kText,
       "Everything that the pattern fits replaced; \\1 in `with` stands for the pattern's first "
       "group, \\0 for all that it fits.",
       {{"replace_pattern(phone, '[^0-9+]', '')", R"({"phone": "+41 (44) 000-11"})",
         R"("+414400011")"},
        {"replace_pattern(a, '(\\w+), (\\w+)', '\\2 \\1')", R"({"a": "Lovelace, Ada"})",
         R"("Ada Lovelace")"}},
       replace_pattern,
       kPlain,
       prepare_replacement},
  };
}

}  // namespace assembly_sync::mapping
