// The floor under durable ingest: how many rows a second SQLite takes when one thread commits, with
// synchronous=FULL, whatever so many producers wait for. No HTTP, no signature.
#pragma once

#include <chrono>
#include <filesystem>

namespace assembly_sync::bench {

/// Rows per second over `span`, on a new file. Runs in this process: ask for it in a process of its
/// own where an LD_PRELOAD library is to be in the way.
double durable_floor(const std::filesystem::path& file, int producers, std::chrono::seconds span);

}  // namespace assembly_sync::bench
