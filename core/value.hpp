// Value: the JSON document type that the program builds and compares (intents, request bodies,
// answers of Assembly and the CRMs). Integers stay exact up to 64 bits, `1.0` stays a double,
// object members are kept sorted by name, so that equal documents have equal texts. A value type;
// thread-safe as any value. Records on the mapping path are read through JsonView instead.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace assembly_sync::core {

class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  Value(int n) : data_(std::int64_t{n}) {}
  Value(std::int64_t n) : data_(n) {}
  Value(std::uint64_t n);
  Value(double n) : data_(n) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(List items) : data_(std::move(items)) {}
  Value(Object members) : data_(std::move(members)) {}

  static Value list(List items = {}) { return Value(std::move(items)); }
  static Value object(Object members = {}) { return Value(std::move(members)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
  /// Above the range of std::int64_t only.
  bool is_uint() const { return std::holds_alternative<std::uint64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_uint() || is_double(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_list() const { return std::holds_alternative<List>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  // The accessors below throw std::bad_variant_access on another type: ask first.
  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  std::uint64_t as_uint() const { return std::get<std::uint64_t>(data_); }
  /// Of any number.
  double as_double() const;
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const List& as_list() const { return std::get<List>(data_); }
  List& as_list() { return std::get<List>(data_); }
  const Object& as_object() const { return std::get<Object>(data_); }
  Object& as_object() { return std::get<Object>(data_); }

  /// The member, or nullptr when this is no object or has no such member.
  const Value* find(std::string_view name) const;
  /// The member; the null value when there is none.
  const Value& at(std::string_view name) const;
  /// The member's text when it is a string, else `otherwise`.
  std::string text_or(std::string_view name, std::string_view otherwise = {}) const;
  /// Sets a member; a null value becomes an object first.
  Value& set(std::string name, Value value);

  /// `null`, `true/false`, `number`, `text`, `list`, `object`: for messages.
  std::string_view type_name() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, List, Object>
      data_;
};

}  // namespace assembly_sync::core
