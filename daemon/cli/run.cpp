#include <algorithm>
#include <ostream>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "daemon/app.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/reload.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/telemetry/log.hpp"
#include "daemon/telemetry/notify.hpp"

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;

/// So often a verb's request is looked for.
constexpr std::chrono::milliseconds kLook = 300ms;

/// How often the watchdog is to be fed: half of what systemd asks for; nothing = not at all.
std::optional<std::chrono::milliseconds> watchdog_pause(const config::SecretProvider& environment) {
  const auto text = environment.environment("WATCHDOG_USEC");
  if (!text || text->empty() || text->find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::chrono::milliseconds(std::stoll(*text) / 2000);
}

/// Until a stop signal: feeds the watchdog as long as the pipeline turns, and loads the
/// configuration again when it is asked to.
void serve(StopSignals& signals, const app::App& app, Reloads& reloads, const core::Clock& clock,
           telemetry::Log& log, const telemetry::ServiceNotifier& notifier,
           std::optional<std::chrono::milliseconds> watchdog) {
  std::uint64_t last = app.heartbeat();
  core::SteadyTime fed = clock.steady_now();
  while (!signals.wait(std::min(kLook, watchdog.value_or(kLook)))) {
    bool reloading = false;
    try {
      const bool by_signal = signals.reload_asked();
      reloading = reloads.asked() || by_signal;
      if (reloading) {
        notifier.reloading(std::chrono::duration_cast<std::chrono::microseconds>(
                               clock.steady_now().time_since_epoch())
                               .count());
        reloads.reload();
      }
    } catch (const std::exception& error) {
      // A store that can't be written, mostly: the configuration before goes on.
      log.error("reload_failed", {{"error", error.what()}});
    }
    if (reloading) notifier.ready();
    if (!watchdog || clock.steady_now() - fed < *watchdog) continue;
    fed = clock.steady_now();
    const std::uint64_t now = app.heartbeat();
    if (now != last) notifier.watchdog();
    last = now;
  }
}

}  // namespace

int run_daemon(const Context& context) {
  StopSignals signals(true);
  auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  core::SystemClock clock;
  const auto random = core::make_system_random();
  const bool journal = context.secrets.environment("JOURNAL_STREAM").has_value();
  telemetry::Log log(journal ? telemetry::LogStyle::journald : telemetry::LogStyle::plain);
  const telemetry::ServiceNotifier notifier(
      context.secrets.environment("NOTIFY_SOCKET").value_or(""));

  auto created = app::App::create(std::move(*config), {clock, *random, log, &context.secrets});
  if (!created) return explain(created.error(), context.streams.err);
  app::App& app = **created;
  app.start();
  notifier.ready();
  Reloads reloads(app, context.config_file, context.secrets, clock, log);
  serve(signals, app, reloads, clock, log, notifier, watchdog_pause(context.secrets));
  notifier.stopping();
  app.stop();
  return kDone;
}

}  // namespace assembly_sync::cli
