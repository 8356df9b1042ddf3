#include "mapping/lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "mapping/hints.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Bytes above 0x7F are letters of other scripts: column names of CSV files have them.
bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// White space that looks like a space and came along with copied text.
std::size_t odd_space(std::string_view rest) {
  for (const std::string_view space : {"\u00a0", "\u202f", "\u200b", "\ufeff", "\u2003"}) {
    if (rest.starts_with(space)) return space.size();
  }
  return 0;
}

bool begins_name(std::string_view rest) {
  if (!is_name_byte(rest.front())) return false;
  const bool ascii = static_cast<unsigned char>(rest.front()) < 0x80;
  return ascii || (odd_space(rest) == 0 && foreign_symbol(rest) == nullptr);
}
bool continues_name(std::string_view rest) {
  return is_digit(rest.front()) || begins_name(rest);
}

bool is_keyword(std::string_view word) {
  constexpr std::array<std::string_view, 7> kWords = {"and",  "or",    "not", "in",
                                                      "true", "false", "null"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  tl::expected<std::vector<Token>, ExpressionError> run() {
    while (!error_) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
      if (at_ == text_.size()) break;
      if (const std::size_t odd = odd_space(text_.substr(at_)); odd > 0) {
        at_ += odd;
      } else {
        next();
      }
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
    if (begins_name(text_.substr(at_))) return name();
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      return number();
    }
    if (c == '"') return double_quoted();
    if (c == '\'') return single_quoted();
    symbol();
  }

  void name() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_continuation(end) || continues_name(text_.substr(end)))) ++end;
    push(is_keyword(text_.substr(at_, end - at_)) ? TokenKind::keyword : TokenKind::name, end);
  }

  /// A further byte of a character that began before.
  bool is_continuation(std::size_t at) const {
    return (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80;
  }

  void number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() &&
           (is_continuation(end) || continues_name(text_.substr(end)) || text_[end] == '.' ||
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
    if (close == std::string_view::npos) return unclosed("'");
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
    if (i >= text_.size()) return unclosed("\"");
    push(TokenKind::text, i + 1, std::move(meaning));
  }

  void unclosed(const std::string& quote) {
    const bool after_word = at_ > 0 && is_name_byte(text_[at_ - 1]);
    fail(at_,
         "expected a closing " + quote + " to this quote, got the end" +
             (after_word && quote == "'" ? " (a text with an apostrophe stands in \"…\")" : ""));
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
    fail(i, "expected an escape of \\\" \\\\ \\/ \\n \\r \\t \\uXXXX, got " + shown(i, i + 2) +
                " (in '…' a backslash stands for itself)");
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
    const ForeignSymbol* const foreign = foreign_symbol(rest);
    const bool ours = rest.starts_with("==") ? !rest.starts_with("===") : rest.starts_with("!=");
    if (foreign == nullptr || ours) {
      for (const std::string_view candidate : kSymbols) {
        if (rest.starts_with(candidate)) return push(TokenKind::symbol, at_ + candidate.size());
      }
    }
    if (foreign == nullptr) {
      return fail(at_, "expected a value or an operator, got " + shown(at_, at_ + 1));
    }
    fail(at_, "expected " + std::string(foreign->expected) + ", got `" +
                  std::string(foreign->symbol) + '`' + std::string(foreign->hint));
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
