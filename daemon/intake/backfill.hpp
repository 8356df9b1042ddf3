// Backfill: one-shot runs. A run lists whole objects, parents first, page by page; each page is
// mirrored, mapped and planned in transactions of at most 100 rows, and its cursor moves in the
// last of them (I8), so a killed run goes on at its page. What differs drains in the backfill lane.
// Runs are rows of the store: the verb writes one, whoever holds the store's lock executes it.
// After a change of the mapping a run also maps again what the mirror holds (remap.hpp).
//
// Owner: start() once, stop() once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "daemon/intake/mirror_scope.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/intake/pulled_source.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

struct BackfillParts {
  std::vector<PulledSource> sources;
  const Mapper& mapper;
  store::Store& store;
  core::HttpTransport& transport;
  core::Clock& clock;
  telemetry::Log& log;
  /// Brings the directory of Assembly up to date before records are compared with it; given by the
  /// composition root, because it spends the budget. False = stopped or not possible now.
  std::function<bool(store::RowId run, const std::stop_token&)> refresh_directory;
  MirrorScope scope{};
};

class Backfill {
 public:
  explicit Backfill(BackfillParts parts);
  ~Backfill();

  void start();
  void request_stop();
  void join();
  std::uint64_t heartbeat() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::intake
