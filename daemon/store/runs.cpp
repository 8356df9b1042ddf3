// Runs, cursors, the directory of what Assembly holds, labels, catalogues, and the overview.
#include <numeric>

#include "core/limits.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

// In the order that read_run() reads them.
#define SELECT_RUN                                                                               \
  "SELECT id, what, state, since_ms, row_limit, created_ms, finished_ms, error, records, open, " \
  "bad_rows, calls, delivered, unchanged, filtered, superseded, orphaned, held, dead, ignored, " \
  "accept_shrink FROM run "

constexpr const char* kRunById = SELECT_RUN "WHERE id = ?1";
constexpr const char* kUnfinishedRuns = SELECT_RUN "WHERE state <= 2 ORDER BY id";
constexpr const char* kLatestRuns = SELECT_RUN "ORDER BY id DESC LIMIT ?1";

constexpr const char* kAliveNote = "alive_ms";
constexpr const char* kKeyRefusedNotes[] = {"key_refused.lists", "key_refused.changes"};

Run read_run(const Statement& row) {
  Run run;
  run.id = row.integer(0);
  run.what = row.text(1);
  run.state = static_cast<RunState>(row.integer(2));
  run.since_ms = row.optional_integer(3);
  run.limit = row.optional_integer(4);
  run.created_ms = row.integer(5);
  run.finished_ms = row.integer(6);
  run.error = row.text(7);
  run.records = row.integer(8);
  run.open = row.integer(9);
  run.bad_rows = row.integer(10);
  run.calls = row.integer(11);
  for (int state = 1; state < kNoticeStateCount; ++state) {
    run.finals[static_cast<std::size_t>(state)] = row.integer(11 + state);
  }
  run.accept_shrink = row.integer(11 + kNoticeStateCount) != 0;
  return run;
}

std::vector<DirectoryEntry> directory_entries(Connection& connection, const char* sql,
                                              EntityKind kind, const std::string& what) {
  std::vector<DirectoryEntry> entries;
  {
    Statement query(connection, sql);
    query.bind(static_cast<int>(kind), what);
    while (query.step()) {
      entries.push_back(
          {kind, AssemblyId(query.text(0)), query.text(1), {}, query.text(2), query.integer(3)});
    }
  }
  for (DirectoryEntry& entry : entries) {
    Statement keys(connection,
                   "SELECT key FROM directory_key WHERE kind = ?1 AND assembly_id = ?2");
    keys.bind(static_cast<int>(kind), entry.id);
    while (keys.step()) entry.keys.emplace_back(keys.text(0));
  }
  return entries;
}

bool is_erased(Connection& connection, const AssemblyId& id) {
  Statement query(connection,
                  "SELECT 1 FROM entity e JOIN erasure x ON x.source = e.source AND x.object = "
                  "e.object AND x.record = e.record WHERE e.assembly_id = ?1");
  query.bind(id);
  return query.step();
}

}  // namespace

std::optional<std::string> View::cursor(const std::string& stream) const {
  Statement query(connection_, "SELECT value FROM cursor WHERE stream = ?1");
  query.bind(stream);
  if (!query.step()) return std::nullopt;
  return query.text(0);
}

void Tx::set_cursor(const std::string& stream, const std::string& value) {
  Statement(connection_,
            "INSERT INTO cursor (stream, value) VALUES (?1, ?2) "
            "ON CONFLICT (stream) DO UPDATE SET value = ?2")
      .bind(stream, value)
      .run();
}

void Tx::clear_cursor(const std::string& stream) {
  Statement(connection_, "DELETE FROM cursor WHERE stream = ?1").bind(stream).run();
}

std::optional<Run> View::run(RowId id) const {
  Statement query(connection_, kRunById);
  query.bind(id);
  if (!query.step()) return std::nullopt;
  return read_run(query);
}

std::vector<Run> View::unfinished_runs() const {
  Statement query(connection_, kUnfinishedRuns);
  std::vector<Run> runs;
  while (query.step()) runs.push_back(read_run(query));
  return runs;
}

std::vector<Run> View::latest_runs(int limit) const {
  std::vector<Run> runs;
  Statement query(connection_, kLatestRuns);
  query.bind(limit);
  while (query.step()) runs.push_back(read_run(query));
  return runs;
}

std::vector<RunProblem> View::run_problems(RowId run, int limit) const {
  Statement query(connection_,
                  "SELECT reason, count(*), source, object, min(record) FROM notice WHERE state = "
                  "'dead' AND run = ?1 GROUP BY reason, source, object ORDER BY count(*) DESC, "
                  "reason LIMIT ?2");
  query.bind(run, limit);
  std::vector<RunProblem> problems;
  while (query.step()) {
    problems.push_back(
        {query.text(0),
         query.integer(1),
         {SourceName(query.text(2)), ObjectName(query.text(3)), RecordId(query.text(4))}});
  }
  return problems;
}

RowId Tx::add_run(const Run& run) {
  Statement(
      connection_,
      "INSERT INTO run (what, state, since_ms, row_limit, created_ms, accept_shrink) VALUES (?1, "
      "?2, ?3, ?4, ?5, ?6)")
      .bind(run.what, static_cast<int>(run.state), run.since_ms, run.limit, run.created_ms,
            run.accept_shrink ? 1 : 0)
      .run();
  return connection_.last_id();
}

void Tx::update_run(RowId id, RunState state, const std::string& error, std::int64_t now_ms) {
  Statement(connection_, "UPDATE run SET state = ?2, error = ?3, finished_ms = ?4 WHERE id = ?1")
      .bind(id, static_cast<int>(state), error, state >= RunState::done ? now_ms : 0)
      .run();
  if (state >= RunState::done) connection_.pending.done.runs.push_back(state);
}

void Tx::add_run_progress(RowId id, std::int64_t records, std::int64_t bad_rows) {
  Statement(connection_,
            "UPDATE run SET records = records + ?2, bad_rows = bad_rows + ?3 WHERE id = ?1")
      .bind(id, records, bad_rows)
      .run();
}

std::vector<DirectoryEntry> View::directory_by_key(EntityKind kind, const Key& key) const {
  return directory_entries(
      connection_,
      "SELECT d.assembly_id, d.domain, d.attributes, d.as_of_ms FROM directory d "
      "JOIN directory_key k USING (kind, assembly_id) "
      "WHERE k.kind = ?1 AND k.key = ?2",
      kind, key.str());
}

std::vector<DirectoryEntry> View::directory_by_domain(EntityKind kind,
                                                      const std::string& domain) const {
  return directory_entries(connection_,
                           "SELECT assembly_id, domain, attributes, as_of_ms FROM directory "
                           "WHERE kind = ?1 AND domain = ?2",
                           kind, domain);
}

void Tx::count_calls(std::int64_t calls, std::optional<RowId> run) {
  connection_.count("calls", calls);
  Statement(connection_, "UPDATE run SET calls = calls + ?2 WHERE id = ?1").bind(run, calls).run();
}

void Tx::put_directory(const DirectoryEntry& entry) {
  const int kind = static_cast<int>(entry.kind);
  // An account that is left to a person whose record was erased: its values are not kept here.
  const bool erased = is_erased(connection_, entry.id);
  Statement(connection_,
            "INSERT INTO directory (kind, assembly_id, domain, attributes, as_of_ms) "
            "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, assembly_id) DO UPDATE SET "
            "domain = ?3, attributes = ?4, as_of_ms = ?5")
      .bind(kind, entry.id, erased ? std::string() : entry.domain,
            erased ? std::string("{}") : entry.attributes, entry.as_of_ms)
      .run();
  Statement(connection_, "DELETE FROM directory_key WHERE kind = ?1 AND assembly_id = ?2")
      .bind(kind, entry.id)
      .run();
  for (const Key& key : entry.keys) {
    Statement(connection_,
              "INSERT OR IGNORE INTO directory_key (kind, key, assembly_id) VALUES (?1, ?2, ?3)")
        .bind(kind, key, entry.id)
        .run();
  }
}

void Tx::forget_directory(EntityKind kind, const AssemblyId& id) {
  const int list = static_cast<int>(kind);
  Statement(connection_, "DELETE FROM directory WHERE kind = ?1 AND assembly_id = ?2")
      .bind(list, id)
      .run();
  Statement(connection_, "DELETE FROM directory_key WHERE kind = ?1 AND assembly_id = ?2")
      .bind(list, id)
      .run();
}

void Tx::prune_directory(EntityKind kind, std::int64_t as_of_ms) {
  Statement(connection_, "DELETE FROM directory WHERE kind = ?1 AND as_of_ms < ?2")
      .bind(static_cast<int>(kind), as_of_ms)
      .run();
  Statement(connection_,
            "DELETE FROM directory_key WHERE kind = ?1 AND assembly_id NOT IN "
            "(SELECT assembly_id FROM directory WHERE kind = ?1)")
      .bind(static_cast<int>(kind))
      .run();
}

std::vector<Label> View::labels() const {
  Statement query(connection_, "SELECT assembly_id, type, name FROM label");
  std::vector<Label> labels;
  while (query.step()) labels.push_back({AssemblyId(query.text(0)), query.text(1), query.text(2)});
  return labels;
}

void Tx::put_label(const Label& label) {
  Statement(connection_,
            "INSERT INTO label (assembly_id, type, name) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (assembly_id) DO UPDATE SET type = ?2, name = ?3")
      .bind(label.id, label.type, label.name)
      .run();
}

std::vector<LabelName> View::label_names() const {
  Statement query(connection_, "SELECT type, name, assembly_id FROM label_name");
  std::vector<LabelName> names;
  while (query.step()) {
    names.push_back({query.text(0), query.text(1), AssemblyId(query.text(2))});
  }
  return names;
}

void Tx::put_label_name(const LabelName& name) {
  Statement(connection_,
            "INSERT INTO label_name (type, name, assembly_id) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (type, name) DO UPDATE SET assembly_id = ?3")
      .bind(name.type, name.name, name.id)
      .run();
}

void Tx::replace_labels(const std::vector<Label>& labels) {
  Statement(connection_, "DELETE FROM label").run();
  for (const Label& label : labels) put_label(label);
}

std::optional<StoredCatalogue> View::catalogue(const SourceName& source,
                                               const ObjectName& object) const {
  Statement query(connection_,
                  "SELECT body, read_ms FROM catalogue WHERE source = ?1 AND object = ?2");
  query.bind(source, object);
  if (!query.step()) return std::nullopt;
  return StoredCatalogue{query.text(0), query.integer(1)};
}

void Tx::put_catalogue(const SourceName& source, const ObjectName& object,
                       const StoredCatalogue& catalogue) {
  Statement(connection_,
            "INSERT INTO catalogue (source, object, read_ms, body) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (source, object) DO UPDATE SET read_ms = ?3, body = ?4")
      .bind(source, object, catalogue.read_ms, catalogue.body)
      .run();
}

SourceActivity View::activity(const SourceName& source) const {
  Statement query(connection_,
                  "SELECT last_webhook_ms, last_poll_ms, last_error_ms, last_error, "
                  "last_error_kind "
                  "FROM source_activity WHERE source = ?1");
  query.bind(source);
  if (!query.step()) return {};
  return {query.optional_integer(0), query.optional_integer(1), query.optional_integer(2),
          query.text(3), query.text(4)};
}

std::vector<SourceName> View::sources_heard() const {
  Statement query(connection_, "SELECT source FROM source_activity ORDER BY source");
  std::vector<SourceName> sources;
  while (query.step()) sources.emplace_back(query.text(0));
  return sources;
}

bool View::waits(const SourceName& source) const {
  {
    Statement notice(connection_,
                     "SELECT 1 FROM notice WHERE source = ?1 AND state = 'open' AND stage IN "
                     "('read', 'mirror') LIMIT 1");
    notice.bind(source);
    if (notice.step()) return true;
  }
  Statement receipt(connection_,
                    "SELECT 1 FROM receipt WHERE source = ?1 AND state = 'received' LIMIT 1");
  receipt.bind(source);
  return receipt.step();
}

void Tx::touch_source(const SourceName& source, bool webhook, std::int64_t now_ms) {
  Statement(connection_,
            webhook ? "INSERT INTO source_activity (source, last_webhook_ms) VALUES (?1, ?2) "
                      "ON CONFLICT (source) DO UPDATE SET last_webhook_ms = ?2"
                    : "INSERT INTO source_activity (source, last_poll_ms) VALUES (?1, ?2) "
                      "ON CONFLICT (source) DO UPDATE SET last_poll_ms = ?2")
      .bind(source, now_ms)
      .run();
  if (!webhook) connection_.pending.done.readings.push_back({source, ""});
}

void Tx::source_error(const SourceName& source, const ObjectName& object, const std::string& error,
                      std::int64_t now_ms, std::string_view kind) {
  Statement(connection_,
            "INSERT INTO source_activity (source, last_error_ms, last_error, last_error_of, "
            "last_error_kind) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (source) DO UPDATE SET "
            "last_error_ms = coalesce(last_error_ms, ?2), last_error = ?3, last_error_of = ?4, "
            "last_error_kind = ?5")
      .bind(source, now_ms, error, object, kind)
      .run();
  connection_.pending.done.readings.push_back({source, kind.empty() ? "other" : std::string(kind)});
}

void Tx::clear_source_error(const SourceName& source, const ObjectName& object) {
  Statement(connection_,
            "UPDATE source_activity SET last_error_ms = NULL, last_error = '', last_error_kind = "
            "'' WHERE source = ?1 "
            "AND last_error_ms IS NOT NULL AND last_error_of IN ('', ?2)")
      .bind(source, object)
      .run();
}

void Tx::count_refused() {
  connection_.count("refused", 1);
}

std::optional<ConfigVersion> View::config_version() const {
  Statement query(
      connection_,
      "SELECT version, hash, loaded_ms FROM config_version ORDER BY version DESC LIMIT 1");
  if (!query.step()) return std::nullopt;
  return ConfigVersion{query.integer(0), query.text(1), query.integer(2)};
}

std::vector<ConfigVersion> View::config_versions() const {
  Statement query(connection_,
                  "SELECT version, hash, loaded_ms FROM config_version ORDER BY version DESC");
  std::vector<ConfigVersion> versions;
  while (query.step()) {
    versions.push_back({query.integer(0), query.text(1), query.integer(2)});
  }
  return versions;
}

std::optional<std::string> View::config_files(RowId version) const {
  Statement query(connection_, "SELECT files FROM config_version WHERE version = ?1");
  query.bind(version);
  if (!query.step()) return std::nullopt;
  return query.text(0);
}

ConfigVersion Tx::record_config(const std::string& hash, const std::string& files,
                                std::int64_t now_ms) {
  if (const auto last = config_version(); last && last->hash == hash) {
    Statement(connection_,
              "UPDATE config_version SET loaded_ms = ?2, files = ?3 WHERE version = ?1")
        .bind(last->version, now_ms, files)
        .run();
    return {last->version, hash, now_ms};
  }
  Statement(connection_, "INSERT INTO config_version (hash, loaded_ms, files) VALUES (?1, ?2, ?3)")
      .bind(hash, now_ms, files)
      .run();
  const RowId version = connection_.last_id();
  Statement(connection_, "DELETE FROM config_version WHERE version <= ?1")
      .bind(version - static_cast<RowId>(core::limits::kConfigVersions))
      .run();
  return {version, hash, now_ms};
}

std::optional<std::int64_t> View::alive_ms() const {
  const std::string alive = note(kAliveNote);
  if (alive.empty()) return std::nullopt;
  return std::stoll(alive);
}

void Tx::set_alive(std::int64_t now_ms) {
  set_note(kAliveNote, std::to_string(now_ms));
}

std::optional<std::int64_t> View::key_refused_ms(KeyUse use) const {
  const std::string since = note(kKeyRefusedNotes[static_cast<std::size_t>(use)]);
  if (since.empty()) return std::nullopt;
  return std::stoll(since);
}

void Tx::set_key_refused(KeyUse use, std::optional<std::int64_t> since_ms) {
  const std::string name = kKeyRefusedNotes[static_cast<std::size_t>(use)];
  const bool was = !note(name).empty();
  if (was == since_ms.has_value()) return;
  set_note(name, since_ms ? std::to_string(*since_ms) : "");
}

std::string View::note(const std::string& name) const {
  Statement query(connection_, "SELECT value FROM note WHERE name = ?1");
  query.bind(name);
  return query.step() ? query.text(0) : std::string();
}

void Tx::set_note(const std::string& name, const std::string& value) {
  Statement(
      connection_,
      "INSERT INTO note (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2")
      .bind(name, value)
      .run();
}

}  // namespace assembly_sync::store
