#include "mapping/checker.hpp"

#include <algorithm>

#include "mapping/contradiction.hpp"
#include "mapping/dates.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/hints.hpp"
#include "mapping/member_index.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

std::string quoted(std::string_view word) {
  return '`' + std::string(word) + '`';
}

std::string arguments_word(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " argument" : " arguments");
}

class Checker {
 public:
  Checker(const Names& names, std::vector<ExpressionError>& errors)
      : names_(names), errors_(errors) {}

  void node(Node& node) {
    switch (node.kind) {
      case Node::Kind::literal:
        node.constant = Datum(node.literal);
        node.type = node.constant.type();
        return;
      case Node::Kind::path:
        return path(node);
      case Node::Kind::call:
        return call(node);
      default:
        break;
    }
    for (Node& argument : node.arguments) this->node(argument);
    switch (node.kind) {
      case Node::Kind::list:
        node.type = kList;
        return;
      case Node::Kind::compare:
        compare(node);
        break;
      case Node::Kind::in:
        in(node);
        break;
      default:
        for (const Node& operand : node.arguments) require(node, operand, kBool);
    }
    node.type = kBool;
  }

 private:
  void fail(std::size_t offset, std::string message) {
    errors_.push_back({offset, std::move(message)});
  }

  /// The operand can be of one of the types, as far as is known.
  void require(const Node& user, const Node& operand, TypeSet types) {
    const TypeSet known = operand.type.without(kNull);
    if (known.empty() || known.meets(types)) return;
    fail(operand.at, user.name + ": " + mismatch(types, known));
  }

  void path(Node& node) {
    node.type = kAny;
    for (Segment& segment : node.path) segment.hash = member_hash(segment.name);
    const std::string& root = node.path.front().name;
    if (names_.roots == nullptr || !names_.roots->has_value()) return;
    const std::set<std::string>& roots = **names_.roots;
    if (roots.contains(root)) return;
    const std::vector<std::string> known(roots.begin(), roots.end());
    std::string message = "expected a name that the record has, got " + quoted(root);
    if (node.path.size() == 1 && find_function(root) != nullptr) {
      message += " (a call has parentheses: " + root + "(…))";
    } else if (const std::string_view hint = root_hint(root); !hint.empty()) {
      message += hint;
    } else if (const std::string near = did_you_mean(root, known); !near.empty()) {
      message += near;
    } else if (const std::string under = holder_of(root); !under.empty()) {
      message += ", did you mean " + quoted(under) + '?';
    }
    fail(node.at, message + " (one of " + listed(known) +
                      "; a fixed text stands in quotes, alone as {value: …})");
  }

  /// Most CRMs keep all fields under one root, which is easily forgotten.
  std::string holder_of(const std::string& word) const {
    return (*names_.roots)->contains("properties") ? "properties." + word : "";
  }

  void call(Node& node) {
    node.function = find_function(node.name);
    if (node.function == nullptr) {
      fail(node.at, "expected a function, got " + quoted(node.name) + near_function(node.name));
      for (Node& argument : node.arguments) this->node(argument);
      return;
    }
    const Function& function = *node.function;
    const bool known_count = count_fits(node);
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const Parameter* const parameter = function.parameter(i);
      if (parameter != nullptr && parameter->has(Parameter::kTable)) {
        table(node, node.arguments[i]);
        continue;
      }
      this->node(node.arguments[i]);
      if (parameter != nullptr && parameter->has(Parameter::kField)) {
        field(node, node.arguments[i]);
      } else if (parameter != nullptr) {
        argument(node, node.arguments[i], *parameter);
      }
    }
    node.type = known_count ? result_type(node) : kAny;
    if (!known_count) return;
    if (function.form == Form::choose_case) cases(node);
    if (function.prepare != nullptr) prepare(node);
  }

  static std::string near_function(const std::string& name) {
    if (const std::string_view hint = function_hint(name); !hint.empty()) return std::string(hint);
    std::vector<std::string> known;
    for (const Function& function : functions()) known.emplace_back(function.name);
    return did_you_mean(name, known);
  }

  /// What case() compares must be able to be equal.
  void cases(const Node& node) {
    for (std::size_t i = 1; i + 1 < node.arguments.size(); i += 2) {
      const Node& when = node.arguments[i];
      const bool wrong_anyway = !when.type.meets(kScalar | kNull);
      if (wrong_anyway || comparable(node.arguments[0], when, kScalar)) continue;
      fail(when.at, node.name + ": expected " + to_text(node.arguments[0].type) +
                        " as the value, got " + to_text(when.type));
    }
  }

  void prepare(Node& node) {
    std::vector<std::optional<std::string_view>> literals;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const Node& argument = node.arguments[i];
      const bool text = argument.kind == Node::Kind::literal && argument.constant.is_text();
      literals.push_back(text ? std::optional(argument.constant.as_text()) : std::nullopt);
      if (!text && node.function->parameter(i)->has(Parameter::kLiteral)) {
        return fail(argument.at, node.name + ": expected a text in quotes as " +
                                     std::string(node.function->parameter(i)->name) + ", got " +
                                     described(argument));
      }
    }
    auto made = node.function->prepare(literals);
    if (made) {
      node.prepared = std::move(*made);
      return;
    }
    const PrepareError& error = made.error();
    const Node& argument = node.arguments[error.argument];
    // Within a text with escapes the bytes lie elsewhere; the text's begin is near enough.
    const bool as_written = argument.end - argument.begin == literals[error.argument]->size() + 2;
    fail(argument.at + (as_written && error.within > 0 ? error.within + 1 : 0),
         node.name + ": " + error.message);
  }

  static std::string described(const Node& node) {
    if (node.kind == Node::Kind::literal) return to_text(node.type);
    return node.kind == Node::Kind::path ? "a path" : "a value that depends on the record";
  }

  bool count_fits(const Node& node) {
    const Function& function = *node.function;
    const std::size_t got = node.arguments.size();
    const std::size_t least = function.least_arguments();
    const bool too_many = got > 0 && function.parameter(got - 1) == nullptr;
    if (got >= least && !too_many) return true;
    const std::size_t most = function.parameters.size();
    const bool repeats =
        !function.parameters.empty() && function.parameters.back().has(Parameter::kRepeats);
    std::string expected = repeats         ? "at least " + arguments_word(least)
                           : least == most ? arguments_word(least)
                                           : std::to_string(least) + " to " + arguments_word(most);
    fail(node.at, node.name + ": expected " + expected + ", got " + std::to_string(got) + ": " +
                      function.signature());
    return false;
  }

  void argument(const Node& node, const Node& argument, const Parameter& parameter) {
    require(node, argument, parameter.types);
    if (parameter.has(Parameter::kDate)) zone_kept(node, argument);
    const Datum& constant = argument.constant;
    const bool undated = parameter.has(Parameter::kDate) && argument.kind == Node::Kind::literal &&
                         constant.is_text() && !constant.as_text().empty() &&
                         !parse_instant(constant);
    if (undated) fail(argument.at, node.name + ": " + std::string(kNotADate));
  }

  /// in_zone() tells the same moment otherwise; the day that is meant is the zone's.
  void zone_kept(const Node& node, const Node& argument) {
    const Function& function = *node.function;
    const bool of_zone = argument.function != nullptr && argument.function->name == "in_zone";
    const bool has_zone = node.arguments.size() == function.parameters.size();
    if (!of_zone || has_zone || function.name == "to_datetime" || function.name == "to_epoch") {
      return;
    }
    fail(node.at, node.name + ": expected the zone as the last argument, got in_zone(…), whose " +
                      "moment is taken in UTC (write " + node.name + "(…, \"Europe/Berlin\"))");
  }

  void table(Node& call, const Node& word) {
    std::vector<std::string> known;
    if (names_.tables != nullptr) {
      for (const auto& [name, entry] : *names_.tables) known.push_back(name);
    }
    const std::string all =
        known.empty() ? " (there is no `tables` block)" : " (one of " + listed(known) + ")";
    if (word.kind != Node::Kind::path || word.path.size() != 1) {
      return fail(word.at, call.name + ": expected the bare name of a table" + all);
    }
    const std::string& name = word.path.front().name;
    const auto found = known.empty() ? Tables::const_iterator() : names_.tables->find(name);
    if (known.empty() || found == names_.tables->end()) {
      return fail(word.at, call.name + ": expected a table, got " + quoted(name) +
                               did_you_mean(name, known) + all);
    }
    call.table = &found->second;
  }

  /// What is worked out from a property has no options any more.
  void field(const Node& call, const Node& argument) {
    const CatalogueRoot* const root = names_.catalogue_root;
    if (root != nullptr && !*root) {
      return fail(call.at, call.name + ": expected a source that tells the options of its " +
                               "properties, got one that tells none (write lookup with a table)");
    }
    if (root == nullptr || is_field(argument, **root)) {
      if (argument.kind == Node::Kind::path && argument.path.back().index < 0) return;
    }
    const std::string under = root == nullptr || (*root)->empty() ? "" : " under " + quoted(**root);
    fail(argument.at, call.name + ": expected a property" + under + " as the record has it, got " +
                          described(argument));
  }

  static bool is_field(const Node& node, const std::string& root) {
    if (node.kind != Node::Kind::path) return false;
    const std::size_t depth = root.empty() ? 1 : 2;
    return node.path.size() == depth && (root.empty() || node.path.front().name == root);
  }

  static TypeSet case_type(const Node& node) {
    const std::size_t count = node.arguments.size();
    TypeSet all = count % 2 == 0 ? node.arguments.back().type : kNull;
    for (std::size_t i = 2; i < count; i += 2) all = all | node.arguments[i].type;
    return all;
  }

  static TypeSet result_type(const Node& node) {
    switch (node.function->form) {
      case Form::plain:
        return node.function->result | kNull;
      case Form::choose:
        return node.arguments[1].type |
               (node.arguments.size() > 2 ? node.arguments[2].type : kNull);
      case Form::lookup:
        return (node.table == nullptr ? kAny : node.table->types) | kNull |
               (node.arguments.size() > 2 ? node.arguments[2].type : kNull);
      case Form::choose_case:
        return case_type(node);
      case Form::label:
        return node.function->result | kNull |
               (node.arguments.size() > 1 ? node.arguments[1].type : kNull);
      case Form::first_filled:
      case Form::first_known:
        break;
    }
    TypeSet all;
    for (const Node& argument : node.arguments) all = all | argument.type;
    return all;
  }

  /// Both can be of one type, as far as is known; null compares with everything.
  bool comparable(const Node& a, const Node& b, TypeSet among) {
    const TypeSet left = a.type.without(kNull);
    const TypeSet right = b.type.without(kNull);
    if (left.empty() || right.empty())
      return left.empty() ? right.meets(among) || right.empty() : left.meets(among);
    return (left & right).meets(among);
  }

  void compare(const Node& node) {
    const bool ordered =
        node.comparison != Comparison::equal && node.comparison != Comparison::unequal;
    const Node& a = node.arguments[0];
    const Node& b = node.arguments[1];
    if (comparable(a, b, ordered ? kNumber | kText : kScalar)) return;
    fail(node.at, node.name + ": expected " +
                      (ordered ? "two numbers or two texts" : "two values of one type") + ", got " +
                      to_text(a.type) + " and " + to_text(b.type) + compare_hint(a, b));
  }

  static std::string compare_hint(const Node& a, const Node& b) {
    const auto is_literal = [](const Node& node, TypeSet type) {
      return node.kind == Node::Kind::literal && node.type == type;
    };
    const TypeSet types = (a.type | b.type).without(kNull);
    if (types == (kText | kNumber)) {
      return is_literal(a, kText) || is_literal(b, kText) ? " (a number stands without quotes)"
                                                          : " (write to_number(…) or to_text(…))";
    }
    if (types == (kText | kBool)) return " (true and false stand without quotes)";
    return types.meets(kList) ? " (an element of a list: \"x\" in list)" : "";
  }

  void in(const Node& node) {
    const Node& list = node.arguments[1];
    const TypeSet known = list.type.without(kNull);
    if (!known.empty() && !known.meets(kList)) {
      return fail(list.at, node.name + ": expected a list on the right, got " + to_text(known) +
                               (known == kText ? " (a part of a text: contains(text, part))" : ""));
    }
    if (list.kind != Node::Kind::list) return;
    for (const Node& item : list.arguments) {
      if (comparable(node.arguments[0], item, kScalar)) continue;
      fail(item.at, node.name + ": expected " + to_text(node.arguments[0].type) +
                        " as on the left, got " + to_text(item.type));
    }
  }

  const Names& names_;
  std::vector<ExpressionError>& errors_;
};

/// Calls of literals only have one result for every record: when that is a failure, it is one of
/// the configuration.
void try_constants(const Node& node, std::vector<ExpressionError>& errors) {
  const std::size_t before = errors.size();
  for (const Node& argument : node.arguments) try_constants(argument, errors);
  if (errors.size() > before || node.kind == Node::Kind::literal || !is_constant(node)) return;
  Arena arena;
  Evaluation run(core::JsonView{}, arena);
  run.value(node);
  if (run.failed()) errors.push_back({run.failure().offset, run.failure().reason});
}

}  // namespace

void check(Node& root, const Names& names, std::vector<ExpressionError>& errors) {
  Checker(names, errors).node(root);
  if (errors.empty()) try_constants(root, errors);
  std::stable_sort(errors.begin(), errors.end(),
                   [](const auto& a, const auto& b) { return a.offset < b.offset; });
}

}  // namespace assembly_sync::mapping
