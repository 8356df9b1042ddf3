#include "daemon/admin_token.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/unguessable.hpp"

namespace assembly_sync::app {
namespace {

constexpr std::size_t kMostBytes = 4096;

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw std::runtime_error(file + ": " + what);
}

/// Without the line end that an editor leaves.
core::Secret read_token(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostBytes, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && !in.eof()) {
    fail(file, "can't be read");
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.erase(text.find_last_not_of(" \r\n") + 1);
  const core::Secret token(std::move(text));
  if (token.reveal().size() < config::kAdminTokenBytes) {
    fail(file, "expected the console's token of at least " +
                   std::to_string(config::kAdminTokenBytes) +
                   " characters, got less; remove the file and a new one is made");
  }
  return token;
}

/// False when it is there already.
bool make_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0 && errno == EEXIST) return false;
  if (fd < 0) fail(file, std::string("can't be made: ") + std::strerror(errno));
  const std::string text = core::unguessable_text() + '\n';
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!written) {
    ::unlink(file.c_str());  // half a token is none
    fail(file, std::string("can't be written: ") + std::strerror(error));
  }
  return true;
}

}  // namespace

std::string admin_token_file(const std::string& store_path) {
  return store_path + ".token";
}

AdminToken admin_token(const config::Config& config) {
  if (!config.listen.admin_token.empty()) return {config.listen.admin_token, ""};
  const std::string file = admin_token_file(config.store_path);
  make_file(file);
  return {read_token(file), file};
}

}  // namespace assembly_sync::app
