// The order of a run: which streams (SOURCE.OBJECT) it reads, one after the other, as text in
// Run::what, and the cursors by which it does. Pure but for the store's transaction.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "daemon/intake/mirror_scope.hpp"
#include "daemon/intake/pulled_source.hpp"
#include "daemon/store/store.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::intake {

/// Orders the run that a changed mapping asks for, and cancels an earlier one of its kind that is
/// still reading. Objects whose records lack something are read again after that.
store::RowId order_remap(store::Tx& tx, const std::vector<PulledSource>& sources,
                         const MirrorScope& scope, std::int64_t now_ms);

/// `hubspot`, `hubspot.companies` … -> "hubspot.companies,hubspot.contacts" in the order to read:
/// every mapped object, parents first. Nothing named = all sources.
core::Result<std::string> choose_streams(const std::vector<PulledSource>& sources,
                                         const mapping::Rules& rules,
                                         const std::vector<std::string>& wanted);

/// Every object that some mapping reads.
std::vector<std::string> read_streams(const std::vector<PulledSource>& sources,
                                      const mapping::Rules& rules);

std::string stream_of(const core::SourceName& source, const core::ObjectName& object);
std::vector<std::string> streams_of(const store::Run& run);

/// The name of the cursor by which a run reads a stream.
std::string run_cursor(store::RowId run, const std::string& stream);
void clear_run_cursors(store::Tx& tx, const store::Run& run);

}  // namespace assembly_sync::intake
