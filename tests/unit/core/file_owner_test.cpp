#include "core/file_owner.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/support.hpp"

namespace assembly_sync::core {
namespace {

constexpr uid_t kSomebody = 4321;
constexpr gid_t kTheirs = 4322;

class FileOwnerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    ASSERT_EQ(chown(folder_.path().c_str(), kSomebody, kTheirs), 0);
  }
  static struct stat of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found;
  }
  static void give(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_GE(file, 0);
    give_to_owner_of_folder(file, path);
    close(file);
  }

  const test::TempDir folder_;
};

TEST_F(FileOwnerTest, AFileThatRootMakesIsTheFoldersOwners) {
  const std::string path = folder_ / "made";
  make_for_owner_of_folder(path);
  EXPECT_EQ(of(path).st_uid, kSomebody);
  EXPECT_EQ(of(path).st_gid, kTheirs);
  EXPECT_EQ(of(path).st_mode & 0777U, 0600U);
}

TEST_F(FileOwnerTest, AFileThatIsThereIsLeftAsItIs) {
  const std::string path = folder_ / "there";
  test::write_file(path, "content");
  make_for_owner_of_folder(path);
  EXPECT_EQ(of(path).st_uid, 0U);
  EXPECT_EQ(test::read_file(path), "content");
}

TEST_F(FileOwnerTest, AnOpenFileOfRootsIsGivenAway) {
  const std::string path = folder_ / "open";
  test::write_file(path, "content");
  give(path);
  EXPECT_EQ(of(path).st_uid, kSomebody);
}

TEST_F(FileOwnerTest, WhatHasAnotherNameElsewhereIsNotGivenAway) {
  const test::TempDir elsewhere;
  test::write_file(elsewhere / "secret", "of root's");
  ASSERT_EQ(link((elsewhere / "secret").c_str(), (folder_ / "linked").c_str()), 0);
  give(folder_ / "linked");
  EXPECT_EQ(of(elsewhere / "secret").st_uid, 0U);
}

TEST_F(FileOwnerTest, SomebodyElsesFileIsNotGivenAway) {
  const std::string path = folder_ / "theirs";
  test::write_file(path, "content");
  ASSERT_EQ(chown(path.c_str(), kSomebody + 5, kTheirs), 0);
  give(path);
  EXPECT_EQ(of(path).st_uid, kSomebody + 5);
}

}  // namespace
}  // namespace assembly_sync::core
