#include "daemon/intake/backfill.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <thread>
#include <tuple>

#include "core/limits.hpp"
#include "daemon/intake/absence.hpp"
#include "daemon/intake/mirroring.hpp"
#include "daemon/intake/page_reader.hpp"
#include "daemon/intake/read_pause.hpp"
#include "daemon/intake/run_order.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using store::Run;
using store::RunState;

constexpr auto kLook = 500ms;  // for runs that another process ordered, and for drained ones
constexpr auto kBacklogPause = 1s;
constexpr auto kFailurePause = 5s;
constexpr auto kRest = 5s;  // a content is believed when it stayed the same for so long
constexpr int kRowAttempts = 3;
constexpr int kMirrorPage = 500;  // rows
constexpr const char* kComplete = "complete";

}  // namespace

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
          parts_.log.recurring("backfill_failed", {{"error", error.what()}});
          parts_.clock.sleep_for(kFailurePause, stop);
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
    const PulledSource& source;
    core::ObjectName object;
    std::string cursor_name;
  };

  struct Rest {
    core::SteadyTime until{};
    int times = 0;  // since a page went well
  };

  std::int64_t now_ms() const { return core::to_ms(parts_.clock.wall_now()); }

  void work(const std::stop_token& stop) {
    const auto next = finish_drained();
    if (next && !stop.stop_requested()) read_all(*next, stop);
  }

  /// Ends the runs of which nothing is on its way any more; returns the next that is to be read.
  /// Also called while another run is being read, which may take days.
  std::optional<Run> finish_drained() {
    const auto runs =
        parts_.store.read([](const store::View& view) { return view.unfinished_runs(); });
    std::optional<Run> next;
    for (const Run& run : runs) {
      if (run.state != RunState::draining) {
        if (!next && !rests(run.id)) next = run;
      } else if (run.open == 0) {
        finish(run);
      }
    }
    return next;
  }

  bool rests(store::RowId run) const {
    const auto until = resting_.find(run);
    return until != resting_.end() && parts_.clock.steady_now() < until->second.until;
  }

  void finish(const Run& run) {
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.update_run(run.id, RunState::done, "", now_ms());
      clear_run_cursors(tx, run);
    });
    parts_.log.info("backfill_done", {{"run", run.id}, {"records", run.records}});
  }

  /// False when stopped.
  bool pause(std::chrono::milliseconds span, const std::stop_token& stop) {
    const core::SteadyTime end = parts_.clock.steady_now() + span;
    while (parts_.clock.steady_now() < end) {
      ++heartbeat_;
      finish_drained();
      if (!parts_.clock.sleep_until(std::min(end, parts_.clock.steady_now() + kBacklogPause),
                                    stop)) {
        return false;
      }
    }
    return !stop.stop_requested();
  }

  void read_all(const Run& run, const std::stop_token& stop) {
    if (run.state == RunState::requested) {
      set_state(run.id, RunState::reading, "");
      parts_.log.info("backfill_started", {{"run", run.id}, {"what", run.what}});
    }
    // What is mapped again is compared with what is known of it; that needs no younger lists.
    if (!run.is_remap() && !parts_.refresh_directory(run.id, stop)) return;
    for (const std::string& name : streams_of(run)) {
      if (name == Run::kMirror) {
        if (!remap(run, stop)) return;
        continue;
      }
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
    for (const PulledSource& source : parts_.sources) {
      for (const core::ObjectName& object : source.connector->objects()) {
        if (stream_of(source.name, object) == name) {
          return Stream{source, object, run_cursor(run, name)};
        }
      }
    }
    return std::nullopt;
  }

  /// Takes page after page until the cursor says that all is read; true then. `take`: the cursor
  /// after the page at this one; nothing when the run can't go on.
  template <class Take>
  bool follow(const Run& run, const std::string& cursor_name, const std::stop_token& stop,
              const Take& take) {
    Cursor cursor =
        parts_.store.read([&](const store::View& view) { return view.cursor(cursor_name); });
    while (cursor != kComplete) {
      ++heartbeat_;
      if (stop.stop_requested() || cancelled(run.id)) return false;
      finish_drained();
      if (backlog_full(run)) {  // the budget will make room (I12)
        if (!pause(kBacklogPause, stop)) return false;
        continue;
      }
      std::optional<Cursor> next = take(cursor);
      if (!next) return false;
      cursor = std::move(*next);
    }
    return true;
  }

  /// The complete pass that reading the stream makes; nothing where the run takes a part of it
  /// only.
  std::optional<store::Pass> pass_of(const Run& run, const Stream& stream) {
    if (run.limit || run.since_ms) return std::nullopt;
    std::optional<store::Pass> pass;
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      pass = tx.open_pass(stream.source.name, stream.object, run.id);
      if (pass || tx.cursor(stream.cursor_name)) return;  // one that was concluded is not repeated
      pass = begin_or_resume(tx, stream.source.name, stream.object, run.id,
                             content_of(stream.source, stream.object), now_ms());
    });
    return pass;
  }

  /// All of the stream was read: what is not in it is gone. False when stopped.
  bool end_pass(const Run& run, const Stream& stream, const std::stop_token& stop) {
    auto pass = parts_.store.read([&](const store::View& view) {
      return view.open_pass(stream.source.name, stream.object, run.id);
    });
    if (!pass) return true;
    if (!pass->taken) pass = count_absent(parts_.store, *pass);
    // A file that is being written shows less and less of what was there: it has to rest first.
    const bool rests = pass->absent == 0 || pass->taken || pass->fingerprint.empty();
    if (!rests && !pause(kRest, stop)) return false;
    if (pass->fingerprint != content_of(stream.source, stream.object)) {
      parts_.log.warn("pass_unsure", {{"object", stream_of(stream.source.name, stream.object)},
                                      {"reason", "it changed while it was read"}});
      parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) { tx.drop_pass(pass->id); });
      return true;
    }
    const ShrinkRule rule{.max_percent = stream.source.poll.max_shrink_percent,
                          .accepted = run.accept_shrink};
    while (!conclude_some(parts_.store, *stream.source.connector, *pass, rule, parts_.clock,
                          parts_.log)) {
      ++heartbeat_;
      if (stop.stop_requested() || cancelled(run.id)) return false;
      while (backlog_full(run)) {
        if (!pause(kBacklogPause, stop)) return false;
      }
      pass = parts_.store.read([&](const store::View& view) {
        return view.open_pass(stream.source.name, stream.object, run.id);
      });
    }
    return true;
  }

  /// True when the stream was read to its end (or to the run's limit).
  bool read_stream(const Run& run, const Stream& stream, const std::stop_token& stop) {
    const auto pass = pass_of(run, stream);
    int failures = 0;
    bool begun_anew = false;
    PageReader pages(
        [&](const Cursor& cursor) {
          return stream.source.connector->list(
              stream.object, cursor, parts_.mapper.rules().paths(stream.source.name, stream.object),
              parts_.transport, parts_.clock.wall_now());
        },
        [this] { return now_ms(); });
    const auto take = [&](const Cursor& cursor) -> std::optional<Cursor> {
      auto [page, begun_ms] = pages.at(cursor);
      if (!page) {
        if (!begun_anew && is_dead_end(run, stream, cursor, page.error())) {
          begun_anew = true;
          return Cursor();
        }
        if (!wait_out(run, stream, page.error(), failures += counts(page.error()), stop)) {
          return std::nullopt;
        }
        return cursor;
      }
      if (cancelled(run.id)) return std::nullopt;
      if (page->next && !run.limit) pages.begin(page->next);  // a limit may end it with this page
      auto mapped = map_page(run, stream, *page);
      if (!mapped) {
        if (!wait_out(run, stream, mapped.error(), failures += counts(mapped.error()), stop)) {
          return std::nullopt;
        }
        return cursor;
      }
      failures = 0;
      resting_.erase(run.id);
      return absorb_page(run, stream, *page, std::move(*mapped), as_of(*page, begun_ms),
                         pass ? pass->id : 0, stop);
    };
    if (!follow(run, stream.cursor_name, stop, take)) return false;
    return end_pass(run, stream, stop);
  }

  /// A place in a listing that the source no longer knows (they last a day, or some minutes): the
  /// listing is begun anew, once, and what it shows again is as it was. Not where the records are
  /// counted against a limit.
  bool is_dead_end(const Run& run, const Stream& stream, const Cursor& cursor,
                   const connectors::ReadError& error) const {
    if (!cursor || run.limit || error.kind != connectors::ReadError::Kind::rejected) return false;
    parts_.log.warn("listing_begun_anew", {{"run", run.id},
                                           {"object", stream_of(stream.source.name, stream.object)},
                                           {"reason", error.reason}});
    return true;
  }

  /// Maps again what the mirror holds; true when all of it.
  bool remap(const Run& run, const std::stop_token& stop) {
    const std::string name = run_cursor(run.id, std::string(Run::kMirror));
    int failures = 0;
    return follow(run, name, stop, [&](const Cursor& cursor) -> std::optional<Cursor> {
      const store::RowId after = cursor ? std::stoll(*cursor) : 0;
      auto rows = parts_.store.read(
          [&](const store::View& view) { return view.mirror_after(after, kMirrorPage); });
      const std::string next = rows.empty() ? kComplete : std::to_string(rows.back().row);
      keep_mappable(rows);
      auto mapped = map_rows(run, rows);
      if (!mapped) {
        const auto& [stream, error] = mapped.error();
        if (!wait_out(run, stream, error, failures += counts(error), stop)) return std::nullopt;
        return cursor;
      }
      failures = 0;
      resting_.erase(run.id);
      plan_rows(run, name, next, rows, *mapped, stop);
      return next;
    });
  }

  /// Of one object after the other.
  void keep_mappable(std::vector<store::MirrorRow>& rows) const {
    std::erase_if(rows, [&](const store::MirrorRow& row) {
      return row.record.state != store::RecordState::present ||
             !parts_.mapper.rules().reads(row.ref.source, row.ref.object) ||
             !parts_.scope.holds_all(row.ref, row.record.read_ms);
    });
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::tie(a.ref.source, a.ref.object) < std::tie(b.ref.source, b.ref.object);
    });
  }

  /// The error: labels that an object's rules ask for can't be had now.
  tl::expected<std::vector<MappedRecord>, std::pair<Stream, connectors::ReadError>> map_rows(
      const Run& run, const std::vector<store::MirrorRow>& rows) {
    std::vector<MappedRecord> all;
    for (std::size_t begin = 0; begin < rows.size();) {
      const core::RecordRef& first = rows[begin].ref;
      std::vector<core::Record> records;
      std::size_t end = begin;
      for (; end < rows.size(); ++end) {
        const store::MirrorRow& row = rows[end];
        if (row.ref.source != first.source || row.ref.object != first.object) break;
        records.push_back({row.ref, row.record.json, row.record.version, row.record.related});
      }
      const auto stream = find_stream(run.id, stream_of(first.source, first.object)).value();
      auto mapped = parts_.mapper.map_all(*stream.source.connector, first.source, first.object,
                                          std::move(records), document_);
      if (!mapped) return tl::unexpected(std::pair(stream, mapped.error()));
      std::move(mapped->begin(), mapped->end(), std::back_inserter(all));
      begin = end;
    }
    return all;
  }

  void plan_rows(const Run& run, const std::string& cursor_name, const std::string& next,
                 const std::vector<store::MirrorRow>& rows, const std::vector<MappedRecord>& mapped,
                 const std::stop_token& stop) {
    const auto plan_row = [&](store::Tx& tx, std::size_t i) {
      const auto now = tx.record(rows[i].ref);
      // What was read meanwhile is planned already.
      if (now != rows[i].record) return;
      sync::Occasion occasion = occasion_of(run);
      occasion.record = rows[i].ref;
      occasion.related = rows[i].record.related;
      sync::plan(tx, occasion, mapped[i].verdicts);
    };
    write_rows(run, mapped, stop, plan_row,
               [&](store::Tx& tx) { tx.set_cursor(cursor_name, next); });
  }

  sync::Occasion occasion_of(const Run& run) const {
    sync::Occasion occasion;
    occasion.lane = store::Lane::backfill;
    occasion.run = run.id;
    occasion.now_ms = now_ms();
    return occasion;
  }

  bool backlog_full(const Run& run) const {
    using Bringing = store::Store::Bringing;
    return !parts_.store.has_room(run.is_remap() ? Bringing::known_records : Bringing::more);
  }

  bool cancelled(store::RowId id) const {
    const auto run = parts_.store.read([&](const store::View& view) { return view.run(id); });
    return !run || run->state == RunState::cancelled;
  }

  /// What is being prepared is no failure.
  static int counts(const connectors::ReadError& error) {
    return error.kind == connectors::ReadError::Kind::not_yet ? 0 : 1;
  }

  /// Waits after a failed page; false when the run can't go on, or not now.
  bool wait_out(const Run& run, const Stream& stream, const connectors::ReadError& error,
                int failures, const std::stop_token& stop) {
    using Kind = connectors::ReadError::Kind;
    if (error.kind == Kind::not_yet) return pause(pause_after(error, 0), stop);
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.source_error(stream.source.name, stream.object, error.reason, now_ms(),
                      to_text(error.kind));
    });
    const bool hopeless =
        error.kind == Kind::rejected || (error.kind == Kind::unauthorized && failures >= 3);
    // Nobody would order a remap again: it waits for the source, however long.
    if (hopeless && !run.is_remap()) {
      set_state(run.id, RunState::failed,
                stream.cursor_name.substr(stream.cursor_name.rfind(':') + 1) + ": " + error.reason);
      parts_.log.error("backfill_stopped", {{"run", run.id}, {"reason", error.reason}});
      return false;
    }
    const int times = hopeless ? ++resting_[run.id].times : failures;
    const auto span = std::max(backoff_after(times), error.retry_after.value_or(0ms));
    parts_.log.warn("backfill_waits",
                    {{"run", run.id}, {"pause_ms", span.count()}, {"reason", error.reason}});
    if (hopeless) {  // until a person sees to it, which must not hold up the runs behind it
      resting_[run.id].until = parts_.clock.steady_now() + span;
      return false;
    }
    return pause(span, stop);
  }

  /// The records of a page that the run may take, mapped.
  connectors::ReadResult<std::vector<MappedRecord>> map_page(const Run& run, const Stream& stream,
                                                             connectors::Page& page) {
    const std::int64_t room = room_for(run);
    std::vector<core::Record> records;
    records.reserve(page.records.size());
    for (core::Record& record : page.records) {
      if (run.since_ms && record.version != 0 && record.version < *run.since_ms) continue;
      if (static_cast<std::int64_t>(records.size()) >= room) break;
      records.push_back(of_source(std::move(record), stream.source.name));
    }
    return parts_.mapper.map_all(*stream.source.connector, stream.source.name, stream.object,
                                 std::move(records), document_);
  }

  /// Plans a page, whose rows were so at `read_ms`; returns the cursor after it.
  std::string absorb_page(const Run& run, const Stream& stream, const connectors::Page& page,
                          std::vector<MappedRecord> mapped, std::int64_t read_ms, store::RowId pass,
                          const std::stop_token& stop) {
    const bool enough = static_cast<std::int64_t>(mapped.size()) >= room_for(run);
    const std::string next = page.next && !enough ? *page.next : kComplete;
    const auto end_page = [&](store::Tx& tx) {
      const auto bad_rows = static_cast<std::int64_t>(page.bad_rows.size());
      tx.add_run_progress(run.id, 0, bad_rows);
      if (pass != 0) {
        tx.add_pass_progress(pass, static_cast<std::int64_t>(mapped.size()), bad_rows);
      }
      tx.set_cursor(stream.cursor_name, next);
      tx.touch_source(stream.source.name, false, now_ms());
      tx.clear_source_error(stream.source.name, stream.object);
    };
    const auto plan_row = [&](store::Tx& tx, std::size_t i) {
      sync::Occasion occasion = occasion_of(run);
      occasion.read_ms = read_ms;
      absorb(tx, mapped[i], occasion, {.pass = pass, .is_truth = stream.source.listing_is_truth()});
    };
    write_rows(run, mapped, stop, plan_row, end_page);
    tell_rows(parts_.log, stream.source.name, stream.object, page.bad_rows, page.warnings);
    return next;
  }

  /// Plans a page's rows, each by `plan_row`, in transactions of limited size; `end_page` goes with
  /// the last.
  template <class PlanRow, class EndPage>
  void write_rows(const Run& run, const std::vector<MappedRecord>& rows,
                  const std::stop_token& stop, const PlanRow& plan_row, const EndPage& end_page) {
    const auto write = [&](std::size_t begin, std::size_t end, bool last) {
      parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
        for (std::size_t i = begin; i < end; ++i) plan_row(tx, i);
        tx.add_run_progress(run.id, static_cast<std::int64_t>(end - begin), 0);
        if (last) end_page(tx);
      });
    };
    std::size_t begin = 0;
    do {
      const std::size_t end = std::min(begin + core::limits::kBulkRowsPerTransaction, rows.size());
      const bool last = end == rows.size();
      try {
        write(begin, end, last);
      } catch (const store::DiskError&) {
        throw;  // no fault of the rows: the page is read again when the disk takes it
      } catch (const std::exception&) {
        // What can't be planned must not hold up the others: each in its own transaction.
        for (std::size_t i = begin; i < end; ++i) {
          write_alone(run, rows[i].record.ref, stop, [&] { write(i, i + 1, false); });
        }
        if (last) parts_.store.write(store::Urgency::bulk, end_page);
      }
      begin = end;
    } while (begin < rows.size());
  }

  /// More than once, because the store may have been the reason and not the row.
  template <class Write>
  void write_alone(const Run& run, const core::RecordRef& ref, const std::stop_token& stop,
                   const Write& write) {
    for (int attempt = 1;; ++attempt) {
      try {
        write();
        return;
      } catch (const store::DiskError&) {
        throw;
      } catch (const std::exception& error) {
        if (attempt == kRowAttempts) {
          bury_row(run, ref, error.what());
          return;
        }
        if (!pause(kFailurePause, stop)) throw;  // the page is read again after the start
      }
    }
  }

  /// Throws when the store is the reason: then nothing moves until it works again.
  void bury_row(const Run& run, const core::RecordRef& ref, const std::string& why) {
    parts_.log.error("plan_failed", {{"run", run.id}, {"error", why}});
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      store::NewNotice row;
      row.run = run.id;
      row.ref = ref;
      row.lane = store::Lane::backfill;
      row.event = "backfill";
      row.occurred_ms = now_ms();
      row.received_ms = now_ms();
      tx.finish_notice(tx.add_notice(row), store::NoticeState::dead,
                       "it could not be planned: " + why, now_ms());
      tx.add_run_progress(run.id, 1, 0);
      // It was shown: it must not be taken for absent.
      if (const auto pass = tx.open_pass(ref.source, ref.object, run.id)) {
        tx.add_pass_progress(pass->id, 0, 1);
      }
    });
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
  // Only the runs' thread.
  core::JsonDocument document_;
  std::map<store::RowId, Rest> resting_;  // runs that can't go on before somebody acts
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
