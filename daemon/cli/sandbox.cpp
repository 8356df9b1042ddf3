#include "daemon/sandbox/sandbox.hpp"

#include <algorithm>
#include <ostream>

#include "daemon/cli/cli.hpp"
#include "daemon/cli/signals.hpp"

namespace assembly_sync::cli {

int sandbox(const Context& context, const SandboxCliOptions& options) {
  const auto& wanted = options.switches;
  if (std::find(wanted.begin(), wanted.end(), "help") != wanted.end()) {
    context.streams.out << sandbox::switch_help();
    return kDone;
  }
  sandbox::SandboxOptions settings;
  for (const std::string& assignment : wanted) {
    auto changed = sandbox::with_switch(settings.switches, assignment);
    if (!changed) {
      context.streams.err << "assembly-sync: --switch: " << changed.error().message
                          << "\n--switch help lists all.\n";
      return kUsage;
    }
    settings.switches = *changed;
  }
  StopSignals signals;
  core::SystemClock clock;
  settings.port = static_cast<std::uint16_t>(options.port);
  settings.rate_per_second = options.rate;
  settings.limiter = options.limiter == "fixed"    ? sandbox::LimiterKind::fixed
                     : options.limiter == "bucket" ? sandbox::LimiterKind::bucket
                                                   : sandbox::LimiterKind::sliding;
  settings.bucket_burst = options.rate;
  settings.latency = std::chrono::milliseconds(options.latency_ms);
  settings.seed = options.seed;
  settings.api_key = options.api_key;
  const sandbox::Sandbox assembly(settings, clock);
  context.streams.out << "listening " << assembly.url() << std::endl;
  while (!signals.wait(std::chrono::hours(1))) {
  }
  return kDone;
}

}  // namespace assembly_sync::cli
