#include "mapping/unreachable.hpp"

#include <algorithm>
#include <string_view>

#include "mapping/compare.hpp"
#include "mapping/contradiction.hpp"
#include "mapping/functions.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 60;
  const bool cut = text.size() > kMost;
  std::size_t size = std::min(text.size(), kMost);
  while (cut && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return '`' + std::string(text.substr(0, size)) + (cut ? "…`" : "`");
}

/// Surely a value: not null and, where that counts as nothing, not the empty text.
bool is_never_nothing(const Node& node, bool empty_is_nothing) {
  const auto filled = [&](const Node& n) { return is_never_nothing(n, empty_is_nothing); };
  const std::vector<Node>& arguments = node.arguments;
  switch (node.kind) {
    case Node::Kind::literal:
      return empty_is_nothing ? !node.constant.is_blank() : !node.constant.is_null();
    case Node::Kind::path:
      return false;
    case Node::Kind::call:
      break;
    default:
      return true;  // lists and conditions
  }
  switch (node.function->form) {
    case Form::first_filled:
    case Form::first_known:
      return std::any_of(arguments.begin(), arguments.end(), filled);
    case Form::choose:
      return arguments.size() > 2 && filled(arguments[1]) && filled(arguments[2]);
    default:
      return node.function->name == "is_null" || node.function->name == "is_empty" ||
             node.function->name == "not_empty";
  }
}

class Branches {
 public:
  Branches(const Rule& rule, const std::string& path, ProblemSink& sink)
      : rule_(rule), expression_(rule.expression), path_(path), sink_(sink) {}

  void condition() {
    const Node& root = expression_.root();
    if (contradictory(expression_, {{&root, true}})) {
      return report(root,
                    "expected a condition that some record can meet, got one that is never "
                    "true: the mapping would read nothing" +
                        and_hint(root));
    }
    // `when: true` is somebody's wish.
    if (root.kind == Node::Kind::literal || !contradictory(expression_, {{&root, false}})) return;
    report(root,
           "expected a condition that some record does not meet, got one that is always "
           "true" +
               or_hint(root));
  }

  void walk(const Node& node) {
    if (node.kind == Node::Kind::call) {
      switch (node.function->form) {
        case Form::choose:
          return choose(node);
        case Form::choose_case:
          cases(node);
          break;
        case Form::first_filled:
        case Form::first_known:
          first(node);
          break;
        default:
          break;
      }
    }
    for (const Node& argument : node.arguments) walk(argument);
  }

 private:
  void report(const Node& at, std::string message) {
    sink_.add_within(rule_.place, at.at, path_ + '.' + rule_.field, std::move(message));
  }

  static std::string and_hint(const Node& root) {
    return root.kind == Node::Kind::logic_and ? " (write or, where one of them is enough)" : "";
  }
  static std::string or_hint(const Node& root) {
    return root.kind == Node::Kind::logic_or ? " (what is not the one or not the other is "
                                               "everything: write and, or not in [a, b])"
                                             : "";
  }

  void choose(const Node& node) {
    const Node& condition = node.arguments[0];
    walk(condition);
    const bool otherwise = node.arguments.size() > 2;
    if (cannot_be(condition, true)) {
      report(node, "if: expected a condition that can be true here, got one that never is: " +
                       quoted(expression_.text_of(node.arguments[1])) + " is never taken" +
                       and_hint(condition));
    } else {
      inside(condition, true, node.arguments[1]);
    }
    if (cannot_be(condition, false)) {
      report(node, "if: expected a condition that can be false here, got one that never is" +
                       (otherwise ? ": " + quoted(expression_.text_of(node.arguments[2])) +
                                        " is never taken"
                                  : "") +
                       or_hint(condition));
    } else if (otherwise) {
      inside(condition, false, node.arguments[2]);
    }
  }

  bool cannot_be(const Node& condition, bool holds) {
    facts_.push_back({&condition, holds});
    const bool out = contradictory(expression_, facts_);
    facts_.pop_back();
    return out;
  }

  void inside(const Node& condition, bool holds, const Node& branch) {
    facts_.push_back({&condition, holds});
    walk(branch);
    facts_.pop_back();
  }

  void cases(const Node& node) {
    for (std::size_t i = 3; i + 1 < node.arguments.size(); i += 2) {
      const Node& later = node.arguments[i];
      if (later.kind != Node::Kind::literal) continue;
      for (std::size_t j = 1; j < i; j += 2) {
        const Node& earlier = node.arguments[j];
        const bool same = earlier.kind == Node::Kind::literal && earlier.type == later.type &&
                          equal_values(earlier.constant, later.constant);
        if (!same) continue;
        report(later, node.name + ": expected each value once, got " +
                          quoted(expression_.text_of(later)) + " again: " +
                          quoted(expression_.text_of(node.arguments[i + 1])) + " is never taken");
        break;
      }
    }
  }

  void first(const Node& node) {
    const bool empty_is_nothing = node.function->form == Form::first_filled;
    for (std::size_t i = 0; i + 1 < node.arguments.size(); ++i) {
      const Node& argument = node.arguments[i];
      if (!is_never_nothing(argument, empty_is_nothing)) continue;
      return report(node.arguments[i + 1],
                    node.name + ": expected a value before this one that can be nothing, got " +
                        quoted(expression_.text_of(argument)) + ", which never is: " +
                        quoted(expression_.text_of(node.arguments[i + 1])) + " is never taken");
    }
  }

  const Rule& rule_;
  const Expression& expression_;
  const std::string& path_;
  ProblemSink& sink_;
  std::vector<Fact> facts_;  // of the branches around
};

std::string_view condition_of(const Mapping& mapping) {
  return mapping.when ? trim(mapping.when->expression.text()) : std::string_view();
}

bool is_twin(const Mapping& a, const Mapping& b) {
  const auto is_complete = [](const Mapping& mapping) {
    return mapping.match == core::Match::own_key && mapping.kind != core::EntityKind::usage &&
           mapping.key.expression.usable() && (!mapping.when || mapping.when->expression.usable());
  };
  return is_complete(a) && is_complete(b) && a.name != b.name && a.kind == b.kind &&
         a.source == b.source && a.object == b.object && condition_of(a) == condition_of(b) &&
         trim(a.key.expression.text()) == trim(b.key.expression.text());
}

/// Two mappings that make the same entity of the same records.
void check_twins(const std::vector<Mapping>& mappings, const std::vector<std::string>& paths,
                 ProblemSink& sink) {
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const auto earlier =
        std::find_if(mappings.begin(), mappings.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const Mapping& m) { return is_twin(m, mappings[i]); });
    if (earlier == mappings.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    sink.add(mappings[i].key.place, paths[i] + ".key",
             "expected another key or another `when` than those of mapping `" + earlier->name +
                 "`, which reads the same records, got the same (what only adds to that mapping's "
                 "entities has match: {key: …} instead of key)");
  }
}

}  // namespace

void check_unreachable(const std::vector<Mapping>& mappings, const std::vector<std::string>& paths,
                       ProblemSink& sink) {
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    if (mappings[i].when && mappings[i].when->expression.usable()) {
      Branches(*mappings[i].when, paths[i], sink).condition();
    }
    mappings[i].for_each_rule([&](const Rule& rule) {
      if (!rule.expression.usable()) return;
      Branches(rule, paths[i], sink).walk(rule.expression.root());
    });
  }
  check_twins(mappings, paths, sink);
}

}  // namespace assembly_sync::mapping
