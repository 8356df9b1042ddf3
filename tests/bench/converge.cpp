#include <algorithm>

#include "core/random.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/rig.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;
using core::Value;

/// So many a second that the measurement ends soon; what is counted does not depend on it.
constexpr double kFast = 1000;

sandbox::SandboxOptions fast_assembly() {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;  // the daemon's own budget is the limit
  return options;
}

/// Assembly holds 19 of 20 records as they should be, and our store knows nothing of it: as after a
/// lost disk, or on the first day beside another tool.
void measure_first_pass(const Options& options, Report& report) {
  const std::int64_t rows = options.quick ? 1000 : 20'000;
  Rig rig(options, {.assembly = fast_assembly(), .rate_per_second = kFast, .environment = {}});
  const auto pass = [&](double* rows_per_second = nullptr) {
    const auto before = rig.assembly().stats().requests;
    rig.order_backfill();
    const double rate = rig.reading_rate(rows);
    if (rows_per_second != nullptr) *rows_per_second = rate;
    rig.await_settled();
    return static_cast<double>(rig.assembly().stats().requests - before);
  };
  rig.write_csv(rows);
  rig.start();
  const double blind = pass();
  double planned = 0;
  const double again = pass(&planned);
  rig.stop();
  rig.use_store("second.db");
  rig.write_csv(rows, rows / 20);
  rig.start();
  const double calls = pass();
  const auto total = static_cast<double>(rows);
  report.add({"calls", number(total) + " records, 95 % right: blind upserts to ours", number(calls),
              number(total), number(total / 20), total / calls, "x", at_least(15, 16),
              "floor: the records that differ; the first day's pass over an empty Assembly took " +
                  number(blind) + " calls"});
  report.add({"calls", "calls of a second pass over an unchanged file", number(again),
              number(total), "0", again, "", at_most(std::max(10.0, total / 100), 0)});
  report.add({"plan", "rows/s of that second pass", number(planned), "-", "-", planned, "/s",
              at_least(40'000, 60'000)});
}

/// A mass edit in the CRM: every record changes five times within a moment, and HubSpot tells it in
/// shuffled batches of 100 events.
void measure_bursts(const Options& options, Report& report) {
  const std::size_t records = options.quick ? 100 : 2000;
  constexpr int kEventsEach = 5;
  constexpr std::size_t kEventsPerWebhook = 100;
  Rig rig(options, {.assembly = fast_assembly(), .rate_per_second = 100, .environment = {}});
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < records; ++i) {
    const std::string n = std::to_string(i);
    ids.push_back(rig.crm().create(
        "companies", {{"name", "Burst " + n}, {"domain", "burst-" + n + ".example"}}));
  }
  rig.crm().take_events();
  rig.start();
  for (int i = 1; i <= kEventsEach; ++i) {
    for (const std::string& id : ids) {
      rig.crm().update("companies", id, {{"annualrevenue", std::to_string(i)}});
    }
  }
  std::vector<Value> events = rig.crm().take_events();
  const auto random = core::make_seeded_random(5);
  for (std::size_t i = events.size(); i > 1; --i) {
    std::swap(events[i - 1], events[random->next() % i]);
  }
  const auto before = rig.assembly().stats().requests;
  for (std::size_t begin = 0; begin < events.size(); begin += kEventsPerWebhook) {
    const auto end = std::min(begin + kEventsPerWebhook, events.size());
    if (!rig.deliver({events.begin() + static_cast<std::ptrdiff_t>(begin),
                      events.begin() + static_cast<std::ptrdiff_t>(end)})) {
      throw std::runtime_error("a webhook was refused");
    }
  }
  rig.await_settled();
  const auto calls = static_cast<double>(rig.assembly().stats().requests - before);
  report.add({"calls",
              number(static_cast<double>(events.size())) + " events over " +
                  number(static_cast<double>(records)) + " records: calls a record",
              number(calls), number(static_cast<double>(events.size())),
              number(static_cast<double>(records)), calls / static_cast<double>(records), "",
              at_most(1.05, 1.01), "at 100 calls a second; at 30 fewer go out during the burst"});
}

}  // namespace

void measure_converge(const Options& options, Report& report) {
  measure_first_pass(options, report);
  measure_bursts(options, report);
}

}  // namespace assembly_sync::bench
