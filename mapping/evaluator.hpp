// Runs a checked expression over a record. Total: time and memory are bounded by the sizes of the
// expression and the record (I9). One Evaluation is used by one thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalogue.hpp"
#include "core/json_view.hpp"
#include "mapping/arena.hpp"
#include "mapping/ast.hpp"
#include "mapping/datum.hpp"
#include "mapping/member_index.hpp"

namespace assembly_sync::mapping {

/// Why an expression has no value for this record. Names types and functions, never a value (I11).
struct Failure {
  std::size_t offset = 0;  // in the expression's text: the call or path that failed
  std::string reason;      // "to_number: expected text or number, got list"
  /// The catalogue lacks what the record holds: a newer one may have it.
  bool option_missing = false;
};

class Evaluation {
 public:
  /// Told each part's result, inner parts first; literals are left out.
  using Trace = std::function<void(const Node&, const Datum&, const Failure*)>;

  /// `catalogue`: of the record's object, for label(); nullptr when it is not known.
  Evaluation(const core::JsonView& record, Arena& arena, const Trace* trace = nullptr,
             const core::Catalogue* catalogue = nullptr)
      : record_(record), arena_(arena), trace_(trace), catalogue_(catalogue) {}

  /// The node's value, valid until the arena is released; meaningless when failed().
  Datum value(const Node& node);

  bool failed() const { return failure_.has_value(); }
  const Failure& failure() const { return *failure_; }
  void clear_failure() { failure_.reset(); }

  /// Notes the failure (the first one counts) and returns null.
  Datum fail(const Node& at, std::string reason);

  Arena& arena() { return arena_; }
  /// The elements of a list, which a list of the record is first spread out for.
  std::span<const Datum> items(const Node& at, const Datum& list);

 private:
  Datum evaluate(const Node& node);
  Datum path(const Node& node);
  bool find_root(const std::string& name);
  std::optional<core::JsonView> member_of_root(const Segment& step);
  Datum list(const Node& node);
  Datum call(const Node& node);
  Datum plain_call(const Node& node);
  Datum choose(const Node& node);
  Datum choose_case(const Node& node);
  Datum first_filled(const Node& node, bool skip_empty);
  Datum lookup(const Node& node);
  Datum label(const Node& node);
  Datum label_of(const Node& node, const core::Field& field, std::string_view option);
  Datum labels_of(const Node& node, const core::Field& field, std::string_view options);
  Datum no_option(const Node& node, std::string reason);
  Datum logic(const Node& node);
  Datum compare(const Node& node);
  Datum in(const Node& node);
  std::optional<bool> truth(const Node& operation, const Node& operand);
  bool equal(const Node& at, const Datum& a, const Datum& b);

  const core::JsonView record_;
  Arena& arena_;
  const Trace* trace_;
  const core::Catalogue* catalogue_;
  std::optional<Failure> failure_;
  const std::string* root_name_ = nullptr;  // the root last looked up, and what it is
  core::JsonView root_;
  const std::string* indexed_ = nullptr;  // the root that index_ is of
  int lookups_ = 0;                       // into roots, until there is an index
  MemberIndex index_;
};

/// What a function's code sees of its call.
class Call {
 public:
  Call(Evaluation& run, const Node& node, std::span<const Datum> arguments)
      : run_(run), node_(node), arguments_(arguments) {}

  std::size_t size() const { return arguments_.size(); }
  const Datum& operator[](std::size_t i) const { return arguments_[i]; }
  bool has(std::size_t i) const { return i < arguments_.size() && !arguments_[i].is_null(); }
  std::string_view text(std::size_t i) const { return arguments_[i].as_text(); }
  bool is_literal(std::size_t i) const;
  /// What the function's Prepare made.
  template <class T>
  const T& prepared() const {
    return static_cast<const T&>(*node_.prepared);
  }
  std::span<const Datum> items(std::size_t i) { return run_.items(node_, arguments_[i]); }
  bool failed() const { return run_.failed(); }

  /// "NAME: reason"; returns null.
  Datum fail(const std::string& reason);
  /// A text of the function's making, kept for the rest of the evaluation.
  Datum keep(std::string_view made);
  /// Room for a text of exactly `size` bytes to fill; nullptr (and failed) when it is too long.
  char* room(std::size_t size);
  /// Room for a list of at most `count` elements; nullptr (and failed) when it is too long.
  Datum* list_room(std::size_t count);
  /// The text that a scalar is written as, kept; fails on a list or object.
  std::optional<std::string_view> scalar_text(const Datum& value);

 private:
  Evaluation& run_;
  const Node& node_;
  std::span<const Datum> arguments_;
};

}  // namespace assembly_sync::mapping
