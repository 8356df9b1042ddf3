#include "daemon/config/token_file.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/support.hpp"

namespace assembly_sync::config {
namespace {

namespace fs = std::filesystem;

class TokenFileTest : public ::testing::Test {
 protected:
  std::string find(const std::string& name) const {
    const auto token = TokenFile(path_).find(name);
    return token ? std::string(token->reveal()) : "none";
  }

  test::TempDir folder_;
  const fs::path path_ = folder_ / "state.db.tokens";
};

TEST_F(TokenFileTest, IsBesideTheStore) {
  EXPECT_EQ(token_file_of("/var/lib/assembly-sync/assembly-sync.db"),
            "/var/lib/assembly-sync/assembly-sync.db.tokens");
}

TEST_F(TokenFileTest, HasNothingAndMakesNothingAtFirst) {
  EXPECT_EQ(find("crm"), "none");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(TokenFileTest, KeepsTokensByName) {
  TokenFile file(path_);
  file.keep("crm", core::Secret("one"));
  file.keep("other", core::Secret("two \"quoted\""));
  file.keep("crm", core::Secret("three"));
  EXPECT_EQ(find("crm"), "three");
  EXPECT_EQ(find("other"), "two \"quoted\"");
  EXPECT_EQ(find("none"), "none");
}

TEST_F(TokenFileTest, IsForItsOwnerOnlyAndLeavesNoOtherFile) {
  test::write_file(path_.string() + ".next", "left behind by a crash");
  TokenFile(path_).keep("crm", core::Secret("one"));
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(path_.string() + ".next"));
}

TEST_F(TokenFileTest, OverwritesNothingThatItCanNotUnderstand) {
  for (const std::string text : {"{", "[]", "{\"tokens\":3}"}) {
    test::write_file(path_, text);
    EXPECT_THROW(find("crm"), std::runtime_error);
    EXPECT_THROW(TokenFile(path_).keep("crm", core::Secret("one")), std::runtime_error);
    EXPECT_EQ(test::read_file(path_), text);
  }
}

TEST_F(TokenFileTest, SaysWhichFileCanNotBeWritten) {
  TokenFile file(folder_ / "none" / "state.db.tokens");
  try {
    file.keep("crm", core::Secret("one"));
    FAIL() << "kept in a folder that does not exist";
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find((folder_ / "none").string()), std::string::npos) << text;
    EXPECT_EQ(text.find("one\""), std::string::npos) << text;
  }
}

TEST_F(TokenFileTest, LosesNothingWhenSeveralKeepAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      TokenFile file(path_);  // as another process would have it: no lock is shared but the folder
      for (int n = 0; n < 5; ++n) {
        file.keep("crm" + std::to_string(i), core::Secret(std::to_string(n)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(find("crm" + std::to_string(i)), "4");
}

}  // namespace
}  // namespace assembly_sync::config
