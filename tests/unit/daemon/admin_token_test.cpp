// Where the console's token comes from.
#include "daemon/admin_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/support.hpp"

namespace assembly_sync::app {
namespace {

using testing::HasSubstr;

class AdminTokenTest : public testing::Test {
 protected:
  AdminTokenTest() { config_.store_path = (folder_ / "s.db").string(); }

  test::TempDir folder_;
  config::Config config_;
};

TEST_F(AdminTokenTest, TheConfiguredOneMakesNoFile) {
  config_.listen.admin_token = core::Secret("configured-by-admin");
  const AdminToken token = admin_token(config_);
  EXPECT_EQ(token.token.reveal(), "configured-by-admin");
  EXPECT_EQ(token.file, "");
  EXPECT_FALSE(std::filesystem::exists(admin_token_file(config_.store_path)));
}

TEST_F(AdminTokenTest, OneIsMadeOnceForTheOwnerOnly) {
  const AdminToken first = admin_token(config_);
  EXPECT_EQ(first.file, config_.store_path + ".token");
  EXPECT_EQ(first.token.reveal().size(), 64U);
  struct stat info {};
  ASSERT_EQ(stat(first.file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_TRUE(admin_token(config_).token.same_as(first.token)) << "the same at the next start";
  std::filesystem::remove(first.file);
  EXPECT_FALSE(admin_token(config_).token.same_as(first.token));
}

TEST_F(AdminTokenTest, AFileOfAnotherHandIsReadOrRefused) {
  const std::string file = admin_token_file(config_.store_path);
  test::write_file(file, "written-by-an-admin-1\r\n");
  EXPECT_EQ(admin_token(config_).token.reveal(), "written-by-an-admin-1");
  test::write_file(file, "short\n");
  try {
    admin_token(config_);
    FAIL() << "expected a refusal";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(file));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("short")));
  }
}

}  // namespace
}  // namespace assembly_sync::app
