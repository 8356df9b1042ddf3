// Small texts that answers share: when something was, what it is about, columns. For people at a
// terminal; scripts read the documents. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/value.hpp"

namespace assembly_sync::answers {

/// RFC 3339; null when there is none.
core::Value time_value(const std::optional<std::int64_t>& ms);
/// `2026-01-31 10:00:00Z` of a time as time_value() gives it; `never` when it is null.
std::string when_text(const core::Value& time);
/// `hubspot.companies`
std::string object_text(const core::SourceName& source, const core::ObjectName& object);
/// At most `width` characters; what is longer is cut with `…`. Line breaks become blanks, other
/// control characters `?`, so that a text from outside can't steer a terminal.
std::string one_line(std::string_view text, std::size_t width);
/// A text as it is, anything else as JSON; `nothing` for null.
std::string shown(const core::Value& value);

/// Rows of cells under each other, each column as wide as its widest cell; the last one as it is.
std::string columns(const std::vector<std::vector<std::string>>& rows, std::string_view indent);

}  // namespace assembly_sync::answers
