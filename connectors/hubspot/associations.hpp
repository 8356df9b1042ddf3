// Which records belong together, from HubSpot's v4 associations. The batch read of records itself
// can't tell. Thread-safe: no state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/apart.hpp"
#include "connectors/hubspot/client.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// What one record is associated with.
struct Associated {
  std::vector<std::string> ids;        // ascending, so that equal sets make equal records
  std::optional<std::string> primary;  // the one marked so
};

/// Adds up what the `to` lists of one record say. A primary association has a type of its own (1
/// from contact to company, label `Primary`); the same pair carries the unlabelled type beside it.
class AssociationCollector {
 public:
  void add(const core::Value& to);
  Associated finish() const;

 private:
  std::optional<std::string> primary_;
  std::vector<std::string> ids_;
};

struct Associations {
  std::map<std::string, Associated> of;  // a record without any is in it, too
  Refused refused;                       // those of which they can't be told
};

/// With which records of the object `to` each of `ids` (at most 1,000, of the object `from`) is
/// associated. One call, and more only for records with more associations than fit an answer, or
/// where some are refused.
ReadResult<Associations> read_associations(const Client& client, std::string_view from,
                                           std::string_view to,
                                           const std::vector<std::string>& ids);

/// The companies a contact belongs to.
struct Companies {
  std::optional<std::string> primary;
  std::vector<std::string> all;
};

/// The primary is the one marked so; without a mark the only company is taken.
Companies companies_of(Associated associated);

}  // namespace assembly_sync::connectors::hubspot
