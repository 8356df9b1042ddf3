// A long backfill with a live change in the middle, and the figures of it. `--records N` sets how
// many records; by default few enough for every test run.
#include <iostream>

#include <gmock/gmock.h>

#include "tests/e2e/journal.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

std::size_t records = 600;

constexpr auto kLatency = 150ms;

sandbox::SandboxOptions slow_assembly() {
  sandbox::SandboxOptions options;
  options.latency = kLatency;
  return options;
}

/// Position in the journal of the first write that carries `text`.
std::size_t sent_at(const std::vector<sandbox::JournalEntry>& journal, const std::string& text) {
  std::size_t position = 0;
  while (position < journal.size() && journal[position].body.find(text) == std::string::npos) {
    ++position;
  }
  return position;
}

double calls_per_second(const std::vector<sandbox::JournalEntry>& journal) {
  const double span =
      static_cast<double>(journal.back().arrived_us - journal.front().arrived_us) / 1e6;
  return static_cast<double>(journal.size() - 1) / span;
}

TEST(Drain, EverythingArrivesAtTheRateAndALiveChangeOvertakesTheRest) {
  World world({.assembly = slow_assembly(), .labels = false});
  core::SystemClock clock;
  world.crm().populate(records / 3, records - records / 3);
  world.start();
  ASSERT_EQ(world.run({"backfill", "--no-wait"}).code, 0);

  const std::uint64_t quarter = records / 4;
  ASSERT_TRUE(wait_until([&] { return world.assembly().stats().writes >= quarter; }, 120s));
  ASSERT_TRUE(wait_until(
      [&] {
        const auto runs = world.status().at("runs").as_list();
        return !runs.empty() && runs.front().text_or("state") == "draining";
      },
      120s));
  // A company that is in Assembly already: its change is one more call, and a live one.
  const std::string id = world.crm().records("companies").front().text_or("id");
  world.crm().update("companies", id, {{"industry", "LIVE_CHANGE"}});
  const auto sent = clock.steady_now();
  const std::size_t before = world.assembly().journal().size();
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until(
      [&] {
        const auto journal = world.assembly().journal();
        return sent_at(journal, "LIVE_CHANGE") < journal.size();
      },
      120s));
  const auto latency =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - sent).count();
  const std::int64_t pending = world.status().at("outbox").at("pending").as_int();

  const auto span = std::chrono::seconds(records / 30 + 60);
  ASSERT_TRUE(wait_until([&] { return world.settled() && world.wrong().empty(); }, span))
      << world.admin("/");

  const auto journal = world.assembly().journal();
  const std::size_t live = sent_at(journal, "LIVE_CHANGE");
  const auto early = contacts_before_companies(journal, world.assembly(),
                                               std::chrono::microseconds(kLatency).count());
  const auto stats = world.assembly().stats();
  std::cout << "records                    " << records << '\n'
            << "calls                      " << stats.requests << '\n'
            << "calls per second           " << calls_per_second(journal) << '\n'
            << "busiest second             " << busiest_second(journal) << '\n'
            << "answered 429               " << stats.refused << '\n'
            << "contacts before companies  " << early.size() << '\n'
            << "live change: latency       " << latency << " ms with " << pending
            << " changes pending; " << live - before << " calls went before it, "
            << journal.size() - live - 1 << " after it\n";

  // A machine that stops for a moment between our send and the local Assembly's receipt may bunch
  // calls up; a pace that is wrong is refused all the time.
  EXPECT_LE(stats.refused, records / 100);
  EXPECT_LE(busiest_second(journal), 30U + stats.refused);
  EXPECT_THAT(early, IsEmpty());
  EXPECT_GT(pending, static_cast<std::int64_t>(records / 3));
  EXPECT_GT(journal.size() - live - 1, records / 3);
  EXPECT_EQ(world.status().at("dead"), core::Value(0));
}

}  // namespace
}  // namespace assembly_sync::test

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  using namespace assembly_sync::test;
  return read_count(argc, argv, "--records", records) ? RUN_ALL_TESTS() : 64;
}
