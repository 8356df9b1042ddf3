// Directory refresh: reads what Assembly holds, 100 a call, through the budget, so that a first
// backfill compares before it writes (reading is a hundred times cheaper). Kept in the store with
// its age. One at a time.
#pragma once

#include <optional>
#include <stop_token>

#include "core/clock.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/delivery/budget.hpp"
#include "daemon/delivery/labels.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::delivery {

class DirectoryReader {
 public:
  DirectoryReader(const assembly::Client& client, Budget& budget, Labels& labels,
                  store::Store& store, core::Clock& clock, telemetry::Log& log);

  /// Reads both lists when they are older than `oldest`; calls are counted for `run`. Waits out
  /// throttling and failures. False when stopped.
  bool refresh(std::chrono::milliseconds oldest, std::optional<store::RowId> run,
               const std::stop_token& stop);

 private:
  bool read_list(assembly::Collection collection, std::int64_t as_of_ms,
                 std::optional<store::RowId> run, const std::stop_token& stop);
  /// Waits after a failed call; false = stopped.
  bool wait_out(const assembly::Outcome& failure, int failures, const std::stop_token& stop);

  const assembly::Client& client_;
  Budget& budget_;
  Labels& labels_;
  store::Store& store_;
  core::Clock& clock_;
  telemetry::Log& log_;
};

}  // namespace assembly_sync::delivery
