// Strong types for the names and identifiers that travel through the program, so that a record id
// can't be passed where an Assembly ID is meant. All are value types; comparing and hashing are by
// the text. Thread-safe as any value.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace assembly_sync::core {

template <class Tag>
class StrongString {
 public:
  StrongString() = default;
  explicit StrongString(std::string text) : text_(std::move(text)) {}
  explicit StrongString(std::string_view text) : text_(text) {}
  explicit StrongString(const char* text) : text_(text) {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const StrongString&) const = default;

 private:
  std::string text_;
};

/// The admin's name of a configured CRM connection, e.g. `hubspot`.
using SourceName = StrongString<struct SourceNameTag>;
/// A kind of record inside a source, e.g. `companies`.
using ObjectName = StrongString<struct ObjectNameTag>;
/// A record's id inside its object; opaque text, unique per (source, object) only.
using RecordId = StrongString<struct RecordIdTag>;
/// A source-specific ID as sent to Assembly (A11, A12).
using Key = StrongString<struct KeyTag>;
/// Assembly's own id of an account, contact or label; opaque (section 1.4 of the API notes).
using AssemblyId = StrongString<struct AssemblyIdTag>;

/// Names one source record.
struct RecordRef {
  SourceName source;
  ObjectName object;
  RecordId id;
  auto operator<=>(const RecordRef&) const = default;
};

/// Who goes first when the budget has one call to give: the smaller value.
enum class Lane : std::uint8_t { live = 0, retry = 1, backfill = 2, audit = 3 };
inline constexpr int kLaneCount = 4;

constexpr std::string_view to_text(Lane lane) {
  constexpr std::string_view kNames[] = {"live", "retry", "backfill", "audit"};
  return kNames[static_cast<int>(lane)];
}

}  // namespace assembly_sync::core

template <class Tag>
struct std::hash<assembly_sync::core::StrongString<Tag>> {
  std::size_t operator()(const assembly_sync::core::StrongString<Tag>& value) const {
    return std::hash<std::string>{}(value.str());
  }
};
