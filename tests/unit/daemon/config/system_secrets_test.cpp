#include <cstdlib>

#include "core/limits.hpp"
#include "daemon/config/config.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::config {
namespace {

class SystemSecretsTest : public testing::Test {
 protected:
  std::string file(const std::string& path) const {
    const auto found = provider_->file(path);
    return found ? *found : "got " + found.error().message;
  }

  const std::unique_ptr<SecretProvider> provider_ = make_system_secret_provider();
  const test::TempDir folder_;
};

TEST_F(SystemSecretsTest, ReadsTheEnvironment) {
  setenv("ASSEMBLY_SYNC_TEST_SECRET", "value", 1);
  EXPECT_EQ(provider_->environment("ASSEMBLY_SYNC_TEST_SECRET"), "value");
  unsetenv("ASSEMBLY_SYNC_TEST_SECRET");
  EXPECT_EQ(provider_->environment("ASSEMBLY_SYNC_TEST_SECRET"), std::nullopt);
}

TEST_F(SystemSecretsTest, ReadsFilesWhole) {
  test::write_file(folder_ / "key", std::string("a\0b\n", 4));
  EXPECT_EQ(file(folder_ / "key"), std::string("a\0b\n", 4));
}

TEST_F(SystemSecretsTest, SaysWhyAFileCanNotBeRead) {
  EXPECT_EQ(file(folder_ / "none"), "got a file that does not exist");
  EXPECT_EQ(file(folder_.path()), "got something that is no file");
  EXPECT_EQ(file("/dev/zero"), "got something that is no file");
}

TEST_F(SystemSecretsTest, RefusesFilesThatAreNoSecret) {
  test::write_file(folder_ / "long", std::string(core::limits::kSecretBytes, 'x'));
  EXPECT_EQ(file(folder_ / "long").size(), core::limits::kSecretBytes);
  test::write_file(folder_ / "long", std::string(core::limits::kSecretBytes + 1, 'x'));
  EXPECT_EQ(file(folder_ / "long"), "got a file larger than 65536 bytes");
}

TEST_F(SystemSecretsTest, ReadsCredentialsOfTheServiceManager) {
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(provider_->credential("key").error().message,
            "none: systemd passed no credentials, and no file credentials/key beside the "
            "configuration can be read");
  test::write_file(folder_ / "key", "value");
  setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  EXPECT_EQ(provider_->credential("key").value(), "value");
  EXPECT_FALSE(provider_->credential("other").has_value());
  // What LoadCredential= of a whole folder makes of its files; one of that very name comes first.
  test::write_file(folder_ / "credentials_other", "of the folder");
  EXPECT_EQ(provider_->credential("other").value(), "of the folder");
  test::write_file(folder_ / "other", "alone");
  EXPECT_EQ(provider_->credential("other").value(), "alone");
  unsetenv("CREDENTIALS_DIRECTORY");
}

}  // namespace
}  // namespace assembly_sync::config
