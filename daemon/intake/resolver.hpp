// Resolver: step 2 for one source. Has receipts decoded into notices, reads the records they are
// about in batches, and hands them to the pipeline. One thread a source; the store's tables are its
// queue, so it can be killed anywhere and goes on where it was.
//
// Owner: start() once, stop() once. heartbeat() is thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "daemon/intake/mirror_scope.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

struct ResolverParts {
  core::SourceName source;
  std::shared_ptr<const connectors::Connector> connector;
  const Mapper& mapper;
  store::Store& store;
  core::HttpTransport& transport;
  core::Clock& clock;
  telemetry::Log& log;
  MirrorScope scope{};
};

class Resolver {
 public:
  explicit Resolver(ResolverParts parts);
  ~Resolver();

  void start();
  void request_stop();
  void join();
  std::uint64_t heartbeat() const;

  /// One round without a thread: decodes what waits, then resolves one batch. False when there was
  /// nothing to do.
  bool work();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::intake
