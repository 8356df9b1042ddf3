// SHA-256, and bytes as hexadecimal digits. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace assembly_sync::core {

/// 32 raw bytes.
std::string sha256(std::string_view text);
/// Small letters.
std::string to_hex(std::string_view bytes);

}  // namespace assembly_sync::core
