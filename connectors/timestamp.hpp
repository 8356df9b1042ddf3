// How old a signed request may be: the check of the timestamp that a sender signs along, which
// keeps a captured request from being good for ever. Pure; thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace assembly_sync::connectors {

enum class TimestampUnit : std::uint8_t { seconds, milliseconds };

/// Why `text` (since 1970, digits only) is not within `tolerance` of `now`, in either direction: a
/// timestamp far ahead would stay valid for as long as it is ahead. Empty = it is. Compared in the
/// timestamp's own unit: 300 s old is within 300 s, whatever the milliseconds.
std::string timestamp_problem(std::string_view text, TimestampUnit unit,
                              std::chrono::seconds tolerance, core::WallTime now);

}  // namespace assembly_sync::connectors
