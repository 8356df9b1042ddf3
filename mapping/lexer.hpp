// Words of an expression: text -> tokens with offsets. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/value.hpp"

namespace assembly_sync::mapping {

/// A fault of an expression; `offset` is the byte of the expression's text to point at.
struct ExpressionError {
  std::size_t offset = 0;
  std::string message;
};

enum class TokenKind : std::uint8_t {
  name,     // a word that is no keyword
  keyword,  // and or not in true false null
  text,     // a literal in quotes; `value` holds its meaning
  number,   // `value` holds it
  symbol,   // ( ) [ ] , . | == != < <= > >=
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view text;  // as written, a piece of the expression
  core::Value value;      // kinds text and number
};

/// The tokens, closed by one of kind `end`.
tl::expected<std::vector<Token>, ExpressionError> tokenize(std::string_view expression);

}  // namespace assembly_sync::mapping
