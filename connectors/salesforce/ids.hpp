// Salesforce's record ids: 15 characters of which the case counts, or 18 that are the same id with
// three letters for systems that mix up cases. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assembly_sync::connectors::salesforce {

/// The 18-character form, the only one that is kept; nothing when `id` is no id. No case is ever
/// changed, since some of Salesforce's own look-ups go by it.
std::optional<std::string> to_18(std::string_view id);

}  // namespace assembly_sync::connectors::salesforce
