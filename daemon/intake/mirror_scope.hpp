// MirrorScope: whether the mirror's records hold all that the mapping looks at. Some connectors
// read only the values that are wanted (Connector::reads_only_wanted); where a changed mapping
// wants more, records read before are read again instead of being mapped with holes in them, which
// would empty fields in Assembly. Constant after construction; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/record.hpp"
#include "daemon/intake/pulled_source.hpp"
#include "daemon/store/store.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::intake {

class MirrorScope {
 public:
  /// Nothing has holes.
  MirrorScope() = default;

  /// As it would be if these rules came into force now.
  static MirrorScope look(const store::View& view, const std::vector<PulledSource>& sources,
                          const mapping::Rules& rules, std::int64_t now_ms);
  /// The rules come into force at `now_ms`: remembers what is read from now on.
  static MirrorScope enter(store::Tx& tx, const std::vector<PulledSource>& sources,
                           const mapping::Rules& rules, std::int64_t now_ms);

  /// A record whose reading began at `read_ms` holds all that is wanted.
  bool holds_all(const core::RecordRef& ref, std::int64_t read_ms) const;
  /// By SOURCE.OBJECT: of which the mirror holds records that lack something; with the values that
  /// these rules were the first to want, as the mapping writes them.
  const std::map<std::string, std::vector<std::string>>& lacking() const { return lacking_; }

 private:
  using Object = std::pair<core::SourceName, core::ObjectName>;
  void examine(const store::View& view, const PulledSource& source, const core::ObjectName& object,
               const mapping::Rules& rules, std::int64_t now_ms);

  std::map<Object, store::MirrorPaths> objects_;
  std::map<std::string, std::vector<std::string>> lacking_;
};

}  // namespace assembly_sync::intake
