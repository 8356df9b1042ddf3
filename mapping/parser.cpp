#include "mapping/parser.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/limits.hpp"
#include "mapping/functions.hpp"
#include "mapping/hints.hpp"

namespace assembly_sync::mapping {
namespace {

using core::limits::kExpressionDepth;

constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
    {"==", Comparison::equal},      {"!=", Comparison::unequal}, {"<", Comparison::less},
    {"<=", Comparison::less_equal}, {">", Comparison::greater},  {">=", Comparison::greater_equal}};

/// The first error stops the reading: the functions below then return whatever they have, and
/// nobody looks at it.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  tl::expected<Node, ExpressionError> run() {
    if (peek().kind == TokenKind::end) fail(peek(), "expected an expression, got nothing");
    Node root = expression();
    if (!error_ && peek().kind != TokenKind::end) unexpected_rest();
    if (error_) return tl::unexpected<ExpressionError>(std::move(*error_));
    return root;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
  }
  bool is(TokenKind kind, std::string_view text, std::size_t ahead = 0) const {
    return peek(ahead).kind == kind && peek(ahead).text == text;
  }
  bool symbol(std::string_view text) const { return is(TokenKind::symbol, text); }
  bool keyword(std::string_view text) const { return is(TokenKind::keyword, text); }

  void fail(const Token& at, std::string message) {
    if (!error_) error_ = ExpressionError{at.begin, std::move(message)};
    next_ = tokens_.size() - 1;  // everything that reads on stops here
  }
  static std::string shown(const Token& token) {
    return token.kind == TokenKind::end ? "the end" : '`' + std::string(token.text) + '`';
  }
  bool expect(std::string_view text, std::string_view why) {
    if (symbol(text)) {
      take();
      return true;
    }
    fail(peek(),
         "expected " + std::string(text) + ' ' + std::string(why) + ", got " + shown(peek()));
    return false;
  }

  void unexpected_rest() {
    const Token& token = peek();
    const bool compares = token.kind == TokenKind::symbol &&
                          std::any_of(std::begin(kComparisons), std::end(kComparisons),
                                      [&](const auto& entry) { return entry.first == token.text; });
    if (compares) {
      return fail(token, "comparisons can't be chained: write a < b and b < c");
    }
    const Token& before = tokens_[next_ - 1];
    if (before.kind == TokenKind::name && next_ == 1 && function_of(before) != nullptr) {
      return fail(before, "expected a value, got the function " + shown(before) + " (write " +
                              std::string(before.text) + "(…))");
    }
    fail(token, "expected an operator, | or the end, got " + shown(token) + hint(token));
  }

  static const Function* function_of(const Token& token) { return find_function(token.text); }

  /// What to write instead of what follows a whole value.
  std::string hint(const Token& token) const {
    if (token.kind == TokenKind::name) {
      return keyword_of(token.text) ? small_letters(token) : word_hint(token.text);
    }
    if (token.kind == TokenKind::number && token.text.starts_with('-')) return " (write sub(a, b))";
    if (token.kind == TokenKind::text) return " (several texts become one by concat(a, b))";
    if (token.kind == TokenKind::symbol && token.text == ",") {
      return " (several values: concat(a, b) as one text, [a, b] as a list; a decimal point is .)";
    }
    return token.kind == TokenKind::symbol && token.text == ")" ? " (there is no ( before it)" : "";
  }

  static std::string small_letters(const Token& token) {
    return " (write it in small letters: " + *keyword_of(token.text) + "; a property of that " +
           "name: ." + std::string(token.text) + ")";
  }

  /// Counts the nesting of the reading itself, so that "((((…" can't exhaust the stack.
  struct Deeper {
    explicit Deeper(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    std::size_t& depth_;
  };

  static Node operation(Node::Kind kind, const Token& at, std::vector<Node> arguments) {
    Node node;
    node.kind = kind;
    node.at = at.begin;
    node.name = at.text;
    node.begin = std::min(at.begin, arguments.front().begin);
    node.end = arguments.back().end;
    node.arguments = std::move(arguments);
    return node;
  }
  static std::vector<Node> two(Node a, Node b) {
    std::vector<Node> out;
    out.push_back(std::move(a));
    out.push_back(std::move(b));
    return out;
  }

  /// Sets the node's depth from its arguments'.
  Node checked(Node node, const Token& at) {
    for (const Node& argument : node.arguments) {
      node.depth = std::max(node.depth, argument.depth + 1);
    }
    if (node.depth > kExpressionDepth) too_deep(at);
    return node;
  }
  void too_deep(const Token& at) {
    fail(at,
         "expected at most " + std::to_string(kExpressionDepth) + " levels of nesting, got more");
  }

  Node expression() {
    const Deeper deeper(nesting_);
    if (nesting_ > kExpressionDepth) too_deep(peek());
    if (error_) return {};
    return joined(Node::Kind::logic_or, "or", &Parser::and_part);
  }
  Node and_part() { return joined(Node::Kind::logic_and, "and", &Parser::not_part); }

  Node joined(Node::Kind kind, std::string_view word, Node (Parser::*part)()) {
    Node first = (this->*part)();
    if (error_ || !keyword(word)) return first;
    const Token at = peek();
    std::vector<Node> parts;
    parts.push_back(std::move(first));
    while (!error_ && keyword(word)) {
      take();
      parts.push_back((this->*part)());
    }
    return checked(operation(kind, at, std::move(parts)), at);
  }

  Node not_part() {
    if (!keyword("not")) return comparison();
    const Deeper deeper(nesting_);
    const Token at = take();
    if (nesting_ > kExpressionDepth) too_deep(at);
    if (error_) return {};
    std::vector<Node> one;
    one.push_back(not_part());
    return checked(operation(Node::Kind::logic_not, at, std::move(one)), at);
  }

  Node comparison() {
    Node left = pipe();
    if (error_) return left;
    const Token at = peek();
    if (keyword("in") || (keyword("not") && is(TokenKind::keyword, "in", 1))) {
      const bool negated = take().text == "not";
      if (negated) take();
      Node node = operation(Node::Kind::in, at, two(std::move(left), pipe()));
      node.name = negated ? "not in" : "in";
      node.negated = negated;
      return checked(std::move(node), at);
    }
    for (const auto& [text, meaning] : kComparisons) {
      if (!symbol(text)) continue;
      take();
      Node node = operation(Node::Kind::compare, at, two(std::move(left), pipe()));
      node.comparison = meaning;
      return checked(std::move(node), at);
    }
    return left;
  }

  Node pipe() {
    Node value = primary();
    while (!error_ && symbol("|")) {
      take();
      if (peek().kind != TokenKind::name) {
        fail(peek(), "expected a function after |, got " + shown(peek()));
        return value;
      }
      const std::size_t begin = value.begin;
      const Token name = take();
      std::vector<Node> first;
      first.push_back(std::move(value));
      value = call(name, std::move(first));
      value.begin = begin;
    }
    return value;
  }

  /// The name is taken; after | the parentheses may be missing.
  Node call(const Token& name, std::vector<Node> arguments) {
    Node node;
    node.kind = Node::Kind::call;
    node.name = name.text;
    node.begin = node.at = name.begin;
    node.end = name.end;
    node.arguments = std::move(arguments);
    if (symbol("(")) {
      take();
      node.end = sequence(")", "after the arguments of " + node.name, node.arguments);
    }
    return checked(std::move(node), name);
  }

  /// Reads "a, b, c" and the closing symbol; returns where that ends.
  std::size_t sequence(std::string_view close, const std::string& why, std::vector<Node>& out) {
    while (!error_ && !symbol(close)) {
      out.push_back(expression());
      if (error_ || symbol(close)) break;
      if (!symbol(",")) {
        fail(peek(), "expected , or " + std::string(close) + ' ' + why + ", got " + shown(peek()) +
                         (symbol(",") ? "" : hint(peek())));
        break;
      }
      take();
      if (symbol(close)) fail(peek(), "expected a value after the comma, got " + shown(peek()));
    }
    const std::size_t end = peek().end;
    take();
    return end;
  }

  Node literal(core::Value value) {
    const Token& token = take();
    Node node;
    node.begin = node.at = token.begin;
    node.end = token.end;
    node.literal = std::move(value);
    return node;
  }

  Node primary() {
    const Token& token = peek();
    switch (token.kind) {
      case TokenKind::text:
      case TokenKind::number:
        return literal(token.value);
      case TokenKind::keyword:
        return keyword_value();
      case TokenKind::name:
        if (keyword_of(token.text) && !is(TokenKind::symbol, ".", 1)) {
          fail(token, "expected a value, got " + shown(token) + small_letters(token));
          return {};
        }
        if (is(TokenKind::symbol, "(", 1)) {
          const Token name = take();
          return call(name, {});
        }
        return path();
      case TokenKind::symbol:
        if (symbol("(")) return parenthesised();
        if (symbol("[")) return list();
        if (symbol(".")) return path();
        break;
      case TokenKind::end:
        break;
    }
    fail(token, "expected a value, got " + shown(token));
    return {};
  }

  Node keyword_value() {
    if (keyword("null")) return literal({});
    if (keyword("true")) return literal(true);
    if (keyword("false")) return literal(false);
    fail(peek(), "expected a value, got the operator " + shown(peek()));
    return {};
  }

  Node parenthesised() {
    const Token open = take();
    Node inner = expression();
    if (error_) return inner;
    const std::size_t end = peek().end;
    expect(")", "to close the parenthesis");
    inner.begin = open.begin;
    inner.end = end;
    return inner;
  }

  Node list() {
    const Token open = take();
    Node node;
    node.kind = Node::Kind::list;
    node.begin = node.at = open.begin;
    node.end = sequence("]", "in the list", node.arguments);
    return checked(std::move(node), open);
  }

  Node path() {
    Node node;
    node.kind = Node::Kind::path;
    node.begin = node.at = peek().begin;
    if (peek().kind == TokenKind::name) {
      node.end = peek().end;
      node.path.push_back({std::string(take().text), -1});
    } else if (is(TokenKind::symbol, "[", 1)) {
      take();  // .["odd root"]
      bracket(node);
      if (!error_ && node.path.front().index >= 0)
        fail(peek(), "expected a name in quotes after .[");
    }
    while (!error_ && (symbol(".") || symbol("["))) symbol(".") ? member(node) : bracket(node);
    return node;
  }

  void member(Node& node) {
    take();
    const Token& name = peek();
    if (name.kind != TokenKind::name && name.kind != TokenKind::keyword) {
      return fail(name, "expected a name after the dot, got " + shown(name) +
                            " (odd names go in brackets: a[\"odd name\"])");
    }
    node.end = name.end;
    node.path.push_back({std::string(take().text), -1});
  }

  static std::string bracket_hint(const Token& key) {
    if (key.kind == TokenKind::name) return " (write [\"" + std::string(key.text) + "\"])";
    const bool from_end = key.kind == TokenKind::number && key.text.starts_with('-');
    return from_end ? " (from the end: at(list, " + std::string(key.text) + "))" : "";
  }

  void bracket(Node& node) {
    take();
    const Token& key = peek();
    if (key.kind == TokenKind::text) {
      node.path.push_back({key.value.as_string(), -1});
    } else if (key.kind == TokenKind::number && key.value.is_int() && key.value.as_int() >= 0) {
      node.path.push_back({"", key.value.as_int()});
    } else {
      return fail(key, "expected a name in quotes or a number from 0 in the brackets, got " +
                           shown(key) + bracket_hint(key));
    }
    take();
    node.end = peek().end;
    expect("]", "after the name or number");
  }

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
  std::optional<ExpressionError> error_;
};

}  // namespace

tl::expected<Node, ExpressionError> parse(std::string_view expression) {
  if (expression.size() > core::limits::kExpressionBytes) {
    return tl::unexpected(ExpressionError{
        0, "expected an expression of at most " + std::to_string(core::limits::kExpressionBytes) +
               " bytes, got " + std::to_string(expression.size())});
  }
  auto tokens = tokenize(expression);
  if (!tokens) return tl::unexpected(tokens.error());
  return Parser(std::move(*tokens)).run();
}

}  // namespace assembly_sync::mapping
