// Measuring: from what the parts report (commits of the store, answers to webhooks, the status) to
// the metrics. A part of the composition root. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "core/ids.hpp"
#include "core/value.hpp"
#include "daemon/store/types.hpp"
#include "daemon/telemetry/metrics.hpp"

namespace assembly_sync::app {

class Measuring {
 public:
  Measuring();

  /// For store::StoreOptions; outlives the store.
  std::function<void(const store::Committed&)> observer();
  void answered(const core::SourceName& source, int status);
  /// The page for Prometheus; `status` is the document of answers::status().
  std::string text(const core::Value& status) const;

 private:
  void note(const store::Committed& commit);
  telemetry::Metrics metrics_;
};

}  // namespace assembly_sync::app
