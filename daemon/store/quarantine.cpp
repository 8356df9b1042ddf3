// Webhooks that were not believed, for who looks into them.
#include <limits>

#include "core/text.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {

std::vector<QuarantineRow> View::quarantined(const std::optional<SourceName>& source,
                                             const std::string& reason,
                                             std::optional<std::int64_t> since_ms, RowId below,
                                             int limit) const {
  // At most limits::kQuarantineRows rows: no index is needed.
  Statement query(connection_,
                  "SELECT id, source, received_ms, reason, length(CAST(body AS BLOB)) FROM "
                  "quarantine WHERE id < ?1 AND (?2 IS NULL OR source = ?2) AND (?3 = '' OR "
                  "instr(lower(reason), ?3) > 0) AND received_ms >= ?4 ORDER BY id DESC LIMIT ?5");
  query.bind(below == 0 ? std::numeric_limits<RowId>::max() : below, source,
             core::lower_ascii(reason), since_ms.value_or(0), limit);
  std::vector<QuarantineRow> rows;
  while (query.step()) {
    QuarantineRow row;
    row.id = query.integer(0);
    row.webhook.source = SourceName(query.text(1));
    row.webhook.received_ms = query.integer(2);
    row.webhook.reason = query.text(3);
    row.bytes = query.integer(4);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<QuarantineRow> View::quarantined(RowId id) const {
  Statement query(connection_,
                  "SELECT source, received_ms, reason, headers, body, path FROM quarantine WHERE "
                  "id = ?1");
  query.bind(id);
  if (!query.step()) return std::nullopt;
  QuarantineRow row;
  row.id = id;
  row.webhook.source = SourceName(query.text(0));
  row.webhook.received_ms = query.integer(1);
  row.webhook.reason = query.text(2);
  row.webhook.headers = query.text(3);
  row.webhook.body = query.text(4);
  row.webhook.path = query.text(5);
  row.bytes = static_cast<std::int64_t>(row.webhook.body.size());
  return row;
}

bool Tx::remove_quarantined(RowId id) {
  Statement(connection_, "DELETE FROM quarantine WHERE id = ?1").bind(id).run();
  if (connection_.changes() == 0) return false;
  connection_.count("quarantined", -1);
  return true;
}

}  // namespace assembly_sync::store
