// Status: the state of the whole pipeline in one JSON document, from the store's counters alone, so
// that it costs the same with an empty queue and with millions. The daemon's /api/status and the
// verb `status` are both this. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/limits.hpp"
#include "core/problem.hpp"
#include "core/value.hpp"
#include "daemon/answers/freshness.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// What the store does not know.
struct StatusInputs {
  std::int64_t now_ms = 0;
  bool running = true;  // somebody holds the store's lock
  std::size_t used_last_second = 0;
  std::optional<std::int64_t> disk_free_bytes{};  // where the store is
  bool disk_low = false;                          // as the running program holds it
  bool store_failing = false;                     // the last commit failed
};

/// What the status says of the configuration in force. Kept in the store, so that `status` tells it
/// beside a file that has been changed, or broken, since.
struct InForce {
  double rate_per_second = 30;
  std::vector<core::SourceName> sources;
  FreshRules fresh{};
  std::int64_t min_free_bytes = 0;
  std::int64_t lineage_bytes = static_cast<std::int64_t>(core::limits::kLineageBytes);
};
void set_in_force(store::Tx& tx, const InForce& in_force);

/// The last attempt to load a configuration failed, and why; or went well (no problems).
void set_rejected(store::Tx& tx, const core::Problems& problems, std::int64_t now_ms);

/// What a complete pass did not show is not taken for gone: why, and what to do.
std::string doubt_text(const std::string& object, std::int64_t there, std::int64_t absent,
                       std::int64_t bad_rows);

/// {running, outbox, notices, budget, authorized, sources, dead, quarantine, config, runs,
/// eta_seconds, freshness, limits, store, waits}. `waits`: why sources are told to wait; null =
/// they are not.
core::Value status(const store::Store& store, const StatusInputs& inputs);

/// The same for people.
std::string status_text(const core::Value& status);

}  // namespace assembly_sync::answers
