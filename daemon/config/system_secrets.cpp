// Where secrets come from in a real process: its environment, files, and systemd's credentials.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/limits.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::config {
namespace {

/// The units pass the folder of secrets as a whole (LoadCredential=credentials:FOLDER); systemd
/// puts this before the name of each of its files.
constexpr const char* kFolderPrefix = "credentials_";

core::Result<std::string> read_secret_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return core::fail("a file that does not exist");
  }
  if (error) return core::fail("a file that can't be read: " + error.message());
  // A pipe would block the start, a device might never end.
  if (!std::filesystem::is_regular_file(status)) return core::fail("something that is no file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return core::fail(std::string("a file that can't be read: ") + std::strerror(errno));
  std::string text(core::limits::kSecretBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return core::fail("a file that can't be read to its end");
  if (text.size() > core::limits::kSecretBytes) {
    return core::fail("a file larger than " + std::to_string(core::limits::kSecretBytes) +
                      " bytes");
  }
  return text;
}

class SystemSecrets final : public SecretProvider {
 public:
  std::optional<std::string> environment(const std::string& name) const override {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }

  core::Result<std::string> file(const std::string& path) const override {
    return read_secret_file(path);
  }

  core::Result<std::string> credential(const std::string& name) const override {
    const auto folder = environment("CREDENTIALS_DIRECTORY");
    if (!folder) {
      return core::fail("none: systemd passed no credentials, and no file credentials/" + name +
                        " beside the configuration can be read");
    }
    for (const std::string& file : {name, kFolderPrefix + name}) {
      const auto path = std::filesystem::path(*folder) / file;
      if (std::error_code ignored; std::filesystem::exists(path, ignored)) {
        return read_secret_file(path);
      }
    }
    return core::fail(
        "no credential of that name: a service gets them from the folder credentials beside the "
        "configuration when it is started; after a new one, restart it");
  }
};

}  // namespace

std::unique_ptr<SecretProvider> make_system_secret_provider() {
  return std::make_unique<SystemSecrets>();
}

}  // namespace assembly_sync::config
