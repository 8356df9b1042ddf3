// DiskGuard: whether the disk of the store has room, so that senders are told to wait before
// anything breaks. What is low is enough again when a tenth more than the least is free, so that it
// does not go to and fro. A part of the composition root. look() is the janitor's; the rest is
// thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/disk.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::app {

class DiskGuard {
 public:
  DiskGuard(std::shared_ptr<const core::Disk> disk, const std::string& store_path,
            telemetry::Log& log);

  /// Looks now; what changes is told in the log.
  void look(std::int64_t min_free_bytes);
  bool low() const { return low_; }
  /// As of now; nothing when it can't be told.
  std::optional<std::int64_t> free_bytes() const { return disk_->free_bytes(folder_); }

 private:
  const std::shared_ptr<const core::Disk> disk_;
  const std::string folder_;
  telemetry::Log& log_;
  std::atomic<bool> low_{false};
};

}  // namespace assembly_sync::app
