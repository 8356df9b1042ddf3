// Rows of `notice` as they stand, for every question about them. Internal to store/.
#pragma once

#include <vector>

#include "daemon/store/sqlite.hpp"

// In the order that read_notices() reads them.
#define NOTICE_COLUMNS                                                              \
  "n.id, n.receipt, n.run, n.source, n.object, n.record, n.kind, n.lane, n.event, " \
  "n.occurred_ms, n.received_ms, n.state, n.stage, n.reason, n.attempts, n.due_ms, n.finished_ms"

namespace assembly_sync::store {

std::vector<Notice> read_notices(Statement& query);

}  // namespace assembly_sync::store
