#include "core/disk.hpp"

#include <sys/statvfs.h>

namespace assembly_sync::core {
namespace {

class SystemDisk : public Disk {
 public:
  std::optional<std::int64_t> free_bytes(const std::string& folder) const override {
    struct statvfs now {};
    if (statvfs(folder.c_str(), &now) != 0) return std::nullopt;
    return static_cast<std::int64_t>(now.f_bavail) * static_cast<std::int64_t>(now.f_frsize);
  }
};

}  // namespace

std::shared_ptr<const Disk> system_disk() {
  static const auto kDisk = std::make_shared<const SystemDisk>();
  return kDisk;
}

}  // namespace assembly_sync::core
