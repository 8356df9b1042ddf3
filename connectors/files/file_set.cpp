#include "connectors/files/file_set.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>

#include <glob.h>
#include <sys/stat.h>

#include "connectors/crypto.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::files {
namespace {

constexpr std::uint64_t kSmallBytes = 64 * 1024;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kSignatureDigits = 24;

std::int64_t to_ns(const timespec& time) {
  return time.tv_sec * kSecondNs + time.tv_nsec;
}

std::string in_words(const FileState& file) {
  std::string text = file.path;
  for (const std::uint64_t number : {file.device, file.inode, file.size}) {
    text += '\0' + std::to_string(number);
  }
  return text + '\0' + std::to_string(file.modified_ns) + '\0' + std::to_string(file.changed_ns) +
         '\n';
}

std::string digest(const std::string& text) {
  return to_hex(sha256(text)).substr(0, kSignatureDigits);
}

/// In pieces, each with the digest of those before: memory is bounded by one.
ReadResult<std::string> content_digest(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string piece(kSmallBytes, '\0');
  std::string all;
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    all = sha256(all + piece.substr(0, static_cast<std::size_t>(in.gcount())));
  }
  if (!in.eof()) return tl::unexpected(rejected(path + ": can't be opened"));
  return to_hex(all);
}

struct GlobResult {
  glob_t found{};
  GlobResult() = default;
  GlobResult(const GlobResult&) = delete;
  GlobResult& operator=(const GlobResult&) = delete;
  ~GlobResult() { ::globfree(&found); }
};

}  // namespace

bool is_fresh(const FileState& file, core::WallTime now) {
  const std::int64_t age_ms = core::to_ms(now) - file.modified_ns / 1'000'000;
  return std::abs(age_ms) < kQuiet.count();
}

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

ReadResult<FileState> state_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return tl::unexpected(
        rejected(path + (errno == EACCES ? ": can't be opened" : ": no such file")));
  }
  if (!S_ISREG(status.st_mode)) return tl::unexpected(rejected(path + ": is not a file"));
  FileState state;
  state.path = path;
  state.device = status.st_dev;
  state.inode = status.st_ino;
  state.size = static_cast<std::uint64_t>(status.st_size);
  state.modified_ns = to_ns(status.st_mtim);
  state.changed_ns = to_ns(status.st_ctim);
  return state;
}

ReadResult<std::vector<FileState>> files_of(const std::string& path) {
  auto exact = state_of(path);
  if (exact) return std::vector{std::move(*exact)};
  if (!is_pattern(path)) return tl::unexpected(exact.error());
  GlobResult result;
  const int status = ::glob(path.c_str(), GLOB_NOSORT, nullptr, &result.found);
  if (status != 0 && status != GLOB_NOMATCH)
    return tl::unexpected(rejected(path + ": can't be searched"));
  std::vector<FileState> files;
  for (std::size_t i = 0; i < result.found.gl_pathc; ++i) {
    // One that is gone by now, and a folder, are none of them.
    if (auto state = state_of(result.found.gl_pathv[i])) files.push_back(std::move(*state));
  }
  if (files.empty())
    return tl::unexpected(rejected(path + ": expected at least one file of such a name, got none"));
  std::sort(files.begin(), files.end(),
            [](const FileState& a, const FileState& b) { return a.path < b.path; });
  return files;
}

std::string signature(const FileState& file) {
  return digest(in_words(file));
}

std::string signature(const std::vector<FileState>& files) {
  std::string text;
  for (const FileState& file : files) text += in_words(file);
  return digest(text);
}

ReadResult<std::string> fingerprint(const std::vector<FileState>& files) {
  std::string text;
  for (const FileState& file : files) {
    text += in_words(file);
    if (file.size > kSmallBytes && file.changed_ns % kSecondNs != 0) continue;
    const auto content = content_digest(file.path);
    if (!content) return tl::unexpected(content.error());
    text += *content;
  }
  return digest(text);
}

}  // namespace assembly_sync::connectors::files
