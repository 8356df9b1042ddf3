#include "tests/tidy/scan.hpp"

#include <cctype>

namespace assembly_sync::tidy {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Walks over the text once, copying code and blanking the rest.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void run() {
    while (at_ < text_.size()) {
      if (starts_with("//")) {
        blank_until("\n", 0);
      } else if (starts_with("/*")) {
        blank_until("*/", 2);
      } else if (starts_with("R\"") && !after_word()) {
        raw_string();
      } else if (text_[at_] == '"') {
        quoted('"');
      } else if (text_[at_] == '\'' && !after_word()) {
        quoted('\'');
      } else {
        keep();
      }
    }
  }

  std::string code;
  std::vector<Literal> literals;

 private:
  bool starts_with(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }
  /// A quote after a digit separates digits; an R after a letter belongs to a name.
  bool after_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }

  void keep() {
    line_ += text_[at_] == '\n' ? 1 : 0;
    code += text_[at_++];
  }
  void blank(std::size_t count) {
    for (; count > 0 && at_ < text_.size(); --count) {
      line_ += text_[at_] == '\n' ? 1 : 0;
      code += text_[at_++] == '\n' ? '\n' : ' ';
    }
  }
  void blank_until(std::string_view end, std::size_t and_more) {
    const auto found = text_.find(end, at_);
    blank(found == std::string_view::npos ? text_.size() - at_ : found - at_ + and_more);
  }
  void raw_string() {
    const auto open = text_.find('(', at_);
    if (open == std::string_view::npos) return blank(text_.size());
    const std::string close = ')' + std::string(text_.substr(at_ + 2, open - at_ - 2)) + '"';
    const auto end = text_.find(close, open);
    if (end == std::string_view::npos) return blank(text_.size());
    literals.push_back({line_, std::string(text_.substr(open + 1, end - open - 1)), true});
    blank(end + close.size() - at_);
  }
  void quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    if (quote == '"')
      literals.push_back({line_, std::string(text_.substr(at_ + 1, end - at_ - 1)), false});
    blank(end + 1 - at_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

bool is_header(std::string_view path) {
  return path.ends_with(".hpp");
}
bool is_cpp(std::string_view path) {
  return is_header(path) || path.ends_with(".cpp");
}

Source scan(std::string path, std::string_view text) {
  Source source;
  source.path = std::move(path);
  source.lines = split(text);
  if (is_cpp(source.path)) {
    Scanner scanner(text);
    scanner.run();
    source.code = split(scanner.code);
    source.literals = std::move(scanner.literals);
  }
  return source;
}

std::size_t width(std::string_view line) {
  std::size_t characters = 0;
  for (const char c : line) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return characters;
}

}  // namespace assembly_sync::tidy
