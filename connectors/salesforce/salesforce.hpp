// Salesforce as a source: accounts, contacts, opportunities, users and objects of one's own, by
// polling, by complete passes and by Outbound Messages.
#pragma once

#include <memory>
#include <vector>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::salesforce {

/// The keys of its block, without those of polling.
std::vector<Setting> settings();

std::unique_ptr<Connector> make_salesforce(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::salesforce
