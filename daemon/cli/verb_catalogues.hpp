// What verbs know of the labels in the CRM: from the store where it has them, else from the CRM.
// What is read is not kept, since only the daemon writes. Owned by one verb; not thread-safe.
#pragma once

#include <memory>

#include "core/clock.hpp"
#include "daemon/config/config.hpp"
#include "daemon/http/client.hpp"
#include "daemon/intake/catalogues.hpp"
#include "daemon/intake/pipeline.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::cli {

class VerbCatalogues {
 public:
  /// `store` may be nullptr; it must outlive this.
  explicit VerbCatalogues(store::Store* store)
      : transport_(clock_),
        log_(telemetry::LogStyle::quiet),
        catalogues_(
            std::make_shared<intake::Catalogues>(intake::CatalogueParts{.store = store,
                                                                        .keeps = false,
                                                                        .transport = transport_,
                                                                        .clock = clock_,
                                                                        .log = log_})) {}

  core::Clock& clock() { return clock_; }
  core::HttpTransport& transport() { return transport_; }
  intake::Catalogues& catalogues() { return *catalogues_; }
  intake::Mapper mapper(const config::Config& config) const {
    return intake::Mapper(config.rules, catalogues_);
  }

 private:
  core::SystemClock clock_;
  http::PooledTransport transport_;
  telemetry::Log log_;
  std::shared_ptr<intake::Catalogues> catalogues_;
};

}  // namespace assembly_sync::cli
