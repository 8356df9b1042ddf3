#include "daemon/answers/status.hpp"

#include <filesystem>
#include <ostream>

#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/delivery/budget_ledger.hpp"

namespace assembly_sync::cli {

using namespace std::chrono_literals;

int status(const Context& context, bool watch) {
  StopSignals signals;
  // A file that is broken, or was changed since it was loaded, does not matter: what counts is in
  // the store.
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  const std::string& path = loaded.store_path;
  if (path.empty()) return load_or_explain(context) ? kDone : kConfiguration;
  if (!std::filesystem::exists(path)) {
    context.streams.err << "assembly-sync: no store at " << path
                        << " yet: start `assembly-sync run` or `assembly-sync backfill` first\n";
    return kUnavailable;
  }
  if (!loaded.problems.empty()) {
    context.streams.err << context.config_file << " has "
                        << core::count_text(static_cast<std::int64_t>(loaded.problems.size()),
                                            "problem")
                        << " now (`assembly-sync check` shows them); this is what is in force:\n";
  }
  core::SystemClock clock;
  auto store = store::Store::open(path, clock, {.exclusive = false});
  if (!store) return explain(store.error(), context.streams.err);
  const auto ledger = delivery::BudgetLedger::open(path + ".budget", clock.steady_now());
  answers::StatusInputs inputs;
  while (true) {
    inputs.used_last_second = ledger->count_since(clock.steady_now() - 1s);
    const core::Value status = answers::status(**store, inputs);
    if (watch && context.streams.out_is_terminal) context.streams.out << "\x1b[H\x1b[2J";
    context.streams.out << (context.json ? core::dump_json(status) + '\n'
                                         : answers::status_text(status))
                        << std::flush;
    if (!watch || !context.streams.out || signals.wait(2s)) return kDone;
  }
}

}  // namespace assembly_sync::cli
