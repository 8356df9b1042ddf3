// Webhooks of any sender as a source: the body holds the records themselves, so nothing is ever
// asked back. Where in a body they stand, what identifies them and how they are ordered is
// configured per object; how a body is proven is the block `verify`.
#pragma once

#include <memory>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::webhook {

/// Throws SettingProblems.
std::unique_ptr<Connector> make_webhook(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::webhook
