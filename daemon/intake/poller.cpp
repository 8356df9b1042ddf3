#include "daemon/intake/poller.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "core/limits.hpp"
#include "daemon/intake/absence.hpp"
#include "daemon/intake/mirroring.hpp"
#include "daemon/intake/read_pause.hpp"
#include "daemon/intake/run_order.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using connectors::ReadError;

constexpr auto kLook = 1000ms;
constexpr const char* kComplete = "complete";

constexpr int kPageAttempts = 3;      // before a listing that is refused begins anew
constexpr auto kListingPause = 1h;    // until then
constexpr int kRestlessListings = 5;  // in a row; then somebody is told
constexpr auto kLeastRest = 5s;       // a content is believed when it stayed the same for so long
constexpr auto kMostRest = 60s;
/// Shorter times without an answer are nothing to report.
constexpr std::chrono::milliseconds kLeastGap = 5min;

/// An object, and what of it is to be read when.
struct Stream {
  core::ObjectName object;
  std::string cursor_name;  // of what changed
  core::SteadyTime due = core::SteadyTime::min();
  core::SteadyTime sweep_due = core::SteadyTime::min();  // not before
  core::SteadyTime paused_until = core::SteadyTime::min();
  std::uint64_t last_turn = 0;
  int poll_failures = 0;     // in a row
  int sweep_failures = 0;    // the same; polls that go well meanwhile say nothing about a listing
  int restless = 0;          // listings whose content changed meanwhile, in a row
  bool catching_up = false;  // not yet asked for all of the time in which the program was away
  std::optional<core::SteadyTime> listed{};  // its listing came to an end, and the content rests
};

std::string pass_cursor(const store::Pass& pass) {
  return "pass:" + std::to_string(pass.id);
}

}  // namespace

class Poller::Impl {
 public:
  explicit Impl(PollerParts parts) : parts_(std::move(parts)) {
    const auto away =
        parts_.store.read([&](const store::View& view) { return view.catch_up(name()); });
    for (const core::ObjectName& object : connector().objects()) {
      if (!parts_.mapper.rules().reads(name(), object)) continue;
      if (!connector().lists_objects() && !connector().finds_changes(object)) continue;
      streams_.push_back({.object = object,
                          .cursor_name = "poll:" + full_name(object),
                          .catching_up = away && !away->done_ms});
    }
  }

  void start() {
    if (!asks_at_all()) return;
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ++heartbeat_;
        bool busy = false;
        try {
          busy = work();
        } catch (const std::exception& error) {  // the store, which is the reason for all else
          parts_.log.recurring("poll_failed", {{"source", name().str()}, {"error", error.what()}});
        }
        if (!busy) parts_.clock.sleep_for(kLook, stop);
      }
    });
  }
  void request_stop() { thread_.request_stop(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t heartbeat() const { return heartbeat_.load(); }

  bool work() {
    if (!parts_.store.has_room()) return false;  // the budget, or a person, will make some (I12)
    const core::SteadyTime now = parts_.clock.steady_now();
    Stream* poll = next_of(now, [&](const Stream& stream) {
      return polls() && now >= stream.due && connector().finds_changes(stream.object);
    });
    Stream* sweep = next_of(now, [&](const Stream& stream) { return sweep_is_due(stream, now); });
    // In turns: a sweep may take hours, and asking what changed may never end.
    if (poll != nullptr && (sweep == nullptr || !std::exchange(polled_last_, true))) {
      return step(*poll, poll->poll_failures,
                  [this](Stream& stream) { return this->poll(stream); });
    }
    polled_last_ = false;
    if (sweep == nullptr) return false;
    return step(*sweep, sweep->sweep_failures,
                [this](Stream& stream) { return this->sweep(stream); });
  }

 private:
  using Failure = std::optional<ReadError>;

  bool polls() const { return parts_.source.poll.every > 0s; }
  /// Sweeps go on also where polls are switched off.
  bool asks_at_all() const {
    if (polls()) return !streams_.empty();
    return parts_.source.poll.sweep > 0s &&
           std::any_of(streams_.begin(), streams_.end(), [this](const Stream& stream) {
             return connector().finds_changes(stream.object);
           });
  }

  const connectors::Connector& connector() const { return *parts_.source.connector; }
  const core::SourceName& name() const { return parts_.source.name; }
  std::string full_name(const core::ObjectName& object) const { return stream_of(name(), object); }
  std::int64_t now_ms() const { return core::to_ms(parts_.clock.wall_now()); }

  /// Of those that are due the one that waits for the longest; nullptr when none is.
  template <class IsDue>
  Stream* next_of(core::SteadyTime now, const IsDue& is_due) {
    Stream* next = nullptr;
    for (Stream& stream : streams_) {
      if (now < stream.paused_until || !is_due(stream)) continue;
      if (next == nullptr || stream.last_turn < next->last_turn) next = &stream;
    }
    return next;
  }

  /// One page; what went wrong is told and waited out. `failures`: those of this kind of reading.
  template <class Read>
  bool step(Stream& stream, int& failures, const Read& read) {
    stream.last_turn = ++turns_;
    Failure failure;
    try {
      failure = read(stream);
    } catch (const store::DiskError&) {
      throw;  // no fault of the source
    } catch (const std::exception& error) {
      parts_.log.recurring("poll_failed",
                           {{"object", full_name(stream.object)}, {"error", error.what()}});
      failure = ReadError{.kind = ReadError::Kind::transient,
                          .retry_after = {},
                          .reason = std::string("it could not be read: ") + error.what()};
    }
    if (failure) {
      if (failure->kind == ReadError::Kind::not_yet) {
        come_back(stream, &failures == &stream.sweep_failures, *failure);
      } else {
        wait_out(stream, *failure, failures++);
      }
    } else {
      failures = 0;
    }
    return true;
  }

  /// Nothing is wrong. What the source prepares for a sweep does not hold up the polls.
  void come_back(Stream& stream, bool is_sweep, const ReadError& error) {
    (is_sweep ? stream.sweep_due : stream.due) = parts_.clock.steady_now() + pause_after(error, 0);
    touch(stream);
  }

  void wait_out(Stream& stream, const ReadError& error, int failures) {
    auto pause = pause_after(error, failures);
    // Asking again will not help, but somebody may mend it.
    if (error.kind == ReadError::Kind::rejected) {
      pause = std::max<std::chrono::milliseconds>(pause, parts_.source.poll.every);
    }
    stream.paused_until = parts_.clock.steady_now() + pause;
    if (error.kind == ReadError::Kind::throttled || error.kind == ReadError::Kind::unauthorized) {
      // It concerns the whole source.
      for (Stream& other : streams_) {
        other.paused_until = std::max(other.paused_until, stream.paused_until);
      }
    }
    tell_error(stream, error.reason, to_text(error.kind));
    parts_.log.warn("poll_postponed", {{"object", full_name(stream.object)},
                                       {"pause_ms", pause.count()},
                                       {"reason", error.reason}});
  }

  void tell_error(const Stream& stream, const std::string& reason, std::string_view kind) {
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.source_error(name(), stream.object, reason, now_ms(), kind);
    });
  }

  // -- what changed

  Failure poll(Stream& stream) {
    auto cursor =
        parts_.store.read([&](const store::View& view) { return view.cursor(stream.cursor_name); });
    if (!cursor) {
      begin_changes(stream);
      return std::nullopt;
    }
    const std::int64_t begun_ms = now_ms();
    const auto page = connector().changes(stream.object, *cursor, wanted(stream), parts_.transport,
                                          parts_.clock.wall_now());
    if (!page) {
      const bool refused = page.error().kind == ReadError::Kind::rejected;
      if (refused && stream.poll_failures + 1 == kPageAttempts && was_read_whole(stream)) {
        // It may be the place itself. All that there was when the reading began has been read.
        parts_.log.warn("changes_begun_anew",
                        {{"object", full_name(stream.object)}, {"reason", page.error().reason}});
        begin_changes(stream);
      }
      return page.error();
    }
    look_for_gap();
    tell_rows(parts_.log, name(), stream.object, page->bad_rows, page->warnings);
    Reading reading = reading_of(store::Lane::live, "poll", begun_ms);
    reading.catches_up = stream.catching_up;
    take_all(stream, page->notices, reading,
             [&](store::Tx& tx) { tx.set_cursor(stream.cursor_name, page->next); });
    if (!page->more) asked_for_all(stream);
    return std::nullopt;
  }

  bool was_read_whole(const Stream& stream) const {
    return parts_.store
        .read([&](const store::View& view) { return view.last_pass(name(), stream.object); })
        .has_value();
  }

  /// From the beginning of the last complete reading on; where there was none, from the oldest one
  /// of a record that the mirror holds. Where it holds none, what changes from now on is asked for
  /// when the next poll is due.
  void begin_changes(Stream& stream) {
    const auto since = parts_.store.read([&](const store::View& view) {
      const auto last = view.last_pass(name(), stream.object);
      return last ? std::optional(last->begun_ms) : view.oldest_reading(name(), stream.object);
    });
    const auto begin = core::from_ms(std::min(since.value_or(now_ms()), now_ms()));
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.set_cursor(stream.cursor_name, connector().changes_since(stream.object, begin));
    });
    if (!since) asked_for_all(stream);
  }

  /// A time in which the source could not be asked, though the program was there: what changed
  /// meanwhile is caught up on as after a time away. Called when an answer came.
  void look_for_gap() {
    const std::int64_t now = now_ms();
    const auto before = std::exchange(answered_ms_, now);
    const std::int64_t most =
        std::max(kLeastGap, 3 * std::chrono::milliseconds(parts_.source.poll.every)).count();
    if (!polls() || !before || now - *before < most) return;
    parts_.store.write(store::Urgency::bulk,
                       [&](store::Tx& tx) { tx.begin_catch_up(name(), *before, now); });
    for (Stream& stream : streams_) stream.catching_up = true;
  }

  void asked_for_all(Stream& stream) {
    stream.due = parts_.clock.steady_now() + parts_.source.poll.every;
    if (!std::exchange(stream.catching_up, false)) return;
    const bool more = std::any_of(streams_.begin(), streams_.end(),
                                  [](const Stream& other) { return other.catching_up; });
    if (more) return;
    std::optional<store::CatchUp> found;
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.end_catch_up(name(), now_ms());
      found = tx.catch_up(name());
    });
    if (!found) return;
    parts_.log.info("caught_up", {{"source", name().str()},
                                  {"down_from", core::format_utc(core::from_ms(found->from_ms))},
                                  {"down_to", core::format_utc(core::from_ms(found->to_ms))},
                                  {"polled", found->polled},
                                  {"late_webhooks", found->late_webhooks}});
  }

  // -- all of it

  bool sweep_is_due(const Stream& stream, core::SteadyTime now) const {
    if (!connector().lists_objects() || now < stream.sweep_due) return false;
    const auto [open, last] = parts_.store.read([&](const store::View& view) {
      return std::pair(view.open_pass(name(), stream.object, std::nullopt),
                       view.last_pass(name(), stream.object));
    });
    if (open) return true;
    if (!connector().finds_changes(stream.object)) {
      return polls() && now >= stream.due && (last || !connector().takes_webhooks());
    }
    if (!last) return false;  // what nobody imported is not imported by the clock
    const auto pause = std::chrono::milliseconds(parts_.source.poll.sweep).count();
    // An end in the future is of a clock that was wrong.
    return pause > 0 && (now_ms() - *last->ended_ms >= pause || *last->ended_ms > now_ms());
  }

  /// One step: look whether there is anything to do, a page, or what follows from the last one.
  Failure sweep(Stream& stream) {
    const auto open = parts_.store.read([&](const store::View& view) {
      return view.open_pass(name(), stream.object, std::nullopt);
    });
    if (!open) return begin(stream);
    const auto cursor =
        parts_.store.read([&](const store::View& view) { return view.cursor(pass_cursor(*open)); });
    if (cursor != kComplete) return sweep_page(stream, *open, cursor);
    return conclude(stream, *open);
  }

  Failure begin(Stream& stream) {
    const std::string content = content_of(parts_.source, stream.object);
    if (is_swept(stream, content)) {
      look_for_gap();
      swept(stream);
      touch(stream);
      return std::nullopt;
    }
    store::Pass pass;
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      pass = begin_or_resume(tx, name(), stream.object, std::nullopt, content, now_ms());
    });
    return sweep_page(stream, pass, std::nullopt);
  }

  /// Nothing can have changed since the last pass.
  bool is_swept(const Stream& stream, const std::string& content) const {
    const auto last = parts_.store.read(
        [&](const store::View& view) { return view.last_pass(name(), stream.object); });
    if (content.empty() || !last || last->fingerprint != content) return false;
    const auto pause = std::chrono::milliseconds(parts_.source.poll.sweep).count();
    return pause == 0 || now_ms() - *last->ended_ms < pause;
  }

  /// All was listed: what did not show is gone, if the content is still the same and has rested.
  Failure conclude(Stream& stream, store::Pass pass) {
    if (pass.fingerprint != content_of(parts_.source, stream.object)) {
      begin_anew(stream, pass);
      return std::nullopt;
    }
    if (!pass.taken) pass = count_absent(parts_.store, pass);
    if (!pass.taken && pass.absent > 0 && !pass.fingerprint.empty() && !rested(stream)) {
      return std::nullopt;
    }
    if (!conclude_some(parts_.store, connector(), pass,
                       {.max_percent = parts_.source.poll.max_shrink_percent}, parts_.clock,
                       parts_.log)) {
      return std::nullopt;
    }
    parts_.store.write(store::Urgency::bulk,
                       [&](store::Tx& tx) { tx.clear_cursor(pass_cursor(pass)); });
    stream.restless = 0;
    stream.listed.reset();
    swept(stream);
    return std::nullopt;
  }

  /// False: the stream waits. A file that is being written shows less and less of what was there.
  bool rested(Stream& stream) const {
    const core::SteadyTime now = parts_.clock.steady_now();
    const std::chrono::seconds rest =
        std::clamp<std::chrono::seconds>(parts_.source.poll.every, kLeastRest, kMostRest);
    if (!stream.listed) stream.listed = now;
    if (now - *stream.listed >= rest) return true;
    stream.paused_until = *stream.listed + rest;
    return false;
  }

  /// Another content than the pass began with: what it saw so far may be gone again.
  void begin_anew(Stream& stream, const store::Pass& pass) {
    drop(pass);
    stream.listed.reset();
    ++stream.restless;
    stream.paused_until = parts_.clock.steady_now() +
                          std::min<std::chrono::seconds>(kMostRest, kLeastRest * stream.restless);
    if (stream.restless < kRestlessListings) return;
    tell_error(stream, full_name(stream.object) + " changes faster than it can be read",
               "restless");
  }

  /// Of an object that can't be asked what changed, a sweep is the asking.
  void swept(Stream& stream) {
    if (!connector().finds_changes(stream.object)) asked_for_all(stream);
  }

  void drop(const store::Pass& pass) {
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.drop_pass(pass.id);
      tx.clear_cursor(pass_cursor(pass));
    });
  }

  Failure sweep_page(Stream& stream, const store::Pass& pass,
                     const std::optional<std::string>& cursor) {
    const std::int64_t begun_ms = now_ms();
    auto page = connector().list(stream.object, cursor, wanted(stream), parts_.transport,
                                 parts_.clock.wall_now());
    if (!page) {
      const bool refused = page.error().kind == ReadError::Kind::rejected;
      if (refused && cursor && stream.sweep_failures + 1 >= kPageAttempts) {
        // A listing that will never go on from here.
        drop(pass);
        stream.sweep_due = parts_.clock.steady_now() + kListingPause;
      }
      return page.error();
    }
    look_for_gap();
    tell_rows(parts_.log, name(), stream.object, page->bad_rows, page->warnings);
    std::vector<core::Notice> notices;
    notices.reserve(page->records.size());
    for (core::Record& record : page->records) {
      core::Notice notice;
      notice.ref = record.ref;
      notice.record = std::move(record);
      notices.push_back(std::move(notice));
    }
    Reading reading = reading_of(store::Lane::backfill, "sweep", as_of(*page, begun_ms));
    reading.shown = {.pass = pass.id, .is_truth = parts_.source.listing_is_truth()};
    reading.catches_up = stream.catching_up && !connector().finds_changes(stream.object);
    take_all(stream, notices, reading, [&](store::Tx& tx) {
      tx.add_pass_progress(pass.id, static_cast<std::int64_t>(notices.size()),
                           static_cast<std::int64_t>(page->bad_rows.size()));
      tx.set_cursor(pass_cursor(pass), page->next.value_or(kComplete));
    });
    return std::nullopt;
  }

  // -- into the store

  Reading reading_of(store::Lane lane, const char* event, std::int64_t begun_ms) const {
    return {.source = name(),
            .lane = lane,
            .event = event,
            .begun_ms = begun_ms,
            .now_ms = now_ms(),
            .shown = {.is_truth = connector().shows_present_state()}};
  }

  /// In transactions of limited size; `end` goes with the last.
  template <class End>
  void take_all(const Stream& stream, const std::vector<core::Notice>& notices,
                const Reading& reading, const End& end) {
    const auto finish = [&](store::Tx& tx) {
      end(tx);
      tx.touch_source(name(), false, now_ms());
      tx.clear_source_error(name(), stream.object);
    };
    std::size_t begin = 0;
    do {
      const std::size_t stop =
          std::min(begin + core::limits::kBulkRowsPerTransaction, notices.size());
      const bool last = stop == notices.size();
      try {
        parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
          for (std::size_t i = begin; i < stop; ++i) take_in(tx, notices[i], reading);
          if (last) finish(tx);
        });
      } catch (const store::DiskError&) {
        throw;  // no fault of the records: the page is read again when the disk takes it
      } catch (const std::exception&) {
        // What can't be stored must not hold up the others.
        for (std::size_t i = begin; i < stop; ++i) take_alone(notices[i], reading);
        if (last) parts_.store.write(store::Urgency::bulk, finish);
      }
      begin = stop;
    } while (begin < notices.size());
  }

  /// Throws when the store is the reason: then the page is read again when it works.
  void take_alone(const core::Notice& notice, const Reading& reading) {
    try {
      parts_.store.write(store::Urgency::bulk,
                         [&](store::Tx& tx) { take_in(tx, notice, reading); });
    } catch (const store::DiskError&) {
      throw;
    } catch (const std::exception& error) {
      parts_.log.error("record_not_stored", {{"source", name().str()}, {"error", error.what()}});
      core::Notice dead;
      dead.ref = notice.ref;
      dead.dead_reason = std::string("it could not be stored: ") + error.what();
      parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
        take_in(tx, dead, reading);
        // It was shown: it must not be taken for absent.
        if (reading.shown.pass != 0) tx.add_pass_progress(reading.shown.pass, 0, 1);
      });
    }
  }

  void touch(const Stream& stream) {
    parts_.store.write(store::Urgency::bulk, [&](store::Tx& tx) {
      tx.touch_source(name(), false, now_ms());
      tx.clear_source_error(name(), stream.object);
    });
  }

  connectors::Paths wanted(const Stream& stream) const {
    return parts_.mapper.rules().paths(name(), stream.object);
  }

  const PollerParts parts_;
  // Only the thread that calls work().
  std::vector<Stream> streams_;
  std::uint64_t turns_ = 0;
  bool polled_last_ = false;
  std::optional<std::int64_t> answered_ms_{};  // when the source gave an answer last
  std::atomic<std::uint64_t> heartbeat_{0};
  std::jthread thread_;
};

Poller::Poller(PollerParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Poller::~Poller() {
  request_stop();
  join();
}
void Poller::start() {
  impl_->start();
}
void Poller::request_stop() {
  impl_->request_stop();
}
void Poller::join() {
  impl_->join();
}
std::uint64_t Poller::heartbeat() const {
  return impl_->heartbeat();
}
bool Poller::work() {
  return impl_->work();
}

}  // namespace assembly_sync::intake
