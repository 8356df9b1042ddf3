// What a record holds besides its own properties, read only where a mapping asks for it: companies
// of contacts, deals of companies, owner, lists. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/apart.hpp"
#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/lookups.hpp"
#include "connectors/hubspot/records.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {

/// Which of them a mapping's paths ask for.
struct WantedParts {
  bool companies = false;         // associations.…, of contacts
  bool owner = false;             // owner.…
  bool lists = false;             // lists
  std::set<std::string> deals{};  // deals.…, of companies: the members

  bool any() const { return companies || owner || lists || !deals.empty(); }
};
WantedParts wanted_parts(const core::ObjectName& object, const Paths& wanted);

/// What was read for some records.
struct AllRelated {
  std::vector<Related> of;  // in their order
  /// Those that are not to be used, since something of them was refused when it was asked for
  /// alone: id -> "company 7: its associations can't be read: HubSpot says FORBIDDEN".
  std::map<std::string, std::string> refused{};
};

class RelatedReader {
 public:
  /// `renewal_pipelines`: ids or labels. All references must outlive the reader.
  RelatedReader(const Client& client, Lookups& lookups, const core::ObjectName& object,
                WantedParts parts, const std::vector<std::string>& renewal_pipelines,
                core::WallTime now)
      : client_(client),
        lookups_(lookups),
        object_(object),
        parts_(std::move(parts)),
        renewal_pipelines_(renewal_pipelines),
        now_(now) {}

  /// For each of `envelopes`.
  ReadResult<AllRelated> read(const std::vector<core::Value>& envelopes) const;

 private:
  using Failure = std::optional<ReadError>;
  Failure add_companies(const std::vector<std::string>& ids, AllRelated& out) const;
  Failure add_deals(const std::vector<std::string>& ids, AllRelated& out) const;
  Failure add_lists(const std::vector<std::string>& ids, AllRelated& out) const;
  Failure add_owners(const std::vector<core::Value>& envelopes, std::vector<Related>& out) const;
  ReadResult<std::set<std::string>> renewal_ids() const;

  const Client& client_;
  Lookups& lookups_;
  const core::ObjectName& object_;
  const WantedParts parts_;
  const std::vector<std::string>& renewal_pipelines_;
  const core::WallTime now_;
};

}  // namespace assembly_sync::connectors::hubspot
