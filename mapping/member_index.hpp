// Finds members of one object of a record that many rules look into (a CRM keeps all fields in
// one): a walk over the object for each lookup is the largest part of mapping. Made where it is
// used; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>

#include "core/json_view.hpp"

namespace assembly_sync::mapping {

/// Of a member's name; never 0.
inline std::uint32_t member_hash(std::string_view name) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  const std::size_t size = name.size() < sizeof begin ? name.size() : sizeof begin;
  std::memcpy(&begin, name.data(), size);
  std::memcpy(&end, name.data() + name.size() - size, size);
  const std::uint64_t mixed = (begin * kOdd ^ end) * kOdd + name.size();
  return static_cast<std::uint32_t>((mixed ^ mixed >> 29U) * kOdd >> 32U) | 1U;
}

class MemberIndex {
 public:
  /// Reads the object's members; an object with too many of them is walked at each lookup instead.
  void build(const core::JsonView& object) {
    object_ = object;
    count_ = 0;
    hashes_.fill(0);
    object.for_each_member(
        [this](std::string_view name, const core::JsonView& value) { add(name, value); });
  }

  std::optional<core::JsonView> find(std::string_view name, std::uint32_t hash) const {
    if (count_ > kMost) return object_.find(name);
    for (std::size_t slot = hash % kSlots; hashes_[slot] != 0; slot = (slot + 1) % kSlots) {
      if (hashes_[slot] == hash && entry(slot).name == name) return entry(slot).value;
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    std::string_view name;
    core::JsonView value;
  };
  static constexpr std::size_t kSlots = 512;
  static constexpr std::size_t kMost = kSlots / 2;

  void add(std::string_view name, const core::JsonView& value) {
    if (++count_ > kMost) return;
    const std::uint32_t hash = member_hash(name);
    std::size_t slot = hash % kSlots;
    for (; hashes_[slot] != 0; slot = (slot + 1) % kSlots) {
      if (hashes_[slot] == hash && entry(slot).name == name) return;  // the first of a name counts
    }
    hashes_[slot] = hash;
    new (entries_ + slot * sizeof(Entry)) Entry{name, value};
  }
  const Entry& entry(std::size_t slot) const {
    return *std::launder(reinterpret_cast<const Entry*>(entries_ + slot * sizeof(Entry)));
  }

  core::JsonView object_;
  std::size_t count_ = 0;
  std::array<std::uint32_t, kSlots> hashes_;                  // 0: the slot is free
  alignas(Entry) std::byte entries_[kSlots * sizeof(Entry)];  // of slots that are not
};

}  // namespace assembly_sync::mapping
