// Functions of lists.
#include <algorithm>

#include "mapping/compare.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"

namespace assembly_sync::mapping {
namespace {

Datum first(Call& call) {
  if (call[0].is_list_view()) {
    const auto item = call[0].as_view().at(0);
    return item ? Datum(*item) : Datum();
  }
  const auto items = call.items(0);
  return items.empty() ? Datum() : items.front();
}

Datum last(Call& call) {
  const auto items = call.items(0);
  return items.empty() ? Datum() : items.back();
}

Datum at(Call& call) {
  const auto items = call.items(0);
  const auto index = whole_number(call[1]);
  if (!index) return call.fail("expected a whole number as position, got another number");
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t i = *index < 0 ? size + *index : *index;
  return i >= 0 && i < size ? items[static_cast<std::size_t>(i)] : Datum();
}

Datum count(Call& call) {
  return Datum(static_cast<std::int64_t>(call.items(0).size()));
}

/// An order of scalars: by type first, so that unequal types never compare.
int order(const Datum& a, const Datum& b) {
  const auto rank = [](const Datum& d) { return d.is_bool() ? 0 : d.is_number() ? 1 : 2; };
  if (rank(a) != rank(b)) return rank(a) < rank(b) ? -1 : 1;
  if (a.is_number()) return compare_numbers(a, b);
  if (a.is_bool()) return static_cast<int>(a.as_bool()) - static_cast<int>(b.as_bool());
  const int by_bytes = a.as_text().compare(b.as_text());
  return by_bytes < 0 ? -1 : static_cast<int>(by_bytes > 0);
}

/// A copy of the list without its nulls; fails when it holds a list or an object.
std::span<Datum> scalars(Call& call) {
  const auto items = call.items(0);
  Datum* const out = call.list_room(items.size());
  if (out == nullptr) return {};
  std::size_t size = 0;
  for (const Datum& item : items) {
    if (item.is_null()) continue;
    if (!item.type().meets(kScalar)) {
      call.fail("expected texts, numbers or true/false in the list, got " + to_text(item.type()));
      return {};
    }
    out[size++] = item;
  }
  return {out, size};
}

Datum sort(Call& call) {
  const std::span<Datum> items = scalars(call);
  std::stable_sort(items.begin(), items.end(),
                   [](const Datum& a, const Datum& b) { return order(a, b) < 0; });
  return Datum::Items{items.data(), items.size()};
}

Datum unique(Call& call) {
  const std::span<Datum> items = scalars(call);
  std::vector<std::size_t> by_order(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) by_order[i] = i;
  std::stable_sort(by_order.begin(), by_order.end(),
                   [&](std::size_t a, std::size_t b) { return order(items[a], items[b]) < 0; });
  std::vector<bool> repeated(items.size());
  for (std::size_t i = 1; i < by_order.size(); ++i) {
    repeated[by_order[i]] = order(items[by_order[i - 1]], items[by_order[i]]) == 0;
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!repeated[i]) items[size++] = items[i];
  }
  return Datum::Items{items.data(), size};
}

Datum compact(Call& call) {
  const auto items = call.items(0);
  Datum* const out = call.list_room(items.size());
  if (out == nullptr) return {};
  const auto end = std::copy_if(items.begin(), items.end(), out,
                                [](const Datum& item) { return !item.is_blank(); });
  return Datum::Items{out, static_cast<std::size_t>(end - out)};
}

Datum join(Call& call) {
  std::string out;
  bool any = false;
  for (const Datum& item : call.items(0)) {
    if (item.is_null()) continue;
    const auto text = call.scalar_text(item);
    if (!text) return {};
    if (any) out += call.text(1);
    out += *text;
    any = true;
    if (out.size() > core::limits::kProducedTextBytes) break;  // keep() refuses it
  }
  return call.keep(out);
}

/// The steps of `properties.name`.
struct ItemPath final : Prepared {
  std::vector<std::string> steps;

  /// Nothing when the element is no object or lacks it.
  Datum of(const Datum& item) const {
    if (!item.is_object()) return {};
    core::JsonView view = item.as_view();
    for (const std::string& step : steps) {
      const auto found = view.find(step);
      if (!found) return {};
      view = *found;
    }
    return Datum(view);
  }
};

PrepareResult prepare_path(Literals literals) {
  auto out = std::make_shared<ItemPath>();
  const std::string_view text = *literals[1];
  for (std::size_t at = 0;;) {
    const std::size_t dot = text.find('.', at);
    const std::string_view step = text.substr(at, dot == text.npos ? dot : dot - at);
    if (step.empty()) {
      return prepare_error(1,
                           "expected the name of an element's property such as \"name\" or "
                           "\"properties.name\", got an empty name",
                           at);
    }
    out->steps.emplace_back(step);
    if (dot == text.npos) return out;
    at = dot + 1;
  }
}

Datum pluck(Call& call) {
  const auto items = call.items(0);
  Datum* const out = call.list_room(items.size());
  if (out == nullptr) return {};
  std::size_t size = 0;
  for (const Datum& item : items) {
    out[size] = call.prepared<ItemPath>().of(item);
    if (!out[size].is_null()) ++size;
  }
  return Datum::Items{out, size};
}

Datum where(Call& call) {
  const auto items = call.items(0);
  Datum* const out = call.list_room(items.size());
  if (out == nullptr) return {};
  std::size_t size = 0;
  for (const Datum& item : items) {
    const Datum value = call.prepared<ItemPath>().of(item);
    if (value.is_list() || value.is_object()) continue;
    if (item.is_object() && equal_values(value, call[2])) out[size++] = item;
  }
  return Datum::Items{out, size};
}

Datum flatten(Call& call) {
  const auto items = call.items(0);
  std::size_t size = 0;
  for (const Datum& item : items) {
    size += !item.is_list() ? 1 : item.is_items() ? item.as_items().size : item.as_view().size();
  }
  Datum* const out = call.list_room(size);
  if (out == nullptr) return {};
  Datum* to = out;
  for (const Datum& item : items) {
    if (item.is_list_view()) {
      item.as_view().for_each([&](const core::JsonView& inner) { *to++ = Datum(inner); });
    } else if (item.is_items()) {
      to = std::copy_n(item.as_items().data, item.as_items().size, to);
    } else {
      *to++ = item;
    }
  }
  return Datum::Items{out, size};
}

}  // namespace

std::vector<Function> list_functions() {
  using P = Parameter;
  const P kPath = {"path", kText, P::kLiteral};
  constexpr Subject kSubject = Subject::list;
  return {
      {"first",
       kSubject,
       {{"list", kList}},
       kAny,
       "The first element; null when the list is empty.",
       {{"first(a)", R"({"a": ["x", "y"]})", R"("x")"}, {"first(a)", R"({"a": []})", "null"}},
       first},
      {"last",
       kSubject,
       {{"list", kList}},
       kAny,
       "The last element; null when the list is empty.",
       {{"last(a)", R"({"a": ["x", "y"]})", R"("y")"}},
       last},
      {"at",
       kSubject,
       {{"list", kList}, {"position", kNumber}},
       kAny,
       "The element at a position: 0 is the first, -1 the last. Null when there is none.",
       {{"split(a, '/') | at(1)", R"({"a": "x/y/z"})", R"("y")"},
        {"at(a, -1)", R"({"a": [1, 2]})", "2"}},
       at},
      {"count",
       kSubject,
       {{"list", kList}},
       kNumber,
       "How many elements the list has.",
       {{"count(a)", R"({"a": [1, null]})", "2"}},
       count},
      {"unique",
       kSubject,
       {{"list", kList}},
       kList,
       "Each value once, where it stood first. Nulls are left out.",
       {{"unique(a)", R"({"a": ["b", "a", "b", null]})", R"(["b", "a"])"}},
       unique},
      {"sort",
       kSubject,
       {{"list", kList}},
       kList,
       "In ascending order, texts by their characters' codes. Nulls are left out.",
       {{"sort(a)", R"({"a": [10, 9, 1]})", "[1, 9, 10]"}},
       sort},
      {"compact",
       kSubject,
       {{"list", kList}},
       kList,
       "Without nulls and empty texts.",
       {{"compact([a, b, 'x'])", R"({"a": ""})", R"(["x"])"}},
       compact},
      {"pluck",
       kSubject,
       {{"list", kList}, kPath},
       kList,
       "Of each element the property at the path; elements without it are left out.",
       {{"pluck(contacts, 'email')", R"({"contacts": [{"email": "a@x.test"}, {"name": "B"}]})",
         R"(["a@x.test"])"},
        {"contacts | pluck('properties.city') | unique",
         R"({"contacts": [{"properties": {"city": "Bern"}}, {"properties": {"city": "Bern"}}]})",
         R"(["Bern"])"}},
       pluck,
       Form::plain,
       prepare_path},
      {"where",
       kSubject,
       {{"list", kList}, kPath, {"value", kScalar, P::kPlain, NullArgument::value}},
       kList,
       "The elements whose property at the path equals the value, as `==` compares. Null finds the "
       "elements without it.",
       {{"deals | where('stage', 'won') | pluck('amount') | sum",
         R"({"deals": [{"stage": "won", "amount": 5}, {"stage": "lost", "amount": 7}]})", "5"},
        {"count(where(deals, 'stage', null))", R"({"deals": [{}, {"stage": "won"}]})", "1"}},
       where,
       Form::plain,
       prepare_path},
      {"flatten",
       kSubject,
       {{"list", kList}},
       kList,
       "The elements of the lists in the list, one after the other; other elements stay.",
       {{"flatten(a)", R"({"a": [["x", "y"], [], "z"]})", R"(["x", "y", "z"])"}},
       flatten},
      {"join",
       kSubject,
       {{"list", kList}, {"separator", kText}},
       kText,
       "The elements as one text, with the separator between them. Nulls are left out.",
       {{"join(a, ', ')", R"({"a": ["x", null, 3]})", R"("x, 3")"}},
       join},
  };
}

}  // namespace assembly_sync::mapping
