// What a company's deals add up to. Made for one read and thrown away. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/apart.hpp"
#include "connectors/hubspot/client.hpp"
#include "core/clock.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// Members of `deals` in a company's record.
inline constexpr std::string_view kWonAmount = "won_amount";  // sum of what was won, home currency
inline constexpr std::string_view kWonCount = "won_count";
inline constexpr std::string_view kOpenAmount = "open_amount";  // sum of what is open
inline constexpr std::string_view kOpenCount = "open_count";
/// The earliest close date, today or later, of the open deals.
inline constexpr std::string_view kNextRenewal = "next_renewal";

/// Adds up deals' properties. Amounts are decimal texts, exact.
class DealSums {
 public:
  /// `today`: midnight UTC. `renewal_pipelines`: ids of those whose open deals are renewals; empty
  /// = all.
  DealSums(core::WallTime today, const std::set<std::string>& renewal_pipelines)
      : today_(today), renewal_pipelines_(renewal_pipelines) {}

  /// The `deals` of a company, those members that `wanted` names.
  core::Value of(const std::vector<const core::Value*>& properties,
                 const std::set<std::string>& wanted) const;

 private:
  bool is_renewal(const core::Value& properties) const;

  core::WallTime today_;
  const std::set<std::string>& renewal_pipelines_;
};

/// The properties of all deals of each company, by company.
class DealReader {
 public:
  struct Deals {
    std::map<std::string, std::vector<const core::Value*>> of;
    Refused refused;  // companies of which it can't be told which are theirs
  };

  explicit DealReader(const Client& client) : client_(client) {}
  /// One call for the associations of 1,000 companies and one per 100 deals.
  ReadResult<Deals> of_companies(const std::vector<std::string>& companies);

 private:
  std::optional<ReadError> read(const std::vector<std::string>& ids);

  const Client& client_;
  std::map<std::string, core::Value> deals_;  // properties by id
};

}  // namespace assembly_sync::connectors::hubspot
