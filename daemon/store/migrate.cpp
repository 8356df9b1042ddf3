#include "daemon/store/migrations.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

std::int64_t version_of(Connection& connection) {
  Statement query(connection, "PRAGMA user_version");
  query.step();
  return query.integer(0);
}

}  // namespace

std::optional<OpenError> migrate(Connection& connection, bool may_change) {
  const auto known = static_cast<std::int64_t>(migrations().size());
  const std::int64_t found = version_of(connection);
  if (found > known) {
    return OpenError{OpenError::Kind::too_new,
                     "the store has schema version " + std::to_string(found) +
                         ", this program knows up to " + std::to_string(known) +
                         ": start a newer assembly-sync, or restore a backup made by this one"};
  }
  if (found < known && !may_change) {
    return OpenError{OpenError::Kind::broken,
                     "the store has the older schema version " + std::to_string(found) +
                         ", this program works with " + std::to_string(known) +
                         ": start the daemon of this version once, it brings the store up to date"};
  }
  for (std::int64_t step = found; step < known; ++step) {
    connection.run("BEGIN IMMEDIATE");
    try {
      // Another process may have migrated between our look and the lock.
      if (version_of(connection) == step) {
        connection.run(migrations()[static_cast<std::size_t>(step)].sql);
        connection.run(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
      }
      connection.run("COMMIT");
    } catch (...) {
      sqlite3_exec(connection.handle, "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
  }
  return std::nullopt;
}

}  // namespace assembly_sync::store
