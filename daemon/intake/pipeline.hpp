// Pipeline: what happens to a record once it is read: mirror, map, plan. The one way for webhooks,
// backfill and re-mapping alike (steps 2b to 4). Stateless but for its parts; thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/json_view.hpp"
#include "core/record.hpp"
#include "daemon/intake/catalogues.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/planner.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::intake {

/// A record with what the mappings made of it: pure work, done outside any transaction.
struct MappedRecord {
  core::Record record;
  std::vector<sync::Verdict> verdicts;
  bool option_missing = false;  // a mapping asked for a label that the catalogue has not
};

class Mapper {
 public:
  /// Without `catalogues` a record that needs a label is refused.
  explicit Mapper(std::shared_ptr<const mapping::Rules> rules,
                  std::shared_ptr<Catalogues> catalogues = nullptr)
      : rules_(std::move(rules)), catalogues_(std::move(catalogues)) {}

  /// `document` is scratch space that a caller keeps, so that parsing does not allocate.
  MappedRecord map(core::Record record, core::JsonDocument& document) const;

  /// Makes sure that the options which rules over this object need are known. An error: they are
  /// not, and the object's records have to wait. May call the source.
  std::optional<connectors::ReadError> prepare(const connectors::Connector& connector,
                                               const core::SourceName& source,
                                               const core::ObjectName& object) const;
  /// map() of each, all of this object, after prepare(). Where an option is missing the catalogue
  /// is read anew first: it may be one of today.
  connectors::ReadResult<std::vector<MappedRecord>> map_all(const connectors::Connector& connector,
                                                            const core::SourceName& source,
                                                            const core::ObjectName& object,
                                                            std::vector<core::Record> records,
                                                            core::JsonDocument& document) const;
  /// The steps by which one mapping comes to what it makes of the record, with the labels that are
  /// known already.
  std::vector<mapping::TraceStep> trace(const core::RecordRef& ref, const std::string& mapping,
                                        const core::JsonView& record) const;
  const mapping::Rules& rules() const { return *rules_; }

 private:
  std::shared_ptr<const mapping::Rules> rules_;
  std::shared_ptr<Catalogues> catalogues_;
};

/// Stores the reading and plans it, in the caller's transaction. An older reading than the mirror's
/// changes nothing and ends as superseded.
void absorb(store::Tx& tx, const MappedRecord& mapped, sync::Occasion occasion,
            const store::Shown& shown = store::Shown());

}  // namespace assembly_sync::intake
