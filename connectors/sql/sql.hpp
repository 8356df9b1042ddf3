// A database as a source: each object is a query of the admin's. It is read whole by id, asked for
// what changed by a column that dates the rows, and asked for single rows by id. Only ever pages by
// what stands in the last row, never by OFFSET: rows may come and go between two pages.
#pragma once

#include <memory>
#include <string>

#include "connectors/registry.hpp"
#include "connectors/sql/database.hpp"

namespace assembly_sync::connectors::sql {

/// The keys that both kinds of database have.
Setting overlap_setting();
Setting objects_setting();

/// `kind` for messages: "a PostgreSQL database". Throws SettingProblems.
std::unique_ptr<Connector> make_sql(const SourceSettings& settings, std::string kind,
                                    std::unique_ptr<Database> database);

}  // namespace assembly_sync::connectors::sql
