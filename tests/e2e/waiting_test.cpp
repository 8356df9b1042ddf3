// What needs a person, from the shell: `dead`, `holds` and `quarantine` beside a running daemon.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

class Waiting : public testing::Test {
 protected:
  /// Companies whose revenue is no number, each told by webhook: dead letters.
  void kill(std::size_t count) {
    world_.crm().populate(count, 0);
    for (const Value& company : world_.crm().records("companies")) {
      ids_.push_back(company.text_or("id"));
      world_.crm().update("companies", ids_.back(), {{"annualrevenue", "a lot"}});
    }
    world_.crm().take_events();
    world_.start();
    for (const std::string& id : ids_) {
      world_.crm().update("companies", id, {{"industry", "Tin"}});
    }
    ASSERT_EQ(world_.deliver_events(), 200);
    ASSERT_TRUE(world_.wait_settled());
    ASSERT_EQ(world_.notices("dead"), static_cast<std::int64_t>(ids_.size()));
  }
  /// In the CRM, and nobody tells of it.
  void mend() {
    for (const std::string& id : ids_) {
      world_.crm().update("companies", id, {{"annualrevenue", "7"}});
    }
    world_.crm().take_events();
  }
  Value run(std::vector<std::string> arguments, int code = 0) {
    arguments.emplace_back("--json");
    const Finished finished = world_.run(std::move(arguments));
    EXPECT_EQ(finished.code, code) << finished.err;
    return json(finished.out);
  }

  World world_{{.labels = false}};
  std::vector<std::string> ids_;
};

TEST_F(Waiting, ADeadLetterIsListedShownMendedAndRetried) {
  kill(2);
  const Value list = run({"dead", "list", "hubspot.companies", "--since", "yesterday"});
  EXPECT_EQ(list.at("counted"), Value(2));
  EXPECT_EQ(list.at("groups").as_list().size(), 1U);
  EXPECT_THAT(list.at("groups").as_list()[0].text_or("reason"), HasSubstr("contract_value"));
  const std::string id = std::to_string(list.at("items").as_list()[0].at("id").as_int());

  const Value one = run({"dead", "show", id});
  EXPECT_EQ(one.at("notice").at("state"), Value("dead"));
  EXPECT_FALSE(one.at("receipt").is_null());
  EXPECT_THAT(one.at("would_send").as_list().at(0).text_or("reason"), HasSubstr("contract_value"));
  EXPECT_THAT(world_.run({"dead", "show", id}).out, HasSubstr("assembly-sync dead retry " + id));

  mend();
  EXPECT_EQ(run({"dead", "retry", "--all", "--dry-run"}).at("retried"), Value(2));
  EXPECT_EQ(world_.notices("dead"), 2);
  const Finished retried = world_.run({"dead", "retry", id});
  EXPECT_EQ(retried.code, 0) << retried.err;
  EXPECT_THAT(retried.out, HasSubstr("1 dead letter is tried again"));
  ASSERT_TRUE(wait_until([&] { return world_.notices("delivered") == 1; }));
  EXPECT_EQ(world_.status().at("dead"), Value(1));
  EXPECT_EQ(world_.assembly().accounts().size(), 1U);

  EXPECT_EQ(run({"dead", "drop", "--all"}).at("dropped"), Value(1));
  EXPECT_EQ(world_.status().at("dead"), Value(0));
  EXPECT_EQ(world_.notices("ignored"), 1);
  EXPECT_THAT(world_.run({"dead"}).out,
              testing::AllOf(testing::StartsWith("no dead letters\ntried again since:"),
                             HasSubstr("1 came to their end")));
}

TEST_F(Waiting, ARetryStormIsTakenBackInOneCommand) {
  kill(30);
  mend();
  // The order is given while nothing is sent, so that there is something to take back.
  world_.daemon().kill();
  const Finished retried = world_.run({"dead", "retry", "--all"});
  EXPECT_EQ(retried.code, 0) << retried.err;
  EXPECT_THAT(retried.out, HasSubstr("30 dead letters are tried again"));
  EXPECT_THAT(retried.out, HasSubstr("no daemon is running"));
  EXPECT_THAT(retried.out, HasSubstr("dead retry --undo"));
  world_.start();
  const Value undone = run({"dead", "retry", "--undo"});
  ASSERT_TRUE(world_.wait_settled());
  // Each is either back, or its call had begun and has ended.
  EXPECT_EQ(world_.notices("dead") + world_.notices("delivered"), 30);
  EXPECT_EQ(world_.notices("dead"), undone.at("undone").as_int());
  EXPECT_EQ(world_.assembly().accounts().size(),
            static_cast<std::size_t>(world_.notices("delivered")));
  EXPECT_EQ(world_.notices("open"), 0);
}

TEST_F(Waiting, AnOrderMustSayWhichOnes) {
  world_.start();
  for (const char* verb : {"dead", "holds", "quarantine"}) {
    EXPECT_EQ(world_.run({verb, "retry"}).code, 64) << verb;
    EXPECT_EQ(world_.run({verb, "drop"}).code, 64) << verb;
    EXPECT_EQ(world_.run({verb, "retry", "7", "--since", "12h"}).code, 64) << verb;
    EXPECT_EQ(world_.run({verb, "list", "--since", "soon"}).code, 64) << verb;
    EXPECT_EQ(world_.run({verb, "show", "7"}).code, 1) << verb;
    EXPECT_EQ(world_.run({verb, "list"}).code, 0) << verb;
    EXPECT_EQ(world_.run({verb, "retry", "7"}).code, 1) << verb;
  }
  EXPECT_EQ(world_.run({"dead", "retry", "--undo"}).code, 1);
  EXPECT_EQ(world_.run({"dead", "retri"}).code, 64);
}

TEST_F(Waiting, AWebhookSignedWithTodaysSecretLeavesTheQuarantine) {
  const auto secret = world_.file("client_secret");
  write_file(secret, "the-former-one");
  std::filesystem::permissions(
      secret, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::string config = read_file(world_.config());
  const std::string from = "${env:HUBSPOT_CLIENT_SECRET}";
  config.replace(config.find(from), from.size(), "\"${file:" + secret.string() + "}\"");
  write_file(world_.config(), config);
  world_.crm().populate(1, 0);
  world_.crm().take_events();
  world_.start();
  world_.crm().update("companies", world_.crm().records("companies")[0].text_or("id"),
                      {{"industry", "Tin"}});
  EXPECT_EQ(world_.deliver_events(), 503);
  EXPECT_EQ(world_.status().at("quarantine"), Value(1));
  const Value stays = run({"quarantine", "retry", "--all"}, 1);
  EXPECT_EQ(stays.at("refused"), Value(1));

  write_file(secret, kClientSecret);
  const Finished shown = world_.run({"quarantine", "show", "1"});
  EXPECT_THAT(shown.out, HasSubstr("/hooks/hubspot"));
  EXPECT_EQ(run({"quarantine", "retry", "1"}).at("taken"), Value(1));
  ASSERT_TRUE(wait_until([&] { return world_.notices("delivered") == 1; }));
  EXPECT_EQ(world_.status().at("quarantine"), Value(0));
  EXPECT_EQ(world_.run({"quarantine", "list"}).out, "the quarantine is empty\n");
}

}  // namespace
}  // namespace assembly_sync::test
