// Pipeline: what happens to a record once it is read: mirror, map, plan. The one way for webhooks,
// backfill and re-mapping alike (steps 2b to 4). Stateless but for its parts; thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json_view.hpp"
#include "core/record.hpp"
#include "daemon/store/store.hpp"
#include "daemon/sync/planner.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::intake {

/// A record with what the mappings made of it: pure work, done outside any transaction.
struct MappedRecord {
  core::Record record;
  std::vector<sync::Verdict> verdicts;
};

class Mapper {
 public:
  explicit Mapper(std::shared_ptr<const mapping::Rules> rules) : rules_(std::move(rules)) {}

  /// `document` is scratch space that a caller keeps, so that parsing does not allocate.
  MappedRecord map(core::Record record, core::JsonDocument& document) const;
  const mapping::Rules& rules() const { return *rules_; }

 private:
  std::shared_ptr<const mapping::Rules> rules_;
};

/// Stores the reading and plans it, in the caller's transaction. An older reading than the mirror's
/// changes nothing and ends as superseded.
void absorb(store::Tx& tx, const MappedRecord& mapped, sync::Occasion occasion);

}  // namespace assembly_sync::intake
