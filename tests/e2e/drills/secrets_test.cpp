// Where a secret must not be: in any file the program leaves, in anything it says, in how it was
// called. The values are those that the fakes accept, so a leak could not be overlooked.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/drills/drill.hpp"

namespace assembly_sync::test {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

const char* const kSecrets[] = {kApiKey, kAccessToken, kClientSecret};

void expect_none(const std::string& text, const std::string& where) {
  for (const char* secret : kSecrets) EXPECT_THAT(text, Not(HasSubstr(secret))) << where;
}

TEST(SecretsDrill, Invariant11_AreInNoFileNoAnswerAndNoArgument) {
  World world({.rate_per_second = 200});
  world.crm().populate(8, 12);
  world.start();
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  ASSERT_EQ(post(world, touch_all(world, "MEDIA")).status, 200);
  // Refusals on both sides, and a webhook that is not believed, have the most to say.
  const auto says = [&](const char* what) {
    return wait_until([&] { return world.daemon().log().find(what) != std::string::npos; });
  };
  world.assembly().set_key_revoked(true);
  ASSERT_EQ(post(world, touch_all(world, "LOGISTICS")).status, 200);
  ASSERT_TRUE(says("event=unauthorized"));
  world.crm().set_access_token("not the one it has");
  ASSERT_EQ(post(world, touch_all(world, "RETAIL")).status, 200);
  ASSERT_TRUE(says("event=read_postponed"));
  world.transport().send(world.crm().webhook(touch_all(world, "MINING"), "https://elsewhere.test",
                                             world.daemon().webhook_url() + "/hooks/hubspot"));
  ASSERT_TRUE(says("event=webhook_quarantined"));
  for (const char* path : {"/", "/api/status", "/metrics", "/freshz", "/readyz"}) {
    expect_none(world.admin(path), path);
  }
  const std::string process = "/proc/" + std::to_string(world.daemon().pid());
  expect_none(read_file(process + "/cmdline"), "cmdline");
  for (const std::vector<std::string>& verb :
       {std::vector<std::string>{"status", "--json"}, {"check"}, {"check", "--online"}, {"plan"}}) {
    const Finished finished = world.run(verb);
    expect_none(finished.out + finished.err, verb.front());
  }
  world.daemon().kill();  // with its log beside it, as after a crash
  int files = 0;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(world.config().parent_path())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    expect_none(read_file(entry.path()), entry.path().filename().string());
  }
  EXPECT_GT(files, 8);
}

TEST(SecretsDrill, TheProcessAllowsNoMemoryImage) {
  if (getuid() == 0) GTEST_SKIP() << "what root starts is root's in any case";
  World world({.labels = false});
  world.start();
  // Of a process that is not dumpable, all that shows its memory belongs to root.
  const fs::path environment = "/proc/" + std::to_string(world.daemon().pid()) + "/environ";
  struct stat owner {};
  ASSERT_EQ(stat(environment.c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0U);
  EXPECT_EQ(owner.st_mode & 077, 0U);
}

}  // namespace
}  // namespace assembly_sync::test
