// Gate: closed while Assembly refuses the key. A closed gate lets one call at a time through, after
// 5 s, 10 s, … at most 5 minutes, to see whether the key is taken again (I7). Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

#include "core/clock.hpp"

namespace assembly_sync::delivery {

class Gate {
 public:
  /// When the next call may go; nothing = open.
  std::optional<core::SteadyTime> closed_until() const {
    const std::lock_guard lock(mutex_);
    if (pause_ == pause_.zero()) return std::nullopt;
    return probing_ ? core::SteadyTime::max() : until_;
  }
  bool is_open() const { return !closed_until(); }

  /// A call goes now.
  void probe() {
    const std::lock_guard lock(mutex_);
    if (pause_ != pause_.zero()) probing_ = true;
  }
  /// The probe said nothing about the key.
  void probe_undecided(core::SteadyTime now) {
    const std::lock_guard lock(mutex_);
    if (!probing_) return;
    probing_ = false;
    until_ = now + pause_;
  }

  /// The key was refused. True when this closed an open gate.
  bool close(core::SteadyTime now) {
    const std::lock_guard lock(mutex_);
    const bool was_open = pause_ == pause_.zero();
    if (was_open) {
      pause_ = kFirstPause;
    } else if (probing_) {
      pause_ = std::min(pause_ * 2, kLongestPause);
    }
    until_ = now + pause_;
    probing_ = false;
    return was_open;
  }
  /// The key was taken. True when this opened a closed gate.
  bool open() {
    const std::lock_guard lock(mutex_);
    const bool was_closed = pause_ != pause_.zero();
    pause_ = pause_.zero();
    probing_ = false;
    return was_closed;
  }

 private:
  static constexpr std::chrono::seconds kFirstPause{5};
  static constexpr std::chrono::seconds kLongestPause{300};

  mutable std::mutex mutex_;
  std::chrono::seconds pause_{0};
  core::SteadyTime until_{};
  bool probing_ = false;
};

}  // namespace assembly_sync::delivery
