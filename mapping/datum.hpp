// Datum: a value while an expression runs. Three words, copied freely; texts and lists point into
// the record or into the evaluation's arena and live as long as those. A list or object of the
// record stays a view until someone looks into it. Thread-safe as any value.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "core/json_view.hpp"
#include "core/value.hpp"
#include "mapping/types.hpp"

namespace assembly_sync::mapping {

class Datum {
 public:
  struct Items {  // a list made by an expression
    const Datum* data = nullptr;
    std::size_t size = 0;
  };
  struct ListView {  // a list of the record
    core::JsonView view;
  };
  struct ObjectView {
    core::JsonView view;
  };

  Datum() = default;  // null
  Datum(bool b) : data_(b) {}
  Datum(std::int64_t n) : data_(n) {}
  Datum(std::uint64_t n);
  Datum(double n) : data_(n) {}
  Datum(std::string_view text) : data_(text) {}
  Datum(const char*) = delete;  // would silently become a bool
  Datum(Items items) : data_(items) {}
  explicit Datum(const core::JsonView& view);
  /// A scalar; a text stays where `value` is. A list or object becomes null.
  explicit Datum(const core::Value& value);

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_uint() const { return std::holds_alternative<std::uint64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_uint() || is_double(); }
  bool is_text() const { return std::holds_alternative<std::string_view>(data_); }
  bool is_items() const { return std::holds_alternative<Items>(data_); }
  bool is_list_view() const { return std::holds_alternative<ListView>(data_); }
  bool is_list() const { return is_items() || is_list_view(); }
  bool is_object() const { return std::holds_alternative<ObjectView>(data_); }
  /// Null or the empty text: what a CRM sends for a cleared property.
  bool is_blank() const { return is_null() || (is_text() && as_text().empty()); }

  // Ask for the type first.
  bool as_bool() const { return *std::get_if<bool>(&data_); }
  std::int64_t as_int() const { return *std::get_if<std::int64_t>(&data_); }
  std::uint64_t as_uint() const { return *std::get_if<std::uint64_t>(&data_); }
  double as_double() const;  // of any number
  std::string_view as_text() const { return *std::get_if<std::string_view>(&data_); }
  Items as_items() const { return *std::get_if<Items>(&data_); }
  core::JsonView as_view() const;  // of a list or object of the record

  TypeSet type() const;
  /// A copy that owns everything.
  core::Value to_value() const;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string_view, Items,
               ListView, ObjectView>
      data_;
};

/// Calls visit(Datum) for each element of a list, whoever made it.
template <class Visit>
void for_each_item(const Datum& list, Visit&& visit) {
  if (list.is_list_view()) {
    list.as_view().for_each([&](const core::JsonView& item) { visit(Datum(item)); });
  } else {
    for (std::size_t i = 0; i < list.as_items().size; ++i) visit(list.as_items().data[i]);
  }
}

/// -1, 0 or 1; exact for any mix of number types.
int compare_numbers(const Datum& a, const Datum& b);

}  // namespace assembly_sync::mapping
