// The mirror of source records, and the entities with their orphans.
#include "core/json.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

// In the order that read_entity() reads them.
#define SELECT_ENTITY                                                                             \
  "SELECT id, kind, key, assembly_id, present, known, doubtful, parent, source, object, record, " \
  "on_delete, domain, mapping, position, shared, merged_into, leaving, name FROM entity "

constexpr const char* kEntityById = SELECT_ENTITY "WHERE id = ?1";
constexpr const char* kEntityByKey = SELECT_ENTITY "WHERE kind = ?1 AND key = ?2";
constexpr const char* kEntitiesByDomain =
    SELECT_ENTITY "WHERE kind = ?1 AND domain = ?2 AND domain <> '' ORDER BY present DESC, id";
constexpr const char* kEntityByAssemblyId = SELECT_ENTITY "WHERE assembly_id = ?1";
constexpr const char* kEntitiesOfRecord =
    SELECT_ENTITY "WHERE source = ?1 AND object = ?2 AND record = ?3";
constexpr const char* kAbsentOfRecord = SELECT_ENTITY
    "WHERE source = ?1 AND object = ?2 AND record = ?3 AND present = 0 AND merged_into IS NULL";
constexpr const char* kChildrenOf = SELECT_ENTITY "WHERE parent = ?1 ORDER BY id";
constexpr const char* kUnlisted = SELECT_ENTITY
    "WHERE id > ?1 AND id <= ?2 AND present = 1 AND kind <= 2 AND NOT EXISTS (SELECT 1 FROM "
    "directory d WHERE d.kind = iif(entity.kind = 2, 2, 0) AND d.assembly_id = entity.assembly_id "
    "AND d.as_of_ms >= ?3) AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.entity = "
    "entity.id AND outcome = 'delivered' AND started_ms >= ?3) ORDER BY id";
constexpr const char* kNamed = SELECT_ENTITY
    "WHERE name >= ?1 AND name < ?1 || char(1114111) AND name <> '' ORDER BY name, id "
    "LIMIT ?2";
constexpr const char* kNameHolds =
    SELECT_ENTITY "WHERE name <> '' AND instr(name, ?1) > 0 ORDER BY name, id LIMIT ?2";
constexpr const char* kOfDomain = SELECT_ENTITY
    "WHERE kind = ?1 AND domain = ?2 AND domain <> '' ORDER BY present DESC, id "
    "LIMIT ?3";
constexpr const char* kMergedInto = SELECT_ENTITY "WHERE merged_into = ?1 ORDER BY id";

Entity read_entity(const Statement& row) {
  Entity entity;
  entity.id = row.integer(0);
  entity.kind = static_cast<EntityKind>(row.integer(1));
  entity.key = Key(row.text(2));
  if (const auto id = row.optional_text(3)) entity.assembly_id = AssemblyId(*id);
  entity.present = row.integer(4) != 0;
  entity.known = row.optional_text(5);
  entity.doubtful = row.integer(6) != 0;
  entity.parent = row.optional_integer(7);
  if (const auto record = row.optional_text(10)) {
    entity.record = {SourceName(row.text(8)), ObjectName(row.text(9)), RecordId(*record)};
  }
  entity.on_delete = static_cast<OnDelete>(row.integer(11));
  entity.domain = row.text(12);
  entity.mapping = row.text(13);
  entity.position = static_cast<int>(row.integer(14));
  entity.shared = row.integer(15) != 0;
  entity.merged_into = row.optional_integer(16);
  entity.leaving = row.optional_integer(17);
  entity.name = row.text(18);
  return entity;
}

std::vector<Entity> read_entities(Statement& query) {
  std::vector<Entity> entities;
  while (query.step()) entities.push_back(read_entity(query));
  return entities;
}

/// All are of one source, so its name is left out.
std::string related_text(const std::vector<RecordRef>& related) {
  if (related.empty()) return {};
  core::Value list = core::Value::list();
  for (const RecordRef& ref : related) {
    core::Value::List pair;
    pair.emplace_back(ref.object.str());
    pair.emplace_back(ref.id.str());
    list.as_list().emplace_back(std::move(pair));
  }
  return core::dump_json(list);
}

std::vector<RecordRef> read_related(const SourceName& source, const std::string& text) {
  std::vector<RecordRef> related;
  if (text.empty()) return related;
  const auto list = core::parse_json(text);
  if (!list) throw StoreError("the store is damaged: expected a list in record.related");
  for (const core::Value& pair : list->as_list()) {
    related.push_back({source, ObjectName(pair.as_list().at(0).as_string()),
                       RecordId(pair.as_list().at(1).as_string())});
  }
  return related;
}

}  // namespace

std::optional<MirroredRecord> View::record(const RecordRef& ref) const {
  Statement query(
      connection_,
      "SELECT version, state, json, read_ms, related FROM record WHERE source = ?1 AND object = ?2 "
      "AND record = ?3");
  query.bind(ref.source, ref.object, ref.id);
  if (!query.step()) return std::nullopt;
  return MirroredRecord{query.integer(0), static_cast<RecordState>(query.integer(1)), query.text(2),
                        query.integer(3), read_related(ref.source, query.text(4))};
}

std::int64_t View::present_records(const SourceName& source, const ObjectName& object) const {
  Statement query(connection_,
                  "SELECT count(*) FROM record WHERE source = ?1 AND object = ?2 AND state = ?3");
  query.bind(source, object, static_cast<int>(RecordState::present));
  return query.step() ? query.integer(0) : 0;
}

std::optional<std::int64_t> View::oldest_reading(const SourceName& source,
                                                 const ObjectName& object) const {
  Statement query(
      connection_,
      "SELECT min(read_ms) FROM record WHERE source = ?1 AND object = ?2 AND state = ?3");
  query.bind(source, object, static_cast<int>(RecordState::present));
  return query.step() ? query.optional_integer(0) : std::nullopt;
}

std::vector<MirrorRow> View::mirror_after(RowId row, int limit) const {
  Statement query(connection_,
                  "SELECT id, source, object, record, version, state, json, read_ms, related FROM "
                  "record WHERE id > ?1 ORDER BY id LIMIT ?2");
  query.bind(row, limit);
  std::vector<MirrorRow> rows;
  while (query.step()) {
    const SourceName source(query.text(1));
    rows.push_back({query.integer(0),
                    {source, ObjectName(query.text(2)), RecordId(query.text(3))},
                    {query.integer(4), static_cast<RecordState>(query.integer(5)), query.text(6),
                     query.integer(7), read_related(source, query.text(8))}});
  }
  return rows;
}

std::optional<MirrorPaths> View::mirror_paths(const SourceName& source,
                                              const ObjectName& object) const {
  Statement query(connection_,
                  "SELECT paths, since_ms FROM mirror_paths WHERE source = ?1 AND object = ?2");
  query.bind(source, object);
  if (!query.step()) return std::nullopt;
  return MirrorPaths{query.text(0), query.integer(1)};
}

bool View::mirrors_older(const SourceName& source, const ObjectName& object,
                         std::int64_t read_ms) const {
  Statement query(connection_,
                  "SELECT 1 FROM record WHERE source = ?1 AND object = ?2 AND read_ms < ?3 AND "
                  "state = 0 LIMIT 1");
  query.bind(source, object, read_ms);
  return query.step();
}

void Tx::clear_mirror_paths() {
  Statement(connection_, "DELETE FROM mirror_paths").run();
}

void Tx::set_mirror_paths(const SourceName& source, const ObjectName& object,
                          const MirrorPaths& paths) {
  Statement(connection_,
            "INSERT INTO mirror_paths (source, object, paths, since_ms) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (source, object) DO UPDATE SET paths = ?3, since_ms = ?4")
      .bind(source, object, paths.paths, paths.since_ms)
      .run();
}

bool Tx::put_record(const core::Record& record, std::int64_t read_ms, std::int64_t now_ms,
                    const Shown& shown) {
  Statement(connection_,
            "INSERT INTO record (source, object, record, version, read_ms, json, related, seen) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?8, ?9) ON CONFLICT (source, object, record) DO "
            "UPDATE SET version = max(version, ?4), state = 0, read_ms = ?5, json = ?6, related = "
            "?8, seen = max(seen, ?9) WHERE "
            // A reading from the future is of a clock that was wrong. What is deleted comes back
            // by a reading that began after that only.
            "(NOT ?10 AND version < ?4 AND state = 0) OR "
            "((version <= ?4 OR ?10) AND (read_ms <= ?5 OR read_ms > ?7))")
      .bind(record.ref.source, record.ref.object, record.ref.id, record.version, read_ms,
            record.json, now_ms, related_text(record.related), shown.pass, shown.is_truth ? 1 : 0)
      .run();
  return connection_.changes() > 0;
}

void Tx::mark_seen(const RecordRef& ref, RowId pass, std::int64_t read_ms) {
  Statement(connection_,
            "UPDATE record SET seen = max(seen, ?4), read_ms = max(read_ms, ?5) WHERE source = ?1 "
            "AND object = ?2 AND record = ?3")
      .bind(ref.source, ref.object, ref.id, pass, read_ms)
      .run();
}

void Tx::mark_record(const RecordRef& ref, RecordState state, std::int64_t read_ms) {
  Statement(connection_,
            "UPDATE record SET state = ?4, read_ms = ?5 WHERE source = ?1 AND object = ?2 AND "
            "record = ?3")
      .bind(ref.source, ref.object, ref.id, static_cast<int>(state), read_ms)
      .run();
}

std::optional<Entity> View::entity(RowId id) const {
  Statement query(connection_, kEntityById);
  query.bind(id);
  if (!query.step()) return std::nullopt;
  return read_entity(query);
}

std::optional<Entity> View::entity(EntityKind kind, const Key& key) const {
  Statement query(connection_, kEntityByKey);
  query.bind(static_cast<int>(kind), key);
  if (!query.step()) return std::nullopt;
  return read_entity(query);
}

std::optional<Entity> View::entity_by_domain(EntityKind kind, const std::string& domain) const {
  Statement query(connection_, kEntitiesByDomain);
  query.bind(static_cast<int>(kind), domain);
  if (!query.step()) return std::nullopt;
  return read_entity(query);
}

std::optional<Entity> View::entity_by_assembly_id(const AssemblyId& id) const {
  Statement query(connection_, kEntityByAssemblyId);
  query.bind(id);
  if (!query.step()) return std::nullopt;
  return read_entity(query);
}

std::vector<Entity> View::entities_of(const RecordRef& ref) const {
  Statement query(connection_, kEntitiesOfRecord);
  query.bind(ref.source, ref.object, ref.id);
  return read_entities(query);
}

std::vector<Entity> View::absent_entities_of(const RecordRef& ref) const {
  Statement query(connection_, kAbsentOfRecord);
  query.bind(ref.source, ref.object, ref.id);
  return read_entities(query);
}

std::vector<Entity> View::children_of(RowId parent) const {
  Statement query(connection_, kChildrenOf);
  query.bind(parent);
  return read_entities(query);
}

std::vector<Entity> View::merged_into(RowId survivor) const {
  if (!connection_.holds(connection_.rare.merged_entities,
                         "SELECT 1 FROM entity WHERE merged_into IS NOT NULL LIMIT 1")) {
    return {};
  }
  Statement query(connection_, kMergedInto);
  query.bind(survivor);
  return read_entities(query);
}

std::vector<Entity> View::unlisted(RowId after, RowId upto, std::int64_t as_of_ms) const {
  Statement query(connection_, kUnlisted);
  query.bind(after, upto, as_of_ms);
  return read_entities(query);
}

std::vector<Entity> View::entities_named(const std::string& name, NameMatch match,
                                         int limit) const {
  Statement query(connection_, match == NameMatch::begins ? kNamed : kNameHolds);
  query.bind(name, limit);
  return read_entities(query);
}

std::vector<Entity> View::entities_of_domain(EntityKind kind, const std::string& domain,
                                             int limit) const {
  Statement query(connection_, kOfDomain);
  query.bind(static_cast<int>(kind), domain, limit);
  return read_entities(query);
}

RowId View::last_entity() const {
  Statement query(connection_, "SELECT coalesce(max(id), 0) FROM entity");
  return query.step() ? query.integer(0) : 0;
}

bool View::has_children(RowId parent) const {
  Statement query(connection_,
                  "SELECT 1 FROM entity WHERE parent = ?1 UNION ALL SELECT 1 FROM entity WHERE "
                  "leaving = ?1 LIMIT 1");
  query.bind(parent);
  return query.step();
}

Entity Tx::ensure_entity(EntityKind kind, const Key& key) {
  if (auto found = entity(kind, key)) return std::move(*found);
  Statement(connection_, "INSERT INTO entity (kind, key) VALUES (?1, ?2)")
      .bind(static_cast<int>(kind), key)
      .run();
  Entity created;
  created.id = connection_.last_id();
  created.kind = kind;
  created.key = key;
  return created;
}

void Tx::update_entity(const Entity& entity) {
  std::optional<std::string> source;
  std::optional<std::string> object;
  std::optional<std::string> record;
  if (entity.record) {
    source = entity.record->source.str();
    object = entity.record->object.str();
    record = entity.record->id.str();
  }
  Statement(connection_,
            "UPDATE entity SET assembly_id = ?2, present = ?3, known = ?4, doubtful = ?5, "
            "parent = ?6, source = ?7, object = ?8, record = ?9, on_delete = ?10, domain = ?11, "
            "mapping = ?12, position = ?13, shared = ?14, merged_into = ?15, leaving = ?16, "
            "name = ?17 WHERE id = ?1")
      .bind(entity.id, entity.assembly_id, entity.present ? 1 : 0, entity.known,
            entity.doubtful ? 1 : 0, entity.parent, source, object, record,
            static_cast<int>(entity.on_delete), entity.domain, entity.mapping, entity.position,
            entity.shared ? 1 : 0, entity.merged_into, entity.leaving, entity.name)
      .run();
  if (entity.merged_into) connection_.rare.merged_entities = true;
}

void Tx::rename_entity(RowId entity, const Key& key) {
  Statement(connection_, "UPDATE entity SET key = ?2 WHERE id = ?1").bind(entity, key).run();
}

void Tx::add_orphan(const std::string& parent, const RecordRef& ref) {
  Statement(connection_,
            "INSERT OR IGNORE INTO orphan (parent, source, object, record) VALUES (?1, ?2, ?3, ?4)")
      .bind(parent, ref.source, ref.object, ref.id)
      .run();
}

std::vector<RecordRef> Tx::take_orphans(const std::string& parent) {
  std::vector<RecordRef> refs;
  {
    Statement query(connection_, "SELECT source, object, record FROM orphan WHERE parent = ?1");
    query.bind(parent);
    while (query.step()) {
      refs.push_back(
          {SourceName(query.text(0)), ObjectName(query.text(1)), RecordId(query.text(2))});
    }
  }
  // Asked for with every new company and hardly ever found: a look costs less than a deletion.
  if (!refs.empty()) {
    Statement(connection_, "DELETE FROM orphan WHERE parent = ?1").bind(parent).run();
  }
  return refs;
}

}  // namespace assembly_sync::store
