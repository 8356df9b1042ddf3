// backfill --dry-run: reads and maps everything a run would, compares it with what is known, and
// says what would be sent. Sends nothing and writes nothing.
#pragma once

#include "daemon/cli/cli.hpp"
#include "daemon/store/types.hpp"

namespace assembly_sync::cli {

int dry_run(const Context& context, const config::Config& config, const store::Run& wanted);

}  // namespace assembly_sync::cli
