// A configuration that changes while the daemon runs.
#include <csignal>
#include <memory>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kCompanies = 6;
constexpr const char* kYear = "contract_type: {value: Year}";
constexpr const char* kMonth = "contract_type: {value: Month}";

class Reload : public testing::Test {
 protected:
  Reload() {
    world_.crm().populate(kCompanies, 6);
    world_.start();
    EXPECT_EQ(world_.run({"backfill"}).code, 0);
    written_ = world_.writes().size();
  }

  void edit(const std::string& from, const std::string& to) {
    std::string text = read_file(world_.config());
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(world_.config(), text.replace(at, from.size(), to));
  }
  std::vector<sandbox::JournalEntry> writes_since() const {
    const auto all = world_.writes();
    return {all.begin() + static_cast<std::ptrdiff_t>(written_), all.end()};
  }
  /// Bodies of the writes that took effect since the first sync.
  std::vector<std::string> bodies() const {
    std::vector<std::string> bodies;
    for (const auto& entry : writes_since()) bodies.push_back(entry.body);
    return bodies;
  }
  /// Of the CRM's companies.
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Value& company : world_.crm().records("companies")) {
      ids.push_back(company.text_or("id"));
    }
    return ids;
  }
  /// Keys that Assembly's accounts go by, all of them.
  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const Value& account : world_.assembly().accounts()) {
      for (const Value& key : account.at("source_specific_ids").as_list()) {
        keys.push_back(key.as_string());
      }
    }
    return keys;
  }
  bool drained() { return world_.status().at("runs") == Value::list() && world_.settled(); }
  void await_drained() {
    EXPECT_TRUE(wait_until([&] { return drained(); })) << world_.admin("/");
  }

  mutable World world_{{}};
  std::size_t written_ = 0;
};

TEST_F(Reload, SendsWhatTheNewMappingMakesDifferentAndNothingElse) {
  edit(kYear, kMonth);
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 0) << reload.err;
  EXPECT_THAT(reload.out, HasSubstr("version 2 is in force"));
  EXPECT_THAT(reload.out, HasSubstr("mapped again"));
  await_drained();
  EXPECT_EQ(writes_since().size(), kCompanies);
  EXPECT_THAT(bodies(), Each(HasSubstr("Month")));
  const Value config = world_.status().at("config");
  EXPECT_EQ(config.at("version"), Value(2));
  EXPECT_EQ(config.at("before").as_list().size(), 1U);
}

TEST_F(Reload, ASignalDoesTheSame) {
  edit(kYear, kMonth);
  world_.daemon().signal(SIGHUP);
  EXPECT_TRUE(wait_until([&] { return world_.status().at("config").at("version") == Value(2); }));
  await_drained();
  EXPECT_EQ(writes_since().size(), kCompanies);
}

TEST_F(Reload, ACommentMapsNothingAgain) {
  edit("mappings:", "# what goes where\nmappings:");
  const Finished reload = world_.run({"reload", "--json"});
  EXPECT_EQ(reload.code, 0) << reload.err;
  EXPECT_EQ(json(reload.out).at("version"), Value(2));
  EXPECT_EQ(json(reload.out).at("maps_again"), Value(false));
  EXPECT_TRUE(drained());
}

TEST_F(Reload, TheSameFileIsNoNewVersion) {
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 0) << reload.err;
  EXPECT_THAT(reload.out, HasSubstr("version 1 is in force (it was already"));
}

TEST_F(Reload, Invariant13_ABadConfigurationIsRefusedAndTheOneBeforeGoesOn) {
  edit(kYear, "contract_type: properties.nam | uppr");
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 78);
  EXPECT_THAT(reload.err, HasSubstr(world_.config().string() + ':'));
  EXPECT_THAT(reload.err, HasSubstr("did you mean `upper`?"));
  EXPECT_THAT(reload.err, HasSubstr("goes on with the configuration it has"));
  EXPECT_THAT(world_.daemon().log(), HasSubstr("event=config_refused"));
  EXPECT_EQ(world_.status().at("config").at("version"), Value(1));
  // `status` tells it from the store, whatever has become of the file.
  const Finished status = world_.run({"status"});
  EXPECT_EQ(status.code, 0);
  EXPECT_THAT(status.out, HasSubstr("was refused: 1 problem"));
  EXPECT_THAT(status.out, HasSubstr("version 1"));

  const std::string id = ids().front();
  world_.crm().update("companies", id, {{"name", "Renamed"}});
  EXPECT_EQ(world_.deliver_events(), 200);
  EXPECT_TRUE(world_.wait_settled());
  EXPECT_EQ(world_.wrong(), std::vector<std::string>());

  edit("contract_type: properties.nam | uppr", kYear);
  EXPECT_EQ(world_.run({"reload"}).code, 0);
  EXPECT_THAT(world_.run({"status"}).out, Not(HasSubstr("was refused")));
}

TEST_F(Reload, WhatNeedsARestartIsSaidAndNothingChanges) {
  edit("store: {path: store.db}", "store: {path: other.db}");
  // The verb looks for the daemon where the file says the state is.
  EXPECT_EQ(world_.run({"reload"}).code, 69);
  edit("store: {path: other.db}", "store: {path: store.db}");
  edit("webhooks: \"127.0.0.1:0\"", "webhooks: \"127.0.0.1:1\"");
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 78);
  EXPECT_THAT(reload.err, HasSubstr("listen.webhooks changed"));
  EXPECT_THAT(reload.err, HasSubstr("needs a restart"));
}

TEST_F(Reload, AnotherFileThanTheDaemonsIsRefused) {
  write_file(world_.file("other.yaml"), read_file(world_.config()));
  const auto process = std::make_unique<Process>(
      std::vector<std::string>{"reload", "-c", world_.file("other.yaml").string()},
      world_.environment(), world_.file("other-reload"));
  EXPECT_EQ(process->wait(60s), 78);
  EXPECT_THAT(process->err(), HasSubstr("the file that the running daemon was started with"));
}

TEST_F(Reload, WithoutADaemonItSaysSo) {
  world_.daemon().stop();
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 69);
  EXPECT_THAT(reload.err, HasSubstr("no daemon is running"));
}

TEST_F(Reload, AChangeMadeWhileTheDaemonWasDownIsFoundAtTheStart) {
  world_.daemon().stop();
  edit(kYear, kMonth);
  world_.start();
  EXPECT_TRUE(wait_until([&] { return writes_since().size() == kCompanies; }));
  await_drained();
  EXPECT_EQ(writes_since().size(), kCompanies);
}

TEST_F(Reload, AValueThatWasNeverReadIsReadBeforeItIsSent) {
  const std::string id = ids().front();
  world_.crm().update("companies", id, {{"phone", "+49 30 1234"}});
  EXPECT_EQ(world_.deliver_events(), 200);
  EXPECT_TRUE(world_.wait_settled());
  written_ = world_.writes().size();
  edit("      Country: properties.country",
       "      Country: properties.country\n"
       "      Phone: properties.phone");
  const Finished plan = world_.run({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("properties.phone"));
  EXPECT_THAT(plan.out, HasSubstr("read again"));
  EXPECT_EQ(world_.run({"reload"}).code, 0);
  await_drained();
  // All six have one, and none was told that it has none.
  EXPECT_THAT(bodies(), testing::SizeIs(kCompanies));
  EXPECT_THAT(bodies(), testing::Contains(HasSubstr("+49 30 1234")));
  EXPECT_THAT(bodies(), Each(Not(HasSubstr("null"))));
}

TEST_F(Reload, ADeadLetterOfTheMappingIsTriedAgainWithTheNewOne) {
  const std::string id = ids().front();
  world_.crm().update("companies", id, {{"annualrevenue", "a lot"}});
  EXPECT_EQ(world_.deliver_events(), 200);
  EXPECT_TRUE(wait_until([&] { return world_.notices("dead") == 1; }));
  edit("properties.annualrevenue | to_number",
       "properties.annualrevenue | replace(\"a lot\", \"5\") | to_number");
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 0) << reload.err;
  await_drained();
  EXPECT_EQ(world_.notices("dead"), 0) << "its record went through";
  EXPECT_THAT(keys(), testing::Contains(company_key(id)));
}

TEST_F(Reload, AChangedKeyRenamesAndMakesNoTwins) {
  edit("key: concat(\"hubspot-company-\", id)", "key: concat(\"crm-company-\", id)");
  edit("company: concat(\"hubspot-company-\", associations.company)",
       "company: concat(\"crm-company-\", associations.company)");
  EXPECT_EQ(world_.run({"reload"}).code, 0);
  await_drained();
  std::vector<std::string> wanted;
  for (const std::string& id : ids()) wanted.push_back("crm-company-" + id);
  EXPECT_THAT(keys(), testing::UnorderedElementsAreArray(wanted));
  EXPECT_EQ(world_.assembly().accounts().size(), kCompanies);
}

TEST_F(Reload, RollbackReturnsToTheConfigurationBefore) {
  const std::string before = read_file(world_.config());
  edit(kYear, kMonth);
  const std::string after = read_file(world_.config());
  EXPECT_EQ(world_.run({"reload"}).code, 0);
  await_drained();

  const Finished rollback = world_.run({"rollback"});
  EXPECT_EQ(rollback.code, 0) << rollback.err;
  EXPECT_THAT(rollback.out, HasSubstr("as in version 1"));
  EXPECT_THAT(rollback.out, HasSubstr("version 3 is in force"));
  EXPECT_EQ(read_file(world_.config()), before);
  EXPECT_EQ(read_file(world_.file(".config.yaml.replaced")), after);
  await_drained();
  EXPECT_EQ(world_.wrong(), std::vector<std::string>());

  const Finished list = world_.run({"rollback", "--list", "--json"});
  EXPECT_EQ(json(list.out).at("versions").as_list().size(), 3U);
  EXPECT_EQ(world_.run({"rollback", "--to", "9"}).code, 64);
}

TEST_F(Reload, RollbackMendsAFileThatIsBroken) {
  const std::string before = read_file(world_.config());
  write_file(world_.config(), "version: 1\n  what: [is this\n");
  EXPECT_EQ(world_.run({"rollback", "--to", "1"}).code, 78);  // where is the state?
  const Finished rollback =
      world_.run({"rollback", "--to", "1", "--store", world_.store().string()});
  EXPECT_EQ(rollback.code, 0) << rollback.err;
  EXPECT_EQ(read_file(world_.config()), before);
}

TEST_F(Reload, AFileThatIsNoYamlStillTellsWhereTheStateIs) {
  const std::string before = read_file(world_.config());
  write_file(world_.config(), before + "tables: [\n");
  EXPECT_EQ(world_.run({"reload"}).code, 78);
  EXPECT_THAT(world_.run({"status"}).out, HasSubstr("was refused"));
  EXPECT_EQ(world_.run({"rollback"}).code, 0);
  EXPECT_EQ(read_file(world_.config()), before);
}

TEST_F(Reload, RollbackFirstUndoesAnEditThatIsNotInForce) {
  edit(kYear, kMonth);
  EXPECT_EQ(world_.run({"reload"}).code, 0);
  await_drained();
  written_ = world_.writes().size();
  const std::string in_force = read_file(world_.config());
  edit(kMonth, "contract_type: properties.name | uppr");
  EXPECT_EQ(world_.run({"reload"}).code, 78);
  const Finished rollback = world_.run({"rollback"});
  EXPECT_EQ(rollback.code, 0) << rollback.err;
  EXPECT_THAT(rollback.out, HasSubstr("in force"));
  EXPECT_EQ(read_file(world_.config()), in_force);
  EXPECT_TRUE(drained());
  EXPECT_TRUE(writes_since().empty());
}

TEST_F(Reload, RollbackWithoutAVersionBeforeSaysSo) {
  const Finished rollback = world_.run({"rollback"});
  EXPECT_EQ(rollback.code, 64);
  EXPECT_THAT(rollback.err, HasSubstr("no version before"));
}

TEST_F(Reload, WhatCameFromASourceThatWasTakenOutWaitsForItAndIsShown) {
  world_.crm().add_fault("/batch/read", 503, 4);  // for some seconds
  const std::string id = ids().front();
  world_.crm().update("companies", id, {{"name", "Renamed"}});
  EXPECT_EQ(world_.deliver_events(), 200);
  EXPECT_TRUE(wait_until([&] { return world_.notices("open") == 1; }));
  const std::string before = read_file(world_.config());
  write_file(world_.file("billing.csv"), "id,name,domain\n");
  write_file(world_.config(),
             before.substr(0, before.find("sources:")) +
                 "sources: {billing: {type: csv, path: billing.csv, objects: {c: {id: id}}}}\n"
                 "mappings:\n  - {name: c, from: billing.c, to: company, key: id, "
                 "fields: {name: name, domain: domain}}\n");
  const Finished reload = world_.run({"reload"});
  EXPECT_EQ(reload.code, 0) << reload.err;
  EXPECT_THAT(world_.run({"status"}).out,
              HasSubstr("source hubspot was taken out of the configuration"));
  EXPECT_EQ(world_.run({"rollback"}).code, 0);
  EXPECT_TRUE(wait_until([&] { return world_.wrong().empty() && drained(); }));
  EXPECT_THAT(world_.run({"status"}).out, Not(HasSubstr("taken out")));
}

TEST_F(Reload, AnotherRateIsInForceAtOnce) {
  edit("rate_per_second: 30", "rate_per_second: 12");
  EXPECT_EQ(world_.run({"reload"}).code, 0);
  EXPECT_EQ(world_.status().at("budget").at("per_second"), Value(12.0));
  const std::string id = ids().front();
  world_.crm().update("companies", id, {{"name", "Renamed"}});
  EXPECT_EQ(world_.deliver_events(), 200);
  EXPECT_TRUE(world_.wait_settled());
  EXPECT_EQ(world_.wrong(), std::vector<std::string>());
}

}  // namespace
}  // namespace assembly_sync::test
