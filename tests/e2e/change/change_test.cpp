// A mapping that changes under load, and over many records: what is lost, what is sent.
// `e2e_change --rows 50000` is the full figure.
#include <atomic>
#include <csignal>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "core/random.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::IsEmpty;

std::size_t rows = 2000;

constexpr int kReloads = 50;
constexpr std::size_t kCompanies = 40;
constexpr const char* kRound = "      Round: {value: r0}\n";

sandbox::SandboxOptions unlimited() {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;
  return options;
}

WorldOptions options() {
  WorldOptions options;
  options.assembly = unlimited();
  options.labels = false;
  options.rate_per_second = 500;
  return options;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// Changes records and sends webhooks without a pause until it ends.
class Traffic {
 public:
  explicit Traffic(World& world)
      : world_(world), thread_([this](const std::stop_token& stop) {
          const auto random = core::make_seeded_random(11);
          const auto companies = world_.crm().records("companies");
          while (!stop.stop_requested()) {
            const Value& company = companies[random->next() % companies.size()];
            world_.crm().update("companies", company.text_or("id"),
                                {{"annualrevenue", std::to_string(random->next() % 100'000)}});
            (world_.deliver_events() == 200 ? accepted_ : refused_) += 1;
          }
        }) {}

  void end() {
    thread_.request_stop();
    thread_.join();
  }
  int accepted() const { return accepted_; }
  int refused() const { return refused_; }

 private:
  World& world_;
  std::atomic<int> accepted_{0};
  std::atomic<int> refused_{0};
  std::jthread thread_;
};

/// One of three ways to get it wrong; none of them may ever be seen in Assembly.
std::string broken(const std::string& good, int i) {
  const std::string text = replaced(good, kRound, "      Round: {value: broken}\n");
  if (i % 9 == 3) return text + "tables: [\n";
  if (i % 9 == 6) return replaced(text, "properties.jobtitle", "properties.jobtitle | uper");
  return replaced(text, "version: 1", "version: 1\nfuture: yes");
}

/// Account -> what it was told of the mapping's property, in order.
std::map<std::string, std::vector<int>> rounds_told(const World& world) {
  std::map<std::string, std::vector<int>> told;
  for (const auto& write : world.writes()) {
    const auto body = core::parse_json(write.body);
    if (!body) continue;
    const Value& properties = body->at("additional_properties");
    if (!properties.is_object() || !properties.at("Round").is_string()) continue;
    const std::string& round = properties.at("Round").as_string();
    told[write.target].push_back(round == "broken" ? -1 : std::stoi(round.substr(1)));
  }
  return told;
}

TEST(Change, FiftyReloadsUnderLoadLoseNothingAndUseNoWrongMapping) {
  World world(options());
  world.crm().populate(kCompanies, kCompanies);
  const std::string base =
      replaced(read_file(world.config()), "      Industry: properties.industry\n",
               std::string("      Industry: properties.industry\n") + kRound);
  write_file(world.config(), base);
  world.start();
  ASSERT_EQ(world.run({"backfill"}).code, 0);

  Traffic traffic(world);
  int last = 0;
  std::int64_t resident_early = 0;
  for (int i = 1; i <= kReloads; ++i) {
    const bool bad = i % 3 == 0;
    write_file(world.config(),
               bad ? broken(base, i)
                   : replaced(base, kRound, "      Round: {value: r" + std::to_string(i) + "}\n"));
    const Finished reload = world.run({"reload"});
    ASSERT_EQ(reload.code, bad ? 78 : 0) << i << ": " << reload.out << reload.err;
    if (!bad) last = i;
    if (i == 10) resident_early = world.daemon().resident_kb();
  }
  traffic.end();
  const std::int64_t resident_late = world.daemon().resident_kb();
  ASSERT_TRUE(wait_until([&] {
    return world.status().at("runs") == Value::list() && world.settled();
  })) << world.admin("/");

  EXPECT_EQ(traffic.refused(), 0);
  for (const Value& account : world.assembly().accounts()) {
    EXPECT_EQ(account.at("additional_properties").text_or("Round"), "r" + std::to_string(last));
  }
  std::size_t told = 0;
  for (const auto& [account, rounds] : rounds_told(world)) {
    told += rounds.size();
    EXPECT_TRUE(std::is_sorted(rounds.begin(), rounds.end())) << account;
    for (const int round : rounds) EXPECT_TRUE(round >= 0 && (round == 0 || round % 3 != 0));
  }
  const Value status = world.status();
  EXPECT_EQ(status.at("dead"), Value(0));
  EXPECT_EQ(status.at("quarantine"), Value(0));
  // Every record as the CRM has it now, with the values of the last webhook.
  for (const Value& company : world.crm().records("companies")) {
    const std::string key = company_key(company.text_or("id"));
    for (const Value& account : world.assembly().accounts()) {
      if (account.at("source_specific_ids") != Value::list({Value(key)})) continue;
      const Value& revenue = company.at("properties").at("annualrevenue");
      if (!revenue.is_string()) continue;
      EXPECT_EQ(account.at("contract_value").as_double(), std::stod(revenue.as_string())) << key;
    }
  }
  std::cout << "reloads                    " << kReloads << ", a third of them refused\n"
            << "webhooks meanwhile         " << traffic.accepted() << ", refused "
            << traffic.refused() << '\n'
            << "writes with the property   " << told << ", none out of order\n"
            << "resident memory            " << resident_early << " kB after 10, " << resident_late
            << " kB after " << kReloads << '\n';
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LE(resident_late, resident_early + 12 * 1024);
#endif
}

constexpr const char* kCsvConfig = R"yaml(version: 1
assembly:
  base_url: ${env:ASSEMBLY_URL}
  api_key: ${env:ASSEMBLY_API_KEY}
  rate_per_second: 1000
store: {path: store.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  billing: {type: csv, path: billing.csv, objects: {customers: {id: id}}}
mappings:
  - name: customers
    from: billing.customers
    to: company
    key: concat("billing-", id)
    fields:
      name: name
      domain: domain
      contract_value: revenue | to_number
      contract_type: {value: Year}
)yaml";

std::string csv() {
  std::string text = "id,name,domain,revenue,region\n";
  for (std::size_t i = 1; i <= rows; ++i) {
    const std::string n = std::to_string(i);
    text += n + ",Customer " + n + ",c" + n + ".example," + std::to_string(i * 10) + ',' +
            (i % 50 == 7 ? "north" : "south") + '\n';
  }
  return text;
}

TEST(Change, OneFieldOverManyRecordsSendsExactlyWhatThePlanNamed) {
  World world(options());
  write_file(world.config(), kCsvConfig);
  write_file(world.file("billing.csv"), csv());
  world.start();
  const auto backfill = world.spawn({"backfill", "--json"});
  ASSERT_EQ(backfill->wait(600s), 0) << backfill->err();
  world.assembly().clear_journal();

  write_file(world.config(),
             replaced(kCsvConfig, "contract_type: {value: Year}",
                      "contract_type: if(region == \"north\", \"Month\", \"Year\")"));
  const Finished plan = world.run({"plan", "--json"});
  ASSERT_EQ(plan.code, 2) << plan.err;
  std::set<std::string> planned;
  const Value found = json(plan.out);
  for (const Value& change : found.at("changes").as_list()) {
    planned.insert(change.text_or("key"));
    EXPECT_EQ(change.at("fields"),
              Value(Value::Object{
                  {"contract_type", Value::object({{"from", "Year"}, {"to", "Month"}})}}));
  }
  EXPECT_EQ(planned.size(), (rows + 43) / 50);
  EXPECT_THAT(world.writes(), IsEmpty());

  ASSERT_EQ(world.run({"reload"}).code, 0);
  ASSERT_TRUE(wait_until(
      [&] { return world.status().at("runs") == Value::list() && world.settled(); }, 600s))
      << world.admin("/");
  std::set<std::string> sent;
  for (const auto& write : world.writes()) {
    const auto body = core::parse_json(write.body);
    ASSERT_TRUE(body);
    for (const Value& key : body->at("source_specific_ids").as_list()) {
      EXPECT_TRUE(sent.insert(key.as_string()).second) << "twice: " << key.as_string();
    }
  }
  EXPECT_EQ(sent, planned);
  std::cout << "records                    " << rows << "\nplanned                    "
            << planned.size() << "\nsent after the reload      " << sent.size() << ", "
            << (sent == planned ? "exactly those" : "others") << '\n';
}

}  // namespace
}  // namespace assembly_sync::test

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  using namespace assembly_sync::test;
  return read_count(argc, argv, "--rows", rows) ? RUN_ALL_TESTS() : 64;
}
