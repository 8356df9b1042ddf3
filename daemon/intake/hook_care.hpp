// HookCare: looks a few times a day whether the CRMs still send their webhooks here, where their
// API tells. Subscriptions that run out are renewed, and made again where this machine was away for
// so long that they are gone. All else that is missing is told, because it is a person who decides
// about it, and because making one may bring a secret that has to be put in place
// (`assembly-sync hooks --apply`). One thread.
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
#include "mapping/mapping.hpp"

namespace assembly_sync::intake {

struct HookCareParts {
  std::vector<PulledSource> sources;
  std::string public_url;
  std::shared_ptr<const mapping::Rules> rules;
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
