#include "core/json_view.hpp"

#include <cstring>
#include <limits>
#include <type_traits>

#include <simdjson.h>

#include "core/limits.hpp"

namespace assembly_sync::core {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// A view is the library's element in disguise, so that its large header stays out of ours.
struct JsonViewAccess {
  static_assert(sizeof(JsonView) == sizeof(element));
  static_assert(std::is_trivially_copyable_v<element>);

  static element get(const JsonView& view) {
    element result;
    std::memcpy(static_cast<void*>(&result), static_cast<const void*>(&view), sizeof result);
    return result;
  }
  static JsonView make(const element& from) {
    JsonView view;
    std::memcpy(static_cast<void*>(&view), static_cast<const void*>(&from), sizeof from);
    return view;
  }
  static bool is_default(const JsonView& view) { return view.tape_ == nullptr; }
};

namespace {

element get(const JsonView& view) {
  return JsonViewAccess::get(view);
}

}  // namespace

JsonKind JsonView::kind() const {
  if (JsonViewAccess::is_default(*this)) return JsonKind::null;
  switch (get(*this).type()) {
    case element_type::NULL_VALUE:
      return JsonKind::null;
    case element_type::BOOL:
      return JsonKind::boolean;
    case element_type::INT64:
      return JsonKind::integer;
    case element_type::UINT64:
      return JsonKind::unsigned_integer;
    case element_type::DOUBLE:
      return JsonKind::number;
    case element_type::STRING:
      return JsonKind::text;
    case element_type::ARRAY:
      return JsonKind::list;
    case element_type::OBJECT:
      return JsonKind::object;
  }
  return JsonKind::null;
}

bool JsonView::as_bool() const {
  return get(*this).get_bool().value_unsafe();
}
std::int64_t JsonView::as_int() const {
  return get(*this).get_int64().value_unsafe();
}
std::uint64_t JsonView::as_uint() const {
  return get(*this).get_uint64().value_unsafe();
}
double JsonView::as_double() const {
  return get(*this).get_double().value_unsafe();
}
std::string_view JsonView::as_text() const {
  return get(*this).get_string().value_unsafe();
}

std::optional<JsonView> JsonView::find(std::string_view name) const {
  if (kind() != JsonKind::object) return std::nullopt;
  element found;
  if (get(*this).at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
  return JsonViewAccess::make(found);
}

std::size_t JsonView::size() const {
  simdjson::dom::array items;
  if (kind() != JsonKind::list || get(*this).get(items) != simdjson::SUCCESS) return 0;
  return items.size();  // saturates at 2^24 - 1; a record is far below
}

std::optional<JsonView> JsonView::at(std::size_t index) const {
  if (kind() != JsonKind::list) return std::nullopt;
  element found;
  if (get(*this).at(index).get(found) != simdjson::SUCCESS) return std::nullopt;
  return JsonViewAccess::make(found);
}

void JsonView::visit_list(void* context, void (*visit)(void*, JsonView)) const {
  if (JsonViewAccess::is_default(*this)) return;
  simdjson::dom::array items;
  if (get(*this).get(items) != simdjson::SUCCESS) return;
  for (const element item : items) {
    visit(context, JsonViewAccess::make(item));
  }
}

void JsonView::visit_object(void* context, void (*visit)(void*, std::string_view, JsonView)) const {
  if (JsonViewAccess::is_default(*this)) return;
  simdjson::dom::object members;
  if (get(*this).get(members) != simdjson::SUCCESS) return;
  for (const auto field : members) {
    visit(context, field.key, JsonViewAccess::make(field.value));
  }
}

Value JsonView::to_value() const {
  switch (kind()) {
    case JsonKind::null:
      return {};
    case JsonKind::boolean:
      return as_bool();
    case JsonKind::integer:
      return as_int();
    case JsonKind::unsigned_integer:
      return as_uint();
    case JsonKind::number:
      return as_double();
    case JsonKind::text:
      return as_text();
    case JsonKind::list: {
      Value::List items;
      for_each([&](JsonView item) { items.push_back(item.to_value()); });
      return items;
    }
    case JsonKind::object: {
      Value::Object members;
      for_each_member([&](std::string_view name, JsonView member) {
        members.insert_or_assign(std::string(name), member.to_value());
      });
      return members;
    }
  }
  return {};
}

struct JsonDocument::Impl {
  simdjson::dom::parser parser{limits::kRecordBytes};
};

JsonDocument::JsonDocument() : impl_(std::make_unique<Impl>()) {
  const auto ignored = impl_->parser.allocate(4096, limits::kJsonDepth);
  static_cast<void>(ignored);
}
JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

Result<JsonView> JsonDocument::parse(std::string_view text) {
  if (text.size() > limits::kRecordBytes) {
    return fail("record larger than " + std::to_string(limits::kRecordBytes) + " bytes");
  }
  if (text.empty()) return fail("invalid JSON: nothing");
  element root;
  if (const auto error = impl_->parser.parse(text.data(), text.size(), true).get(root);
      error != simdjson::SUCCESS) {
    return fail(std::string("invalid JSON: ") + simdjson::error_message(error));
  }
  return JsonViewAccess::make(root);
}

}  // namespace assembly_sync::core
