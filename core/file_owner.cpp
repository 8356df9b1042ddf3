#include "core/file_owner.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace assembly_sync::core {
namespace {

constexpr uid_t kRoot = 0;

}  // namespace

void give_to_owner_of_folder(int file, const std::string& path) {
  if (geteuid() != kRoot) return;
  const auto parent = std::filesystem::path(path).parent_path();
  struct stat folder {};
  struct stat own {};
  if (stat(parent.empty() ? "." : parent.c_str(), &folder) != 0 || fstat(file, &own) != 0) return;
  // A name that the folder's owner linked to a file elsewhere gives nothing away.
  const bool made_here = S_ISREG(own.st_mode) && own.st_uid == kRoot && own.st_nlink == 1;
  if (folder.st_uid == kRoot || !made_here) return;
  // What can't be given stays root's, as before.
  [[maybe_unused]] const int given = fchown(file, folder.st_uid, folder.st_gid);
}

void make_for_owner_of_folder(const std::string& path) {
  if (geteuid() != kRoot) return;
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return;  // there is one, or whoever opens it will say why not
  give_to_owner_of_folder(file, path);
  close(file);
}

}  // namespace assembly_sync::core
