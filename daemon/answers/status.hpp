// Status: the state of the whole pipeline in one JSON document, from the store's counters alone, so
// that it costs the same with an empty queue and with millions. The daemon's /api/status and the
// verb `status` are both this. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/problem.hpp"
#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

struct StatusInputs {
  std::size_t used_last_second = 0;
};

/// What the status says of the configuration in force. Kept in the store, so that `status` tells it
/// beside a file that has been changed, or broken, since.
struct InForce {
  double rate_per_second = 30;
  std::vector<core::SourceName> sources;
};
void set_in_force(store::Tx& tx, const InForce& in_force);

/// The last attempt to load a configuration failed, and why; or went well (no problems).
void set_rejected(store::Tx& tx, const core::Problems& problems, std::int64_t now_ms);

/// What a complete pass did not show is not taken for gone: why, and what to do.
std::string doubt_text(const std::string& object, std::int64_t there, std::int64_t absent,
                       std::int64_t bad_rows);

/// {outbox, notices, budget, sources, dead, quarantine, config, runs, eta_seconds, version}
core::Value status(const store::Store& store, const StatusInputs& inputs);

/// The same for people.
std::string status_text(const core::Value& status);

/// Names of sources whose data can't be trusted to be fresh, with the reason; empty = all fresh.
std::vector<std::pair<std::string, std::string>> stale_sources(const core::Value& status);

/// Prometheus text exposition of the counters.
std::string metrics_text(const core::Value& status);

}  // namespace assembly_sync::answers
