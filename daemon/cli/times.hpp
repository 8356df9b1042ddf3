// Times as people type them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.hpp"

namespace assembly_sync::cli {

/// `2026-01-31` (UTC midnight) or `2026-01-31T10:00:00Z` -> ms since the epoch; nothing for an
/// empty text.
core::Result<std::optional<std::int64_t>> parse_time(const std::string& text);

}  // namespace assembly_sync::cli
