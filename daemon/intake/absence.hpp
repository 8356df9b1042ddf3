// Absence: what follows when a complete pass over an object did not show records that the mirror
// holds (I10). A source that can be asked by id is asked for each of them; of another the completed
// pass itself is the proof. A pass that shows much less than there was proves nothing: it may as
// well be a lost permission, a filter, or half a file; then nobody is deleted and a person is
// asked.
//
// Thread-safe: works on the store only.
#pragma once

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

/// When a pass is believed.
struct ShrinkRule {
  /// More records absent than this share of those that were there: not believed. 100 = always
  /// believed.
  int max_percent = 10;
  /// A person said that they are gone.
  bool accepted = false;
};

/// The pass that is under way, or a new one that begins now.
store::Pass begin_or_resume(store::Tx& tx, const core::SourceName& source,
                            const core::ObjectName& object, std::optional<store::RowId> run,
                            const std::string& fingerprint, std::int64_t now_ms);

/// The pass showed all that there is: what it did not show gets its notices, unless it is not
/// believed. May be called again for the same pass after a crash.
void conclude(store::Store& store, const connectors::Connector& connector, const store::Pass& pass,
              const ShrinkRule& rule, core::Clock& clock, telemetry::Log& log);

}  // namespace assembly_sync::intake
