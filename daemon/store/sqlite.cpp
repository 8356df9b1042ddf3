#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {

namespace {

/// What a person can do about it; empty = nothing that is known.
const char* advice_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "; the disk is full: make room";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "; the file, those beside it and their folder must be writable for the program's user";
    case SQLITE_IOERR:
      return "; the disk failed or is full: look at df and at the kernel's messages";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; the file is damaged: stop the program and put a backup in its place";
    default:
      return "";
  }
}

/// Whatever is written, it fails alike.
bool is_of_disk(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
      return true;
    default:
      return false;
  }
}

/// The start of a statement says which it is; all of it would fill the log.
std::string short_text(const char* doing) {
  constexpr std::size_t kMost = 60;
  const std::string text = doing;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "…";
}

}  // namespace

void throw_error(sqlite3* handle, const char* doing) {
  const int code = sqlite3_extended_errcode(handle);
  // The library's text names tables and columns, never bound values.
  const std::string text = "store: " + short_text(doing) + ": " + sqlite3_errmsg(handle) +
                           " (code " + std::to_string(code) + ')' + advice_of(code);
  if (is_of_disk(code)) throw DiskError(text);
  throw StoreError(text);
}

Connection::Connection(const std::string& path, bool read_only) {
  const int flags =
      (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &handle, flags, nullptr) != SQLITE_OK) {
    const std::string why = handle != nullptr ? sqlite3_errmsg(handle) : "out of memory";
    const char* advice = handle != nullptr ? advice_of(sqlite3_extended_errcode(handle)) : "";
    sqlite3_close_v2(handle);
    throw DiskError("store: open " + path + ": " + why + advice);
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
