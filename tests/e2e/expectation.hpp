// What Assembly must hold after the CRM's records went through the mapping of World's
// configuration, worked out here by hand and not by the program under test.
#pragma once

#include <string>
#include <vector>

#include "daemon/sandbox/sample_crm.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::test {

/// See World::wrong().
std::vector<std::string> differences(const sandbox::SampleCrm& crm,
                                     const sandbox::Sandbox& assembly, bool labels);

}  // namespace assembly_sync::test
