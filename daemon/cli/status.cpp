#include "daemon/answers/status.hpp"

#include <filesystem>
#include <ostream>

#include "core/disk.hpp"
#include "core/json.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_store.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/delivery/budget_ledger.hpp"

namespace assembly_sync::cli {

using namespace std::chrono_literals;

int status(const Context& context, bool watch) {
  StopSignals signals;
  core::SystemClock clock;
  const auto opened = open_store(context, clock);
  if (!opened) return opened.error();
  const auto ledger = delivery::BudgetLedger::open(opened->path + ".budget", clock.steady_now());
  const auto disk = core::system_disk();
  const std::string folder = std::filesystem::absolute(opened->path).parent_path().string();
  answers::StatusInputs inputs;
  while (true) {
    inputs.running = opened->is_served();
    inputs.now_ms = core::to_ms(clock.wall_now());
    inputs.used_last_second = ledger->count_since(clock.steady_now() - 1s);
    inputs.disk_free_bytes = disk->free_bytes(folder);
    const core::Value status = answers::status(*opened->store, inputs);
    if (watch && context.streams.out_is_terminal) context.streams.out << "\x1b[H\x1b[2J";
    context.streams.out << (context.json ? core::dump_json(status) + '\n'
                                         : answers::status_text(status))
                        << std::flush;
    if (!watch || !context.streams.out || signals.wait(2s)) return kDone;
  }
}

}  // namespace assembly_sync::cli
