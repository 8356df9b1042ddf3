#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {

void throw_error(sqlite3* handle, const char* doing) {
  // The library's text names tables and columns, never bound values.
  throw StoreError(std::string("store: ") + doing + ": " + sqlite3_errmsg(handle) + " (code " +
                   std::to_string(sqlite3_extended_errcode(handle)) + ')');
}

Connection::Connection(const std::string& path, bool read_only) {
  const int flags =
      (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &handle, flags, nullptr) != SQLITE_OK) {
    const std::string why = handle != nullptr ? sqlite3_errmsg(handle) : "out of memory";
    sqlite3_close_v2(handle);
    throw StoreError("store: open " + path + ": " + why);
  }
  sqlite3_busy_timeout(handle, kBusyMs);
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
  sqlite3_close_v2(handle);
}

void Connection::run(const char* sql) {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw_error(handle, "exec");
}

bool Connection::holds(std::optional<bool>& any, const char* sql) {
  if (!any) any = Statement(*this, sql).step();
  return *any;
}

Statement::Statement(Connection& connection, const char* sql) : connection_(connection) {
  sqlite3_stmt*& kept = connection.statements[sql];
  if (kept == nullptr && sqlite3_prepare_v3(connection.handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                            &kept, nullptr) != SQLITE_OK) {
    throw_error(connection.handle, sql);
  }
  statement_ = kept;
}

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw_error(connection_.handle, sqlite3_sql(statement_));
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

void Statement::bind_one(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, index, value));
}

void Statement::bind_one(int index, std::string_view value) {
  check(sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_null(int index) {
  check(sqlite3_bind_null(statement_, index));
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw_error(connection_.handle, "bind");
}

}  // namespace assembly_sync::store
