// Catalogues: what the sources say their records hold, as far as label() needs it: the options of
// properties. Read from the source when it is needed for the first time, and again when it is old
// or when a record holds an option that is not among them; kept in the store, so that a restart can
// map while the source does not answer. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "connectors/connector.hpp"
#include "core/catalogue.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

/// An option that was added shows itself by a record that holds it; a label that was changed shows
/// itself after this.
inline constexpr auto kCatalogueAge = std::chrono::minutes{15};
/// A source is not asked more often than this, whatever its records hold.
inline constexpr auto kCataloguePause = std::chrono::minutes{1};

struct CatalogueParts {
  store::Store* store = nullptr;  // nullptr: none; what is read is forgotten with the process
  bool keeps = true;              // false: the store is only looked into
  core::HttpTransport& transport;
  core::Clock& clock;
  telemetry::Log& log;
  /// Options or labels that were known are others now: what follows from that, in the transaction
  /// that keeps them.
  std::function<void(store::Tx&)> on_change{};
};

class Catalogues {
 public:
  explicit Catalogues(CatalogueParts parts) : parts_(parts) {}

  /// What is known of the object, however old; nullptr when nothing is.
  std::shared_ptr<const core::Catalogue> known(const core::SourceName& source,
                                               const core::ObjectName& object);
  /// When that was read, in ms since the epoch.
  std::optional<std::int64_t> read_ms(const core::SourceName& source,
                                      const core::ObjectName& object);

  /// Makes the object known, reading it from the source when it is not or is older than
  /// kCatalogueAge. An error only when nothing is known at all; one that won't go away by itself
  /// (a missing scope) comes as `unauthorized`, so that records wait for a person to act.
  std::optional<connectors::ReadError> ensure(const connectors::Connector& connector,
                                              const core::SourceName& source,
                                              const core::ObjectName& object);
  /// Reads it anew unless that was done within kCataloguePause; true when it was. Errors as above.
  connectors::ReadResult<bool> renew(const connectors::Connector& connector,
                                     const core::SourceName& source,
                                     const core::ObjectName& object);

 private:
  using Id = std::pair<core::SourceName, core::ObjectName>;
  struct Known {
    std::shared_ptr<const core::Catalogue> catalogue;
    std::int64_t read_ms = 0;
    std::int64_t tried_ms = 0;  // the last attempt to read it, successful or not
  };

  std::int64_t now_ms() const { return core::to_ms(parts_.clock.wall_now()); }
  Known look_up(const Id& id);
  std::optional<Known> stored(const Id& id) const;
  connectors::ReadResult<core::Catalogue> describe(const connectors::Connector& connector,
                                                   const Id& id) const;
  std::optional<connectors::ReadError> read(const connectors::Connector& connector, const Id& id);
  void keep(const Id& id, core::Catalogue catalogue);

  const CatalogueParts parts_;
  std::mutex mutex_;
  std::map<Id, Known> known_;  // guarded by mutex_
};

}  // namespace assembly_sync::intake
