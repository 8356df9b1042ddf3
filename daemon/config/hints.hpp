// What to write instead of a setting that can't be read, where that is clear: "write: …". Never
// shows what might be a secret. Pure but for the provider that is asked; thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "core/yaml.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/keys.hpp"

namespace assembly_sync::config {

/// For a value of an ordinary key; empty when nothing near it would do.
std::string value_hint(const core::YamlNode& node, const KeyRule& rule);

/// For a required key that is missing.
std::string absence_hint(const std::string& path, const KeyRule& rule);

/// For a secret at `path` that is no reference, or one of a wrong form.
std::string secret_hint(const std::string& path);

/// For a text whose reference gives nothing; empty when it is of a wrong form. Relative names of
/// files start at `folder`.
std::string reference_hint(const std::string& written, const std::filesystem::path& folder,
                           const SecretProvider& provider);

}  // namespace assembly_sync::config
