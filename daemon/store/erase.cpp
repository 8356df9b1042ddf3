// What goes when a source erased a person's data. Ids, times and states stay; `secure_delete` makes
// the freed bytes zeros (store.cpp), and the log is emptied after the commit.
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {

std::optional<std::int64_t> View::erased_ms(const RecordRef& ref) const {
  if (!connection_.holds(connection_.rare.erasures, "SELECT 1 FROM erasure LIMIT 1")) {
    return std::nullopt;
  }
  Statement query(
      connection_,
      "SELECT erased_ms FROM erasure WHERE source = ?1 AND object = ?2 AND record = ?3");
  query.bind(ref.source, ref.object, ref.id);
  if (!query.step()) return std::nullopt;
  return query.integer(0);
}

void Tx::erase_record(const RecordRef& ref, std::int64_t now_ms) {
  const auto run = [&](const char* sql) {
    Statement(connection_, sql).bind(ref.source, ref.object, ref.id).run();
  };
  Statement(connection_,
            "INSERT INTO erasure (source, object, record, erased_ms) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT DO UPDATE SET erased_ms = ?4")
      .bind(ref.source, ref.object, ref.id, now_ms)
      .run();
  connection_.rare.erasures = true;
  run("DELETE FROM record WHERE source = ?1 AND object = ?2 AND record = ?3");
  run("DELETE FROM orphan WHERE source = ?1 AND object = ?2 AND record = ?3");
  run("UPDATE receipt SET body = NULL WHERE state <> 'received' AND id IN (SELECT receipt FROM "
      "notice WHERE source = ?1 AND object = ?2 AND record = ?3)");
  // A refusal's reason may repeat what was sent.
  run("UPDATE notice SET reason = 'erased' WHERE source = ?1 AND object = ?2 AND record = ?3 AND "
      "reason IS NOT NULL AND (state IN ('open', 'dead', 'held') OR reason LIKE 'dropped by "
      "hand%')");
  run("UPDATE ordered SET reason = 'erased' WHERE notice IN (SELECT id FROM notice WHERE source = "
      "?1 AND object = ?2 AND record = ?3)");
  run("DELETE FROM ordered_doubt WHERE notice IN (SELECT id FROM notice WHERE source = ?1 AND "
      "object = ?2 AND record = ?3)");
  run("UPDATE delivery SET reason = 'erased' WHERE outcome = 'rejected' AND entity IN (SELECT id "
      "FROM entity WHERE source = ?1 AND object = ?2 AND record = ?3)");
  for (const Entity& entity : entities_of(ref)) erase_lineage(entity.id);
  connection_.pending.erased = true;
}

void Tx::remove_erasure(const RecordRef& ref) {
  Statement(connection_, "DELETE FROM erasure WHERE source = ?1 AND object = ?2 AND record = ?3")
      .bind(ref.source, ref.object, ref.id)
      .run();
}

void Tx::erase_receipt_body(RowId receipt) {
  Statement(connection_, "UPDATE receipt SET body = NULL WHERE id = ?1 AND state <> 'received'")
      .bind(receipt)
      .run();
  connection_.pending.erased = true;
}

void Tx::erase_directory(EntityKind kind, const AssemblyId& id) {
  Statement(connection_,
            "UPDATE directory SET domain = '', attributes = '{}' WHERE kind = ?1 AND assembly_id = "
            "?2")
      .bind(static_cast<int>(kind), id)
      .run();
  connection_.pending.erased = true;
}

}  // namespace assembly_sync::store
