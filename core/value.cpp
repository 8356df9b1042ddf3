#include "core/value.hpp"

#include <limits>

namespace assembly_sync::core {

Value::Value(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    data_ = static_cast<std::int64_t>(n);
  } else {
    data_ = n;
  }
}

double Value::as_double() const {
  if (is_int()) return static_cast<double>(as_int());
  if (is_uint()) return static_cast<double>(as_uint());
  return std::get<double>(data_);
}

const Value* Value::find(std::string_view name) const {
  const auto* members = std::get_if<Object>(&data_);
  if (members == nullptr) return nullptr;
  const auto found = members->find(name);
  return found == members->end() ? nullptr : &found->second;
}

const Value& Value::at(std::string_view name) const {
  static const Value kNull;
  const Value* found = find(name);
  return found == nullptr ? kNull : *found;
}

std::string Value::text_or(std::string_view name, std::string_view otherwise) const {
  const Value* found = find(name);
  return found != nullptr && found->is_string() ? found->as_string() : std::string(otherwise);
}

Value& Value::set(std::string name, Value value) {
  if (is_null()) data_ = Object{};
  as_object().insert_or_assign(std::move(name), std::move(value));
  return *this;
}

std::string_view Value::type_name() const {
  if (is_null()) return "null";
  if (is_bool()) return "true/false";
  if (is_number()) return "number";
  if (is_string()) return "text";
  return is_list() ? "list" : "object";
}

}  // namespace assembly_sync::core
