// When a failed change is tried again: a pure function of how often it was tried.
#pragma once

#include <chrono>
#include <optional>

#include "core/random.hpp"

namespace assembly_sync::delivery {

/// Attempts after which a change becomes a dead letter: about four days of an hourly cadence.
inline constexpr int kMostAttempts = 100;

/// The pause before the next attempt after `attempts` failed ones (1 = the first failed): 1 s,
/// doubling to an hour, +- 20 % so that a thousand records don't return together. Nothing = enough.
std::optional<std::chrono::milliseconds> next_attempt(int attempts, core::Random& random);

}  // namespace assembly_sync::delivery
