// Connections to a PostgreSQL server, read-only, through libpq: Poco::Data 1.11 shows no SQLSTATE,
// turns numeric into double and takes every $1 in a query for a parameter. Texts go in and come
// out, so no number is changed on its way. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "core/secret.hpp"

struct pg_conn;

namespace assembly_sync::connectors::sql {

/// How the reason of an error begins that no statement is to blame for.
inline constexpr std::string_view kNoConnection = "no connection: ";

struct PgSettings {
  std::map<std::string, std::string> words;  // libpq's own: host, port, dbname, user, sslmode, …
  core::Secret password;
  int timeout_seconds = 60;  // of one statement
};

struct PgResult {
  std::vector<std::string> columns;
  std::vector<std::uint32_t> types;  // the server's numbers of them
  std::vector<std::vector<std::optional<std::string>>> rows;
};

class PgSessions {
 public:
  explicit PgSessions(PgSettings settings);
  ~PgSessions();

  /// Runs one statement, $1 … standing for `values`. A connection that died since it was last used
  /// is opened once more. Errors carry the server's SQLSTATE and message, but not its details,
  /// which hold values.
  ReadResult<PgResult> run(const std::string& statement,
                           const std::vector<std::string>& values) const;

 private:
  using Connection = std::unique_ptr<pg_conn, void (*)(pg_conn*)>;
  ReadResult<Connection> open() const;
  ReadResult<PgResult> run_on(const Connection& connection, const std::string& statement,
                              const std::vector<std::string>& values) const;
  std::optional<Connection> take_idle() const;
  void give_back(Connection connection) const;

  const PgSettings settings_;
  mutable std::mutex mutex_;
  mutable std::vector<Connection> idle_;  // guarded by mutex_
};

}  // namespace assembly_sync::connectors::sql
