// Signed assertions (JWT, RFC 7519) for OAuth's JWT bearer grant. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "core/secret.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors {

/// `claims` signed with RS256; nothing when `private_key` is no RSA key in PEM form without a
/// pass phrase.
std::optional<std::string> sign_jwt(const core::Value& claims, const core::Secret& private_key);

/// True when sign_jwt() can use it.
bool is_rsa_private_key(const core::Secret& pem);

}  // namespace assembly_sync::connectors
