#include <cmath>
#include <map>
#include <stdexcept>

#include "core/random.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/statistics.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr int kCompanies = 400;
/// Above every value in the backlog: tells a live change from it, and one live change from another.
constexpr std::int64_t kFirstValue = 1'000'000;

sandbox::SandboxOptions assembly_options() {
  sandbox::SandboxOptions options;
  options.latency = 150ms;
  options.limiter = sandbox::LimiterKind::fixed;
  return options;
}

/// The daemon under a stream of live changes; remembers when each was sent.
class Stream {
 public:
  explicit Stream(const Options& options)
      : rig_(options, {.assembly = assembly_options(), .environment = {}}) {
    for (int i = 0; i < kCompanies; ++i) {
      companies_.push_back(
          rig_.crm().create("companies", {{"name", "Live " + std::to_string(i)},
                                          {"domain", "live-" + std::to_string(i) + ".example"},
                                          {"industry", "Testing"}}));
    }
    rig_.crm().take_events();
  }

  Rig& rig() { return rig_; }

  void change_one() {
    const std::int64_t value = kFirstValue + static_cast<std::int64_t>(sent_.size());
    const std::string& id = companies_[sent_.size() % companies_.size()];
    rig_.crm().update("companies", id, {{"annualrevenue", std::to_string(value)}});
    sent_[value] = now_us();
    if (!rig_.deliver(rig_.crm().take_events())) throw std::runtime_error("webhook refused");
  }

  /// Milliseconds from the webhook's first byte to the arrival of the call at Assembly, of all
  /// changes since the last time. Waits for those on their way.
  std::vector<double> waits() {
    std::map<std::int64_t, std::int64_t> arrived;
    wait_until(
        [&] {
          arrived = arrivals();
          return arrived.size() == sent_.size();
        },
        60s);
    if (arrived.size() != sent_.size()) throw std::runtime_error("live changes were lost");
    std::vector<double> waits;
    auto it = sent_.upper_bound(counted_);
    for (; it != sent_.end(); ++it) {
      waits.push_back(static_cast<double>(arrived.at(it->first) - it->second) / 1000);
    }
    if (!sent_.empty()) counted_ = sent_.rbegin()->first;
    return waits;
  }

 private:
  std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               rig_.clock().steady_now().time_since_epoch())
        .count();
  }

  std::map<std::int64_t, std::int64_t> arrivals() {
    static constexpr std::string_view kName = "\"contract_value\":";
    std::map<std::int64_t, std::int64_t> arrived;
    for (const sandbox::JournalEntry& entry : rig_.assembly().journal()) {
      const auto at = entry.body.find(kName);
      if (at == std::string::npos || entry.status != 200) continue;
      const auto value = static_cast<std::int64_t>(std::stod(entry.body.substr(at + kName.size())));
      if (value >= kFirstValue) arrived.emplace(value, entry.arrived_us);
    }
    return arrived;
  }

  Rig rig_;
  std::vector<std::string> companies_;
  std::map<std::int64_t, std::int64_t> sent_;  // value -> us
  std::int64_t counted_ = 0;
};

/// The same changes at the same moments to both, so many a second on average, in no order.
void stream(std::vector<Stream*> streams, double per_second, std::chrono::seconds span,
            std::uint64_t seed) {
  core::SystemClock clock;
  const auto random = core::make_seeded_random(seed);
  const auto end = clock.steady_now() + span;
  auto next = clock.steady_now();
  while (true) {
    const double gap = -std::log(1 - random->unit()) / per_second;
    next += std::chrono::nanoseconds(static_cast<std::int64_t>(gap * 1e9));
    if (next > end) return;
    clock.sleep_until(next, {});
    for (Stream* each : streams) each->change_one();
    std::swap(streams.front(), streams.back());  // nobody is always the second
  }
}

}  // namespace

void measure_live(const Options& options, Report& report) {
  const std::int64_t rows = options.rows > 0 ? options.rows : 100'000;
  const auto span = options.quick ? 5s : 60s;
  Stream busy(options);
  Stream empty(options);
  empty.rig().start();
  busy.rig().write_csv(rows);
  busy.rig().start();
  busy.rig().order_backfill();
  busy.rig().await_backlog(rows);
  busy.rig().assembly().clear_journal();
  const std::string beside = " beside " + number(static_cast<double>(rows)) + " rows";

  Report::progress("live: 5 changes a second for " + std::to_string(span.count()) + " s");
  stream({&busy, &empty}, 5, span, 1);
  const auto often = busy.waits();
  const auto often_empty = empty.waits();
  report.add({"T15", "p99 wait in ms of 5 live changes/s" + beside, number(percentile(often, 0.99)),
              "-", number(percentile(often_empty, 0.99)), percentile(often, 0.99), "ms",
              at_most(135, 104),
              "from the webhook sent to the call's arrival: " + std::to_string(often.size()) +
                  " changes, p50 " + number(median(often)) +
                  " ms; floor: the same changes with nothing else to send"});
  report.add({"T15", "the same to that of an empty queue", number(percentile(often, 0.99)), "-",
              number(percentile(often_empty, 0.99)),
              percentile(often, 0.99) / percentile(often_empty, 0.99), "x", at_most(1.2, 1.05)});
  const double fifo_ms = 1000 / 29.7 * 1000;
  report.add({"T17", "p99 to a single queue with 1,000 rows (computed)",
              number(percentile(often, 0.99)), number(fifo_ms), "-",
              percentile(often, 0.99) / fifo_ms, "x", at_most(0.01, 0.00334)});

  Report::progress("live: 1 change a second for " + std::to_string(span.count()) + " s");
  stream({&busy, &empty}, 1, span, 2);
  const auto seldom = busy.waits();
  report.add({"T16", "p99 wait in ms of 1 live change/s" + beside, number(percentile(seldom, 0.99)),
              "-", number(percentile(empty.waits(), 0.99)), percentile(seldom, 0.99), "ms",
              at_most(68, 37)});
}

}  // namespace assembly_sync::bench
