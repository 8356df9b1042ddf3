#include "mapping/evaluator.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "core/limits.hpp"
#include "mapping/compare.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

using core::limits::kProducedListItems;
using core::limits::kProducedTextBytes;

bool holds(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::equal:
      return order == 0;
    case Comparison::unequal:
      return order != 0;
    case Comparison::less:
      return order < 0;
    case Comparison::less_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_equal:
      return order >= 0;
  }
  return false;
}

}  // namespace

Datum Evaluation::fail(const Node& at, std::string reason) {
  if (!failure_) failure_ = Failure{at.at, std::move(reason)};
  return {};
}

Datum Evaluation::value(const Node& node) {
  if (node.kind == Node::Kind::literal) return node.constant;
  if (trace_ == nullptr) return evaluate(node);
  const bool failed_before = failed();
  const Datum result = evaluate(node);
  if (!failed_before) (*trace_)(node, result, failed() ? &*failure_ : nullptr);
  return result;
}

Datum Evaluation::evaluate(const Node& node) {
  switch (node.kind) {
    case Node::Kind::literal:
      return node.constant;
    case Node::Kind::path:
      return path(node);
    case Node::Kind::call:
      return call(node);
    case Node::Kind::list:
      return list(node);
    case Node::Kind::logic_not:
    case Node::Kind::logic_and:
    case Node::Kind::logic_or:
      return logic(node);
    case Node::Kind::compare:
      return compare(node);
    case Node::Kind::in:
      return in(node);
  }
  return {};
}

/// A missing step is null. Expressions of a mapping mostly share their root: it is looked up once.
bool Evaluation::find_root(const std::string& name) {
  if (root_name_ != nullptr && *root_name_ == name) return true;
  const auto found = record_.find(name);
  if (!found) return false;
  root_name_ = &name;
  root_ = *found;
  return true;
}

/// The rules of a mapping mostly look into one object again and again.
std::optional<core::JsonView> Evaluation::member_of_root(const Segment& step) {
  constexpr int kWorthAnIndex = 4;
  if (indexed_ == nullptr && ++lookups_ == kWorthAnIndex) {
    indexed_ = root_name_;
    index_.build(root_);
  }
  const bool indexed = indexed_ != nullptr && *indexed_ == *root_name_;
  return indexed ? index_.find(step.name, step.hash) : root_.find(step.name);
}

Datum Evaluation::path(const Node& node) {
  if (!find_root(node.path.front().name)) return {};
  core::JsonView view = root_;
  for (std::size_t i = 1; i < node.path.size(); ++i) {
    const Segment& step = node.path[i];
    const auto found = step.index >= 0 ? view.at(static_cast<std::size_t>(step.index))
                       : i == 1        ? member_of_root(step)
                                       : view.find(step.name);
    if (!found) return {};
    view = *found;
  }
  return Datum(view);
}

Datum Evaluation::list(const Node& node) {
  const std::size_t count = node.arguments.size();
  void* const memory = arena_.take(count * sizeof(Datum));
  if (memory == nullptr) return fail(node, "list: too much text and lists made by one expression");
  auto* const items = static_cast<Datum*>(memory);
  for (std::size_t i = 0; i < count; ++i) {
    new (items + i) Datum(value(node.arguments[i]));
    if (failed()) return {};
  }
  return Datum::Items{items, count};
}

std::span<const Datum> Evaluation::items(const Node& at, const Datum& list) {
  if (list.is_items()) return {list.as_items().data, list.as_items().size};
  const core::JsonView view = list.as_view();
  const std::size_t count = view.size();
  void* const memory = count > kProducedListItems ? nullptr : arena_.take(count * sizeof(Datum));
  if (memory == nullptr) {
    fail(at, at.name + ": expected a list of at most " + std::to_string(kProducedListItems) +
                 " elements, got a longer one");
    return {};
  }
  auto* const out = static_cast<Datum*>(memory);
  std::size_t i = 0;
  view.for_each([&](const core::JsonView& item) { new (out + i++) Datum(item); });
  return {out, count};
}

Datum Evaluation::call(const Node& node) {
  switch (node.function->form) {
    case Form::plain:
      return plain_call(node);
    case Form::choose:
      return choose(node);
    case Form::choose_case:
      return choose_case(node);
    case Form::first_filled:
      return first_filled(node, true);
    case Form::first_known:
      return first_filled(node, false);
    case Form::lookup:
      return lookup(node);
    case Form::label:
      return label(node);
  }
  return {};
}

Datum Evaluation::plain_call(const Node& node) {
  const Function& function = *node.function;
  const std::size_t count = node.arguments.size();
  std::array<Datum, 6> few;
  Datum* arguments = few.data();
  if (count > few.size()) {
    void* const memory = arena_.take(count * sizeof(Datum));
    if (memory == nullptr) return fail(node, node.name + ": too much made by one expression");
    arguments = new (memory) Datum[count];
  }
  bool null_in = false;
  for (std::size_t i = 0; i < count; ++i) {
    arguments[i] = value(node.arguments[i]);
    if (failed()) return {};
    const Parameter& parameter = *function.parameter(i);
    if (arguments[i].is_null()) {
      null_in = null_in || parameter.on_null == NullArgument::gives_null;
    } else if (const TypeSet type = arguments[i].type(); !type.meets(parameter.types)) {
      return fail(node, node.name + ": " + mismatch(parameter.types, type));
    }
  }
  if (null_in) return {};
  Call call(*this, node, {arguments, count});
  return function.run(call);
}

Datum Evaluation::choose(const Node& node) {
  const auto condition = truth(node, node.arguments[0]);
  if (!condition) return {};
  if (*condition) return value(node.arguments[1]);
  return node.arguments.size() > 2 ? value(node.arguments[2]) : Datum();
}

Datum Evaluation::choose_case(const Node& node) {
  const Datum chosen = value(node.arguments[0]);
  if (failed()) return {};
  const std::size_t count = node.arguments.size();
  std::size_t i = 1;
  for (; i + 1 < count; i += 2) {
    const Datum candidate = value(node.arguments[i]);
    if (failed()) return {};
    const bool same = equal(node, chosen, candidate);
    if (failed()) return {};
    if (same) return value(node.arguments[i + 1]);
  }
  return i < count ? value(node.arguments[i]) : Datum();
}

Datum Evaluation::first_filled(const Node& node, bool skip_empty) {
  Datum result;
  for (const Node& argument : node.arguments) {
    result = value(argument);
    if (failed()) return {};
    if (skip_empty ? !result.is_blank() : !result.is_null()) return result;
  }
  return result;
}

Datum Evaluation::lookup(const Node& node) {
  const Datum key = value(node.arguments[0]);
  if (failed() || key.is_null()) return {};
  if (!key.type().meets(kScalar)) return fail(node, "lookup: " + mismatch(kScalar, key.type()));
  Call call(*this, node, {});
  const auto text = call.scalar_text(key);
  if (!text) return {};
  const auto& entries = node.table->entries;
  if (const auto found = entries.find(*text); found != entries.end()) return Datum(found->second);
  if (text->empty()) return {};
  if (node.arguments.size() > 2) return value(node.arguments[2]);
  return fail(node, "lookup: no entry in table " + node.table->name);
}

Datum Evaluation::label(const Node& node) {
  const Datum held = value(node.arguments[0]);
  if (failed() || held.is_null()) return {};
  if (!held.type().meets(kScalar)) return fail(node, "label: " + mismatch(kScalar, held.type()));
  Call call(*this, node, {});
  const auto text = call.scalar_text(held);
  if (!text || text->empty()) return {};
  const Segment& property = node.arguments[0].path.back();
  if (catalogue_ == nullptr) {
    return no_option(node, "label: the options of " + property.name + " are not known");
  }
  const core::Field* const field = catalogue_->find(property.name);
  if (field == nullptr || field->options.empty()) {
    return no_option(node, "label: the source tells no options of " + property.name);
  }
  return field->type == core::FieldType::choices ? labels_of(node, *field, *text)
                                                 : label_of(node, *field, *text);
}

Datum Evaluation::label_of(const Node& node, const core::Field& field, std::string_view option) {
  if (const auto found = field.options.find(option); found != field.options.end()) {
    return Datum(std::string_view(found->second));
  }
  if (node.arguments.size() > 1) return value(node.arguments[1]);
  return no_option(node, "label: no option of " + node.arguments[0].path.back().name +
                             " has the record's value");
}

/// `a;b` as a list; empty parts, as of `;a`, are none.
Datum Evaluation::labels_of(const Node& node, const core::Field& field, std::string_view options) {
  constexpr char kSeparator = ';';
  const auto most =
      static_cast<std::size_t>(1 + std::count(options.begin(), options.end(), kSeparator));
  void* const memory = most > kProducedListItems ? nullptr : arena_.take(most * sizeof(Datum));
  if (memory == nullptr) return fail(node, "label: too many options in one value");
  auto* const items = static_cast<Datum*>(memory);
  std::size_t count = 0;
  while (!options.empty()) {
    const std::size_t end = std::min(options.find(kSeparator), options.size());
    const std::string_view option = trim(options.substr(0, end));
    options.remove_prefix(std::min(end + 1, options.size()));
    if (option.empty()) continue;
    const Datum label = label_of(node, field, option);
    if (failed()) return {};
    if (!label.is_null()) new (items + count++) Datum(label);
  }
  return count == 0 ? Datum() : Datum(Datum::Items{items, count});
}

Datum Evaluation::no_option(const Node& node, std::string reason) {
  const bool first = !failed();
  fail(node, std::move(reason));
  if (first) failure_->option_missing = true;
  return {};
}

std::optional<bool> Evaluation::truth(const Node& operation, const Node& operand) {
  const Datum result = value(operand);
  if (failed()) return std::nullopt;
  if (result.is_bool()) return result.as_bool();
  if (result.is_null()) return false;
  fail(operation, operation.name + ": " + mismatch(kBool, result.type()));
  return std::nullopt;
}

Datum Evaluation::logic(const Node& node) {
  if (node.kind == Node::Kind::logic_not) {
    const auto operand = truth(node, node.arguments[0]);
    return operand ? Datum(!*operand) : Datum();
  }
  const bool decides = node.kind == Node::Kind::logic_or;
  for (const Node& argument : node.arguments) {
    const auto operand = truth(node, argument);
    if (!operand) return {};
    if (*operand == decides) return Datum(decides);
  }
  return Datum(!decides);
}

/// Lists and objects have no value to compare; that one was meant must not pass as a quiet `false`.
bool Evaluation::equal(const Node& at, const Datum& a, const Datum& b) {
  const TypeSet types = a.type() | b.type();
  if (!types.meets(kList | kObject)) return equal_values(a, b);
  if (a.is_null() || b.is_null()) return false;
  fail(at, at.name + ": expected texts, numbers or true/false, got " +
               to_text(types & (kList | kObject)) +
               (types.meets(kList) ? " (an element of a list: \"x\" in list)" : ""));
  return false;
}

Datum Evaluation::compare(const Node& node) {
  const Datum a = value(node.arguments[0]);
  if (failed()) return {};
  const Datum b = value(node.arguments[1]);
  if (failed()) return {};
  if (node.comparison == Comparison::equal) return Datum(equal(node, a, b));
  if (node.comparison == Comparison::unequal) return Datum(!equal(node, a, b));
  if (a.is_null() || b.is_null()) return Datum(false);
  if (const auto order = order_of(a, b)) return Datum(holds(node.comparison, *order));
  const bool cleared = (a.is_blank() && b.is_number()) || (a.is_number() && b.is_blank());
  if (cleared) return Datum(false);  // a CRM sends the empty text for a number that was removed
  const bool no_number = (a.is_text() && b.is_number()) || (a.is_number() && b.is_text());
  if (no_number) {
    return fail(node, node.name + ": expected two numbers, got a text that is none");
  }
  return fail(node, node.name + ": expected two numbers or two texts, got " + to_text(a.type()) +
                        " and " + to_text(b.type()));
}

Datum Evaluation::in(const Node& node) {
  const Datum needle = value(node.arguments[0]);
  if (failed()) return {};
  const Datum haystack = value(node.arguments[1]);
  if (failed()) return {};
  if (haystack.is_null()) return Datum(node.negated);
  if (!haystack.is_list()) return fail(node, node.name + ": " + mismatch(kList, haystack.type()));
  for (const Datum& item : items(node, haystack)) {
    const bool found = equal(node, needle, item);
    if (failed()) return {};
    if (found) return Datum(!node.negated);
  }
  return failed() ? Datum() : Datum(node.negated);
}

bool Call::is_literal(std::size_t i) const {
  return node_.arguments[i].kind == Node::Kind::literal;
}

Datum Call::fail(const std::string& reason) {
  return run_.fail(node_, node_.name + ": " + reason);
}

char* Call::room(std::size_t size) {
  if (size > kProducedTextBytes) {
    fail("expected to make a text of at most " + std::to_string(kProducedTextBytes) +
         " bytes, got a longer one");
    return nullptr;
  }
  void* const memory = run_.arena().take(size);
  if (memory == nullptr) fail("too much text and lists made by one expression");
  return static_cast<char*>(memory);
}

Datum Call::keep(std::string_view made) {
  if (made.empty()) return std::string_view("");
  char* const memory = room(made.size());
  if (memory == nullptr) return {};
  std::memcpy(memory, made.data(), made.size());
  return std::string_view(memory, made.size());
}

Datum* Call::list_room(std::size_t count) {
  void* const memory =
      count > kProducedListItems ? nullptr : run_.arena().take(count * sizeof(Datum));
  if (memory == nullptr) {
    fail("expected to make a list of at most " + std::to_string(kProducedListItems) +
         " elements, got a longer one");
    return nullptr;
  }
  return new (memory) Datum[count];
}

std::optional<std::string_view> Call::scalar_text(const Datum& value) {
  if (value.is_text()) return value.as_text();
  if (value.is_null()) return std::string_view("");
  if (value.is_bool())
    return value.as_bool() ? std::string_view("true") : std::string_view("false");
  if (!value.is_number()) {
    fail(mismatch(kScalar, value.type()));
    return std::nullopt;
  }
  const Datum made = keep(number_text(value));
  if (failed()) return std::nullopt;
  return made.as_text();
}

}  // namespace assembly_sync::mapping
