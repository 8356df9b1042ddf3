// Times as people type them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace assembly_sync::cli {

/// What `--since` takes -> ms since the epoch; nothing for an empty text:
///   `2026-01-31` (UTC midnight), `2026-01-31T10:00:00Z`, also with an offset and without a zone
///   (UTC)
///   `today`, `yesterday`: when that day began (UTC)
///   `90s`, `15m`, `12h`, `3d`, `2w`: so long before `now`
core::Result<std::optional<std::int64_t>> parse_time(const std::string& text, core::WallTime now);

}  // namespace assembly_sync::cli
