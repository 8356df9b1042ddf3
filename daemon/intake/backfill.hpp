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
#include "core/result.hpp"
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

/// In Run::what before any streams: all that the mirror holds is mapped again.
inline constexpr const char* kMirrorStream = "mirror";

/// Orders the run that a changed mapping asks for, and cancels an earlier one of its kind that is
/// still reading. Objects whose records lack something are read again after that.
store::RowId order_remap(store::Tx& tx, const std::vector<PulledSource>& sources,
                         const MirrorScope& scope, std::int64_t now_ms);

/// `hubspot`, `hubspot.companies` … -> "hubspot.companies,hubspot.contacts" in the order to read:
/// every mapped object, parents first. Nothing named = all sources.
core::Result<std::string> choose_streams(const std::vector<PulledSource>& sources,
                                         const mapping::Rules& rules,
                                         const std::vector<std::string>& wanted);

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
