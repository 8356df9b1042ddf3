// The configurations that were in force, with their text as far as it is kept. Their texts hold
// references to secrets, never a secret. Read only; thread-safe.
#pragma once

#include <functional>
#include <string>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// What of a file's text may be shown: a person may have written a secret into a remark.
using ShownText = std::function<std::string(const std::string&)>;

/// {versions: [{version, hash, loaded_at, in_force}]}, the newest first.
core::Value versions(const store::View& view);

/// {version, hash, loaded_at, in_force, files: [{path, text}], before}; null when it is not kept.
/// `version` 0 = the one in force. `before`: the version before it; null = none.
core::Value version(const store::View& view, store::RowId version, const ShownText& shown);

}  // namespace assembly_sync::answers
