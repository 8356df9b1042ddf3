// kill -9 at any moment: the real program is killed again and again while records change, webhooks
// come in, backfills run and calls are under way; afterwards Assembly must hold what the CRM holds,
// and nothing on the way may have broken an invariant.
//
//   crash [--kills 50] [--seed N]
#include <algorithm>
#include <csignal>
#include <iostream>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "core/random.hpp"
#include "tests/crash/arrivals.hpp"
#include "tests/crash/traffic.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::IsEmpty;

int wanted_kills = 50;
std::uint64_t seed = 20'260'101;

constexpr std::size_t kCompanies = 80;
constexpr std::size_t kContacts = 160;
constexpr double kAssemblyRate = 200;
/// Less than Assembly allows, because this machine also runs Assembly, the CRM and perhaps a
/// compiler: what starts evenly may arrive in bunches.
constexpr double kOurRate = 150;
constexpr int kAnsweredThenKilled = 20;

WorldOptions world_options() {
  WorldOptions options;
  options.assembly.rate_per_second = kAssemblyRate;
  options.assembly.latency = 40ms;
  options.assembly.latency_jitter = 20ms;
  options.rate_per_second = kOurRate;
  options.crm.get_latency = 300ms;
  options.crm.post_latency = 30ms;
  return options;
}

std::int64_t number_at(const Value& value) {
  return value.is_int() ? value.as_int() : -1;
}

/// All the program had to do is done, backfills included.
bool drained(const World& world) {
  return world.settled() && world.status().at("runs") == Value(Value::List{});
}

int with(const std::vector<std::string>& texts, const std::string& part) {
  return static_cast<int>(std::count_if(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find(part) != std::string::npos;
  }));
}

/// The program's lives and deaths.
class Killer {
 public:
  Killer(World& world, Traffic& traffic)
      : world_(world), traffic_(traffic), random_(core::make_seeded_random(seed)) {}

  void one_life() {
    // The last ones without backfills: a list of everything would heal a lost webhook unseen.
    const bool backfills = kills_ * 5 < wanted_kills * 3;
    const std::size_t which = kills_ == 0 ? 99 : below(backfills ? 100 : 60);
    if (which < 45) {
      daemon(false);
    } else if (which < 60) {
      stillborn();
    } else if (which < 75) {
      one_shot();
    } else {
      daemon(true);
    }
  }
  int kills() const { return kills_; }
  std::string text() const {
    return std::to_string(kills_) + " (daemons " + std::to_string(daemons_) + ", while starting " +
           std::to_string(stillborn_) + ", with a backfill " + std::to_string(with_backfill_) +
           ", one-shot backfills " + std::to_string(one_shots_) + ")";
  }

 private:
  std::size_t below(std::size_t end) { return random_->next() % end; }
  void live(std::chrono::milliseconds span) { clock_.sleep_for(span, {}); }

  /// An order for everything: the one before, which goes on where it stopped, or a new one, which
  /// reads all again beside the webhooks.
  std::vector<std::string> backfill() {
    if (below(3) == 0) return {"backfill"};
    const std::string day = std::to_string(10 + since_++ % 20);
    return {"backfill", "--since", "2001-01-" + day};
  }

  /// A daemon, killed when it has worked for a while.
  void daemon(bool with_backfill) {
    DaemonProcess& daemon = world_.start();
    traffic_.deliver_to(daemon.webhook_url());
    std::unique_ptr<Process> order;
    if (with_backfill) order = world_.spawn(backfill());
    live(100ms + std::chrono::milliseconds(below(500)));
    if (below(2) == 0) traffic_.wait_for_answer(100ms);
    if (order) {  // first, for it would take over when the daemon is gone
      order->signal(SIGKILL);
      order->wait(30s);
    }
    EXPECT_TRUE(daemon.running()) << daemon.log();
    daemon.kill();
    traffic_.deliver_to(std::nullopt);
    ++kills_;
    ++(with_backfill ? with_backfill_ : daemons_);
  }

  /// A daemon that may not even have opened its store.
  void stillborn() {
    if (kill_after({"run"}, below(120))) ++stillborn_;
  }
  void one_shot() {
    if (kill_after(backfill(), 30 + below(600))) ++one_shots_;
  }

  bool kill_after(std::vector<std::string> arguments, std::size_t ms) {
    const auto process = world_.spawn(std::move(arguments));
    live(std::chrono::milliseconds(ms));
    process->signal(SIGKILL);
    const bool killed = process->wait(30s) == 128 + SIGKILL;
    if (killed) ++kills_;
    return killed;
  }

  World& world_;
  Traffic& traffic_;
  std::unique_ptr<core::Random> random_;
  core::SystemClock clock_;
  int since_ = 0;
  int kills_ = 0;
  int daemons_ = 0;
  int stillborn_ = 0;
  int with_backfill_ = 0;
  int one_shots_ = 0;
};

/// What is left when everything is over, for the tests below to judge.
struct Aftermath {
  int kills = 0;
  Traffic::Count traffic;
  bool drained = false;
  Value status;
  std::string log;
  std::vector<std::string> wrong;
  std::vector<std::string> twice;
  std::vector<std::string> steps_back;
  std::vector<std::string> refused;
  sandbox::Sandbox::Stats stats;
};

Aftermath kill_again_and_again() {
  Aftermath after;
  World world(world_options());
  world.crm().populate(kCompanies, kContacts);
  world.crm().take_events();  // what was there before is for the backfills to find
  Traffic traffic(world.crm(), seed);
  Killer killer(world, traffic);
  while (killer.kills() < wanted_kills && !testing::Test::HasFailure()) killer.one_life();

  traffic.end_changes();
  traffic.deliver_to(world.start().webhook_url());
  after.drained = wait_until([&] { return traffic.all_answered() && drained(world); }, 180s);
  after.kills = killer.kills();
  after.traffic = traffic.count();
  after.status = world.status();
  after.log = world.daemon().log();
  after.wrong = world.wrong();
  const auto accounts = world.assembly().accounts();
  const auto journal = world.assembly().journal();
  after.twice = twice(accounts);
  for (std::string& text : twice(world.assembly().contacts())) {
    after.twice.push_back(std::move(text));
  }
  after.steps_back = steps_back(journal, accounts, traffic.companies_of());
  after.refused = refused_requests(journal);
  after.stats = world.assembly().stats();
  EXPECT_EQ(world.daemon().stop(), 0);

  std::cout << "crash: seed " << seed << ", kills " << killer.text() << ", changes "
            << after.traffic.changes << ", webhooks acknowledged " << after.traffic.acknowledged
            << " (" << after.traffic.acknowledged_events << " events, sent again "
            << after.traffic.sent_again << "), records "
            << world.crm().records("companies").size() + world.crm().records("contacts").size()
            << ", calls " << after.stats.requests << " (busiest second "
            << after.stats.busiest_second << ", refused " << after.stats.refused << "), duplicates "
            << after.twice.size() << ", missing " << with(after.wrong, "missing") << ", wrong "
            << after.wrong.size() << ", steps back " << after.steps_back.size() << std::endl;
  return after;
}

class Killed : public testing::Test {
 protected:
  static void SetUpTestSuite() { after_ = kill_again_and_again(); }
  static void TearDownTestSuite() { after_ = {}; }
  static Aftermath after_;
};
Aftermath Killed::after_;

TEST_F(Killed, AsOftenAsWanted) {
  EXPECT_GE(after_.kills, wanted_kills);
  EXPECT_GT(after_.traffic.acknowledged, 0U);
}

TEST_F(Killed, Invariant1_AssemblyHoldsEverythingThatWasAnswered) {
  EXPECT_THAT(after_.wrong, IsEmpty());
}

TEST_F(Killed, NothingIsThereTwice) {
  EXPECT_THAT(after_.twice, IsEmpty());
}

TEST_F(Killed, Invariant2_EveryNoticeEndsAndTheSumsAddUp) {
  EXPECT_TRUE(after_.drained) << core::dump_json(after_.status) << '\n' << after_.log;
  const Value& notices = after_.status.at("notices");
  ASSERT_TRUE(notices.is_object());
  EXPECT_EQ(notices.at("open"), Value(0));
  EXPECT_EQ(notices.at("dead"), Value(0));
  EXPECT_EQ(notices.at("held"), Value(0));
  EXPECT_EQ(notices.at("orphaned"), Value(0));
  std::int64_t sum = 0;
  for (const auto& [state, count] : notices.as_object()) {
    EXPECT_GE(number_at(count), 0) << state;
    sum += number_at(count);
  }
  // One notice an event, and those that the backfills and the events sent twice made.
  EXPECT_GE(sum, static_cast<std::int64_t>(after_.traffic.acknowledged_events));
  const Value& outbox = after_.status.at("outbox");
  EXPECT_EQ(outbox.at("pending"), Value(0));
  EXPECT_EQ(outbox.at("in_flight"), Value(0));
  for (const auto& [lane, count] : outbox.at("lanes").as_object()) {
    EXPECT_EQ(count, Value(0)) << lane;
  }
  EXPECT_EQ(after_.status.at("receipts_waiting"), Value(0));
  EXPECT_EQ(after_.status.at("quarantine"), Value(0));
  EXPECT_EQ(after_.status.at("runs"), Value(Value::List{}));
  // A call whose process died before settling it is not in the count.
  EXPECT_LE(number_at(after_.status.at("budget").at("calls")),
            static_cast<std::int64_t>(after_.stats.requests));
}

TEST_F(Killed, Invariant3_RestartsNeverExceedTheRate) {
  EXPECT_EQ(after_.stats.refused, 0U);
  EXPECT_LE(after_.stats.busiest_second, static_cast<std::uint64_t>(kAssemblyRate));
}

TEST_F(Killed, Invariant4_NoEntityReceivesAnOlderStateAfterANewer) {
  EXPECT_THAT(after_.steps_back, IsEmpty());
}

TEST_F(Killed, Invariant5_NothingIsRefused) {
  EXPECT_THAT(after_.refused, IsEmpty());
}

/// The smallest window there is: the answer is read, the next instruction may be the last.
TEST(KilledAfterTheAnswer, Invariant1_WhatWasAnsweredArrives) {
  World world(world_options());
  for (int round = 0; round < kAnsweredThenKilled; ++round) {
    const std::string number = std::to_string(round);
    world.start();
    const std::string company = world.crm().create(
        "companies", {{"name", "Company " + number}, {"domain", "c" + number + ".example"}});
    world.crm().create("contacts", {{"firstname", "Person"},
                                    {"lastname", number},
                                    {"email", "p" + number + "@people.example"},
                                    {"associatedcompanyid", company}});
    ASSERT_EQ(world.deliver_events(), 200);
    world.daemon().kill();
  }
  world.start();
  EXPECT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.assembly().accounts().size(), std::size_t{kAnsweredThenKilled});
  EXPECT_EQ(world.assembly().contacts().size(), std::size_t{kAnsweredThenKilled});
  EXPECT_EQ(world.assembly().stats().refused, 0U);
  std::cout << "crash: killed after the answer " << kAnsweredThenKilled << " times, missing "
            << with(world.wrong(), "missing") << std::endl;
}

}  // namespace

void read_arguments(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--kills") wanted_kills = std::stoi(argv[i + 1]);
    if (name == "--seed") seed = std::stoull(argv[i + 1]);
  }
}

}  // namespace assembly_sync::test

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  assembly_sync::test::read_arguments(argc, argv);
  return RUN_ALL_TESTS();
}
