#include "mapping/lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Bytes above 0x7F are letters of other scripts: column names of CSV files have them.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
  return begins_name(c) || is_digit(c);
}

bool is_keyword(std::string_view word) {
  constexpr std::array<std::string_view, 7> kWords = {"and",  "or",    "not", "in",
                                                      "true", "false", "null"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// What a person coming from another language means.
std::string_view hint_for(std::string_view rest) {
  constexpr std::pair<std::string_view, std::string_view> kHints[] = {
      {"&&", " (use the word `and`)"},
      {"=", " (equality is `==`)"},
      {"!", " (use the word `not`)"},
      {"+", " (use add(a, b) for numbers, concat(a, b) for texts)"},
      {"-", " (use sub(a, b))"},
      {"*", " (use mul(a, b))"},
      {"/", " (use div(a, b))"},
      {"?", " (use if(condition, a, b))"},
      {"$", " (a path begins with the name of a property)"},
      {"{", " (a literal map can't stand in an expression)"}};
  for (const auto& [begin, hint] : kHints) {
    if (rest.starts_with(begin)) return hint;
  }
  return "";
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  tl::expected<std::vector<Token>, ExpressionError> run() {
    while (!error_) {
      at_ = text_.find_first_not_of(" \t\r\n", at_);
      if (at_ == std::string_view::npos) break;
      next();
    }
    if (error_) return tl::unexpected<ExpressionError>(std::move(*error_));
    tokens_.push_back({TokenKind::end, text_.size(), text_.size(), "", {}});
    return std::move(tokens_);
  }

 private:
  void fail(std::size_t offset, std::string message) {
    if (!error_) error_ = ExpressionError{offset, std::move(message)};
  }

  void push(TokenKind kind, std::size_t end, core::Value value = {}) {
    tokens_.push_back({kind, at_, end, text_.substr(at_, end - at_), std::move(value)});
    at_ = end;
  }

  void next() {
    const char c = text_[at_];
    if (begins_name(c)) return name();
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      return number();
    }
    if (c == '"') return double_quoted();
    if (c == '\'') return single_quoted();
    symbol();
  }

  void name() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && continues_name(text_[end])) ++end;
    push(is_keyword(text_.substr(at_, end - at_)) ? TokenKind::keyword : TokenKind::name, end);
  }

  void number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (continues_name(text_[end]) || text_[end] == '.' ||
            ((text_[end] == '+' || text_[end] == '-') && (text_[end - 1] | 0x20) == 'e'))) {
      ++end;
    }
    const auto value = parse_number(text_.substr(at_, end - at_));
    if (!value) {
      return fail(at_, "expected a number such as 12 or -0.5, got " + shown(at_, end));
    }
    push(TokenKind::number, end, value->to_value());
  }

  void single_quoted() {
    const std::size_t close = text_.find('\'', at_ + 1);
    if (close == std::string_view::npos) return fail(at_, "expected a closing ' to this quote");
    push(TokenKind::text, close + 1, text_.substr(at_ + 1, close - at_ - 1));
  }

  void double_quoted() {
    std::string meaning;
    std::size_t i = at_ + 1;
    while (i < text_.size() && text_[i] != '"') {
      if (text_[i] == '\\') {
        i = escape(i, meaning);
        if (error_) return;
      } else {
        meaning += text_[i++];
      }
    }
    if (i >= text_.size()) return fail(at_, "expected a closing \" to this quote");
    push(TokenKind::text, i + 1, std::move(meaning));
  }

  /// Reads the escape at `i`; returns where the text goes on.
  std::size_t escape(std::size_t i, std::string& out) {
    constexpr std::string_view kWritten = "\"\\/nrt";
    constexpr std::string_view kMeaning = "\"\\/\n\r\t";
    if (i + 1 < text_.size()) {
      const std::size_t simple = kWritten.find(text_[i + 1]);
      if (simple != std::string_view::npos) {
        out += kMeaning[simple];
        return i + 2;
      }
      if (text_[i + 1] == 'u') {
        if (const auto code = hex4(text_.substr(i + 2, 4)); code && append_utf8(*code, out)) {
          return i + 6;
        }
      }
    }
    fail(i, "expected an escape of \\\" \\\\ \\/ \\n \\r \\t \\uXXXX, got " + shown(i, i + 2));
    return i;
  }

  static std::optional<char32_t> hex4(std::string_view digits) {
    char32_t code = 0;
    if (digits.size() != 4) return std::nullopt;
    for (const char c : digits) {
      const std::size_t digit =
          std::string_view("0123456789abcdef").find(is_digit(c) ? c : char(c | 0x20));
      if (digit == std::string_view::npos) return std::nullopt;
      code = code * 16 + static_cast<char32_t>(digit);
    }
    return code;
  }

  void symbol() {
    constexpr std::array<std::string_view, 13> kSymbols = {"==", "!=", "<=", ">=", "<", ">", "(",
                                                           ")",  "[",  "]",  ",",  ".", "|"};
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("||"))
      return fail(at_, "expected a function after |, got | (use the word `or`)");
    for (const std::string_view candidate : kSymbols) {
      if (rest.starts_with(candidate)) return push(TokenKind::symbol, at_ + candidate.size());
    }
    fail(at_, "unexpected " + shown(at_, at_ + 1) + std::string(hint_for(rest)));
  }

  std::string shown(std::size_t begin, std::size_t end) const {
    return '`' + std::string(text_.substr(begin, end - begin)) + '`';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
  std::optional<ExpressionError> error_;
};

}  // namespace

tl::expected<std::vector<Token>, ExpressionError> tokenize(std::string_view expression) {
  return Lexer(expression).run();
}

}  // namespace assembly_sync::mapping
