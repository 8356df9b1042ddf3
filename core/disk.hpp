// Disk: how much room is left, as a port, so that tests need no full disk. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace assembly_sync::core {

class Disk {
 public:
  virtual ~Disk() = default;
  /// Bytes that this process may still write where `folder` is; nothing when that can't be told.
  virtual std::optional<std::int64_t> free_bytes(const std::string& folder) const = 0;
};

std::shared_ptr<const Disk> system_disk();

}  // namespace assembly_sync::core
