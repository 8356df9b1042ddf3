// Pace: how fast something went in the last minute. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "core/clock.hpp"

namespace assembly_sync::cli {

class Pace {
 public:
  /// `count` so far; never less than before.
  void note(core::SteadyTime now, std::int64_t count) {
    if (marks_.empty() || now - marks_.back().first >= kStep) marks_.emplace_back(now, count);
    while (now - marks_.front().first > kSpan) marks_.pop_front();
    latest_ = {now, count};
  }
  /// A second; nothing = it is too early to say.
  std::optional<double> per_second() const {
    if (marks_.empty()) return std::nullopt;
    const std::chrono::duration<double> span = latest_.first - marks_.front().first;
    if (span < kKnownAfter) return std::nullopt;
    return static_cast<double>(latest_.second - marks_.front().second) / span.count();
  }

 private:
  static constexpr auto kStep = std::chrono::seconds(1);
  static constexpr auto kSpan = std::chrono::seconds(60);
  static constexpr auto kKnownAfter = std::chrono::seconds(10);

  std::deque<std::pair<core::SteadyTime, std::int64_t>> marks_;
  std::pair<core::SteadyTime, std::int64_t> latest_{};
};

}  // namespace assembly_sync::cli
