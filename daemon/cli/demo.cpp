#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <stdexcept>

#include <stdlib.h>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "daemon/app.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/demo_world.hpp"
#include "daemon/cli/progress.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/http/client.hpp"

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPauseBetweenChanges = 900ms;
constexpr auto kTimeToDrain = 4s;  // of --seconds, kept for the end

/// Counts down --seconds, and sees Ctrl-C.
class Deadline {
 public:
  Deadline(core::Clock& clock, StopSignals& signals, int seconds)
      : clock_(clock), signals_(signals) {
    if (seconds > 0) end_ = clock.steady_now() + std::chrono::seconds(seconds) - kTimeToDrain;
  }
  /// True when it is time to end; waits `pause` at most.
  bool reached(std::chrono::milliseconds pause) {
    stopped_ = stopped_ || signals_.wait(pause);
    return stopped_ || (end_ && clock_.steady_now() >= *end_);
  }

 private:
  core::Clock& clock_;
  StopSignals& signals_;
  std::optional<core::SteadyTime> end_;
  bool stopped_ = false;
};

void first_sync(const Context& context, DemoWorld& world, Deadline& deadline) {
  std::ostream& out = context.streams.out;
  Progress progress(out, context.streams.out_is_terminal);
  world.order_backfill();
  while (!world.backfill_done()) {
    progress.show(world.progress_line(), world.progress_share(), world.clock().steady_now());
    if (deadline.reached(100ms)) break;
  }
  progress.end();
  out << "first sync: " << world.progress_line() << '\n';
}

void live_changes(const Context& context, DemoWorld& world, Deadline& deadline) {
  std::ostream& out = context.streams.out;
  out << "now records change in the CRM and arrive as signed webhooks\n";
  while (!deadline.reached(kPauseBetweenChanges)) {
    const std::string what = world.change_something();
    const auto took = world.wait_until_settled(2s);
    out << "  " << what << "  ->  "
        << (took ? "in Assembly after " + std::to_string(took->count()) + " ms" : "on its way")
        << std::endl;
  }
}

}  // namespace

int demo(const Context& context, const DemoOptions& options) {
  StopSignals signals;
  std::ostream& out = context.streams.out;
  core::SystemClock clock;
  const auto random = core::make_seeded_random(7);
  DemoWorld world(clock, *random, static_cast<std::size_t>(options.companies),
                  static_cast<std::size_t>(options.contacts));
  out << "sample CRM    " << world.crm_url() << "  (" << options.companies << " companies, "
      << options.contacts << " contacts)\n"
      << "Assembly      " << world.assembly_url()
      << "  (a local sandbox, 30 events/s sliding, 150 ms)\n"
      << "webhooks      " << world.webhook_url() << "/hooks/hubspot\n"
      << "console       " << world.admin_url() << "/  (token " << world.console_token() << ")\n"
      << (options.seconds > 0 ? "stops after " + std::to_string(options.seconds) + " s"
                              : std::string("Ctrl-C ends it"))
      << std::endl;
  Deadline deadline(clock, signals, options.seconds);
  first_sync(context, world, deadline);
  live_changes(context, world, deadline);
  world.wait_until_settled(30s);
  const DemoWorld::Comparison result = world.compare();
  out << "companies     " << result.companies_right << " of " << result.companies
      << " in Assembly and correct\n"
      << "contacts      " << result.contacts_right << " of " << result.contacts
      << " in Assembly and correct\n"
      << "calls         " << result.calls << ", busiest second " << result.busiest_second << ", "
      << result.refused << " refused (429)\n";
  for (const std::string& difference : result.differences)
    out << "  differs: " << difference << '\n';
  return result.all_right() ? kDone : kNeedsHuman;
}

}  // namespace assembly_sync::cli
