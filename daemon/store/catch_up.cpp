// What was found of the time in which the program was not there.
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {

std::optional<CatchUp> View::catch_up(const SourceName& source) const {
  Statement query(connection_,
                  "SELECT from_ms, to_ms, polled, late_webhooks, done_ms FROM catch_up WHERE "
                  "source = ?1");
  query.bind(source);
  if (!query.step()) return std::nullopt;
  return CatchUp{query.integer(0), query.integer(1), query.integer(2), query.integer(3),
                 query.optional_integer(4)};
}

std::int64_t View::unresolved(const SourceName& source, std::int64_t limit) const {
  Statement query(connection_,
                  "SELECT count(*) FROM (SELECT 1 FROM notice WHERE source = ?1 AND state = 'open' "
                  "AND stage IN ('read', 'mirror') LIMIT ?2)");
  query.bind(source, limit);
  return query.step() ? query.integer(0) : 0;
}

void Tx::begin_catch_up(const SourceName& source, std::int64_t from_ms, std::int64_t to_ms) {
  Statement(connection_,
            "INSERT INTO catch_up (source, from_ms, to_ms) VALUES (?1, ?2, ?3) ON CONFLICT "
            "(source) DO UPDATE SET to_ms = ?3, "
            // Away again before it had caught up: it is one time.
            "from_ms = iif(done_ms IS NULL, min(from_ms, ?2), ?2), "
            "polled = iif(done_ms IS NULL, polled, 0), "
            "late_webhooks = iif(done_ms IS NULL, late_webhooks, 0), done_ms = NULL")
      .bind(source, from_ms, to_ms)
      .run();
}

void Tx::add_catch_up(const SourceName& source, std::int64_t polled, std::int64_t late_webhooks) {
  Statement(connection_,
            "UPDATE catch_up SET polled = polled + ?2, late_webhooks = late_webhooks + ?3 WHERE "
            "source = ?1")
      .bind(source, polled, late_webhooks)
      .run();
}

void Tx::end_catch_up(const SourceName& source, std::int64_t now_ms) {
  Statement(connection_, "UPDATE catch_up SET done_ms = ?2 WHERE source = ?1 AND done_ms IS NULL")
      .bind(source, now_ms)
      .run();
}

}  // namespace assembly_sync::store
