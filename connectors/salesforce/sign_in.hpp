// How the program signs in to Salesforce: one of three ways, told by which keys are written.
#pragma once

#include <vector>

#include "connectors/oauth.hpp"
#include "connectors/registry.hpp"

namespace assembly_sync::connectors::salesforce {

/// Adds to `problems` what is missing, or contradicts itself.
OAuthSettings sign_in(const SourceSettings& settings, std::vector<SettingProblem>& problems);

}  // namespace assembly_sync::connectors::salesforce
