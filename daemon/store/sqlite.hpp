// SQLite in C++: the connection, prepared statements that are kept, and typed reading. Internal to
// store/. A Connection belongs to one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "daemon/store/store.hpp"

namespace assembly_sync::store {

/// Signals to raise and counters to add up when the transaction commits.
struct Pending {
  bool outbox = false;
  bool inbox = false;
  bool erased = false;  // what the log still holds must go
  std::unordered_map<std::string, std::int64_t> counters;
  /// Rows of a run that ended in the moment they arose: run, state -> how many.
  std::map<std::pair<RowId, NoticeState>, std::int64_t> ended;
  Committed done;  // what is told when it is durable

  void add(const Pending& more) {
    outbox = outbox || more.outbox;
    inbox = inbox || more.inbox;
    erased = erased || more.erased;
    for (const auto& [name, by] : more.counters) counters[name] += by;
    for (const auto& [what, by] : more.ended) ended[what] += by;
    done.add(more.done);
  }
};

/// Tables that mostly hold nothing and are asked for every record that is planned:
/// whether there is anything in them, as far as this transaction has looked.
struct Rare {
  std::optional<bool> merges;
  std::optional<bool> merged_entities;
  std::optional<bool> erasures;
  std::optional<bool> contributions;
  std::optional<bool> changes;
};

/// Another process (a verb) may hold the write lock briefly.
inline constexpr int kBusyMs = 10'000;

struct Connection {
  sqlite3* handle = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements;
  Pending pending;
  Rare rare;  // emptied where a transaction begins or is undone, set where a row is added

  Connection(const std::string& path, bool read_only);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs statements without parameters or results.
  void run(const char* sql);
  /// `any`: a member of `rare`; `sql` selects a row when there is one.
  bool holds(std::optional<bool>& any, const char* sql);
  std::int64_t changes() const { return sqlite3_changes64(handle); }
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle); }
  void count(std::string name, std::int64_t by) { pending.counters[std::move(name)] += by; }
};

/// One column of `run` per final state: ?1 = run, ?2 = notices that were open, ?3 = how many ended.
const char* run_finished_sql(NoticeState state);
/// The name of the sum of notices in this state.
std::string state_counter(std::string_view state);
/// The sums (I2), the run's too, after a notice that waited for a person, as `from` says, came to
/// its end as `to`.
void count_waited(Connection& connection, std::optional<RowId> run, NoticeState from,
                  NoticeState to);

/// A prepared statement in use; `sql` must be a literal (its address is the cache's key). Reset at
/// the end of the scope, so it holds no snapshot.
class Statement {
 public:
  Statement(Connection& connection, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  /// True when there is a row.
  bool step();
  /// Runs to the end.
  void run() {
    while (step()) {
    }
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const;
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, int value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, std::string_view value);
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const char* value) { bind_one(index, std::string_view(value)); }
  template <class Tag>
  void bind_one(int index, const core::StrongString<Tag>& value) {
    bind_one(index, std::string_view(value.str()));
  }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      bind_null(index);
    }
  }
  void bind_null(int index);
  void check(int code) const;

  Connection& connection_;
  sqlite3_stmt* statement_;
};

[[noreturn]] void throw_error(sqlite3* handle, const char* doing);

/// Takes away the oldest of the lineage, at most `rows`: what is older than `before_ms`, and what
/// goes beyond `most_bytes`. Returns how many (lineage.cpp).
std::int64_t sweep_lineage(Connection& connection, std::int64_t before_ms, std::int64_t most_bytes,
                           int rows);

/// Applies the migrations the file lacks, when `may_change`; OpenError when the file is newer than
/// this program, or older and in use by somebody else.
std::optional<OpenError> migrate(Connection& connection, bool may_change);

}  // namespace assembly_sync::store
