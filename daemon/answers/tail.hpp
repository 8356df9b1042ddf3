// Live: what is received, how notices end, what is delivered. Asked again and again with the cursor
// of the answer before, by a shell or a console. Read only; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

struct TailQuery {
  /// Of the answer before; empty = from `since_ms` on, or from now. One that can't be read counts
  /// as empty.
  std::string cursor{};
  std::optional<std::int64_t> since_ms{};
  std::int64_t now_ms = 0;
  int limit = 200;  // events of each kind
  std::optional<core::SourceName> source{};
};

/// {events[{what, at, source, object, record, …}], cursor, more}. `what` is `received` {receipt,
/// bytes, notices}, `ended` {notice, state, reason} or `delivery` {to, key, method, path, status,
/// ms, outcome, reason, lane, attempt}, `status` 0 where it was no refusal. `more`: others are
/// there already. A notice shows a second after its end, because of two that end at once the second
/// may be seen first.
core::Value tail(const store::View& view, const TailQuery& query);
/// One event as one line, without its end.
std::string tail_line(const core::Value& event);

}  // namespace assembly_sync::answers
