#include "connectors/sql/sqlite.hpp"

#include <algorithm>
#include <charconv>

#include <sqlite3.h>

#include "connectors/record_fields.hpp"
#include "connectors/sql/database.hpp"
#include "connectors/sql/sql.hpp"
#include "core/calendar.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::sql {
namespace {

using Kind = ReadError::Kind;
using File = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

constexpr int kBusyMs = 5000;  // longest wait for whoever writes
constexpr std::int64_t kMsInUs = 1000;

std::string_view text_of(sqlite3_value* value) {
  const void* bytes = sqlite3_value_blob(value);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

/// asy_us(x): µs since the epoch of a date, a time, seconds or ms since the epoch; else NULL.
void us_function(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  std::optional<core::RecordVersion> ms;
  switch (sqlite3_value_type(values[0])) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      ms = core::epoch_ms(sqlite3_value_double(values[0]));
      break;
    case SQLITE_TEXT:
      ms = version_of(text_of(values[0]));
      break;
    default:
      break;
  }
  if (ms) {
    sqlite3_result_int64(context, *ms * kMsInUs);
  } else {
    sqlite3_result_null(context);
  }
}

/// asy_flag(x): 0 for NULL, 0, an empty text and the words for no; else 1.
void flag_function(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  bool flag = false;
  switch (sqlite3_value_type(values[0])) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      flag = sqlite3_value_double(values[0]) != 0;
      break;
    case SQLITE_TEXT: {
      const std::string_view text = text_of(values[0]);
      flag = !text.empty() && text != "0" && text != "f" && text != "false" && text != "n" &&
             text != "no";
      break;
    }
    default:
      break;
  }
  sqlite3_result_int(context, flag ? 1 : 0);
}

/// What stands for an id where SQLite compares: `i7` a number, `tabc` a text, as it is stored.
std::string key_of(sqlite3_stmt* row, int column) {
  const char kind = sqlite3_column_type(row, column) == SQLITE_INTEGER ? 'i' : 't';
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return kind + std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

/// A number only if it is written as SQLite would write it.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && std::to_string(number) == text ? std::optional(number) : std::nullopt;
}

struct Value {
  std::optional<std::int64_t> number;
  std::string text{};
};

Value value_of_key(const std::string& key) {
  if (key.starts_with('i')) return {whole_number(key.substr(1)), key.substr(1)};
  return {std::nullopt, key.substr(std::min<std::size_t>(1, key.size()))};
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  ReadResult<Rows> select(const ObjectQuery& query, const Selection& selection) const override {
    const auto file = open();
    if (!file) return tl::unexpected(file.error());
    const auto columns = columns_of(*file, query);
    if (!columns) return tl::unexpected(columns.error());
    std::vector<Value> values;
    const auto prepared = prepare(*file, query, text_of(query, selection, values));
    if (!prepared) return tl::unexpected(prepared.error());
    sqlite3_stmt* row = prepared->get();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      if (values[i].number) {
        sqlite3_bind_int64(row, at, *values[i].number);
      } else {
        sqlite3_bind_text64(row, at, values[i].text.data(), values[i].text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8);
      }
    }
    Rows rows;
    int status = sqlite3_step(row);
    for (; status == SQLITE_ROW; status = sqlite3_step(row)) take_row(row, *columns, rows);
    if (status != SQLITE_DONE) return error_of(*file, query);
    return rows;
  }

  ReadResult<bool> has_rows_without_id(const ObjectQuery& query) const override {
    const auto file = open();
    if (!file) return tl::unexpected(file.error());
    const auto prepared = prepare(
        *file, query,
        "SELECT 1 FROM " + as_table(query) + " WHERE q." + quoted(query.id) + " IS NULL LIMIT 1");
    if (!prepared) return tl::unexpected(prepared.error());
    const int status = sqlite3_step(prepared->get());
    if (status != SQLITE_ROW && status != SQLITE_DONE) return error_of(*file, query);
    return status == SQLITE_ROW;
  }

  ReadResult<std::int64_t> now_us(core::WallTime now) const override {
    return core::to_ms(now) * kMsInUs;
  }

  std::optional<std::set<std::string>> known_columns(const ObjectQuery& query) const override {
    const auto file = open();
    if (!file) return std::nullopt;
    const auto columns = columns_of(*file, query);
    if (!columns) return std::nullopt;
    return std::set<std::string>(columns->begin(), columns->end());
  }
  /// A column of SQLite may hold anything.
  bool has_types() const override { return false; }
  ReadResult<core::Catalogue> describe(const ObjectQuery&) const override {
    return failure(Kind::rejected, "SQLite does not say what its columns hold");
  }

 private:
  ReadResult<File> open() const {
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(path_.c_str(), &opened,
                                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    File file(opened, sqlite3_close);
    if (status != SQLITE_OK) {
      return failure(Kind::rejected,
                     path_ + ": expected an SQLite file, got: " + sqlite3_errstr(status));
    }
    sqlite3_busy_timeout(opened, kBusyMs);
    constexpr int kPure = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3_create_function(opened, "asy_us", 1, kPure, nullptr, us_function, nullptr, nullptr);
    sqlite3_create_function(opened, "asy_flag", 1, kPure, nullptr, flag_function, nullptr, nullptr);
    return file;
  }

  /// Its messages name tables and columns, no values.
  tl::unexpected<ReadError> error_of(const File& file, const ObjectQuery& query) const {
    const int code = sqlite3_errcode(file.get());
    const std::string message = sqlite3_errmsg(file.get());
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_IOERR ||
        code == SQLITE_NOMEM) {
      return failure(Kind::transient, path_ + ": " + message);
    }
    if (code == SQLITE_NOTADB || code == SQLITE_CANTOPEN || code == SQLITE_CORRUPT) {
      return failure(Kind::rejected, path_ + ": " + message);
    }
    return failure(Kind::rejected, "objects." + query.name.str() + ".query: " + message);
  }

  ReadResult<Statement> prepare(const File& file, const ObjectQuery& query,
                                const std::string& text) const {
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    const int status = sqlite3_prepare_v2(file.get(), text.c_str(), -1, &made, &rest);
    Statement statement(made, sqlite3_finalize);
    if (status != SQLITE_OK) return error_of(file, query);
    if (made == nullptr || sqlite3_stmt_readonly(made) == 0 || (rest != nullptr && *rest != '\0')) {
      return failure(Kind::rejected, "objects." + query.name.str() +
                                         ".query: expected one SELECT, got something "
                                         "else");
    }
    return statement;
  }

  ReadResult<std::vector<std::string>> columns_of(const File& file,
                                                  const ObjectQuery& query) const {
    const auto prepared = prepare(file, query, "SELECT * FROM " + as_table(query) + " LIMIT 0");
    if (!prepared) return tl::unexpected(prepared.error());
    std::vector<std::string> columns;
    for (int i = 0; i < sqlite3_column_count(prepared->get()); ++i) {
      columns.emplace_back(sqlite3_column_name(prepared->get(), i));
    }
    if (auto problem = column_problem(query, columns)) return tl::unexpected(std::move(*problem));
    return columns;
  }

  /// The columns of the query, and behind them id, time and flag.
  static std::string text_of(const ObjectQuery& query, const Selection& selection,
                             std::vector<Value>& values) {
    const auto value = [&](Value one) {
      values.push_back(std::move(one));
      return "?" + std::to_string(values.size());
    };
    const std::string id = "q." + quoted(query.id);
    const std::string time =
        query.updated.empty() ? "NULL" : "asy_us(q." + quoted(query.updated) + ")";
    const std::string flag =
        query.deleted.empty() ? "0" : "asy_flag(q." + quoted(query.deleted) + ")";
    std::string where;
    std::string order = id;
    const bool goes_on = selection.after_key.has_value();
    if (selection.kind == Selection::Kind::ids) {
      where = id + " IN (";
      for (std::size_t i = 0; i < selection.ids.size(); ++i) {
        if (i > 0) where += ", ";
        where += value({std::nullopt, selection.ids[i]});
        if (const auto number = whole_number(selection.ids[i])) where += ", " + value({number});
      }
      where += ")";
    } else if (selection.kind == Selection::Kind::dated) {
      order = time + ", " + id;
      where = id + " IS NOT NULL AND " + time + " >= " + value({selection.low_us}) + " - iif(q." +
              quoted(query.updated) + " LIKE '____-__-__', " + std::to_string(kDateSpanUs) +
              ", 0) AND " + time + " <= " + value({selection.top_us});
      if (goes_on) {
        where += " AND (" + time + ", " + id + ") > (" + value({selection.after_us}) + ", " +
                 value(value_of_key(*selection.after_key)) + ")";
      }
    } else {
      where = id + " IS NOT NULL";
      if (selection.kind == Selection::Kind::listing) where += " AND " + flag + " = 0";
      if (selection.kind == Selection::Kind::undated) {
        where += " AND (" + time + " IS NULL OR " + time + " > " + value({selection.top_us}) + ")";
      }
      if (goes_on) where += " AND " + id + " > " + value(value_of_key(*selection.after_key));
    }
    return "SELECT q.*, " + id + ", " + time + ", " + flag + " FROM " + as_table(query) +
           " WHERE " + where + " ORDER BY " + order + " LIMIT " + std::to_string(selection.limit);
  }

  static core::Value value_of(sqlite3_stmt* row, int column) {
    switch (sqlite3_column_type(row, column)) {
      case SQLITE_INTEGER:
        return {static_cast<std::int64_t>(sqlite3_column_int64(row, column))};
      case SQLITE_FLOAT:
        return {sqlite3_column_double(row, column)};
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
        return {std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)))};
      }
      default:
        return {};
    }
  }

  static void take_row(sqlite3_stmt* row, const std::vector<std::string>& columns, Rows& rows) {
    core::Value::Object members;
    const int count = static_cast<int>(columns.size());
    for (int i = 0; i < count; ++i) {
      if (sqlite3_column_type(row, i) != SQLITE_BLOB) {
        members.emplace(columns[static_cast<std::size_t>(i)], value_of(row, i));
        continue;
      }
      const std::string text = "column " + columns[static_cast<std::size_t>(i)] +
                               " holds bytes (BLOB) in some rows, which are left out there";
      if (std::find(rows.warnings.begin(), rows.warnings.end(), text) == rows.warnings.end()) {
        rows.warnings.push_back(text);
      }
    }
    Row one;
    one.key = key_of(row, count);
    one.id = one.key.substr(1);
    one.json = core::dump_json(core::Value(std::move(members)));
    if (sqlite3_column_type(row, count + 1) != SQLITE_NULL) {
      one.changed_us = sqlite3_column_int64(row, count + 1);
    }
    one.deleted = sqlite3_column_int(row, count + 2) != 0;
    rows.rows.push_back(std::move(one));
  }

  const std::string path_;
};

}  // namespace

std::vector<Setting> sqlite_settings() {
  return {{.name = "path", .kind = Setting::Kind::path, .required = true},
          overlap_setting(),
          objects_setting()};
}

std::unique_ptr<Connector> make_sqlite(const SourceSettings& settings) {
  return make_sql(settings, "an SQLite file",
                  std::make_unique<SqliteDatabase>(settings.texts.at("path")));
}

}  // namespace assembly_sync::connectors::sql
