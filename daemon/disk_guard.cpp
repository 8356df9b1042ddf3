#include "daemon/disk_guard.hpp"

#include <filesystem>
#include <utility>

namespace assembly_sync::app {
namespace {

constexpr std::int64_t kMegabyte = 1024 * 1024;

std::string folder_of(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

DiskGuard::DiskGuard(std::shared_ptr<const core::Disk> disk, const std::string& store_path,
                     telemetry::Log& log)
    : disk_(std::move(disk)), folder_(folder_of(store_path)), log_(log) {}

void DiskGuard::look(std::int64_t min_free_bytes) {
  const auto free = free_bytes();
  if (!free) return;  // what can't be measured shows when it is written
  const bool was_low = low_;
  const std::int64_t enough = was_low ? min_free_bytes + min_free_bytes / 10 : min_free_bytes;
  low_ = *free < enough;
  if (low_ == was_low) return;
  if (low_) {
    log_.error("disk_low", {{"free_megabytes", *free / kMegabyte},
                            {"min_free_megabytes", min_free_bytes / kMegabyte},
                            {"what",
                             "webhooks are answered 503 and sources are not asked until there is "
                             "room again; nothing is lost"}});
  } else {
    log_.info("disk_enough", {{"free_megabytes", *free / kMegabyte}});
  }
}

}  // namespace assembly_sync::app
