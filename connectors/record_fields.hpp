// What identifies and dates a record, as sources write it in JSON or as text. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/json_view.hpp"
#include "core/record.hpp"

namespace assembly_sync::connectors {

/// A scalar as it is written; nothing for null, fractions, lists and objects.
std::optional<std::string> scalar_text(core::JsonView value);

/// Of a text or a whole number; sources write an id as text in one place and as number in another.
/// Nothing for an empty text, one too long for an identifier, and anything else.
std::optional<core::RecordId> id_of(const std::optional<core::JsonView>& value);

/// Ms since the epoch, of a date, a time, an HTTP date, or seconds or ms since the epoch; nothing
/// when it is none.
std::optional<core::RecordVersion> version_of(std::string_view text);
std::optional<core::RecordVersion> version_of(const std::optional<core::JsonView>& value);

}  // namespace assembly_sync::connectors
