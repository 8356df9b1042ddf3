// Writes down, in the transaction that settles a delivered call, what it told Assembly and on whose
// word (sync/lineage.hpp). Stateless but for what was seen before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/delivery/request.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::delivery {

/// What is to be known of a change before it is settled.
class Before {
 public:
  Before(const store::Tx& tx, const store::Claim& claim);

  /// After it was settled as delivered. Writes nothing where nothing is known to be otherwise.
  void note_what_was_told(store::Tx& tx, const store::Claim& claim, const Request& request,
                          std::int64_t now_ms) const;

 private:
  const std::optional<std::string> known_;
  std::optional<store::Notice> newest_;  // that asked for it
};

}  // namespace assembly_sync::delivery
