// Entities that several records feed, and records that their source merged.
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

/// Longer chains of merges than anybody has; what is cut is a circle.
constexpr int kMostMerges = 100;

std::optional<RecordId> merged_into(Connection& connection, const RecordRef& ref) {
  Statement query(connection,
                  "SELECT survivor FROM merge WHERE source = ?1 AND object = ?2 AND loser = ?3");
  query.bind(ref.source, ref.object, ref.id);
  if (!query.step()) return std::nullopt;
  return RecordId(query.text(0));
}

}  // namespace

std::vector<Contribution> View::contributions(RowId entity) const {
  Statement query(connection_,
                  "SELECT mapping, source, object, record, position, enriches, on_delete, wanted "
                  "FROM contribution "
                  "WHERE entity = ?1 ORDER BY position, mapping, source, object, record");
  query.bind(entity);
  std::vector<Contribution> contributions;
  while (query.step()) {
    contributions.push_back(
        {query.text(0),
         {SourceName(query.text(1)), ObjectName(query.text(2)), RecordId(query.text(3))},
         static_cast<int>(query.integer(4)),
         query.integer(5) != 0,
         static_cast<OnDelete>(query.integer(6)),
         query.text(7)});
  }
  return contributions;
}

std::vector<RowId> View::fed_by(const RecordRef& ref) const {
  Statement query(connection_,
                  "SELECT DISTINCT entity FROM contribution WHERE source = ?1 AND object = ?2 AND "
                  "record = ?3");
  query.bind(ref.source, ref.object, ref.id);
  std::vector<RowId> entities;
  while (query.step()) entities.push_back(query.integer(0));
  return entities;
}

void Tx::put_contribution(RowId entity, const Contribution& contribution) {
  Statement(connection_,
            "INSERT INTO contribution (entity, mapping, source, object, record, position, "
            "enriches, on_delete, wanted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
            "ON CONFLICT DO UPDATE SET position = ?6, enriches = ?7, on_delete = ?8, wanted = ?9")
      .bind(entity, contribution.mapping, contribution.record.source, contribution.record.object,
            contribution.record.id, contribution.position, contribution.enriches ? 1 : 0,
            static_cast<int>(contribution.on_delete), contribution.wanted)
      .run();
}

void Tx::remove_contribution(RowId entity, const std::string& mapping, const RecordRef& ref) {
  Statement(connection_,
            "DELETE FROM contribution WHERE entity = ?1 AND mapping = ?2 AND source = ?3 AND "
            "object = ?4 AND record = ?5")
      .bind(entity, mapping, ref.source, ref.object, ref.id)
      .run();
}

std::optional<RecordRef> View::survivor_of(const RecordRef& ref) const {
  RecordRef survivor = ref;
  for (int merges = 0; merges < kMostMerges; ++merges) {
    const auto next = merged_into(connection_, survivor);
    if (!next) return merges == 0 ? std::nullopt : std::optional(survivor);
    survivor.id = *next;
    if (survivor == ref) return std::nullopt;
  }
  return std::nullopt;
}

std::vector<RecordRef> View::losers_of(const RecordRef& ref) const {
  Statement query(connection_,
                  "SELECT loser FROM merge WHERE source = ?1 AND object = ?2 AND survivor = ?3 "
                  "ORDER BY seen_ms, loser");
  query.bind(ref.source, ref.object, ref.id);
  std::vector<RecordRef> losers;
  while (query.step()) losers.push_back({ref.source, ref.object, RecordId(query.text(0))});
  return losers;
}

void Tx::put_merge(const RecordRef& loser, const RecordId& survivor, std::int64_t now_ms) {
  if (loser.id == survivor) return;
  Statement(connection_,
            "INSERT INTO merge (source, object, loser, survivor, seen_ms) VALUES (?1, ?2, ?3, ?4, "
            "?5) ON CONFLICT DO UPDATE SET survivor = ?4")
      .bind(loser.source, loser.object, loser.id, survivor, now_ms)
      .run();
}

}  // namespace assembly_sync::store
