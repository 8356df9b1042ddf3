#include "daemon/put_back.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

namespace assembly_sync::app {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& path, const char* suffix) {
  return path.parent_path() / ('.' + path.filename().string() + suffix);
}

/// The file itself, behind any link.
fs::path real_path(const std::string& path) {
  return fs::exists(path) ? fs::canonical(path) : fs::path(path);
}

/// The new text in a file beside the old one, with its owner and permissions.
void write_next(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  const fs::path next = beside(path, ".next");
  fs::remove(next);
  {
    std::ofstream out(next, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) throw std::runtime_error("can't write " + next.string());
  }
  struct stat old {};
  if (stat(path.c_str(), &old) != 0) return;
  if (chown(next.c_str(), old.st_uid, old.st_gid) != 0 || chmod(next.c_str(), old.st_mode) != 0) {
    throw std::runtime_error("can't give " + next.string() + " the owner of " + path.string());
  }
}

/// The old file under its other name too, so that there is one at any moment.
fs::path keep(const fs::path& path) {
  if (!fs::exists(path)) return {};
  const fs::path kept = beside(path, ".replaced");
  fs::remove(kept);
  fs::create_hard_link(path, kept);
  return kept;
}

}  // namespace

void PutBack::place(const std::vector<config::ConfigFile>& files) {
  try {
    std::vector<fs::path> paths;
    for (const config::ConfigFile& file : files) {
      paths.push_back(real_path(file.path));
      write_next(paths.back(), file.text);
    }
    std::reverse(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      done_.push_back({path, keep(path), true});
      fs::rename(beside(path, ".next"), path);
    }
  } catch (...) {
    undo();
    throw;
  }
}

void PutBack::remove(const std::string& path) {
  const fs::path real = real_path(path);
  const fs::path kept = beside(real, ".replaced");
  fs::rename(real, kept);
  done_.push_back({real, kept, false});
}

void PutBack::undo() {
  while (!done_.empty()) {
    const Done last = done_.back();
    done_.pop_back();
    if (!last.kept.empty()) {
      fs::rename(last.kept, last.path);
    } else if (last.placed) {
      fs::remove(last.path);
    }
    fs::remove(beside(last.path, ".next"));
  }
}

}  // namespace assembly_sync::app
