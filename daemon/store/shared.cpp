// Entities that several records feed, and records that their source merged.
#include <algorithm>

#include "core/json.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

/// Longer chains of merges than anybody has; what is cut is a circle.
constexpr int kMostMerges = 100;

bool any_merges(Connection& connection) {
  return connection.holds(connection.rare.merges, "SELECT 1 FROM merge LIMIT 1");
}

bool any_contributions(Connection& connection) {
  return connection.holds(connection.rare.contributions, "SELECT 1 FROM contribution LIMIT 1");
}

std::optional<RecordId> next_survivor(Connection& connection, const RecordRef& ref) {
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
  if (!any_contributions(connection_)) return {};
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
  connection_.rare.contributions = true;
}

void Tx::remove_contribution(RowId entity, const std::string& mapping, const RecordRef& ref) {
  Statement(connection_,
            "DELETE FROM contribution WHERE entity = ?1 AND mapping = ?2 AND source = ?3 AND "
            "object = ?4 AND record = ?5")
      .bind(entity, mapping, ref.source, ref.object, ref.id)
      .run();
}

void Tx::keep_contributions_of(const std::vector<std::string>& mappings) {
  core::Value::List names;
  for (const std::string& name : mappings) names.emplace_back(name);
  Statement(connection_,
            "DELETE FROM contribution WHERE mapping NOT IN (SELECT value FROM json_each(?1))")
      .bind(core::dump_json(core::Value(std::move(names))))
      .run();
}

std::optional<RecordRef> View::survivor_of(const RecordRef& ref) const {
  if (!any_merges(connection_)) return std::nullopt;
  RecordRef survivor = ref;
  for (int merges = 0; merges < kMostMerges; ++merges) {
    const auto next = next_survivor(connection_, survivor);
    if (!next) return merges == 0 ? std::nullopt : std::optional(survivor);
    survivor.id = *next;
    if (survivor == ref) return std::nullopt;
  }
  return std::nullopt;
}

std::vector<RecordRef> View::losers_of(const RecordRef& ref) const {
  if (!any_merges(connection_)) return {};
  std::vector<RecordRef> losers;
  RecordRef into = ref;
  for (std::size_t next = 0; next <= losers.size() && next < kMostMerges; ++next) {
    Statement query(connection_,
                    "SELECT loser FROM merge WHERE source = ?1 AND object = ?2 AND survivor = ?3 "
                    "ORDER BY seen_ms, place, loser");
    query.bind(into.source, into.object, into.id);
    while (query.step()) {
      RecordRef loser{ref.source, ref.object, RecordId(query.text(0))};
      const bool circle =
          loser == ref || std::find(losers.begin(), losers.end(), loser) != losers.end();
      if (!circle) losers.push_back(std::move(loser));
    }
    if (next < losers.size()) into = losers[next];
  }
  return losers;
}

std::optional<std::int64_t> View::merged_ms(const RecordRef& ref) const {
  Statement query(connection_,
                  "SELECT seen_ms FROM merge WHERE source = ?1 AND object = ?2 AND loser = ?3");
  query.bind(ref.source, ref.object, ref.id);
  if (!query.step()) return std::nullopt;
  return query.integer(0);
}

void Tx::put_merge(const RecordRef& loser, const RecordId& survivor, int place,
                   std::int64_t now_ms) {
  if (loser.id == survivor) return;
  // The survivor is alive: what was known of it before, the other way round, is over.
  Statement(connection_,
            "DELETE FROM merge WHERE source = ?1 AND object = ?2 AND loser = ?4 AND survivor = ?3")
      .bind(loser.source, loser.object, loser.id, survivor)
      .run();
  Statement(connection_,
            "INSERT INTO merge (source, object, loser, survivor, place, seen_ms) VALUES (?1, ?2, "
            "?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET survivor = ?4")
      .bind(loser.source, loser.object, loser.id, survivor, place, now_ms)
      .run();
  connection_.rare.merges = true;
}

void Tx::remove_merge(const RecordRef& loser) {
  Statement(connection_, "DELETE FROM merge WHERE source = ?1 AND object = ?2 AND loser = ?3")
      .bind(loser.source, loser.object, loser.id)
      .run();
}

void Tx::move_contributions(RowId from, RowId to, const RecordRef& except) {
  Statement(connection_,
            "UPDATE OR REPLACE contribution SET entity = ?2 WHERE entity = ?1 AND NOT (source = ?3 "
            "AND object = ?4 AND record = ?5)")
      .bind(from, to, except.source, except.object, except.id)
      .run();
  Statement(connection_, "DELETE FROM contribution WHERE entity = ?1").bind(from).run();
}

}  // namespace assembly_sync::store
