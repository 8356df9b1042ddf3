// Reading a kept cursor back: what in it is not as this connector writes it. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "core/value.hpp"

namespace assembly_sync::connectors::salesforce {

/// The cursor as a JSON object. The error, as those below, says what was expected and found,
/// without anything of what the text holds.
tl::expected<core::Value, std::string> kept_object(const std::string& text);

/// What is wrong with a member that holds an id or nothing.
std::optional<std::string> wrong_id(const core::Value& cursor, const char* name);
/// What is wrong with a member that holds a path of Salesforce's API or nothing: no other is
/// followed with the token.
std::optional<std::string> wrong_path(const core::Value& cursor, const char* name);

}  // namespace assembly_sync::connectors::salesforce
