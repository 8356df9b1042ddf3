// From what the transport brought back to an outcome: the one table of what each status means.
// Pure; thread-safe.
#pragma once

#include <cstdint>

#include <tl/expected.hpp>

#include "core/http.hpp"
#include "core/value.hpp"
#include "daemon/assembly/outcome.hpp"

namespace assembly_sync::assembly {

using Exchange = tl::expected<core::HttpResponse, core::HttpFailure>;

/// May a call that was possibly carried out be repeated? PUT and DELETE may, our upserts too, since
/// their key finds what the first try created (Q5, Q6, Q33); POST may not.
enum class Repeatable : bool { no, yes };

/// The outcome of a write. `wall_now_ms` (since the epoch) is what a Retry-After date counts from.
Outcome classify_write(const Exchange& exchange, Repeatable repeatable, std::int64_t wall_now_ms);

/// The body of a read that was answered with 2xx, parsed; an empty one is `{}` (I11).
Answer<core::Value> classify_read(const Exchange& exchange, std::int64_t wall_now_ms);

}  // namespace assembly_sync::assembly
