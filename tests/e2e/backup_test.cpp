// `backup`, `restore`, `tail` and `doctor` of the real binary, beside a running daemon.
#include <algorithm>
#include <csignal>
#include <sstream>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::Contains;
using testing::HasSubstr;

class Backup : public testing::Test {
 protected:
  void tell(const std::string& company, const std::string& revenue) {
    world_.crm().update("companies", company, {{"annualrevenue", revenue}});
    ASSERT_EQ(world_.deliver_events(), 200);
    ASSERT_TRUE(world_.wait_settled());
  }
  std::string company(std::size_t number) {
    return world_.crm().records("companies").at(number).text_or("id");
  }

  World world_{{.labels = false, .poll_seconds = 1}};
};

TEST_F(Backup, IsMadeWhileTheDaemonRunsAndPutBackWithoutIt) {
  world_.crm().populate(3, 0);
  world_.crm().take_events();
  world_.start();
  ASSERT_EQ(world_.run({"backfill"}).code, 0);
  const std::string file = world_.file("copy.db").string();
  const Finished made = world_.run({"backup", file, "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(json(made.out).at("records"), Value(3));
  EXPECT_EQ(world_.run({"backup", file}).code, 64) << "never over another one unasked";
  EXPECT_EQ(world_.run({"backup", file, "--force"}).code, 0);
  EXPECT_EQ(world_.run({"restore", file}).code, 75);

  tell(company(0), "2");  // what the backup does not know
  ASSERT_EQ(world_.daemon().stop(), 0);
  world_.crm().update("companies", company(1), {{"annualrevenue", "3"}});
  world_.crm().take_events();  // and nobody tells of it
  const Finished restored = world_.run({"restore", file, "--json"});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_TRUE(std::filesystem::exists(json(restored.out).text_or("replaced")));
  EXPECT_EQ(json(restored.out).at("doubted"), Value(3));

  // What happened since comes by asking; nothing is made a second time.
  world_.start();
  EXPECT_TRUE(wait_until([&] { return world_.wrong().empty(); }));
  tell(company(0), "4");
  EXPECT_TRUE(world_.wrong().empty());
  EXPECT_EQ(world_.notices("dead"), 0);
  EXPECT_EQ(world_.assembly().accounts().size(), 3U);
}

TEST_F(Backup, OfSomethingElseIsRefusedAndNothingChanges) {
  world_.start();
  ASSERT_EQ(world_.daemon().stop(), 0);
  write_file(world_.file("junk"), "no database");
  const Finished refused = world_.run({"restore", world_.file("junk").string()});
  EXPECT_EQ(refused.code, 69);
  EXPECT_THAT(refused.err, HasSubstr("nothing was changed"));
  EXPECT_EQ(world_.run({"status"}).code, 0);
}

TEST_F(Backup, TailShowsWhatHappensAsItHappens) {
  world_.crm().populate(1, 0);
  world_.crm().take_events();
  world_.start();
  const auto tail = world_.spawn({"tail", "hubspot", "--json"});
  // Until it looks, it is not there yet; what comes then must show.
  std::vector<std::string> seen;
  ASSERT_TRUE(wait_until([&] {
    world_.crm().update("companies", company(0), {{"annualrevenue", std::to_string(seen.size())}});
    world_.deliver_events();
    seen.clear();
    std::istringstream lines(tail->out());
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
      seen.push_back(json(line).text_or("what"));
    }
    return std::find(seen.begin(), seen.end(), "ended") != seen.end();
  }));
  EXPECT_THAT(seen, Contains("received"));
  EXPECT_THAT(seen, Contains("delivery"));
  tail->signal(SIGINT);
  EXPECT_EQ(tail->wait(std::chrono::seconds{30}), 0);
  EXPECT_EQ(tail->err(), "");
  const Finished past = world_.run({"tail", "--since", "1h", "--once"});
  EXPECT_EQ(past.code, 0);
  EXPECT_THAT(past.out, HasSubstr("PUT /accounts"));
}

class Doctor : public Backup {
 protected:
  /// The level of each check of that name, the worst if there are several.
  std::string level(const Value& said, const std::string& name) {
    std::string worst;
    for (const Value& check : said.at("checks").as_list()) {
      if (check.text_or("name") != name) continue;
      if (worst.empty() || check.text_or("level") == "bad") worst = check.text_or("level");
    }
    return worst;
  }
  Value ask(int code) {
    const Finished said = world_.run({"doctor", "--json"});
    EXPECT_EQ(said.code, code) << said.out << said.err;
    for (const char* secret : {kApiKey, kAccessToken, kClientSecret}) {
      EXPECT_EQ((said.out + said.err).find(secret), std::string::npos);
    }
    return json(said.out);
  }
};

TEST_F(Doctor, SaysThatAllIsWellAndWhatIsNot) {
  // The world's public address does not exist.
  std::string config = read_file(world_.config());
  config.replace(config.find(kPublicUrl), std::string(kPublicUrl).size(), "http://localhost:1");
  write_file(world_.config(), config);
  world_.start();
  const Value well = ask(0);
  for (const char* name :
       {"configuration", "store file", "store folder", "store", "daemon", "clock", "credentials"}) {
    EXPECT_EQ(level(well, name), "ok") << name << ' ' << core::dump_json(well);
  }
  EXPECT_EQ(level(well, "webhooks hubspot"), "warn") << "none ever came";
  EXPECT_THAT(world_.run({"doctor"}).out, HasSubstr("ok    daemon"));

  std::filesystem::permissions(world_.store(), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  world_.crm().set_scope("crm.schemas.companies.read", false);
  ASSERT_EQ(world_.daemon().stop(), 0);
  const Value ill = ask(1);
  EXPECT_EQ(level(ill, "store file"), "bad");
  EXPECT_EQ(level(ill, "credentials"), "bad");
  EXPECT_EQ(level(ill, "daemon"), "warn");
}

}  // namespace
}  // namespace assembly_sync::test
