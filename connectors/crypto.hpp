// What proves that a webhook comes from its sender: digests, HMACs, ed25519 signatures, and the
// texts they are written in. Digests and keys are raw bytes in a string. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.hpp"

namespace assembly_sync::connectors {

enum class HashAlgorithm : std::uint8_t { sha1, sha256, sha512 };

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

using core::sha256;
std::string hmac(HashAlgorithm algorithm, std::string_view key, std::string_view text);
/// False also when key or signature have the wrong length.
bool is_ed25519_signature(std::string_view public_key, std::string_view text,
                          std::string_view signature);

using core::to_hex;
/// Either case, an even number of digits and nothing else.
std::optional<std::string> from_hex(std::string_view text);
/// The standard alphabet, padded (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);
/// As to_base64() writes it and in no other way: no blanks, full padding, no stray bits at the end.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace assembly_sync::connectors
