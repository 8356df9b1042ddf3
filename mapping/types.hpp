// The types of the mapping language as sets, so that "text or number" is one value. Used for what
// is known before any record is seen and for what a function takes. Value types; thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace assembly_sync::mapping {

class TypeSet {
 public:
  constexpr TypeSet() = default;
  constexpr explicit TypeSet(std::uint8_t bits) : bits_(bits) {}

  constexpr TypeSet operator|(TypeSet other) const {
    return TypeSet(static_cast<std::uint8_t>(bits_ | other.bits_));
  }
  constexpr TypeSet operator&(TypeSet other) const {
    return TypeSet(static_cast<std::uint8_t>(bits_ & other.bits_));
  }
  constexpr TypeSet without(TypeSet other) const {
    return TypeSet(static_cast<std::uint8_t>(bits_ & ~other.bits_));
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool meets(TypeSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool operator==(const TypeSet&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

inline constexpr TypeSet kNull{1};
inline constexpr TypeSet kBool{2};
inline constexpr TypeSet kNumber{4};
inline constexpr TypeSet kText{8};
inline constexpr TypeSet kList{16};
inline constexpr TypeSet kObject{32};
inline constexpr TypeSet kScalar = kBool | kNumber | kText;
inline constexpr TypeSet kAny = kNull | kScalar | kList | kObject;

/// "text or number"; "any value" for all of them. Null is named only when there is nothing else,
/// since it may stand everywhere.
std::string to_text(TypeSet types);

/// "expected number, got text (write to_number(…))": with what to write instead where that is
/// clear.
std::string mismatch(TypeSet expected, TypeSet got);

}  // namespace assembly_sync::mapping
