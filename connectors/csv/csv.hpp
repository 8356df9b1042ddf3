// A CSV file as a source: one object, whose name is the admin's, with a record a row. A file is
// read whole, page by page; it sends no webhooks and can't be asked for single records.
#pragma once

#include <cstddef>
#include <memory>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::csv {

/// Rows on one page, good and bad ones together.
inline constexpr std::size_t kPageRows = 100;

/// Wants the text `path` and exactly one entry in `objects`: all rows of a file are of one kind.
/// Throws std::invalid_argument, with a text for the admin, on anything else.
std::unique_ptr<Connector> make_csv(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::csv
