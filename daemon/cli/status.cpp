#include "daemon/console/status.hpp"

#include <filesystem>
#include <ostream>

#include "core/json.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/delivery/budget_ledger.hpp"

namespace assembly_sync::cli {

using namespace std::chrono_literals;

int status(const Context& context, bool watch) {
  StopSignals signals;
  const auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  if (!std::filesystem::exists(config->store_path)) {
    context.streams.err << "assembly-sync: no store at " << config->store_path
                        << " yet: start `assembly-sync run` or `assembly-sync backfill` first\n";
    return kUnavailable;
  }
  core::SystemClock clock;
  auto store = store::Store::open(config->store_path, clock, {.exclusive = false});
  if (!store) return explain(store.error(), context.streams.err);
  const auto ledger =
      delivery::BudgetLedger::open(config->store_path + ".budget", clock.steady_now());
  console::StatusInputs inputs;
  inputs.rate_per_second = config->assembly.rate_per_second;
  for (const config::SourceConfig& source : config->sources) inputs.sources.push_back(source.name);
  while (true) {
    inputs.now_ms = core::to_ms(clock.wall_now());
    inputs.used_last_second = ledger->count_since(clock.steady_now() - 1s);
    const core::Value status = console::status(**store, inputs);
    if (watch && context.streams.out_is_terminal) context.streams.out << "\x1b[H\x1b[2J";
    context.streams.out << (context.json ? core::dump_json(status) + '\n'
                                         : console::status_text(status))
                        << std::flush;
    if (!watch || !context.streams.out || signals.wait(2s)) return kDone;
  }
}

}  // namespace assembly_sync::cli
