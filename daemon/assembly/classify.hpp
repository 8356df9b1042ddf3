// From what the transport brought back to an outcome: the one table of what each status means.
// Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include <tl/expected.hpp>

#include "core/http.hpp"
#include "core/value.hpp"
#include "daemon/assembly/outcome.hpp"

namespace assembly_sync::assembly {

using Exchange = tl::expected<core::HttpResponse, core::HttpFailure>;

/// May a call that was possibly carried out be repeated? Updates and DELETE may, upserts whose
/// identifier finds what the first try created too (Q5, Q6, Q33); other upserts and POST may not.
enum class Repeatable : bool { no, yes };

/// The outcome of a write. `wall_now_ms` (since the epoch) is what a Retry-After date counts from.
Outcome classify_write(const Exchange& exchange, Repeatable repeatable, std::int64_t wall_now_ms);

/// Refused before anything was sent: status 0. `reason` holds no value of a record.
Rejected refused_here(std::string reason);

/// Assembly knows no such thing (Q21).
template <class... Kinds>
bool is_not_found(const std::variant<Kinds...>& outcome) {
  const auto* const rejected = std::get_if<Rejected>(&outcome);
  return rejected != nullptr && rejected->kind == Rejected::Kind::not_found;
}

/// The body of a read that was answered with 2xx, parsed; an empty one is `{}` (I11).
Answer<core::Value> classify_read(const Exchange& exchange, std::int64_t wall_now_ms);

}  // namespace assembly_sync::assembly
