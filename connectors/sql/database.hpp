// What the SQL connector needs of a database: rows of the admin's query in the four orders in which
// it reads them, already as records. One implementation a kind of database. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace assembly_sync::connectors::sql {

/// An entry of `objects`.
struct ObjectQuery {
  core::ObjectName name;
  std::string text;     // the admin's SELECT
  std::string id;       // column
  std::string updated;  // column; empty = none
  std::string deleted;  // column; empty = none
  std::size_t page = 0;
};

/// A date without a time stands for changes up to the end of its day, in whatever time zone it was
/// written: its row counts as changed until so long after the midnight that begins it in UTC.
inline constexpr std::int64_t kDateSpanUs = 36LL * 3'600 * 1'000'000;

/// Which rows are wanted, and in which order. Rows without an id are in none.
struct Selection {
  enum class Kind : std::uint8_t {
    listing,  // not flagged as deleted, by id
    dated,    // last changed from `low_us` to `top_us`, by time and id
    undated,  // without a usable time, or one beyond `top_us`, by id
    ids,      // of these ids, in any order
  };
  Kind kind = Kind::listing;
  std::size_t limit = 0;
  std::optional<std::string> after_key{};  // only rows behind this one (Row::key)
  std::int64_t after_us = 0;               // and its time, with Kind::dated
  std::int64_t low_us = 0;                 // µs since the epoch
  std::int64_t top_us = 0;
  std::vector<std::string> ids{};
};

struct Row {
  std::string key;   // the id as a cursor keeps it
  std::string id;    // as a record has it
  std::string json;  // one object
  std::optional<std::int64_t> changed_us;
  bool deleted = false;
};

struct Rows {
  std::vector<Row> rows;
  std::vector<std::string> warnings{};  // each once: "column photo: … left out"
};

class Database {
 public:
  virtual ~Database() = default;
  virtual ReadResult<Rows> select(const ObjectQuery& query, const Selection& selection) const = 0;
  /// True when the query gives rows whose id is NULL.
  virtual ReadResult<bool> has_rows_without_id(const ObjectQuery& query) const = 0;
  /// The clock that dates the rows, µs since the epoch; `now` is the caller's.
  virtual ReadResult<std::int64_t> now_us(core::WallTime now) const = 0;
  /// The names of the columns, without asking over a network; nothing when that can't be had.
  virtual std::optional<std::set<std::string>> known_columns(const ObjectQuery& query) const = 0;
  /// True when describe() tells the columns' types.
  virtual bool has_types() const = 0;
  virtual ReadResult<core::Catalogue> describe(const ObjectQuery& query) const = 0;
};

tl::unexpected<ReadError> failure(ReadError::Kind kind, std::string reason);

/// `"a""b"`: a name that can be nothing but a name.
std::string quoted(const std::string& name);
/// The admin's query as `(…) q`, without the semicolon some write at its end.
std::string as_table(const ObjectQuery& query);
/// "objects.NAME.id: the query has no column "x"; it has: a, b".
tl::unexpected<ReadError> no_column(const ObjectQuery& query, const char* key,
                                    const std::string& column,
                                    const std::vector<std::string>& columns);
/// Checks that the configured columns are there, and each name once.
std::optional<ReadError> column_problem(const ObjectQuery& query,
                                        const std::vector<std::string>& columns);

}  // namespace assembly_sync::connectors::sql
