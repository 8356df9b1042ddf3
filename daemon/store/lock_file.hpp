// The exclusive lock beside the store, held for the process's life. Internal to store/.
#pragma once

#include <memory>
#include <string>

namespace assembly_sync::store {

class LockFile {
 public:
  /// Of the store at `store_path`; nothing when another process holds it. Throws StoreError when
  /// the file can't be made.
  static std::unique_ptr<LockFile> take(const std::string& store_path);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace assembly_sync::store
