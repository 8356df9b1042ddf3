// The language's reference for admins, rendered from the function table: docs/mapping-language.md.
// Thread-safe.
#pragma once

#include <string>

namespace assembly_sync::mapping {

/// The whole document, Markdown.
std::string reference_markdown();

}  // namespace assembly_sync::mapping
