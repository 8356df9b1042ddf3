// Who holds the store: taking the lock, and asking from outside.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/file_owner.hpp"
#include "daemon/store/lock_file.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::store {
namespace {

std::string lock_path(const std::string& store_path) {
  return store_path + ".lock";
}

}  // namespace

std::unique_ptr<LockFile> LockFile::take(const std::string& store_path) {
  const std::string path = lock_path(store_path);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    throw DiskError("store: cannot create the lock file " + path + ": " + std::strerror(errno) +
                    "; its folder must be writable for the program's user");
  }
  core::give_to_owner_of_folder(fd, path);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return nullptr;
  }
  return std::unique_ptr<LockFile>(new LockFile(fd));
}

LockFile::~LockFile() {
  ::close(fd_);
}

bool Store::is_held(const std::string& path) {
  const int fd = ::open(lock_path(path).c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;  // nobody ever took it
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
  ::close(fd);
  return held;
}

}  // namespace assembly_sync::store
