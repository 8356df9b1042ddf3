#include "daemon/janitor.hpp"

#include <utility>

#include "core/limits.hpp"
#include "daemon/delivery/settle.hpp"

namespace assembly_sync::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 1s;
constexpr int kSweepRows = 500;
/// Space in the file that is kept for what comes next.
constexpr std::int64_t kReusableBytes = static_cast<std::int64_t>(core::limits::kFreePages) * 4096;
constexpr auto kAliveEvery = 15s;
/// Written so that a disk that takes it again is noticed.
constexpr const char* kProbeNote = "write_probe_ms";
/// A clock that is set back by less is only being set right.
constexpr std::int64_t kSetBackMs = 10'000;

store::Retention retention_of(const config::Config& config) {
  const config::RetentionConfig& keep = config.retention;
  return {.receipts_days = keep.receipts_days,
          .notices_days = keep.notices_days,
          .deliveries_days = keep.deliveries_days,
          .quarantine_days = keep.quarantine_days,
          .lineage_days = keep.lineage_days,
          .lineage_bytes = keep.lineage_bytes};
}

}  // namespace

Janitor::Janitor(store::Store& store, DiskGuard& disk, const Surroundings& around,
                 JanitorPorts ports)
    : store_(store), disk_(disk), around_(around), ports_(std::move(ports)) {}

void Janitor::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void Janitor::join() {
  if (thread_.joinable()) thread_.join();
}

void Janitor::note_return(const config::Config& config) {
  std::int64_t back = 0;
  store_.write(store::Urgency::live, [&](store::Tx& tx) {
    const auto alive_ms = tx.alive_ms();
    if (alive_ms) back = *alive_ms - now_ms();
    // A clock that was set back says nothing of how long it was.
    if (alive_ms && back < 0) {
      for (const config::SourceConfig& source : config.sources) {
        tx.begin_catch_up(source.name, *alive_ms, now_ms());
        if (source.poll.every.count() == 0) tx.end_catch_up(source.name, now_ms());
      }
    }
    tx.set_alive(now_ms());
  });
  if (back >= kSetBackMs) correct_times(back);
}

void Janitor::note_alive() {
  try {
    store_.write(store::Urgency::bulk, [&](store::Tx& tx) { tx.set_alive(now_ms()); });
  } catch (const std::exception& error) {
    around_.log.recurring("housekeeping_failed", {{"error", error.what()}});
  }
}

void Janitor::work(const std::stop_token& stop) {
  core::SteadyTime alive = around_.clock.steady_now();
  last_look_ = {now_ms(), alive};
  while (around_.clock.sleep_for(kPause, stop)) {
    if (ports_.is_awaited && around_.clock.steady_now() - alive >= kAliveEvery) {
      alive = around_.clock.steady_now();
      note_alive();
    }
    try {
      look_at_clock();
      look_for_room();
      clean_up(stop);
      ports_.sample();
    } catch (const std::exception& error) {
      around_.log.recurring("housekeeping_failed", {{"error", error.what()}});
    }
  }
}

/// A wall clock that was set back would make everything wait that is due by the old one.
void Janitor::look_at_clock() {
  const Look now = {now_ms(), around_.clock.steady_now()};
  const std::int64_t passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.steady - last_look_.steady).count();
  const std::int64_t back = last_look_.wall_ms + passed - now.wall_ms;
  if (back >= kSetBackMs) correct_times(back);
  last_look_ = now;  // not before it is corrected: what fails is tried again
}

void Janitor::correct_times(std::int64_t back_ms) {
  store_.write(store::Urgency::live, [&](store::Tx& tx) { tx.clock_set_back(back_ms, now_ms()); });
  around_.log.warn("clock_set_back", {{"seconds", back_ms / 1000}});
}

/// Whether senders and sources must wait, and why.
void Janitor::look_for_room() {
  disk_.look(ports_.config()->min_free_bytes);
  store_.set_disk_low(disk_.low());
  const char* why = nullptr;
  if (store_.failing()) {
    why = "the store can't be written";
  } else if (disk_.low()) {
    why = "the disk of the store is nearly full";
  } else if (!store_.has_room()) {
    why = "the backlog is at its limit";
  }
  ports_.set_full(why);
}

void Janitor::clean_up(const std::stop_token& stop) {
  const store::Retention keep = retention_of(*ports_.config());
  // Again while there is more than one transaction should take: a burst must not outgrow it.
  std::int64_t removed = 0;
  do {
    const store::Sizes sizes = store_.sizes();
    store_.write(store::Urgency::bulk, [&](store::Tx& tx) {
      delivery::recover(tx, false, now_ms());
      removed = tx.sweep(now_ms(), kSweepRows, keep);
      if (sizes.free_bytes > kReusableBytes) tx.give_back_pages();
      if (sizes.log_bytes > static_cast<std::int64_t>(core::limits::kLogBytes)) tx.cut_log();
      if (store_.failing()) tx.set_note(kProbeNote, std::to_string(now_ms()));
    });
  } while (removed >= kSweepRows && !stop.stop_requested());
}

}  // namespace assembly_sync::app
