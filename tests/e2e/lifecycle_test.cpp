// Start, stop, stop in the middle, and the stores that must not be opened.
#include <fstream>

#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

sandbox::SandboxOptions slow_assembly() {
  sandbox::SandboxOptions options;
  options.latency = 150ms;
  return options;
}

/// SQLite keeps the schema's version at byte 60 of the file, big endian.
void pretend_newer_version(const std::filesystem::path& store) {
  std::fstream file(store, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(60);
  file.write("\0\0\x27\x0f", 4);
}

TEST(Lifecycle, SigtermDuringADrainEndsInTimeAndTheRestartCompletesEverything) {
  World world({.assembly = slow_assembly(), .labels = false});
  world.crm().populate(40, 80);
  world.start();
  ASSERT_EQ(world.run({"backfill", "--no-wait"}).code, 0);
  ASSERT_TRUE(wait_until([&] { return world.assembly().stats().writes >= 30; }));
  EXPECT_EQ(world.daemon().stop(10s), 0);
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=stopped"));
  const auto entries = world.assembly().journal();
  ASSERT_LT(entries.size(), 120U) << "stopped too late to prove anything";

  world.start();
  ASSERT_TRUE(wait_until([&] { return world.wrong().empty(); }));
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.daemon().log(), Not(HasSubstr("event=deliveries_recovered")));
  EXPECT_EQ(world.status().at("dead"), core::Value(0));
  EXPECT_EQ(world.assembly().stats().refused, 0U);
  // Two lists of the read-first pass and one call a record: nothing was sent twice.
  EXPECT_EQ(world.assembly().stats().writes, 120U);
}

TEST(Lifecycle, SigtermWhileAssemblyDoesNotAnswerEndsInTimeAndLosesNothing) {
  World world({.labels = false});
  world.crm().populate(5, 0);
  for (const core::Value& record : world.crm().records("companies")) {
    world.crm().update("companies", record.text_or("id"), {{"industry", "MEDIA"}});
  }
  world.start();
  world.assembly().add_fault({.kind = sandbox::Fault::Kind::delay, .delay = 120s, .count = 5});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until([&] { return world.assembly().stats().requests == 5; }));
  EXPECT_EQ(world.daemon().stop(10s), 0);
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=calls_cut_off"));

  world.start();
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), core::Value(0));
}

TEST(Lifecycle, AKilledDaemonComesBackAndCompletesEverything) {
  World world({.assembly = slow_assembly(), .labels = false});
  world.crm().populate(20, 40);
  for (const core::Value& record : world.crm().records("contacts")) {
    world.crm().update("contacts", record.text_or("id"), {{"jobtitle", "Pilot"}});
  }
  for (const core::Value& record : world.crm().records("companies")) {
    world.crm().update("companies", record.text_or("id"), {{"industry", "MEDIA"}});
  }
  world.start();
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until([&] { return world.assembly().stats().writes >= 10; }));
  world.daemon().kill();
  world.start();
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=deliveries_recovered"));
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), core::Value(0));
  EXPECT_EQ(world.assembly().stats().refused, 0U);
}

TEST(Lifecycle, AStoreOfANewerVersionIsNotTouched) {
  World world;
  world.start();
  ASSERT_EQ(world.daemon().stop(), 0);
  pretend_newer_version(world.store());
  const std::string before = read_file(world.store());
  for (const char* verb : {"run", "backfill", "status"}) {
    const Finished refused = world.run({verb});
    EXPECT_EQ(refused.code, 78) << verb;
    EXPECT_THAT(refused.err, HasSubstr("newer")) << verb;
  }
  EXPECT_EQ(read_file(world.store()), before);
}

TEST(Lifecycle, ASecondDaemonOnTheSameStoreIsToldToTryAgain) {
  World world;
  world.start();
  const Finished second = world.run({"run"});
  EXPECT_EQ(second.code, 75) << second.err;
  EXPECT_TRUE(world.daemon().running());
  EXPECT_EQ(world.admin("/healthz"), "ok\n");
}

TEST(Lifecycle, AnIdleDaemonStopsAndStartsAgain) {
  World world;
  for (int i = 0; i < 3; ++i) {
    world.start();
    EXPECT_EQ(world.daemon().stop(10s), 0);
  }
  EXPECT_EQ(world.assembly().stats().writes, 0U);  // it may have begun to read the lists
}

TEST(Lifecycle, AStoreThatIsNoDatabaseIsRefused) {
  World world;
  write_file(world.store(), std::string(4096, 'x'));
  EXPECT_EQ(world.run({"run"}).code, 69);
  EXPECT_EQ(read_file(world.store()), std::string(4096, 'x'));
}

}  // namespace
}  // namespace assembly_sync::test
