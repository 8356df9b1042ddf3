// Absence: what follows when a complete pass over an object did not show records that the mirror
// holds (I10). A source that can be asked by id is asked for each of them; of another the completed
// pass itself is the proof. Nothing is concluded from a pass in which rows could not be read, nor
// from one that shows much less than there was: it may as well be a lost permission, a filter, or
// half a file; then a person is asked.
//
// Thread-safe: works on the store only.
#pragma once

#include <optional>
#include <string>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "daemon/intake/pulled_source.hpp"
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

/// What an object holds now, as far as its source can tell without a listing; empty = it can't.
std::string content_of(const PulledSource& source, const core::ObjectName& object);

/// The pass showed all that there is: how many records it did not show, of how many.
store::Pass count_absent(const store::Store& store, const store::Pass& pass);

/// Gives some of those that a counted pass did not show their notices, and ends it when there are
/// no more. True when it is ended. Called again until then, also after a crash.
bool conclude_some(store::Store& store, const connectors::Connector& connector,
                   const store::Pass& pass, const ShrinkRule& rule, core::Clock& clock,
                   telemetry::Log& log);

}  // namespace assembly_sync::intake
