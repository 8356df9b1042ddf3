#include "daemon/config/token_file.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_owner.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"
#include "core/value.hpp"

namespace assembly_sync::config {
namespace {

constexpr const char* kTokens = "tokens";

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw std::runtime_error(path.string() + ": " + what);
}

[[noreturn]] void fail_by_errno(const std::filesystem::path& path, const std::string& what) {
  fail(path, what + ": " + std::strerror(errno));
}

/// Closed when it goes out of scope.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  const int number_;
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Nothing when there is no such file.
std::optional<std::string> read_text(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    fail_by_errno(path, "can't be read");
  }
  std::string text;
  char part[4096];
  while (true) {
    const ssize_t count = ::read(file.number(), part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_by_errno(path, "can't be read");
    if (count == 0) return text;
    text.append(part, static_cast<std::size_t>(count));
    if (text.size() > core::limits::kConfigBytes) fail(path, "expected a small file of tokens");
  }
}

/// The file's content; an object without tokens when there is no file.
core::Value read_document(const std::filesystem::path& path) {
  const auto text = read_text(path);
  if (!text) return core::Value::object({{kTokens, core::Value::object()}});
  auto document = core::parse_json(*text);
  if (!document) fail(path, "expected the JSON of kept tokens, got " + document.error().message);
  if (!document->at(kTokens).is_object()) {
    fail(path, "expected an object with the member tokens, got something else");
  }
  return std::move(*document);
}

void write_all(const Descriptor& file, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(file.number(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_by_errno(path, "can't be written");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// The new content is whole on the disk before it takes the place of the old one.
void replace(const std::filesystem::path& path, std::string_view text, const Descriptor& folder) {
  const std::filesystem::path next = path.string() + ".next";
  ::unlink(next.c_str());  // left behind by a crash, perhaps with other rights
  {
    const Descriptor file(next, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    if (!file.is_open()) fail_by_errno(next, "can't be created");
    core::give_to_owner_of_folder(file.number(), next);
    write_all(file, text, next);
    if (::fsync(file.number()) != 0) fail_by_errno(next, "can't be made durable");
  }
  if (::rename(next.c_str(), path.c_str()) != 0) fail_by_errno(path, "can't be replaced");
  if (::fsync(folder.number()) != 0) fail_by_errno(path, "can't be made durable");
}

}  // namespace

std::optional<core::Secret> TokenFile::find(const std::string& name) const {
  const core::Value document = read_document(path_);
  const core::Value& token = document.at(kTokens).at(name);
  if (!token.is_string()) return std::nullopt;
  return core::Secret(token.as_string());
}

void TokenFile::keep(const std::string& name, const core::Secret& token) {
  const Descriptor folder(folder_of(path_), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) fail_by_errno(folder_of(path_), "can't be opened");
  // Released when the folder is closed. Readers need no lock: they see the old file or the new one.
  while (::flock(folder.number(), LOCK_EX) != 0) {
    if (errno != EINTR) fail_by_errno(folder_of(path_), "can't be locked");
  }
  core::Value document = read_document(path_);
  core::Value tokens = document.at(kTokens);
  tokens.set(name, std::string(token.reveal()));
  document.set(kTokens, std::move(tokens));
  replace(path_, core::dump_json_pretty(document) + '\n', folder);
}

std::filesystem::path token_file_of(const std::string& store_path) {
  return store_path + ".tokens";
}

}  // namespace assembly_sync::config
