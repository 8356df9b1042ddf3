#include "daemon/config/references.hpp"

#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::config {
namespace {

const FakeSecrets kSecrets;
const References kReferences("/etc/app", "/etc/app/credentials", kSecrets);

std::string secret(const std::string& written) {
  const auto found = kReferences.secret(written);
  return found ? std::string(found->reveal()) : found.error().message;
}

std::string text(const std::string& written) {
  const auto found = kReferences.text(written);
  return found ? found->value : found.error().message;
}

TEST(SecretReference, ReadsEnvironmentFileAndCredential) {
  EXPECT_EQ(secret("${env:KEY}"), "s3cr3t-key");
  EXPECT_EQ(secret("${file:/run/key}"), "s3cr3t-run");
  EXPECT_EQ(secret("${credential:api-key}"), "s3cr3t-credential");
}

TEST(SecretReference, CredentialsThatNobodyPassesAreReadWhereTheUnitsReadThem) {
  EXPECT_EQ(secret("${credential:own}"), "s3cr3t-own");
  EXPECT_EQ(secret("${credential:none}"),
            "expected a value from ${credential:none}, got no credential of that name");
}

TEST(SecretReference, CredentialsThatArePassedAreAllThereIs) {
  class Passed final : public SecretProvider {
   public:
    std::optional<std::string> environment(const std::string& name) const override {
      return name == "CREDENTIALS_DIRECTORY" ? std::optional<std::string>("/run/c") : std::nullopt;
    }
    core::Result<std::string> file(const std::string& path) const override {
      return kSecrets.file(path);
    }
    core::Result<std::string> credential(const std::string& name) const override {
      return kSecrets.credential(name);
    }
  };
  const Passed passed;
  const References references("/etc/app", "/etc/app/credentials", passed);
  EXPECT_FALSE(references.secret("${credential:own}").has_value());
  EXPECT_TRUE(references.secret("${credential:api-key}").has_value());
}

TEST(SecretReference, RelativeFileStartsAtTheConfigurationsFolder) {
  EXPECT_EQ(secret("${file:key}"), "s3cr3t-file");
  EXPECT_EQ(secret("${file:../../run/key}"), "s3cr3t-run");
}

struct Case {
  const char* written;
  const char* message;
};

TEST(SecretReference, ErrorsSayWhatIsExpectedAndNeverShowWhatIsWritten) {
  const Case cases[] = {
      {"s3cr3t", "expected ${env:…}, ${file:…} or ${credential:…}, got a literal text"},
      {"", "expected ${env:…}, ${file:…} or ${credential:…}, got a literal text"},
      {"$s3cr3t", "expected ${env:…}, ${file:…} or ${credential:…}, got a literal text"},
      {"s3cr3t${env:KEY}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got text beside the reference"},
      {"${env:KEY}s3cr3t",
       "expected ${env:…}, ${file:…} or ${credential:…}, got text beside the reference"},
      {"${env:KEY}${env:KEY}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got text beside the reference"},
      {"${s3cr3t}", "expected ${env:…}, ${file:…} or ${credential:…}, got ${…} without a colon"},
      {"${env:KEY", "expected ${env:…}, ${file:…} or ${credential:…}, got ${ without }"},
      {"${s3cr3t:KEY}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got a reference of another kind"},
      {"${envv:KEY}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got a reference of another kind: did you "
       "mean ${env:…}?"},
      {"${env:s3cr3t key}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got ${env:…} with a malformed name"},
      {"${env:}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got ${env:…} with a malformed name"},
      {"${credential:../key}",
       "expected ${env:…}, ${file:…} or ${credential:…}, got ${credential:…} with a malformed "
       "name"},
      {"${env:NONE}",
       "expected a value from ${env:NONE}, got an environment variable that is not set"},
      {"${file:none}", "expected a value from ${file:none}, got a file that does not exist"},
      {"${credential:none}",
       "expected a value from ${credential:none}, got no credential of that name"},
      {"${env:EMPTY}", "expected a secret from ${env:EMPTY}, got an empty text"},
      {"${file:empty}", "expected a secret from ${file:empty}, got an empty text"},
      {"${env:LINES}", "expected a secret of one line from ${env:LINES}, got several lines"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(secret(c.written), c.message) << c.written;
    EXPECT_THAT(secret(c.written), testing::Not(testing::HasSubstr(kMark)));
  }
}

TEST(TextReference, MayStandAnywhereInTheText) {
  EXPECT_EQ(text("plain $ {text}"), "plain $ {text}");
  EXPECT_EQ(text("a/${env:KEY}/b/${env:TOKEN}"), "a/s3cr3t-key/b/s3cr3t-token");
  EXPECT_EQ(text("${env:EMPTY}"), "");
}

TEST(TextReference, WhatItGaveIsNotLookedIntoAgain) {
  EXPECT_EQ(text("${env:YAML}"), "s3cr3t: {a: [1");
}

TEST(TextReference, TellsWhetherItsValueMayBeShown) {
  EXPECT_FALSE(kReferences.text("plain")->referenced);
  EXPECT_TRUE(kReferences.text("x${env:KEY}")->referenced);
}

TEST(TextReference, UnfinishedOneIsAnError) {
  EXPECT_EQ(text("a${env:KEY"),
            "expected ${env:…}, ${file:…} or ${credential:…}, got ${ without }");
}

}  // namespace
}  // namespace assembly_sync::config
