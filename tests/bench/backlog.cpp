#include <algorithm>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/store/store.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/peers.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/statistics.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;

sandbox::SandboxOptions assembly_options() {
  sandbox::SandboxOptions options;
  options.latency = 150ms;
  return options;
}

double milliseconds(core::SteadyTime from, core::SteadyTime to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

double megabytes(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<double>(size) / 1e6;
}

/// What the kernel keeps of the file leaves its memory; written pages only.
void forget(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  fdatasync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
}

/// Microseconds to find and mark the next change, in a transaction that is undone.
double claim_us(const std::filesystem::path& file, core::Clock& clock) {
  struct Undo {};
  auto store = store::Store::open(file.string(), clock);
  if (!store) throw std::runtime_error(store.error().message);
  const std::int64_t now_ms = core::to_ms(clock.wall_now());
  std::vector<double> times;
  for (int i = 0; i < 500; ++i) {
    try {
      (*store)->write(store::Urgency::live, [&](store::Tx& tx) {
        const auto start = clock.steady_now();
        if (!tx.claim(now_ms, "bench")) throw std::runtime_error("nothing to claim");
        times.push_back(milliseconds(start, clock.steady_now()) * 1000);
        throw Undo{};
      });
    } catch (const Undo&) {
    }
  }
  return median(times);
}

/// A daemon with so many rows in its outbox, and what it cost to get there.
class Backlog {
 public:
  Backlog(const Options& options, std::int64_t rows)
      : rows_(rows), rig_(options, {.assembly = assembly_options(), .environment = {}}) {
    company_ = rig_.crm().create("companies", {{"name", "Live"}, {"domain", "live.example"}});
    rig_.crm().take_events();
    rig_.write_csv(rows);
    rig_.start();
    pause(2s);
    empty_mb_ = rig_.daemon().resident_mb();
  }

  /// Reads the file while 20 webhooks a second arrive.
  void fill() {
    rig_.order_backfill();
    int value = 0;
    rows_per_second_ = rig_.reading_rate(rows_, [&] {
      rig_.crm().update("companies", company_, {{"annualrevenue", std::to_string(++value)}});
      const auto sent = rig_.clock().steady_now();
      if (!rig_.deliver(rig_.crm().take_events())) throw std::runtime_error("webhook refused");
      answers_ms_.push_back(milliseconds(sent, rig_.clock().steady_now()));
      look();
      pause(45ms);
    });
  }

  /// Processor share in percent while the outbox drains at full pace.
  double drain(std::chrono::milliseconds span) {
    const double cpu = rig_.daemon().cpu_seconds();
    const auto start = rig_.clock().steady_now();
    const auto requests = rig_.assembly().stats().requests;
    wait_until(
        [&] {
          pause(50ms);
          look();
          return rig_.clock().steady_now() - start > span;
        },
        span * 2);
    const double seconds = milliseconds(start, rig_.clock().steady_now()) / 1000;
    drained_per_second_ =
        static_cast<double>(rig_.assembly().stats().requests - requests) / seconds;
    full_mb_ = rig_.daemon().resident_mb();
    return 100 * (rig_.daemon().cpu_seconds() - cpu) / seconds;
  }

  /// Milliseconds from the start of a killed daemon's successor to its first call's arrival.
  double restart_ms() {
    rig_.kill();
    forget(rig_.store());
    forget(rig_.store().string() + "-wal");
    pause(2s);  // calls of the dead one that were on their way
    const auto before = rig_.assembly().stats().requests;
    const auto start = rig_.clock().steady_now();
    const auto start_us =
        std::chrono::duration_cast<std::chrono::microseconds>(start.time_since_epoch()).count();
    rig_.start();
    if (!wait_until([&] { return rig_.assembly().stats().requests > before; }, 60s)) {
      throw std::runtime_error("nothing is delivered after a restart");
    }
    std::int64_t first_us = 0;
    for (const sandbox::JournalEntry& entry : rig_.assembly().journal()) {
      if (entry.arrived_us < start_us) continue;
      first_us = entry.arrived_us;
      break;
    }
    return static_cast<double>(first_us - start_us) / 1000;
  }

  double claim_microseconds() {
    rig_.kill();
    return claim_us(rig_.store(), rig_.clock());
  }

  double empty_mb() const { return empty_mb_; }
  double full_mb() const { return full_mb_; }
  double most_wal_mb() const { return most_wal_mb_; }
  double rows_per_second() const { return rows_per_second_; }
  double drained_per_second() const { return drained_per_second_; }
  const std::vector<double>& answers_ms() const { return answers_ms_; }

 private:
  void look() {
    most_wal_mb_ = std::max(most_wal_mb_, megabytes(rig_.store().string() + "-wal"));
    full_mb_ = std::max(full_mb_, rig_.daemon().resident_mb());
  }

  const std::int64_t rows_;
  Rig rig_;
  std::string company_;
  double empty_mb_ = 0;
  double full_mb_ = 0;
  double most_wal_mb_ = 0;
  double rows_per_second_ = 0;
  double drained_per_second_ = 0;
  std::vector<double> answers_ms_;
};

double queue_mb(const Options& options, const std::string& library, std::int64_t rows) {
  Folder folder(options.data);
  Program program(peer_order(folder, {"queued.mjs", library, std::to_string(rows)}));
  program.await("listening ");
  return program.resident_mb();
}

}  // namespace

void measure_backlog(const Options& options, Report& report) {
  const std::int64_t rows = options.rows > 0 ? options.rows : 200'000;
  const auto span = options.quick ? 3s : 20s;
  const std::string count = number(static_cast<double>(rows)) + " rows";

  Report::progress("backlog: a fifth");
  double small_mb = 0;
  double small_us = 0;
  {
    Backlog small(options, rows / 5);
    small.fill();
    small.drain(3s);
    small_mb = small.full_mb();
    small_us = small.claim_microseconds();
  }
  Report::progress("backlog: " + count);
  Backlog full(options, rows);
  full.fill();
  const double p99 = percentile(full.answers_ms(), 0.99);
  report.add({"T22", "rows/s of a backfill of " + count + ", random keys",
              number(full.rows_per_second()), "-", "-", full.rows_per_second(), "/s",
              at_least(10'000, 15'000)});
  report.add({"T22", "p99 ms of live webhooks in that time, 20/s", number(p99), "-", "-", p99, "ms",
              at_most(30, 10), "p50 " + number(median(full.answers_ms())) + " ms"});
  const double cpu = full.drain(span);
  report.add({"T24", "processor share while draining " + number(full.drained_per_second()) + "/s",
              number(cpu) + " %", "-", "-", cpu, "%", at_most(5, 2.5)});
  report.add({"T18", "memory in MB with " + count, number(full.full_mb()), "-",
              number(full.empty_mb()), full.full_mb(), "MB", at_most(64, 32),
              "floor: the same daemon with an empty store"});
  report.add({"T18", "memory in MB that they add", number(full.full_mb() - full.empty_mb()), "-",
              "-", full.full_mb() - full.empty_mb(), "MB", at_most(16, 8)});
  const double mb = full.full_mb();
  if (rows >= 1'000'000) {  // fewer jobs say little beside Node's own 50 MB
    for (const auto& [library, bar] : {std::pair("p-queue", 25.0), std::pair("bottleneck", 40.0)}) {
      const double theirs = queue_mb(options, library, rows);
      report.add({"T18", std::string("memory of ") + library + " with as many jobs to ours",
                  number(mb), number(theirs), "-", theirs / mb, "x", at_least(bar, 2 * bar)});
    }
  }
  report.add({"T19", "memory to that with a fifth of the rows", number(mb), "-", number(small_mb),
              mb / small_mb, "x", at_most(1.1, 1)});
  const double restart = full.restart_ms();
  report.add({"T20", "ms from start after kill -9 to the first call", number(restart), "-", "-",
              restart, "ms", at_most(300, 100), "store dropped from the page cache"});
  report.add({"T21", "largest write-ahead log in MB", number(full.most_wal_mb()), "-", "-",
              full.most_wal_mb(), "MB", at_most(16, 8)});
  const double us = full.claim_microseconds();
  report.add({"T19", "us to claim the next change, to a fifth of the rows", number(us), "-",
              number(small_us), us / small_us, "x", at_most(1.1, 1)});
}

}  // namespace assembly_sync::bench
