// PutBack: replaces files by others, all or none, and can undo it. What a file was stays beside it
// as `.NAME.replaced` (a dot, so that no `include` pattern finds it). A replaced file keeps its
// owner, its permissions and its place behind a symbolic link. Used by one thread; throws
// std::runtime_error or std::filesystem::filesystem_error, with everything undone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"

namespace assembly_sync::app {

class PutBack {
 public:
  /// The first of `files` is put in place last: it decides whether the others are looked at.
  void place(const std::vector<config::ConfigFile>& files);
  /// Takes a file away.
  void remove(const std::string& path);
  /// Everything as it was before place() and remove().
  void undo();

  struct Done {
    std::filesystem::path path;
    std::filesystem::path kept;  // what it was; empty = there was none
    bool placed = true;          // false: taken away
  };
  const std::vector<Done>& done() const { return done_; }

 private:
  std::vector<Done> done_;
};

}  // namespace assembly_sync::app
