// A text that must never be printed (I11): no stream operator, no formatter, no comparison that
// leaks timing. `reveal()` is the one way out, to be called where the bytes go on the wire or into
// a hash. The bytes are wiped when the last copy dies.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace assembly_sync::core {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret() { wipe(); }

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  /// In a time that tells the lengths only.
  bool same_as(const Secret& other) const;

 private:
  void wipe() {
    for (volatile char& c : text_) c = 0;
  }
  std::string text_;
};

/// True when both are equal; takes the same time wherever they differ.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace assembly_sync::core
