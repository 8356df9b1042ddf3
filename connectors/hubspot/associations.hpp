// Which companies a contact belongs to, from HubSpot's v4 associations. The batch read of contacts
// itself can't tell. Thread-safe: no state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/client.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// The companies a contact belongs to.
struct Companies {
  std::optional<std::string> primary;
  std::vector<std::string> all;  // ascending, so that equal sets make equal records
};

/// Adds up what the `to` lists of one contact say. The primary association has type 1 (label
/// `Primary`); the same pair carries the unlabelled type 279 beside it.
class CompanyCollector {
 public:
  void add(const core::Value& to);
  /// The primary is the one marked so; without a mark the only company is taken.
  Companies finish() const;

 private:
  std::optional<std::string> marked_primary_;
  std::vector<std::string> all_;
};

/// The companies of each of `contacts` (at most 1,000); a contact without any is in the map too.
/// One call, and more only for contacts with more companies than fit an answer.
ReadResult<std::map<std::string, Companies>> read_companies(
    const Client& client, const std::vector<std::string>& contacts);

}  // namespace assembly_sync::connectors::hubspot
