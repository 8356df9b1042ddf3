// Expression text -> tree. From loosest to tightest:
//
//   expression := and_part ('or' and_part)*
//   and_part   := not_part ('and' not_part)*
//   not_part   := 'not' not_part | comparison
//   comparison := pipe (('==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not' 'in') pipe)?
//   pipe       := primary ('|' call)*            x | f(y) is f(x, y); x | f is f(x)
//   primary    := literal | path | call | '[' list ']' | '(' expression ')'
//   call       := NAME '(' (expression (',' expression)*)? ')'
//   path       := (NAME | '.' NAME | '.' '[' text ']') ('.' NAME | '[' number ']' | '[' text ']')*
//
// Thread-safe.
#pragma once

#include <string_view>

#include <tl/expected.hpp>

#include "mapping/ast.hpp"
#include "mapping/lexer.hpp"

namespace assembly_sync::mapping {

/// Knows no functions and no properties: that is the checker's part. Refuses expressions longer
/// than limits::kExpressionBytes or nested deeper than limits::kExpressionDepth.
tl::expected<Node, ExpressionError> parse(std::string_view expression);

}  // namespace assembly_sync::mapping
