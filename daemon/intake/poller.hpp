// Poller: asks one source what changed, without anybody's announcement. An object of which the
// source can say what changed is asked for that; another is listed whole whenever it may have
// changed. Once in a while every object is listed whole (a sweep): changes that move no date, and
// deletions that nobody told, show only there. One thread a source; how far it got stands in the
// store, moved with the records that were read (I8), so it can be killed anywhere.
//
// A source that sends webhooks is followed from the moment of the first start; what was there
// before comes by a backfill, and is swept from then on. A source that can only be asked is read
// whole at once.
//
// Owner: start() once, stop() once. heartbeat() is thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/clock.hpp"
#include "core/http.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/intake/pulled_source.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

struct PollerParts {
  PulledSource source;
  const Mapper& mapper;
  store::Store& store;
  core::HttpTransport& transport;
  core::Clock& clock;
  telemetry::Log& log;
};

class Poller {
 public:
  explicit Poller(PollerParts parts);
  ~Poller();

  void start();
  void request_stop();
  void join();
  std::uint64_t heartbeat() const;

  /// One step without a thread: a page of what is due. False when nothing is due.
  bool work();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::intake
