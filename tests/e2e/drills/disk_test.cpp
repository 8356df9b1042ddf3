// The disk is nearly full, full, or read-only; a quota is used up. Nothing that was answered 200 is
// lost, nothing is answered 200 that was not stored, and it goes on by itself.
#include <iostream>

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "tests/e2e/drills/drill.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

bool is_told_to_wait(World& world) {
  return world.status().at("waits").is_string();
}

/// Sends webhooks about every record again and again, each with another value, until one is
/// refused; the refused ones.
std::vector<Value> post_until_refused(World& world, Answered& refused) {
  for (int i = 0; i < 2000; ++i) {
    const std::vector<Value> events = touch_all(world, "MARK_" + std::to_string(i));
    refused = post(world, events);
    if (refused.status != 200) return events;
  }
  ADD_FAILURE() << "the disk never became full";
  return {};
}

/// The sender comes again with what was refused; then all is as it should be.
void expect_recovery(World& world, const std::vector<Value>& refused) {
  ASSERT_TRUE(wait_until([&] { return post(world, refused).status == 200; }));
  ASSERT_TRUE(world.wait_settled(120s)) << world.admin("/");
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_FALSE(is_told_to_wait(world));
  EXPECT_EQ(world.admin("/freshz"), "ok\n");
}

TEST(DiskDrill, NearlyFullTellsSendersToWaitBeforeAnythingBreaks) {
  World world({.labels = false, .rate_per_second = 200});
  const SmallDisk disk(world.file("disk"), 48);
  if (!disk.is_there()) GTEST_SKIP() << disk.why_not();
  edit_config(world, "{path: store.db}", "{path: disk/store.db, min_free_megabytes: 16}");
  world.crm().populate(5, 10);
  world.start();
  ASSERT_EQ(post(world, touch_all(world, "BEFORE")).status, 200);
  ASSERT_TRUE(world.wait_settled());

  disk.fill(8 << 20);
  ASSERT_TRUE(
      wait_until([&] { return world.daemon().log().find("event=disk_low") != std::string::npos; }));
  const std::vector<Value> events = touch_all(world, "DURING");
  const Answered refused = post(world, events);
  show(world, "the disk is nearly full");
  show_log(world, "event=disk_low");
  EXPECT_EQ(refused.status, 503);
  EXPECT_FALSE(refused.retry_after.empty());
  EXPECT_THAT(world.admin("/"), HasSubstr("sources are told to wait: only"));
  EXPECT_THAT(world.run({"status"}).out, HasSubstr("sources are told to wait: only"));
  EXPECT_EQ(get(world, "/freshz").status, 503);
  EXPECT_THAT(get(world, "/freshz", "application/json").body, HasSubstr("\"what\":\"intake\""));
  EXPECT_EQ(get(world, "/healthz").status, 200);
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=disk_low"));

  disk.relieve();
  expect_recovery(world, events);
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=disk_enough"));
}

TEST(DiskDrill, FullLosesNothingAndGoesOnWhenThereIsRoom) {
  World world({.labels = false, .rate_per_second = 200});
  const SmallDisk disk(world.file("disk"), 24);
  if (!disk.is_there()) GTEST_SKIP() << disk.why_not();
  edit_config(world, "{path: store.db}", "{path: disk/store.db, min_free_megabytes: 0}");
  world.crm().populate(10, 20);
  world.start();
  ASSERT_EQ(post(world, touch_all(world, "BEFORE")).status, 200);
  ASSERT_TRUE(world.wait_settled());

  disk.fill(0);
  Answered answer;
  const std::vector<Value> refused = post_until_refused(world, answer);
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.retry_after.empty());
  ASSERT_TRUE(wait_until([&] { return is_told_to_wait(world); }));
  show(world, "the disk is full");
  show_log(world, "the disk is full");
  EXPECT_THAT(world.daemon().log(), HasSubstr("the disk is full: make room"));
  EXPECT_TRUE(world.daemon().running());

  disk.relieve();
  expect_recovery(world, refused);
}

/// A quota, and a fault that needs no root: files may not grow beyond what the log has by now.
TEST(DiskDrill, AFileThatMayNotGrowIsLikeAFullDisk) {
  World world({.labels = false, .rate_per_second = 200});
  world.crm().populate(10, 20);
  world.start();
  ASSERT_EQ(post(world, touch_all(world, "BEFORE")).status, 200);
  ASSERT_TRUE(world.wait_settled());

  rlimit before{};
  ASSERT_EQ(prlimit(world.daemon().pid(), RLIMIT_FSIZE, nullptr, &before), 0);
  std::filesystem::path log = world.store();
  log += "-wal";
  const rlimit small{std::filesystem::file_size(log), before.rlim_max};
  ASSERT_EQ(prlimit(world.daemon().pid(), RLIMIT_FSIZE, &small, nullptr), 0);
  Answered answer;
  const std::vector<Value> refused = post_until_refused(world, answer);
  EXPECT_EQ(answer.status, 503);
  ASSERT_TRUE(wait_until([&] { return is_told_to_wait(world); }));
  show(world, "a quota is used up");
  show_log(world, "event=receipt_not_stored");
  EXPECT_TRUE(world.daemon().running());

  ASSERT_EQ(prlimit(world.daemon().pid(), RLIMIT_FSIZE, &before, nullptr), 0);
  expect_recovery(world, refused);
}

TEST(DiskDrill, AReadOnlyFileSystemEndsTheStartWithTheReason) {
  World world({.labels = false, .rate_per_second = 200});
  const SmallDisk disk(world.file("disk"), 24);
  if (!disk.is_there()) GTEST_SKIP() << disk.why_not();
  edit_config(world, "{path: store.db}", "{path: disk/store.db, min_free_megabytes: 1}");
  world.crm().populate(5, 10);
  world.start();
  ASSERT_EQ(post(world, touch_all(world, "BEFORE")).status, 200);
  ASSERT_EQ(world.daemon().stop(), 0);

  disk.make_read_only(true);
  const Finished refused = world.run({"run"});
  std::cout << "--- the file system is read-only\n    " << refused.err;
  EXPECT_EQ(refused.code, 69);
  EXPECT_THAT(refused.err, HasSubstr("store.db"));
  EXPECT_THAT(refused.err, testing::AnyOf(HasSubstr("must be writable"), HasSubstr("read-only"),
                                          HasSubstr("Read-only")));

  disk.make_read_only(false);
  world.start();
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::test
