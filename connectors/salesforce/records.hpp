// Salesforce's rows -> the project's records: the same JSON whether a row came as JSON or as CSV.
// Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/salesforce/selection.hpp"
#include "core/ids.hpp"
#include "core/record.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::salesforce {

/// `120.0` is 120: the two ways of reading write whole numbers differently.
core::Value normal_number(const core::Value& number);

/// The selected fields of a row, and nothing else: ids of 18 characters, moments as
/// `2026-01-01T10:00:00.000Z`, empty texts as null, no NUL bytes; another record of which nothing
/// is known is null.
core::Value normal_row(const core::Value& row, const std::vector<Column>& columns);

/// A row of a CSV whose header is `header`, as JSON would have it; a number that is none is null.
/// Columns that are not selected are left out.
core::Value row_of_csv(const std::vector<std::string>& header,
                       const std::vector<std::string>& fields, const std::vector<Column>& columns);

/// The record of a normal row; nothing when it has no id.
std::optional<core::Record> make_record(const core::SourceName& source, const Object& object,
                                        const Selection& selection, const core::Value& row);

/// Ms since the epoch of the row's modification; 0 when it tells none.
std::int64_t version_of(const Selection& selection, const core::Value& row);

}  // namespace assembly_sync::connectors::salesforce
