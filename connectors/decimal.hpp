// Sums of decimal numbers as CRMs write them in text, exact: no double on the way. A value type;
// thread-safe as any value.
#pragma once

#include <string>
#include <string_view>

namespace assembly_sync::connectors {

class DecimalSum {
 public:
  /// Adds `-1200.50` or `1.2E7`; false, and nothing added, for anything that is no such number.
  bool add(std::string_view text);
  /// `1201`, `-0.5`, `0`: no zeros that say nothing.
  std::string text() const;

 private:
  /// Digits of what was added above and below zero, both with `scale_` of them behind the point.
  std::string plus_ = "0";
  std::string minus_ = "0";
  std::size_t scale_ = 0;
};

}  // namespace assembly_sync::connectors
