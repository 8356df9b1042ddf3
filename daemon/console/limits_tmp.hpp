#pragma once
#include <cstddef>
namespace assembly_sync::core::limits {
inline constexpr std::size_t kConsoleBodyBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kConsoleConnections = 128;
inline constexpr std::size_t kConsoleWaiting = 64;
}
