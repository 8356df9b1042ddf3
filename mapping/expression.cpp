#include "mapping/expression.hpp"

#include "mapping/checker.hpp"
#include "mapping/parser.hpp"

namespace assembly_sync::mapping {

Expression Expression::compile(std::string_view text, const Names& names,
                               std::vector<ExpressionError>& errors) {
  Expression out;
  out.text_ = text;
  auto parsed = parse(out.text_);
  if (!parsed) {
    errors.push_back(parsed.error());
    return out;
  }
  out.root_ = std::make_unique<Node>(std::move(*parsed));
  std::vector<ExpressionError> found;
  check(*out.root_, names, found);
  if (!found.empty()) out.root_.reset();
  errors.insert(errors.end(), found.begin(), found.end());
  return out;
}

}  // namespace assembly_sync::mapping
