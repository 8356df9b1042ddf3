#include "mapping/scope.hpp"

#include <algorithm>

#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

bool reads_record(const Node& node) {
  if (node.kind == Node::Kind::path) return true;
  if (node.table != nullptr) return reads_record(node.arguments.front());
  return std::any_of(node.arguments.begin(), node.arguments.end(), reads_record);
}

}  // namespace

Rule Scope::expression(const std::string& field, const core::YamlNode& value) const {
  Rule rule;
  rule.field = field;
  rule.place = value;
  if (!value.is_scalar() || trim(value.scalar).empty()) {
    const bool list = value.is_list();
    report(value, field,
           "expected an expression, got " +
               (value.is_scalar() ? "an empty text" : std::string(value.kind_name())) +
               (list ? " (an expression that begins with [ stands in quotes)" : ""));
    return rule;
  }
  std::vector<ExpressionError> errors;
  rule.expression = Expression::compile(value.scalar, {roots, &tables, catalogue_root}, errors);
  for (ExpressionError& error : errors) {
    sink.add_within(value, error.offset, key_path(field), std::move(error.message));
  }
  return rule;
}

void Scope::check_type(const Rule& rule, TypeSet wanted) const {
  if (!rule.expression.usable()) return;
  const Node& root = rule.expression.root();
  const TypeSet known = root.type.without(kNull);
  if (known.empty() || known.meets(wanted)) return;
  sink.add_within(rule.place, root.at, key_path(rule.field), mismatch(wanted, known));
}

Rule Scope::identifier(const std::string& field, const core::YamlNode& value) const {
  Rule rule = expression(field, value);
  check_type(rule, kText | kNumber);
  return rule;
}

Rule Scope::own_identifier(const std::string& field, const core::YamlNode& value,
                           std::string_view what) const {
  Rule rule = identifier(field, value);
  if (rule.expression.usable() && !reads_record(rule.expression.root())) {
    report(value, field,
           "expected an expression that reads the record's " + std::string(what) +
               ", got the same text for every record");
  }
  return rule;
}

}  // namespace assembly_sync::mapping
