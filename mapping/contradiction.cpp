#include "mapping/contradiction.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/compare.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"

namespace assembly_sync::mapping {
namespace {

using Literals = std::vector<Datum>;

bool is_literal(const Node& node) {
  return node.kind == Node::Kind::literal;
}

std::optional<Datum> number_of(const Datum& value) {
  if (value.is_number()) return value;
  return value.is_text() ? parse_number(value.as_text()) : std::nullopt;
}

/// Some value is equal to both: "5" and "5.0" are, by the number 5.
bool compatible(const Datum& a, const Datum& b) {
  if (equal_values(a, b)) return true;
  if (!a.is_text() || !b.is_text()) return false;
  const auto left = number_of(a);
  const auto right = number_of(b);
  return left && right && compare_numbers(*left, *right) == 0;
}

/// What equals the one is surely equal to the other.
bool same_literal(const Datum& a, const Datum& b) {
  return a.type() == b.type() && equal_values(a, b);
}

/// What is known of one operand, by its text.
struct Knowledge {
  std::vector<Literals> one_of;  // it equals one of each
  Literals none_of;
  std::optional<bool> empty;
  struct Bound {
    Datum limit;
    bool strict = false;
  };
  std::optional<Bound> above;
  std::optional<Bound> below;

  void bound(Comparison comparison, const Datum& limit) {
    const bool strict = comparison == Comparison::less || comparison == Comparison::greater;
    const bool upper = comparison == Comparison::less || comparison == Comparison::less_equal;
    std::optional<Bound>& own = upper ? below : above;
    const int order = own ? compare_numbers(limit, own->limit) : 0;
    if (!own || (upper ? order < 0 : order > 0)) {
      own = Bound{limit, strict};
    } else if (order == 0) {
      own->strict = own->strict || strict;
    }
  }

  bool within_bounds(const Datum& value) const {
    const auto number = number_of(value);
    if (!number) return true;  // refused rather than false: not to be told here
    const auto breaks = [&](const std::optional<Bound>& bound, int sign) {
      if (!bound) return false;
      const int order = sign * compare_numbers(*number, bound->limit);
      return order > 0 || (order == 0 && bound->strict);
    };
    return !breaks(below, 1) && !breaks(above, -1);
  }

  bool possible(const Datum& value) const {
    const auto meets = [&](const Literals& set) {
      return std::any_of(set.begin(), set.end(),
                         [&](const Datum& other) { return compatible(value, other); });
    };
    if (!std::all_of(one_of.begin(), one_of.end(), meets)) return false;
    const auto same = [&](const Datum& other) { return same_literal(value, other); };
    if (std::any_of(none_of.begin(), none_of.end(), same)) return false;
    if (value.is_null() && (above || below)) return false;
    return (!empty || *empty == value.is_blank()) && within_bounds(value);
  }

  bool contradictory() const {
    if (above && below) {
      const int order = compare_numbers(above->limit, below->limit);
      if (order > 0 || (order == 0 && (above->strict || below->strict))) return true;
    }
    const auto fits = [&](const Datum& value) { return possible(value); };
    return !one_of.empty() && std::none_of(one_of[0].begin(), one_of[0].end(), fits);
  }
};

class Search {
 public:
  explicit Search(const Expression& expression) : expression_(expression) {}

  bool contradictory(std::vector<Fact> facts) {
    std::vector<Fact> choices;
    std::map<std::string_view, Knowledge> known;
    std::map<std::string_view, bool> opaque;
    while (!facts.empty()) {
      const Fact fact = facts.back();
      facts.pop_back();
      const Node& node = *fact.condition;
      const bool all = node.kind == Node::Kind::logic_and ? fact.holds : !fact.holds;
      if (node.kind == Node::Kind::logic_not) {
        facts.push_back({&node.arguments[0], !fact.holds});
      } else if (node.kind != Node::Kind::logic_and && node.kind != Node::Kind::logic_or) {
        if (!add(fact, known, opaque)) return true;
        atoms_.push_back(fact);
      } else if (all) {
        for (const Node& operand : node.arguments) facts.push_back({&operand, fact.holds});
      } else {
        choices.push_back(fact);
      }
    }
    for (const auto& [subject, knowledge] : known) {
      if (knowledge.contradictory()) return true;
    }
    return each_way_contradictory(choices);
  }

 private:
  /// One of several must hold: a contradiction when each of them is one.
  bool each_way_contradictory(std::vector<Fact> choices) {
    if (choices.empty()) return false;
    const Fact choice = choices.back();
    choices.pop_back();
    const std::vector<Fact> before = atoms_;
    bool all = true;
    for (const Node& operand : choice.condition->arguments) {
      constexpr int kMostWays = 200;  // conditions are short; beyond, nothing is sure
      if (++ways_ > kMostWays) return false;
      std::vector<Fact> facts = before;
      facts.insert(facts.end(), choices.begin(), choices.end());
      facts.push_back({&operand, choice.holds});
      atoms_.clear();
      all = contradictory(std::move(facts));
      if (!all) break;
    }
    atoms_ = before;
    return all;
  }

  /// False when the fact alone, or beside the same condition the other way round, can't be.
  bool add(const Fact& fact, std::map<std::string_view, Knowledge>& known,
           std::map<std::string_view, bool>& opaque) {
    const Node& node = *fact.condition;
    if (is_constant(node)) return constant_fits(node, fact.holds);
    const auto [seen, is_new] = opaque.emplace(text_of(node), fact.holds);
    if (!is_new && seen->second != fact.holds) return false;
    if (node.kind == Node::Kind::compare) {
      compare(node, fact.holds, known);
    } else if (node.kind == Node::Kind::in) {
      in(node, fact.holds != node.negated, known);
    } else if (node.function != nullptr && node.arguments.size() == 1) {
      const std::string_view name = node.function->name;
      Knowledge& subject = known[text_of(node.arguments[0])];
      if (name == "is_null") equal(subject, {Datum()}, fact.holds);
      if (name == "is_empty" || name == "not_empty") {
        const bool empty = fact.holds == (name == "is_empty");
        if (subject.empty && *subject.empty != empty) return false;
        subject.empty = empty;
      }
    }
    return true;
  }

  static bool constant_fits(const Node& node, bool holds) {
    Arena arena;
    Evaluation run(core::JsonView{}, arena);
    const Datum value = run.value(node);
    if (run.failed()) return true;  // told elsewhere
    return (value.is_bool() && value.as_bool()) == holds;
  }

  static void equal(Knowledge& subject, Literals literals, bool holds) {
    if (holds) {
      subject.one_of.push_back(std::move(literals));
    } else {
      subject.none_of.insert(subject.none_of.end(), literals.begin(), literals.end());
    }
  }

  void compare(const Node& node, bool holds, std::map<std::string_view, Knowledge>& known) const {
    const bool literal_left = is_literal(node.arguments[0]);
    const Node& literal = node.arguments[literal_left ? 0 : 1];
    if (!is_literal(literal)) return;
    Knowledge& subject = known[text_of(node.arguments[literal_left ? 1 : 0])];
    if (node.comparison == Comparison::equal || node.comparison == Comparison::unequal) {
      return equal(subject, {literal.constant}, holds == (node.comparison == Comparison::equal));
    }
    // What is not less may also be null: only what holds says something.
    if (!holds || !literal.constant.is_number()) return;
    subject.bound(literal_left ? turned(node.comparison) : node.comparison, literal.constant);
  }

  static Comparison turned(Comparison comparison) {
    switch (comparison) {
      case Comparison::less:
        return Comparison::greater;
      case Comparison::less_equal:
        return Comparison::greater_equal;
      case Comparison::greater:
        return Comparison::less;
      case Comparison::greater_equal:
        return Comparison::less_equal;
      default:
        return comparison;
    }
  }

  void in(const Node& node, bool holds, std::map<std::string_view, Knowledge>& known) const {
    const Node& list = node.arguments[1];
    if (list.kind != Node::Kind::list ||
        !std::all_of(list.arguments.begin(), list.arguments.end(), is_literal)) {
      return;
    }
    Literals literals;
    for (const Node& item : list.arguments) literals.push_back(item.constant);
    equal(known[text_of(node.arguments[0])], std::move(literals), holds);
  }

  std::string_view text_of(const Node& node) const { return expression_.text_of(node); }

  const Expression& expression_;
  std::vector<Fact> atoms_;
  int ways_ = 0;
};

}  // namespace

bool is_constant(const Node& node) {
  if (node.kind == Node::Kind::path) return false;
  if (node.table != nullptr) return is_constant(node.arguments.front());
  return std::all_of(node.arguments.begin(), node.arguments.end(), is_constant);
}

bool contradictory(const Expression& expression, const std::vector<Fact>& facts) {
  return Search(expression).contradictory(facts);
}

}  // namespace assembly_sync::mapping
