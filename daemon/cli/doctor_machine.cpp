#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "core/text.hpp"
#include "daemon/cli/doctor.hpp"
#include "daemon/config/token_file.hpp"
#include "daemon/store/backup.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::cli {
namespace {

namespace fs = std::filesystem;
using Level = Check::Level;

constexpr std::int64_t kAliveMs = 60'000;  // it writes its sign of life every quarter of a minute
constexpr std::uintmax_t kLittleSpace = 1'000'000'000;
constexpr std::uintmax_t kTooLittleSpace = 100'000'000;

/// The permission bits of a file; nothing when it is not there.
std::optional<unsigned> mode_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return found.st_mode & 0777U;
}

std::string mode_text(unsigned mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mode);
  return text;
}

/// A file of which `bits` must not be set.
void check_mode(const std::string& what, const std::string& path, unsigned bits,
                const std::string& todo, Checks& checks) {
  const auto mode = mode_of(path);
  if (!mode) return;
  const bool open = (*mode & bits) != 0;
  checks.push_back({what, open ? Level::bad : Level::ok, path + " is " + mode_text(*mode),
                    open ? todo + ' ' + path : ""});
}

/// The paths in ${file:PATH} of a configuration's text.
std::set<std::string> secret_files(const std::vector<config::ConfigFile>& files) {
  constexpr std::string_view kBegin = "${file:";
  std::set<std::string> paths;
  for (const config::ConfigFile& file : files) {
    for (std::size_t at = file.text.find(kBegin); at != std::string::npos;
         at = file.text.find(kBegin, at + 1)) {
      const std::size_t begin = at + kBegin.size();
      const std::size_t end = file.text.find('}', begin);
      if (end == std::string::npos) break;
      const fs::path path = file.text.substr(begin, end - begin);
      paths.insert(path.is_absolute() ? path.string()
                                      : (fs::path(file.path).parent_path() / path).string());
    }
  }
  return paths;
}

void check_permissions(const config::LoadResult& loaded, Checks& checks) {
  const std::string& store = loaded.store_path;
  check_mode("store file", store, 0077, "others can read customers' data: chmod 600", checks);
  check_mode("token file", config::token_file_of(store), 0077, "it holds secrets: chmod 600",
             checks);
  for (const config::ConfigFile& file : loaded.files) {
    check_mode("config file", file.path, 0022,
               "whoever can write it decides what is sent: chmod go-w", checks);
  }
  for (const std::string& path : secret_files(loaded.files)) {
    check_mode("secret file", path, 0007, "anybody can read the secret: chmod o-rwx", checks);
  }
}

void check_space(const fs::path& folder, Checks& checks) {
  std::error_code failed;
  const fs::space_info space = fs::space(folder, failed);
  if (failed) return;
  const bool bad = space.available < kTooLittleSpace;
  const bool little = space.available < kLittleSpace;
  checks.push_back({"disk",
                    bad      ? Level::bad
                    : little ? Level::warn
                             : Level::ok,
                    std::to_string(space.available / 1'000'000) + " MB free at " + folder.string(),
                    little ? "make room: at the end of the disk webhooks are refused" : ""});
}

void check_folder(const std::string& store, Checks& checks) {
  const fs::path folder =
      fs::path(store).has_parent_path() ? fs::path(store).parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) {
    checks.push_back({"store folder", Level::bad, folder.string() + " is not there",
                      "make it, for the user that runs the daemon"});
    return;
  }
  const bool writable = ::access(folder.c_str(), W_OK | X_OK) == 0;
  checks.push_back({"store folder", writable ? Level::ok : Level::warn,
                    folder.string() + (writable ? " is writable" : " can't be written to by you"),
                    writable ? "" : "ask again as the user that runs the daemon"});
  check_space(folder, checks);
}

void check_store(const std::string& path, core::Clock& clock, Checks& checks) {
  if (!fs::exists(path)) {
    checks.push_back(
        {"store", Level::warn, "none at " + path + " yet", "assembly-sync run makes it"});
    return;
  }
  if (const std::string wrong = store::quick_check(path); !wrong.empty()) {
    checks.push_back({"store", Level::bad, wrong,
                      "stop the daemon and put the last backup back: assembly-sync restore FILE"});
    return;
  }
  const bool held = store::Store::is_held(path);
  auto opened = store::Store::open(path, clock, {.exclusive = false});
  if (!opened) {
    checks.push_back(
        {"store", Level::bad, opened.error().message, "see docs/operations.md, upgrades"});
    return;
  }
  checks.push_back({"store", Level::ok,
                    "sound, schema version " + std::to_string(store::known_schema_version())});
  const auto alive_ms = (*opened)->read([](const store::View& view) { return view.alive_ms(); });
  const std::int64_t age = alive_ms ? core::to_ms(clock.wall_now()) - *alive_ms : 0;
  const std::string seen =
      alive_ms
          ? "last alive " +
                core::duration_text(std::chrono::seconds(std::max<std::int64_t>(age / 1000, 0))) +
                " ago"
          : "never alive";
  if (!held) {
    checks.push_back({"daemon", Level::warn, "not running, " + seen,
                      "systemctl start assembly-sync, or assembly-sync run"});
  } else if (alive_ms && age > kAliveMs) {
    checks.push_back({"daemon", Level::bad, "it holds the store, but was " + seen,
                      "it hangs, or its disk does: look into its log, then restart it"});
  } else {
    checks.push_back({"daemon", Level::ok, "running, " + seen});
  }
}

}  // namespace

void check_machine(const config::LoadResult& loaded, core::Clock& clock, Checks& checks) {
  check_permissions(loaded, checks);
  if (loaded.store_path.empty()) return;
  check_folder(loaded.store_path, checks);
  check_store(loaded.store_path, clock, checks);
}

}  // namespace assembly_sync::cli
