// Runs: what backfills and changed mappings ordered, how far each is, what became of its records.
// Read only; thread-safe.
#pragma once

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// {runs: [{id, what, state, created_at, finished_at, records, open, bad_rows, calls, error,
/// finals{…}, eta_seconds}]}, the newest first. `eta_seconds`: of what was read so far, at
/// `per_second` calls; null once it has ended.
core::Value runs(const store::View& view, double per_second, int limit);

/// The same of one, with problems [{reason, records, example}]; null when there is none.
core::Value run(const store::View& view, store::RowId id, double per_second);

}  // namespace assembly_sync::answers
