#include "daemon/intake/backfill.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "core/limits.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using store::Run;
using store::RunState;

constexpr auto kLook = 500ms;  // for runs that another process ordered, and for drained ones
constexpr auto kBacklogPause = 1s;
constexpr const char* kComplete = "complete";

std::string stream_of(const core::SourceName& source, const core::ObjectName& object) {
  return source.str() + '.' + object.str();
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

core::Result<std::string> choose_streams(const std::vector<BackfillSource>& sources,
                                         const mapping::Rules& rules,
                                         const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  std::string chosen;
  std::set<std::string> used;
  for (const BackfillSource& source : sources) {
    known.push_back(source.name.str());
    for (const core::ObjectName& object : source.connector->objects()) {
      const std::string stream = stream_of(source.name, object);
      known.push_back(stream);
      const bool named = std::find(wanted.begin(), wanted.end(), stream) != wanted.end();
      const bool by_source =
          std::find(wanted.begin(), wanted.end(), source.name.str()) != wanted.end();
      if (named) used.insert(stream);
      if (by_source) used.insert(source.name.str());
      if (!wanted.empty() && !named && !by_source) continue;
      if (!rules.reads(source.name, object)) {
        if (named) return core::fail("no mapping reads " + stream);
        continue;
      }
      chosen += (chosen.empty() ? "" : ",") + stream;
    }
  }
  for (const std::string& name : wanted) {
    if (used.contains(name)) continue;
    const std::string near = core::nearest(name, known);
    return core::fail("no source or object " + name +
                      (near.empty() ? std::string() : "; did you mean " + near + '?'));
  }
  if (chosen.empty()) return core::fail("nothing to read: no mapping reads any of these objects");
  return chosen;
}

class Backfill::Impl {
 public:
  explicit Impl(BackfillParts parts) : parts_(std::move(parts)) {}

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ++heartbeat_;
        try {
          work(stop);
        } catch (const std::exception& error) {
          parts_.log.error("backfill_failed", {{"error", error.what()}});
        }
        parts_.clock.sleep_for(kLook, stop);
      }
    });
  }
  void request_stop() { thread_.request_stop(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t heartbeat() const { return heartbeat_.load(); }

 private:
  struct Stream {
    const BackfillSource& source;
    core::ObjectName object;
    std::string cursor_name;
  };

  std::int64_t now_ms() const { return core::to_ms(parts_.clock.wall_now()); }

  void work(const std::stop_token& stop) {
    const auto runs =
        parts_.store.read([](const store::View& view) { return view.unfinished_runs(); });
    for (const Run& run : runs) {
      if (stop.stop_requested()) return;
      if (run.state == RunState::draining) {
        finish_if_drained(run);
      } else {
        read_all(run, stop);
        return;  // look again: the picture has changed
      }
    }
  }

  void finish_if_drained(const Run& run) {
    if (run.open > 0) return;
    parts_.store.write(store::Urgency::bulk,
                       [&](store::Tx& tx) { tx.update_run(run.id, RunState::done, "", now_ms()); });
    parts_.log.info("backfill_done", {{"run", run.id}, {"records", run.records}});
  }

  void read_all(const Run& run, const std::stop_token& stop) {
    if (run.state == RunState::requested) {
      set_state(run.id, RunState::reading, "");
      parts_.log.info("backfill_started", {{"run", run.id}, {"what", run.what}});
    }
    if (!parts_.refresh_directory(run.id, stop)) return;
    for (const std::string& name : split(run.what)) {
      const auto stream = find_stream(run.id, name);
      if (!stream) {
        set_state(run.id, RunState::failed, "no source or object " + name);
        return;
      }
      if (!read_stream(run, *stream, stop)) return;
    }
    set_state(run.id, RunState::draining, "");
  }

  std::optional<Stream> find_stream(store::RowId run, const std::string& name) const {
    for (const BackfillSource& source : parts_.sources) {
      for (const core::ObjectName& object : source.connector->objects()) {
        if (stream_of(source.name, object) == name) {
          return Stream{source, object, "run:" + std::to_string(run) + ':' + name};
        }
      }
    }
    return std::nullopt;
  }

  /// True when the stream was read to its end (or to the run's limit).
  bool read_stream(const Run& run, const Stream& stream, const std::stop_token& stop) {
    auto cursor =
        parts_.store.read([&](const store::View& view) { return view.cursor(stream.cursor_name); });
    int failures = 0;
    while (cursor != kComplete) {
      ++heartbeat_;
      if (stop.stop_requested()) return false;
      if (backlog_full()) {  // the budget will make room (I12)
        if (!parts_.clock.sleep_for(kBacklogPause, stop)) return false;
        continue;
      }
      auto page = stream.source.connector->list(
          stream.object, cursor, parts_.mapper.rules().paths(stream.source.name, stream.object),
          parts_.transport, parts_.clock.wall_now());
      if (!page) {
        if (!wait_out(run, stream, page.error(), ++failures, stop)) return false;
        continue;
      }
      failures = 0;
      if (cancelled(run.id)) return false;
      cursor = absorb_page(run, stream, std::move(*page));
    }
    return true;
  }

  bool backlog_full() const {
    return store::at_limit(
        parts_.store.read([](const store::View& view) { return view.totals(); }));
  }

  bool cancelled(store::RowId id) const {
    const auto run = parts_.store.read([&](const store::View& view) { return view.run(id); });
    return !run || run->state == RunState::cancelled;
  }

  /// Waits after a failed page; false when the run can't go on.
  bool wait_out(const Run& run, const Stream& stream, const connectors::ReadError& error,
                int failures, const std::stop_token& stop) {
    using Kind = connectors::ReadError::Kind;
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.source_error(stream.source.name, error.reason, now_ms());
    });
    if (error.kind == Kind::rejected || (error.kind == Kind::unauthorized && failures >= 3)) {
      set_state(run.id, RunState::failed,
                stream.cursor_name.substr(stream.cursor_name.rfind(':') + 1) + ": " + error.reason);
      parts_.log.error("backfill_stopped", {{"run", run.id}, {"reason", error.reason}});
      return false;
    }
    const auto backoff = std::chrono::milliseconds(
        std::min<std::int64_t>(300'000, std::int64_t{1000} << std::min(failures, 9)));
    const auto pause = std::max(backoff, error.retry_after.value_or(0ms));
    parts_.log.warn("backfill_waits",
                    {{"run", run.id}, {"pause_ms", pause.count()}, {"reason", error.reason}});
    return parts_.clock.sleep_for(pause, stop);
  }

  /// Plans a page; returns the cursor after it.
  std::string absorb_page(const Run& run, const Stream& stream, connectors::Page page) {
    std::vector<MappedRecord> mapped;
    mapped.reserve(page.records.size());
    const std::int64_t room = room_for(run);
    for (core::Record& record : page.records) {
      if (run.since_ms && record.version != 0 && record.version < *run.since_ms) continue;
      if (static_cast<std::int64_t>(mapped.size()) >= room) break;
      record.ref.source = stream.source.name;
      for (core::RecordRef& ref : record.related) ref.source = stream.source.name;
      mapped.push_back(parts_.mapper.map(std::move(record), document_));
    }
    const bool enough = static_cast<std::int64_t>(mapped.size()) >= room;
    const std::string next = page.next && !enough ? *page.next : kComplete;
    std::size_t begin = 0;
    do {
      const std::size_t end =
          std::min(begin + core::limits::kBulkRowsPerTransaction, mapped.size());
      const bool last = end == mapped.size();
      parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
        for (std::size_t i = begin; i < end; ++i) {
          sync::Occasion occasion;
          occasion.lane = store::Lane::backfill;
          occasion.run = run.id;
          occasion.now_ms = now_ms();
          absorb(tx, mapped[i], occasion);
        }
        const auto read = static_cast<std::int64_t>(end - begin);
        tx.add_run_progress(run.id, read,
                            last ? static_cast<std::int64_t>(page.bad_rows.size()) : 0);
        if (last) {
          tx.set_cursor(stream.cursor_name, next);
          tx.touch_source(stream.source.name, false, now_ms());
          tx.clear_source_error(stream.source.name);
        }
      });
      begin = end;
    } while (begin < mapped.size());
    for (const std::string& row : page.bad_rows) {
      parts_.log.warn("bad_row", {{"source", stream.source.name.str()}, {"row", row}});
    }
    return next;
  }

  /// Rows the run may still take.
  std::int64_t room_for(const Run& run) const {
    if (!run.limit) return std::numeric_limits<std::int64_t>::max();
    const auto now = parts_.store.read([&](const store::View& view) { return view.run(run.id); });
    return std::max<std::int64_t>(0, *run.limit - (now ? now->records : 0));
  }

  void set_state(store::RowId run, RunState state, const std::string& error) {
    parts_.store.write(store::Urgency::bulk,
                       [&](store::Tx& tx) { tx.update_run(run, state, error, now_ms()); });
  }

  const BackfillParts parts_;
  core::JsonDocument document_;  // only the runs' thread
  std::atomic<std::uint64_t> heartbeat_{0};
  std::jthread thread_;
};

Backfill::Backfill(BackfillParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Backfill::~Backfill() {
  request_stop();
  join();
}
void Backfill::start() {
  impl_->start();
}
void Backfill::request_stop() {
  impl_->request_stop();
}
void Backfill::join() {
  impl_->join();
}
std::uint64_t Backfill::heartbeat() const {
  return impl_->heartbeat();
}

}  // namespace assembly_sync::intake
