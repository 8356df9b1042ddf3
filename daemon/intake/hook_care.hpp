// HookCare: looks a few times a day whether the CRMs still send their webhooks here, where their
// API tells. Subscriptions that run out are renewed; what is missing is told, because making one
// may bring a secret that a person has to put in place (`assembly-sync hooks --apply`). One thread.
//
// Owner: start() once, stop() once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/http.hpp"
#include "daemon/intake/pulled_source.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

struct HookCareParts {
  std::vector<PulledSource> sources;
  std::string public_url;
  core::HttpTransport& transport;
  core::Clock& clock;
  telemetry::Log& log;
};

class HookCare {
 public:
  explicit HookCare(HookCareParts parts);
  ~HookCare();

  void start();
  void request_stop();
  void join();

  /// One round without a thread.
  void work();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::intake
