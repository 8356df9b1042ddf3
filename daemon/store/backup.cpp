#include "daemon/store/backup.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.hpp"
#include "core/file_owner.hpp"
#include "daemon/store/lock_file.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

namespace fs = std::filesystem;

constexpr int kPagesAtOnce = 4096;  // 16 MB

/// Files that SQLite may lay beside a database.
constexpr const char* kBeside[] = {"-wal", "-shm", "-journal"};

std::int64_t number(Connection& connection, const char* sql) {
  Statement query(connection, sql);
  query.step();
  return query.integer(0);
}

std::string text(Connection& connection, const char* sql) {
  Statement query(connection, sql);
  return query.step() ? query.text(0) : std::string();
}

/// What a check of SQLite's says, on one line; empty = all is sound.
std::string damage(Connection& connection, const char* pragma) {
  std::string said = text(connection, pragma);
  std::replace(said.begin(), said.end(), '\n', ' ');
  return said == "ok" ? std::string() : said;
}

void sync_path(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw StoreError("store: cannot open " + path.string());
  const bool done = ::fsync(fd) == 0;
  ::close(fd);
  if (!done) throw StoreError("store: cannot make " + path.string() + " durable");
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

void remove_with_logs(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
  for (const char* end : kBeside) fs::remove(file.string() + end, ignored);
}

/// Whose a copy is: a backup that root makes is root's, wherever it lies; a store is the service's.
enum class Owner { maker, folder };

/// Empty and for its owner only; a copy is written into it.
void make_private(const fs::path& file, Owner owner) {
  remove_with_logs(file);
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) throw StoreError("store: cannot create " + file.string());
  if (owner == Owner::folder) core::give_to_owner_of_folder(fd, file.string());
  ::close(fd);
}

/// One state of the store, whatever is written meanwhile: the snapshot is taken before.
bool copy_pages(const std::string& from, const std::string& to,
                const std::function<bool(double)>& goes_on) {
  Connection source(from, true);
  source.run("BEGIN");
  number(source, "SELECT count(*) FROM sqlite_schema");
  Connection target(to, false);
  sqlite3_backup* backup = sqlite3_backup_init(target.handle, "main", source.handle, "main");
  if (backup == nullptr) throw_error(target.handle, "backup");
  int code = SQLITE_OK;
  bool wanted = true;
  while (wanted && code == SQLITE_OK) {
    code = sqlite3_backup_step(backup, kPagesAtOnce);
    const int all = sqlite3_backup_pagecount(backup);
    const int left = sqlite3_backup_remaining(backup);
    const double share = all == 0 ? 1.0 : static_cast<double>(all - left) / all;
    wanted = !goes_on || goes_on(share) || code == SQLITE_DONE;
  }
  sqlite3_backup_finish(backup);
  source.run("ROLLBACK");
  if (!wanted) return false;
  if (code != SQLITE_DONE) throw_error(target.handle, "backup");
  // One file, with nothing beside it that belongs to it.
  text(target, "PRAGMA journal_mode = DELETE");
  return true;
}

BackupInfo info_of(Connection& connection, const std::string& file) {
  BackupInfo info;
  info.bytes = static_cast<std::int64_t>(fs::file_size(file));
  info.schema_version = number(connection, "PRAGMA user_version");
  info.receipts = number(connection, "SELECT count(*) FROM receipt");
  info.records = number(connection, "SELECT count(*) FROM record");
  info.entities = number(connection, "SELECT count(*) FROM entity");
  info.pending = number(connection, "SELECT count(*) FROM change WHERE state = 'pending'");
  const std::string alive = text(connection, "SELECT value FROM note WHERE name = 'alive_ms'");
  if (!alive.empty()) info.alive_ms = std::stoll(alive);
  return info;
}

/// Throws StoreError where the file is no database or a table is missing.
core::Result<BackupInfo> check(const std::string& file) {
  Connection connection(file, true);
  const std::string found = damage(connection, "PRAGMA integrity_check(1)");
  if (!found.empty()) return core::fail(file + " is damaged: " + found);
  const std::int64_t version = number(connection, "PRAGMA user_version");
  if (version > known_schema_version()) {
    return core::fail(file + " has schema version " + std::to_string(version) +
                      ", this program knows up to " + std::to_string(known_schema_version()) +
                      ": use the assembly-sync that made it, or a newer one");
  }
  if (number(connection,
             "SELECT count(*) FROM sqlite_schema WHERE name IN ('notice', 'change', "
             "'entity', 'receipt')") < 4) {
    return core::fail(file + " is no backup of assembly-sync");
  }
  return info_of(connection, file);
}

/// What happened since the backup is not known: see backup.hpp. Counts what it touched.
void distrust(Connection& connection, std::int64_t now_ms, Restored& restored) {
  const auto run = [&](const char* sql) {
    Statement(connection, sql).run();
    return connection.changes();
  };
  connection.run("BEGIN IMMEDIATE");
  restored.doubted = run("UPDATE entity SET doubtful = 1 WHERE kind <> 3 AND present = 1");
  // A log that waits to be sent may have been sent: as after an attempt without an answer.
  restored.looked_for = run(
      "UPDATE entity SET doubtful = 1, known = (SELECT wanted FROM change c WHERE c.entity = "
      "entity.id AND c.state = 'pending') WHERE kind = 3 AND assembly_id IS NULL AND doubtful = 0 "
      "AND id IN (SELECT entity FROM change WHERE state = 'pending' AND action = 0)");
  // What no notice asks for is kept: nothing else would bring it again.
  connection.run(
      "CREATE TEMP TABLE outdated AS SELECT c.id AS change, l.notice AS notice FROM change c JOIN "
      "entity e ON e.id = c.entity JOIN notice_change l ON l.change = c.id JOIN notice n ON n.id = "
      "l.notice WHERE c.state = 'pending' AND e.kind <> 3 AND n.state = 'open'");
  restored.read_anew =
      run("UPDATE notice SET stage = 'read', due_ms = 0 WHERE id IN (SELECT notice FROM outdated)");
  run("DELETE FROM notice_change WHERE change IN (SELECT change FROM outdated)");
  run("UPDATE counter SET value = value - (SELECT count(*) FROM change c WHERE c.id IN (SELECT "
      "change FROM outdated) AND counter.name = 'pending.' || CASE c.lane WHEN 0 THEN 'live' WHEN "
      "1 THEN 'retry' WHEN 2 THEN 'backfill' ELSE 'audit' END) WHERE name LIKE 'pending.%'");
  run("DELETE FROM change WHERE id IN (SELECT change FROM outdated)");
  connection.run("DROP TABLE temp.outdated");
  run("DELETE FROM note WHERE name = 'directory.as_of_ms'");
  Statement(connection, "INSERT OR REPLACE INTO note (name, value) VALUES (?1, ?2)")
      .bind(kRestoredNote, std::to_string(now_ms))
      .run();
  connection.run("COMMIT");
}

/// `2026-01-31T10-00-00Z`: no colons, which some file systems do not take.
std::string stamp(std::int64_t now_ms) {
  std::string name = core::format_utc(core::from_ms(now_ms)).substr(0, 19) + 'Z';
  for (char& c : name) {
    if (c == ':') c = '-';
  }
  return name;
}

/// Keeps what is at `path` under the name `aside`. Its logs go first: beside another database they
/// would be taken for that one's. The database itself keeps its name too, until the rename.
void keep_aside(const std::string& path, const std::string& aside) {
  for (const char* end : kBeside) {
    if (fs::exists(path + end)) fs::rename(path + end, aside + end);
  }
  std::error_code cannot_link;
  fs::create_hard_link(path, aside, cannot_link);
  if (cannot_link) fs::rename(path, aside);
}

}  // namespace

std::int64_t known_schema_version() {
  return static_cast<std::int64_t>(migrations().size());
}

core::Result<BackupInfo> make_backup(const std::string& store_path, const std::string& file,
                                     const std::function<bool(double)>& goes_on) {
  const std::string part = file + ".part";
  try {
    make_private(part, Owner::maker);
    if (!copy_pages(store_path, part, goes_on)) {
      remove_with_logs(part);
      return core::fail("stopped; nothing was written to " + file);
    }
    auto info = check(part);
    if (!info) {
      remove_with_logs(part);
      return core::fail("the store is damaged, the copy was not kept: " + info.error().message);
    }
    sync_path(part);
    fs::rename(part, file);
    sync_path(folder_of(file));
    return info;
  } catch (...) {
    remove_with_logs(part);
    throw;
  }
}

core::Result<BackupInfo> check_backup(const std::string& file) {
  if (!fs::exists(file)) return core::fail("no file " + file);
  try {
    return check(file);
  } catch (const StoreError& error) {
    return core::fail(file + ": " + error.what());
  }
}

tl::expected<Restored, RestoreError> restore_backup(const std::string& file,
                                                    const std::string& store_path,
                                                    std::int64_t now_ms) {
  const auto info = check_backup(file);
  if (!info) return tl::unexpected(RestoreError{false, info.error().message});
  const auto lock = LockFile::take(store_path);
  if (!lock) {
    return tl::unexpected(RestoreError{
        true, "another assembly-sync process is using " + store_path + ": stop it first"});
  }
  const std::string part = store_path + ".restoring";
  Restored restored;
  restored.info = *info;
  try {
    make_private(part, Owner::folder);
    copy_pages(file, part, nullptr);
    {
      Connection connection(part, false);
      if (auto error = migrate(connection, true)) {
        remove_with_logs(part);
        return tl::unexpected(RestoreError{false, error->message});
      }
      distrust(connection, now_ms, restored);
    }
    sync_path(part);
    if (fs::exists(store_path)) {
      restored.replaced = store_path + ".replaced-" + stamp(now_ms);
      keep_aside(store_path, restored.replaced);
    }
    fs::rename(part, store_path);
    sync_path(folder_of(store_path));
  } catch (...) {
    remove_with_logs(part);
    throw;
  }
  return restored;
}

std::string quick_check(const std::string& store_path) {
  try {
    Connection connection(store_path, true);
    return damage(connection, "PRAGMA quick_check(1)");
  } catch (const StoreError& error) {
    return error.what();
  }
}

}  // namespace assembly_sync::store
