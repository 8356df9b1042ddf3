// Usage logs against everything that makes a program send twice: answers lost after the log was
// stored, answers cut off or unreadable, errors, and kill -9 of the real program at any moment.
// Afterwards Assembly must hold each event once.
//
//   e2e_usage [--logs 300] [--kills 4] [--seed N]
#include <csignal>
#include <iostream>
#include <map>

#include <gmock/gmock.h>

#include "core/intent.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using sandbox::Fault;
using testing::IsEmpty;

int wanted_logs = 300;
int wanted_kills = 4;
std::uint64_t seed = 20'260'101;

constexpr int kAccounts = 12;
constexpr double kAssemblyRate = 200;
/// Less than Assembly allows: this machine runs Assembly too, so what starts evenly may arrive in
/// bunches.
constexpr double kOurRate = 150;

constexpr const char* kConfig = R"yaml(version: 1
assembly:
  base_url: ${env:ASSEMBLY_URL}
  api_key: ${env:ASSEMBLY_API_KEY}
  rate_per_second: RATE
store: {path: store.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0", public_url: https://sync.example.test}
sources:
  billing: {type: csv, path: accounts.csv, objects: {accounts: {id: number}}}
  product: {type: csv, path: logins.csv, objects: {logins: {id: id}}}
mappings:
  - name: accounts
    from: billing.accounts
    to: company
    key: concat("account-", number)
    fields: {name: name, domain: domain}
  - name: logins
    from: product.logins
    to: usage
    about: {company: 'concat("account-", account)'}
    event_id: id
    fields: {timestamp: at, type: {value: Action}, content: text, attribute: {value: Login}}
    metadata: {User: user}
)yaml";

WorldOptions world_options() {
  WorldOptions options;
  options.assembly.rate_per_second = kAssemblyRate;
  options.assembly.latency = 40ms;
  options.assembly.latency_jitter = 20ms;
  return options;
}

std::string event_id(int n) {
  return "product.logins/" + std::to_string(n);
}
int account_of(int n) {
  return n % kAccounts;
}

/// What is left when everything is over, for the tests below to judge.
struct Aftermath {
  int kills = 0;
  bool drained = false;
  Value status;
  std::string log;
  std::map<std::string, int> stored;  // by event id
  int misplaced = 0;                  // logs that are not under their account
  int posts = 0;
  int answers_lost = 0;  // of logs that had been stored
  int looks = 0;
  sandbox::Sandbox::Stats stats;
};

class Trial {
 public:
  Trial() : random_(core::make_seeded_random(seed)), world_(world_options()) {
    std::string config = kConfig;
    config.replace(config.find("RATE"), 4, core::dump_json(kOurRate));
    write_file(world_.config(), config);
    std::string accounts = "number,name,domain\n";
    for (int n = 0; n < kAccounts; ++n) {
      const std::string number = std::to_string(n);
      accounts += number + ",Account " + number + ",a" + number + ".example\n";
    }
    write_file(world_.file("accounts.csv"), accounts);
    std::string logins = "id,account,at,text,user\n";
    for (int n = 0; n < wanted_logs; ++n) {
      // In no order, and some in the same second.
      const std::int64_t second = static_cast<std::int64_t>(below(3 * 86'400));
      logins += std::to_string(n) + ',' + std::to_string(account_of(n)) + ',' +
                core::format_utc(core::from_ms(1'767'225'600'000 + second * 1000)) +
                ",logged in,u" + std::to_string(n) + '\n';
    }
    write_file(world_.file("logins.csv"), logins);
    make_trouble();
  }

  Aftermath run() {
    world_.start();
    const Finished ordered = world_.run({"backfill", "--no-wait"});
    EXPECT_EQ(ordered.code, 0) << ordered.err;
    while (kills_ < wanted_kills && !testing::Test::HasFailure()) kill_somewhere();
    Aftermath after;
    after.drained = wait_until([&] { return drained(); }, 300s);
    after.kills = kills_;
    after.status = world_.status();
    after.log = world_.daemon().log();
    after.stats = world_.assembly().stats();
    look_at_assembly(after);
    EXPECT_EQ(world_.daemon().stop(), 0);
    return after;
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_->next() % end; }

  /// Of ten new logs each, one loses its answer after it was stored; every other ten, one meets
  /// another trouble.
  void make_trouble() {
    constexpr Fault::Kind kOthers[] = {Fault::Kind::drop_before, Fault::Kind::truncated,
                                       Fault::Kind::malformed, Fault::Kind::status};
    for (int ten = 0; ten * 10 < wanted_logs; ++ten) {
      const std::uint64_t lost = below(10);
      const std::uint64_t other = below(10);
      for (std::uint64_t n = 0; n < 10; ++n) {
        Fault fault;
        fault.kind = Fault::Kind::delay;  // of nothing: as usual
        if (n == other && ten % 2 == 0) fault.kind = kOthers[below(4)];
        if (n == lost) fault.kind = Fault::Kind::drop_after;
        fault.method = "POST";
        fault.path_contains = "/usage";
        world_.assembly().add_fault(fault);
      }
    }
  }

  /// After some more calls; or while nothing but pauses is left.
  void kill_somewhere() {
    const std::uint64_t share =
        static_cast<std::uint64_t>(wanted_logs) * 2 / static_cast<std::uint64_t>(wanted_kills);
    const std::uint64_t until = world_.assembly().stats().requests + 1 + below(share);
    wait_until([&] { return world_.assembly().stats().requests >= until; }, 3s);
    EXPECT_TRUE(world_.daemon().running()) << world_.daemon().log();
    world_.daemon().kill();
    ++kills_;
    world_.start();
  }

  bool drained() const {
    return world_.settled() && world_.status().at("runs") == Value(Value::List{});
  }

  void look_at_assembly(Aftermath& after) {
    std::map<std::string, std::string> domain_of;
    for (const Value& account : world_.assembly().accounts()) {
      domain_of[account.text_or("id")] = account.text_or("domain");
    }
    for (const Value& log : world_.assembly().usage()) {
      const std::string id = log.at("metadata").text_or(core::kEventIdMember);
      ++after.stored[id];
      const int n = std::stoi(log.at("metadata").text_or("User").substr(1));
      const std::string domain = "a" + std::to_string(account_of(n)) + ".example";
      if (domain_of[log.text_or("account_id")] != domain || id != event_id(n)) ++after.misplaced;
    }
    for (const auto& entry : world_.assembly().journal()) {
      if (!entry.target.starts_with("/usage")) continue;
      after.looks += entry.method == "GET" ? 1 : 0;
      after.posts += entry.method == "POST" ? 1 : 0;
      after.answers_lost += entry.method == "POST" && entry.processed && entry.status == 0 ? 1 : 0;
    }
  }

  std::unique_ptr<core::Random> random_;
  World world_;
  int kills_ = 0;
};

class UsageOnce : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    after_ = Trial().run();
    int twice = 0;
    for (const auto& [id, times] : after_.stored) twice += times > 1 ? 1 : 0;
    std::cout << "usage: seed " << seed << ", logs " << wanted_logs << ", kills " << after_.kills
              << ", POSTs " << after_.posts << ", answers lost after the log was stored "
              << after_.answers_lost << ", looks " << after_.looks << ", stored "
              << after_.stored.size() << ", twice " << twice << ", calls " << after_.stats.requests
              << " (busiest second " << after_.stats.busiest_second << ", refused "
              << after_.stats.refused << ")" << std::endl;
  }
  static void TearDownTestSuite() { after_ = {}; }
  static std::int64_t notices(const std::string& state) {
    const Value& count = after_.status.at("notices").at(state);
    return count.is_int() ? count.as_int() : -1;
  }
  static Aftermath after_;
};
Aftermath UsageOnce::after_;

TEST_F(UsageOnce, Invariant6_EachEventIsInAssemblyOnceWhateverWasLostOrKilled) {
  std::map<std::string, int> once;
  for (int n = 0; n < wanted_logs; ++n) once[event_id(n)] = 1;
  EXPECT_EQ(after_.stored.size(), once.size());
  EXPECT_TRUE(after_.stored == once);
  EXPECT_EQ(after_.misplaced, 0);
}

TEST_F(UsageOnce, ThereWasEnoughTrouble) {
  EXPECT_EQ(after_.kills, wanted_kills);
  EXPECT_GE(after_.answers_lost * 10, wanted_logs);
  EXPECT_GT(after_.posts, wanted_logs) << "some were surely not there and had to be sent again";
  EXPECT_GE(after_.looks, after_.answers_lost);
}

TEST_F(UsageOnce, Invariant2_EveryNoticeEndsAndTheSumsAddUp) {
  EXPECT_TRUE(after_.drained) << core::dump_json(after_.status) << '\n' << after_.log;
  for (const char* state : {"open", "dead", "held", "orphaned", "ignored", "filtered"}) {
    EXPECT_EQ(notices(state), 0) << state;
  }
  EXPECT_EQ(notices("delivered"), wanted_logs + kAccounts);
}

TEST_F(UsageOnce, Invariant3_LooksKeepTheRateToo) {
  EXPECT_EQ(after_.stats.refused, 0U);
  EXPECT_LE(after_.stats.busiest_second, static_cast<std::uint64_t>(kAssemblyRate));
}

}  // namespace

void read_arguments(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--logs") wanted_logs = std::stoi(argv[i + 1]);
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
