#include "mapping/datum.hpp"

#include <cmath>
#include <limits>

namespace assembly_sync::mapping {
namespace {

template <class T>
int three_way(T a, T b) {
  return a < b ? -1 : static_cast<int>(b < a);
}

/// Integers above 2^53 have no exact double, so the whole part is compared as an integer.
int compare_int_double(std::int64_t a, double b) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (b >= kTwo63) return -1;
  if (b < -kTwo63) return 1;
  const double whole = std::trunc(b);
  const int by_whole = three_way(a, static_cast<std::int64_t>(whole));
  return by_whole != 0 ? by_whole : three_way(0.0, b - whole);
}

}  // namespace

Datum::Datum(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    data_ = static_cast<std::int64_t>(n);
  } else {
    data_ = n;
  }
}

Datum::Datum(const core::JsonView& view) {
  using K = core::JsonKind;
  switch (view.kind()) {
    case K::null:
      break;
    case K::boolean:
      data_ = view.as_bool();
      break;
    case K::integer:
      data_ = view.as_int();
      break;
    case K::unsigned_integer:
      data_ = view.as_uint();
      break;
    case K::number:
      data_ = view.as_double();
      break;
    case K::text:
      data_ = view.as_text();
      break;
    case K::list:
      data_ = ListView{view};
      break;
    case K::object:
      data_ = ObjectView{view};
      break;
  }
}

Datum::Datum(const core::Value& value) {
  if (value.is_bool()) data_ = value.as_bool();
  if (value.is_int()) data_ = value.as_int();
  if (value.is_uint()) data_ = value.as_uint();
  if (value.is_double()) data_ = value.as_double();
  if (value.is_string()) data_ = std::string_view(value.as_string());
}

double Datum::as_double() const {
  if (is_int()) return static_cast<double>(as_int());
  if (is_uint()) return static_cast<double>(as_uint());
  return *std::get_if<double>(&data_);
}

core::JsonView Datum::as_view() const {
  if (const auto* list = std::get_if<ListView>(&data_)) return list->view;
  return std::get_if<ObjectView>(&data_)->view;
}

TypeSet Datum::type() const {
  constexpr TypeSet kTypes[] = {kNull, kBool, kNumber, kNumber, kNumber,
                                kText, kList, kList,   kObject};
  return kTypes[data_.index()];
}

core::Value Datum::to_value() const {
  if (is_bool()) return as_bool();
  if (is_int()) return as_int();
  if (is_uint()) return as_uint();
  if (is_double()) return as_double();
  if (is_text()) return as_text();
  if (is_items()) {
    core::Value::List out;
    out.reserve(as_items().size);
    for (std::size_t i = 0; i < as_items().size; ++i) {
      out.push_back(as_items().data[i].to_value());
    }
    return out;
  }
  return is_null() ? core::Value() : as_view().to_value();
}

int compare_numbers(const Datum& a, const Datum& b) {
  if (a.is_double() && b.is_double()) return three_way(a.as_double(), b.as_double());
  if (a.is_double()) return -compare_numbers(b, a);
  if (a.is_int() && b.is_int()) return three_way(a.as_int(), b.as_int());
  if (a.is_uint() && b.is_uint()) return three_way(a.as_uint(), b.as_uint());
  if (b.is_double()) {
    // An unsigned integer here is above 2^63, where a double's spacing is at least 2048: the
    // conversion below can't turn a true difference of doubles around.
    return a.is_int() ? compare_int_double(a.as_int(), b.as_double())
                      : three_way(a.as_double(), b.as_double());
  }
  return a.is_uint() ? 1 : -1;  // an unsigned integer lies above every signed one
}

}  // namespace assembly_sync::mapping
