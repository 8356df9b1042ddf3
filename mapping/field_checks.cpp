#include "mapping/field_checks.hpp"

#include <utility>
#include <vector>

#include "mapping/field_expectations.hpp"
#include "mapping/functions.hpp"
#include "mapping/problem_sink.hpp"
#include "mapping/rules.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using core::Field;
using core::FieldType;

/// A property that an expression reads, where it is read.
struct Read {
  const Node* at = nullptr;
  std::string name;
  const Field* field = nullptr;
};

/// The expressions of one rule.
class RuleChecks {
 public:
  RuleChecks(const core::Catalogue& catalogue, std::string object, const Mapping& mapping,
             ProblemSink& problems, ProblemSink& warnings)
      : catalogue_(catalogue),
        object_(std::move(object)),
        mapping_(mapping),
        problems_(problems),
        warnings_(warnings) {}

  void check(const Rule& rule) {
    if (!rule.expression.usable()) return;
    rule_ = &rule;
    const Node& root = rule.expression.root();
    visit(root);
    if (rule.field == "when") condition(root, "when");
    if (rule.name.empty()) return;  // keys and the like take any text or number
    for (const Read& read : reads_of(root)) {
      if (const auto why = unfit(*read.field, catalogue_.texts, rule.type)) report(read, *why);
    }
  }

 private:
  void report(const Node& at, std::string message) {
    problems_.add_within(rule_->place, at.at, mapping_.path + '.' + rule_->field,
                         std::move(message));
  }
  void report(const Read& read, const std::string& why) {
    report(*read.at, why + ": " + told(read));
  }
  void warn(const Node& at, std::string message) {
    warnings_.add_within(rule_->place, at.at, mapping_.path + '.' + rule_->field,
                         std::move(message));
  }
  std::string told(const Read& read) const {
    return catalogue_.path_of(read.name) + " holds " + std::string(held_by(read.field->type));
  }

  /// The step of a path that names a property; nothing when it leads elsewhere.
  const Segment* property_of(const Node& path) const {
    if (path.kind != Node::Kind::path) return nullptr;
    const std::size_t at = catalogue_.root.empty() ? 0 : 1;
    if (path.path.size() <= at || path.path[at].index >= 0) return nullptr;
    if (at == 1 && path.path.front().name != catalogue_.root) return nullptr;
    return &path.path[at];
  }

  /// The properties that may be the node's value as they are.
  std::vector<Read> reads_of(const Node& node) const {
    std::vector<Read> out;
    gather(node, out);
    return out;
  }
  void gather(const Node& node, std::vector<Read>& out) const {
    if (const Segment* property = property_of(node)) {
      // What a path reads inside of a property's value is no value of the property.
      if (property != &node.path.back()) return;
      const Field* field = catalogue_.find(property->name);
      if (field != nullptr && !field->archived) out.push_back({&node, property->name, field});
      return;
    }
    if (node.function == nullptr) return;
    const std::size_t count = node.arguments.size();
    switch (node.function->form) {
      case Form::first_filled:
      case Form::first_known:
        for (const Node& argument : node.arguments) gather(argument, out);
        return;
      case Form::choose:
        for (std::size_t i = 1; i < count; ++i) gather(node.arguments[i], out);
        return;
      case Form::choose_case:
        for (std::size_t i = 2; i < count; i += 2) gather(node.arguments[i], out);
        if (count % 2 == 0) gather(node.arguments.back(), out);
        return;
      default:
        return;
    }
  }

  void visit(const Node& node) {
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const bool is_table = node.table != nullptr && i == 1;
      if (!is_table) visit(node.arguments[i]);
    }
    switch (node.kind) {
      case Node::Kind::literal:
      case Node::Kind::list:
        return;
      case Node::Kind::path:
        return path(node);
      case Node::Kind::call:
        return call(node);
      case Node::Kind::compare:
        return compare(node);
      case Node::Kind::in:
        return in(node);
      case Node::Kind::logic_not:
      case Node::Kind::logic_and:
      case Node::Kind::logic_or:
        for (const Node& operand : node.arguments) condition(operand, node.name);
    }
  }

  void path(const Node& node) {
    const Segment* property = property_of(node);
    if (property == nullptr) return;
    const Field* field = catalogue_.find(property->name);
    const std::string path = '`' + catalogue_.path_of(property->name) + '`';
    if (field == nullptr) {
      return report(node, "expected a property of " + object_ + ", got " + path +
                              ", which does not exist there" +
                              near_field(catalogue_, property->name));
    }
    if (field->archived) {
      return report(node, "expected a property in use, got " + path +
                              ", which is archived in the " + "source: records no longer show it");
    }
    if (catalogue_.texts && property != &node.path.back()) {
      report(node, "expected " + path + " as a whole, got a part of it: it holds " +
                       std::string(held_by(field->type)));
    }
  }

  /// What must be true or false.
  void condition(const Node& node, const std::string& name) {
    if (!catalogue_.texts) return;
    for (const Read& read : reads_of(node)) report(read, name + ": " + mismatch(kBool, kText));
  }

  void call(const Node& node) {
    const Function& function = *node.function;
    if (function.form == Form::label) return label(node);
    if (function.form == Form::lookup) return lookup(node);
    if (function.form == Form::choose) return condition(node.arguments[0], node.name);
    if (function.form == Form::choose_case) return cases(node);
    if (function.form != Form::plain) return;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      for (const Read& read : reads_of(node.arguments[i])) {
        const auto why = unfit(*read.field, catalogue_.texts, *function.parameter(i));
        if (why) report(read, node.name + ": " + *why);
      }
    }
  }

  void label(const Node& node) {
    for (const Read& read : reads_of(node.arguments[0])) {
      if (read.field->options.empty()) {
        report(read, "label: expected a property with options, got one without");
      }
    }
  }

  void cases(const Node& node) {
    for (std::size_t i = 1; i + 1 < node.arguments.size(); i += 2) {
      against(node.arguments[0], node.arguments[i], node.name);
    }
  }

  /// `compared`, read from the record, beside `other`, when that is a literal.
  void against(const Node& compared, const Node& other, const std::string& name) {
    if (other.kind != Node::Kind::literal) return;
    for (const Read& read : reads_of(compared)) {
      if (const auto why = incomparable(*read.field, other.constant)) {
        report(other, name + ": " + *why + ": " + told(read));
      } else if (is_one_of_several(read, other)) {
        warn(other, name + ": is true only for records with this option alone, since " +
                        told(read) + " (write \"" + std::string(other.constant.as_text()) +
                        "\" in split(" + catalogue_.path_of(read.name) + ", \";\"))");
      }
    }
  }

  static bool is_one_of_several(const Read& read, const Node& literal) {
    return read.field->type == FieldType::choices && literal.constant.is_text() &&
           !literal.constant.is_blank() &&
           literal.constant.as_text().find(';') == std::string_view::npos;
  }

  void compare(const Node& node) {
    const Node& a = node.arguments[0];
    const Node& b = node.arguments[1];
    against(a, b, node.name);
    against(b, a, node.name);
    const bool ordered =
        node.comparison != Comparison::equal && node.comparison != Comparison::unequal;
    if (!ordered || !catalogue_.texts) return;
    for (const Read& left : reads_of(a)) {
      for (const Read& right : reads_of(b)) both_numbers(node, left, right);
    }
  }

  /// Texts are compared by their characters: "9" is above "10".
  void both_numbers(const Node& node, const Read& left, const Read& right) {
    if (left.field->type != FieldType::number || right.field->type != FieldType::number) return;
    report(node, node.name +
                     ": expected a number on one side, got the texts of two numbers (write " +
                     "to_number(" + catalogue_.path_of(left.name) + "))");
  }

  void in(const Node& node) {
    const Node& needle = node.arguments[0];
    const Node& haystack = node.arguments[1];
    if (catalogue_.texts) {
      for (const Read& read : reads_of(haystack)) {
        report(read, node.name + ": " + mismatch(kList, kText));
      }
    }
    if (haystack.kind == Node::Kind::list) {
      for (const Node& item : haystack.arguments) against(needle, item, node.name);
    }
    if (needle.kind != Node::Kind::literal || !is_split(haystack)) return;
    for (const Read& read : reads_of(haystack.arguments[0])) {
      if (read.field->type != FieldType::choices) continue;
      if (const auto why = incomparable(*read.field, needle.constant)) {
        report(needle, node.name + ": " + *why);
      }
    }
  }

  static bool is_split(const Node& node) {
    return node.function != nullptr && node.function->name == "split";
  }

  void lookup(const Node& node) {
    const bool otherwise = node.arguments.size() > 2;
    const Node& key = node.arguments[0];
    const bool by_label = key.function != nullptr && key.function->form == Form::label;
    for (const Read& read : reads_of(by_label ? key.arguments[0] : key)) {
      if (read.field->type == FieldType::choices && !by_label) {
        warn(node, "lookup: finds only records with one option, since " + told(read));
      } else if (!otherwise) {
        entries(node, read, by_label);
      }
    }
  }

  /// The options that the table has no entry for: their records are refused.
  void entries(const Node& node, const Read& read, bool by_label) {
    const auto& table = node.table->entries;
    std::vector<std::string> missing;
    bool labels_found = false;
    for (const auto& [value, label] : read.field->options) {
      const std::string& key = by_label ? label : value;
      if (table.contains(key)) continue;
      missing.push_back(key);
      labels_found = labels_found || table.contains(by_label ? value : label);
    }
    if (missing.empty()) return;
    std::string hint;
    if (labels_found && !by_label) {
      hint = "; the table has labels, the record holds values: write " +
             catalogue_.path_of(read.name) + " | label | lookup(" + node.table->name + ')';
    } else if (labels_found) {
      hint = "; the table has values where labels are looked up: leave out label";
    }
    warn(node, "lookup: table " + node.table->name + " has no entry for " +
                   (missing.size() == 1 ? "the option " : "the options ") + listed(missing) +
                   " of " + catalogue_.path_of(read.name) + ": their records will be refused" +
                   hint);
  }

  const core::Catalogue& catalogue_;
  const std::string object_;  // hubspot.companies
  const Mapping& mapping_;
  ProblemSink& problems_;
  ProblemSink& warnings_;
  const Rule* rule_ = nullptr;
};

}  // namespace

/// Sees the compiled rules.
class FieldChecks {
 public:
  static const std::vector<Mapping>& mappings(const Rules& rules) { return rules.impl_->mappings; }
};

FieldFindings check_fields(const Rules& rules, const std::string& file,
                           const core::SourceName& source, const core::ObjectName& object,
                           const core::Catalogue& catalogue) {
  FieldFindings findings;
  ProblemSink problems(file, findings.problems);
  ProblemSink warnings(file, findings.warnings);
  for (const Mapping& mapping : FieldChecks::mappings(rules)) {
    if (mapping.source != source || mapping.object != object) continue;
    RuleChecks checks(catalogue, source.str() + '.' + object.str(), mapping, problems, warnings);
    mapping.for_each_rule([&](const Rule& rule) { checks.check(rule); });
  }
  return findings;
}

}  // namespace assembly_sync::mapping
