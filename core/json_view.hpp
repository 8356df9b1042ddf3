// JsonView: read-only sight of a parsed record, for the mapping path, where records are read by the
// million and most of a record is never looked at. JsonDocument owns the bytes and can be parsed
// into again and again without allocating. A view is two words, valid until its document parses
// again or dies. Views of one document may be read from several threads; parse() may not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/value.hpp"

namespace assembly_sync::core {

enum class JsonKind : std::uint8_t {
  null,
  boolean,
  integer,
  unsigned_integer,
  number,
  text,
  list,
  object
};

class JsonView {
 public:
  JsonView() = default;  // null

  JsonKind kind() const;
  bool as_bool() const;              // boolean only
  std::int64_t as_int() const;       // integer only
  std::uint64_t as_uint() const;     // unsigned_integer only (above int64)
  double as_double() const;          // any number
  std::string_view as_text() const;  // text only

  /// The member of an object; nothing when this is no object or has no such member.
  std::optional<JsonView> find(std::string_view name) const;
  /// Number of elements of a list, else 0.
  std::size_t size() const;
  /// The element of a list; nothing when out of range. Linear in `index`.
  std::optional<JsonView> at(std::size_t index) const;

  /// Calls visit(JsonView) for each element of a list.
  template <class Visit>
  void for_each(Visit&& visit) const {
    visit_list(&visit, [](void* context, JsonView item) {
      (*static_cast<std::remove_reference_t<Visit>*>(context))(item);
    });
  }

  /// Calls visit(std::string_view, JsonView) for each member of an object, in the text's order.
  template <class Visit>
  void for_each_member(Visit&& visit) const {
    visit_object(&visit, [](void* context, std::string_view name, JsonView member) {
      (*static_cast<std::remove_reference_t<Visit>*>(context))(name, member);
    });
  }

  /// A copy as a Value, whatever the kind.
  Value to_value() const;

 private:
  friend class JsonDocument;
  friend struct JsonViewAccess;
  void visit_list(void* context, void (*visit)(void*, JsonView)) const;
  void visit_object(void* context, void (*visit)(void*, std::string_view, JsonView)) const;

  const void* tape_ = nullptr;
  std::size_t index_ = 0;
};

class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  /// Parses and keeps `text`; the view is of the whole document. Invalidates earlier views.
  Result<JsonView> parse(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::core
