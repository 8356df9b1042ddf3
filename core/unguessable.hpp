// Texts that nobody can guess: tokens and the ids of sessions. Thread-safe.
#pragma once

#include <string>

namespace assembly_sync::core {

/// 64 hexadecimal digits straight from the operating system. Never to be made of a core::Random,
/// whose next values can be worked out from earlier ones. Throws std::runtime_error when the system
/// gives none.
std::string unguessable_text();

}  // namespace assembly_sync::core
