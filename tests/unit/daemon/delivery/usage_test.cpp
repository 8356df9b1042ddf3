// Usage logs from plan to settle against the local Assembly, step by step and without threads: the
// test is the dispatcher, the clock is a number, and a crash is what is not written.
#include "daemon/delivery/usage.hpp"

#include <map>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "core/random.hpp"
#include "daemon/delivery/settle.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sandbox.hpp"
#include "daemon/sync/planner.hpp"
#include "daemon/sync/removal.hpp"
#include "daemon/sync/usage.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;
using core::Value;
using sandbox::Fault;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;

constexpr std::int64_t kStart = 1'767'225'600'000;
using Response = tl::expected<core::HttpResponse, core::HttpFailure>;

/// The way to the local Assembly, on which answers may be changed.
class Way final : public core::HttpTransport {
 public:
  explicit Way(core::Clock& clock) : real_(clock) {}
  Response send(const core::HttpRequest& request) override {
    Response answer = real_.send(request);
    if (change) change(request, answer);
    return answer;
  }
  std::function<void(const core::HttpRequest&, Response&)> change{};

 private:
  http::PooledTransport real_;
};

core::RecordRef record(const std::string& id) {
  return {core::SourceName("product"), core::ObjectName("logins"), core::RecordId(id)};
}

core::Intent event(int n, const std::string& account = "acme") {
  core::Intent intent;
  intent.mapping = "logins";
  intent.kind = EntityKind::usage;
  intent.key =
      core::event_key(core::SourceName("product"), core::ObjectName("logins"), std::to_string(n));
  if (!account.empty()) intent.about = core::About{EntityKind::company, core::Key(account)};
  intent.fields = {{"timestamp", core::format_utc(core::from_ms(kStart + n * 1000))},
                   {"type", "Metric"},
                   {"content", "logged in"},
                   {"attribute", "Login"},
                   {"value", n}};
  intent.metadata = {{"User", "u" + std::to_string(n)}};
  return intent;
}

sandbox::SandboxOptions without_limit() {
  sandbox::SandboxOptions options;
  options.rate_per_second = 0;
  return options;
}

class Usage : public testing::Test {
 protected:
  Usage()
      : assembly_(without_limit(), clock_),
        way_(clock_),
        client_(way_, clock_, {assembly_.url(), core::Secret("sandbox-key"), 5s}),
        calls_(client_, *store_),
        random_(core::make_seeded_random(7)) {
    account("acme");
  }

  /// In Assembly, and known to be there.
  void account(const std::string& key) {
    const auto made =
        client_.upsert(assembly::Collection::accounts, core::Key(key),
                       {{"type", "Company"}, {"name", key}, {"domain", key + ".test"}});
    store_.write([&](Tx& tx) {
      store::Entity entity = tx.ensure_entity(EntityKind::company, core::Key(key));
      entity.present = true;
      entity.assembly_id = std::get<assembly::Delivered>(made).id;
      tx.update_entity(entity);
    });
  }
  void plan(const core::Intent& intent) {
    store_.write([&](Tx& tx) {
      sync::plan(tx, occasion(tx, intent), {{sync::Verdict::Kind::intent, {}, intent, {}}});
    });
  }
  void remove(const core::Intent& intent) {
    store_.write(
        [&](Tx& tx) { sync::plan_deletion(tx, occasion(tx, intent), "deleted in product"); });
  }
  sync::Occasion occasion(Tx& tx, const core::Intent& intent) {
    sync::Occasion occasion;
    occasion.record = record(intent.key.str());
    occasion.now_ms = now_;
    store::NewNotice row;
    row.ref = occasion.record;
    occasion.notice = tx.add_notice(row);
    return occasion;
  }

  enum class Death { none, before_the_call, after_the_call };
  /// One turn of the dispatcher; false when nothing is due.
  bool turn(Death death = Death::none) {
    std::optional<store::Claim> claim;
    store_.write([&](Tx& tx) { claim = tx.claim(now_, "lease"); });
    if (!claim) return false;
    if (needs_no_call(*claim)) {
      store_.write([&](Tx& tx) { settle_unchanged(tx, *claim, now_); });
      return true;
    }
    Request request = request_for(*claim, remaining(*claim), {});
    if (death == Death::before_the_call) return restart();
    const assembly::Outcome outcome = calls_.send(*claim, request);
    if (death == Death::after_the_call) return restart();
    last_ = request;
    store_.write([&](Tx& tx) { settle(tx, *claim, request, outcome, *random_, now_); });
    return true;
  }
  bool restart() {
    store_.write([&](Tx& tx) { recover(tx, true, now_); });
    return true;
  }
  /// Lets time pass until nothing is left to do.
  void run_dry() {
    for (int turns = 0; turns < 3000; ++turns) {
      if (turn()) continue;
      const auto due = store_.read([&](const store::View& v) { return v.next_due_ms(now_); });
      if (!due) return;
      now_ = *due;
    }
    ADD_FAILURE() << "it never comes to rest";
  }

  void fault(Fault::Kind kind, const std::string& method = "POST", int status = 500) {
    Fault fault;
    fault.kind = kind;
    fault.status = status;
    fault.method = method;
    fault.path_contains = "/usage";
    assembly_.add_fault(fault);
  }
  store::Entity log(int n) {
    return store_.read(
        [&](const store::View& v) { return v.entity(EntityKind::usage, event(n).key).value(); });
  }
  std::optional<store::Change> pending(int n) {
    const RowId id = log(n).id;
    return store_.read([&](const store::View& v) { return v.pending_of(id); });
  }
  std::int64_t count(NoticeState state) {
    return store_.read(
        [&](const store::View& v) { return v.totals().notices[static_cast<std::size_t>(state)]; });
  }
  int calls(const std::string& method) const {
    int calls = 0;
    for (const auto& entry : assembly_.journal()) {
      calls += entry.method == method && entry.target.find("/usage") != std::string::npos ? 1 : 0;
    }
    return calls;
  }
  /// How often each event is in Assembly, by its id.
  std::map<std::string, int> stored() const {
    std::map<std::string, int> stored;
    for (const Value& log : assembly_.usage()) {
      ++stored[log.at("metadata").text_or(core::kEventIdMember)];
    }
    return stored;
  }
  void expect_once(int n) {
    const std::map<std::string, int> once{{event(n).key.str(), 1}};
    EXPECT_EQ(stored(), once);
    EXPECT_TRUE(log(n).present);
    EXPECT_FALSE(log(n).doubtful);
  }

  core::SystemClock clock_;
  sandbox::Sandbox assembly_;
  Way way_;
  assembly::Client client_;
  test::TempStore store_;
  UsageCalls calls_;
  std::unique_ptr<core::Random> random_;
  std::int64_t now_ = kStart;
  Request last_;
};

TEST_F(Usage, ALogIsStoredUnderWhatItIsAboutWithItsEventId) {
  plan(event(3));
  run_dry();
  const auto logs = assembly_.usage();
  ASSERT_EQ(logs.size(), 1u);
  EXPECT_EQ(logs[0].text_or("account_id"), assembly_.accounts().at(0).text_or("id"));
  EXPECT_EQ(logs[0].text_or("timestamp"), "2026-01-01T00:00:03Z");
  EXPECT_EQ(logs[0].at("value"), Value(3));
  EXPECT_EQ(logs[0].at("metadata"),
            Value::object({{"User", "u3"}, {"event_id", "product.logins/3"}}));
  EXPECT_EQ(log(3).assembly_id, core::AssemblyId(logs[0].text_or("id")));
  EXPECT_EQ(count(NoticeState::delivered), 1);
  EXPECT_EQ(last_.path(), "/usage/accounts");
}

TEST_F(Usage, ALogMayBeAboutTheOrganisationOrAContact) {
  plan(event(1, ""));
  run_dry();
  EXPECT_EQ(last_.path(), "/usage");
  const auto made = client_.upsert(
      assembly::Collection::contacts, core::Key("jo"),
      {{"name", "Jo"}, {"domain", "jo@acme.test"}, {"company_source_specific_id", "acme"}});
  store_.write([&](Tx& tx) {
    store::Entity jo = tx.ensure_entity(EntityKind::contact, core::Key("jo"));
    jo.present = true;
    jo.assembly_id = std::get<assembly::Delivered>(made).id;
    tx.update_entity(jo);
  });
  core::Intent about_jo = event(2, "");
  about_jo.about = core::About{EntityKind::contact, core::Key("jo")};
  plan(about_jo);
  run_dry();
  EXPECT_EQ(last_.path(), "/usage/contacts");
  const auto logs = assembly_.usage();
  ASSERT_EQ(logs.size(), 2u);
  EXPECT_EQ(logs[0].text_or("contact_id"), assembly_.contacts().at(0).text_or("id"));
  EXPECT_EQ(logs[1].at("account_id"), Value());
}

TEST_F(Usage, Invariant6_AnAnswerThatWasLostIsLookedForAndNotRepeated) {
  for (const auto kind :
       {Fault::Kind::drop_after, Fault::Kind::truncated, Fault::Kind::malformed}) {
    const int n = static_cast<int>(kind);
    fault(kind);
    plan(event(n));
    run_dry();
    EXPECT_EQ(stored()[event(n).key.str()], 1) << "fault " << n;
    EXPECT_TRUE(log(n).present);
  }
  EXPECT_EQ(calls("POST"), 3);
  EXPECT_EQ(calls("GET"), 3);
  EXPECT_EQ(count(NoticeState::delivered), 3);
}

TEST_F(Usage, Invariant6_WhatSurelyIsNotThereIsSentAgain) {
  fault(Fault::Kind::drop_before);
  fault(Fault::Kind::status, "POST", 500);
  plan(event(1));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 3);
  EXPECT_EQ(calls("GET"), 2) << "a look before each repetition";
}

TEST_F(Usage, Invariant6_AnAnswerWithoutAnIdIsLookedFor) {
  way_.change = [](const core::HttpRequest& request, Response& answer) {
    if (request.method == "POST" && answer) answer->body = "{}";
  };
  plan(event(1));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
}

TEST_F(Usage, Invariant6_ARedirectedPostIsLookedFor) {
  way_.change = [](const core::HttpRequest& request, Response& answer) {
    if (request.method == "POST" && answer) answer->status = 303;
  };
  plan(event(1));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
}

TEST_F(Usage, Invariant6_ADeathBeforeOrAfterTheCallIsLookedFor) {
  plan(event(1));
  turn(Death::after_the_call);
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
  plan(event(2));
  turn(Death::before_the_call);
  run_dry();
  EXPECT_EQ(stored()[event(2).key.str()], 1);
  EXPECT_EQ(calls("POST"), 2);
}

TEST_F(Usage, WhatSurelyHadNoEffectIsRepeatedWithoutALook) {
  fault(Fault::Kind::status, "POST", 429);
  fault(Fault::Kind::status, "POST", 401);
  fault(Fault::Kind::status, "POST", 425);
  plan(event(1));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("GET"), 0);
}

TEST_F(Usage, Invariant6_TheLookComesOnlyWhenAssemblyIsDoneWithTheCall) {
  fault(Fault::Kind::drop_after);
  plan(event(1));
  turn();
  EXPECT_GE(pending(1)->due_ms, now_ + kUsagePause.count());
  fault(Fault::Kind::status, "POST", 504);
  plan(event(2));
  turn();
  EXPECT_GE(pending(2)->due_ms, now_ + kUsageTimeOutPause.count());
  plan(event(3));
  turn(Death::after_the_call);
  EXPECT_GE(pending(3)->due_ms, now_ + kUsagePause.count());
  way_.change = [](const core::HttpRequest&, Response& answer) {
    answer = tl::unexpected(core::HttpFailure{true, "timed out after 30000 ms", true});
  };
  plan(event(4));
  turn();
  EXPECT_GE(pending(4)->due_ms, now_ + kUsageTimeOutPause.count());
}

TEST_F(Usage, Invariant6_ACallWhoseLeaseRanOutMayStillBeUnderWay) {
  plan(event(1));
  store_.write([&](Tx& tx) { (void)tx.claim(now_, "lease"); });
  now_ += 31 * 60 * 1000;
  store_.write([&](Tx& tx) { EXPECT_EQ(recover(tx, false, now_), 1); });
  EXPECT_TRUE(sync::in_doubt(log(1)));
  EXPECT_GE(pending(1)->due_ms, now_ + kUsageLeasePause.count());
}

TEST_F(Usage, Invariant6_ALookThatFailsIsMadeAgain) {
  fault(Fault::Kind::drop_after);
  fault(Fault::Kind::status, "GET", 500);
  fault(Fault::Kind::status, "GET", 429);
  fault(Fault::Kind::drop_before, "GET");
  fault(Fault::Kind::malformed, "GET");
  fault(Fault::Kind::status, "GET", 401);
  plan(event(1));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
  EXPECT_EQ(calls("GET"), 6);
}

TEST_F(Usage, Invariant6_ADeathDuringALookChangesNothing) {
  fault(Fault::Kind::drop_after);
  plan(event(1));
  turn();
  now_ = pending(1)->due_ms;
  turn(Death::after_the_call);
  EXPECT_TRUE(sync::in_doubt(log(1)));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
}

TEST_F(Usage, Invariant6_WhatCantBeToldIsHeldAndNotSent) {
  way_.change = [](const core::HttpRequest& request, Response& answer) {
    if (request.method != "GET" || !answer) return;
    for (std::size_t at; (at = answer->body.find("\"metadata\"")) != std::string::npos;) {
      answer->body.replace(at, 10, "\"hidden\"");
    }
  };
  fault(Fault::Kind::drop_after);
  plan(event(1));
  run_dry();
  EXPECT_EQ(calls("POST"), 1);
  EXPECT_EQ(calls("GET"), 2) << "the list, and the one log of that time";
  EXPECT_EQ(count(NoticeState::held), 1);
  EXPECT_EQ(count(NoticeState::open), 0);
  EXPECT_FALSE(pending(1));
  // Nor when the record is read once more: it is looked for again.
  plan(event(1));
  run_dry();
  EXPECT_EQ(calls("POST"), 1);
  EXPECT_EQ(count(NoticeState::held), 2);
  way_.change = {};
  plan(event(1));
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
}

TEST_F(Usage, Invariant6_AListThatIsRefusedTellsNothing) {
  fault(Fault::Kind::drop_after);
  fault(Fault::Kind::status, "GET", 400);
  plan(event(1));
  run_dry();
  EXPECT_EQ(calls("POST"), 1);
  EXPECT_EQ(count(NoticeState::held), 1);
}

TEST_F(Usage, Invariant6_ALogIsLookedForWhereAndWhenItWasSent) {
  account("other");
  for (int n = 100; n < 350; ++n) plan(event(n));
  run_dry();
  fault(Fault::Kind::drop_after);
  plan(event(1));
  turn();
  core::Intent moved = event(1, "other");
  moved.fields["timestamp"] = core::format_utc(core::from_ms(kStart + 900'000'000));
  plan(moved);
  run_dry();
  EXPECT_EQ(stored()[event(1).key.str()], 1);
  EXPECT_EQ(calls("POST"), 251);
  EXPECT_TRUE(log(1).present);
}

TEST_F(Usage, Invariant6_ALogOfAnItemThatIsGoneIsLookedForAmongAll) {
  fault(Fault::Kind::drop_after);
  plan(event(1));
  turn();
  client_.remove(assembly::Collection::accounts, assembly::Identifier::of(core::Key("acme")));
  run_dry();
  EXPECT_EQ(stored()[event(1).key.str()], 1);
  EXPECT_TRUE(log(1).present);
}

TEST_F(Usage, AnItemThatIsGoneEndsItAsADeadLetter) {
  client_.remove(assembly::Collection::accounts, assembly::Identifier::of(core::Key("acme")));
  plan(event(1));
  run_dry();
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_EQ(calls("POST"), 1);
  const auto dead = store_.read([](const store::View& v) { return v.dead_notices(1); });
  EXPECT_NE(dead.at(0).reason.find("is about is not in Assembly"), std::string::npos)
      << dead.at(0).reason;
}

TEST_F(Usage, ARefusedLogIsADeadLetter) {
  core::Intent wrong = event(1);
  wrong.fields["type"] = "Guess";
  plan(wrong);
  run_dry();
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_EQ(calls("POST"), 0) << "refused before it cost a call";
}

TEST_F(Usage, ALogThatFollowsItsRecordIsUpdatedWithWhatDiffers) {
  core::Intent intent = event(1);
  intent.update_on_change = true;
  plan(intent);
  run_dry();
  intent.fields["value"] = 42;
  plan(intent);
  fault(Fault::Kind::drop_before, "PUT");
  run_dry();
  expect_once(1);
  EXPECT_EQ(assembly_.usage().at(0).at("value"), Value(42));
  EXPECT_EQ(calls("PUT"), 2) << "an update may be repeated";
  EXPECT_EQ(calls("GET"), 0);
  intent.metadata = {{"Team", "t"}};
  plan(intent);
  run_dry();
  EXPECT_EQ(last_.body.size(), 1u);
  EXPECT_EQ(assembly_.usage().at(0).at("metadata"),
            Value::object({{"Team", "t"}, {"event_id", "product.logins/1"}}));
}

TEST_F(Usage, ANewerStateOfALogInDoubtIsAnUpdateOnceItIsFound) {
  core::Intent intent = event(1);
  intent.update_on_change = true;
  fault(Fault::Kind::drop_after);
  plan(intent);
  turn();
  intent.fields["value"] = 42;
  plan(intent);
  run_dry();
  expect_once(1);
  EXPECT_EQ(calls("POST"), 1);
  EXPECT_EQ(assembly_.usage().at(0).at("value"), Value(42));
}

TEST_F(Usage, ALogThatIsGoneIsNotMadeAgain) {
  core::Intent intent = event(1);
  intent.update_on_change = true;
  plan(intent);
  run_dry();
  client_.remove_usage(*log(1).assembly_id);
  intent.fields["value"] = 42;
  plan(intent);
  run_dry();
  EXPECT_TRUE(assembly_.usage().empty());
  EXPECT_EQ(count(NoticeState::dead), 1);
}

TEST_F(Usage, ADeletedRecordTakesItsLogAlong) {
  core::Intent intent = event(1);
  intent.on_delete = core::OnDelete::remove;
  plan(intent);
  run_dry();
  fault(Fault::Kind::drop_after, "DELETE");
  remove(intent);
  run_dry();
  EXPECT_TRUE(assembly_.usage().empty());
  EXPECT_FALSE(log(1).present);
}

TEST_F(Usage, Invariant6_ALogInDoubtIsFoundBeforeItIsRemoved) {
  core::Intent intent = event(1);
  intent.on_delete = core::OnDelete::remove;
  fault(Fault::Kind::drop_after);
  plan(intent);
  turn();
  remove(intent);
  run_dry();
  EXPECT_TRUE(assembly_.usage().empty());
  EXPECT_EQ(calls("DELETE"), 1);
  intent = event(2);
  intent.on_delete = core::OnDelete::remove;
  fault(Fault::Kind::drop_before);
  plan(intent);
  turn();
  remove(intent);
  run_dry();
  EXPECT_TRUE(assembly_.usage().empty());
  EXPECT_EQ(calls("POST"), 2) << "what is not there is not sent only to be removed";
}

/// Whatever goes wrong, in whatever order.
TEST_F(Usage, Invariant6_WhateverGoesWrongEachEventIsThereOnce) {
  account("other");
  constexpr int kEvents = 150;
  const auto below = [&](std::uint64_t end) { return random_->next() % end; };
  std::map<std::string, int> once;
  const auto plan_some = [&](int n) {
    core::Intent intent = event(n, below(5) == 0 ? "other" : below(9) == 0 ? "" : "acme");
    if (below(4) == 0) intent.fields["value"] = static_cast<std::int64_t>(below(1000));
    if (below(6) == 0) {
      intent.fields["timestamp"] =
          core::format_utc(core::from_ms(kStart + static_cast<std::int64_t>(below(300)) * 1000));
    }
    intent.update_on_change = below(3) == 0;
    plan(intent);
  };
  for (int n = 0; n < kEvents; ++n) {
    once[event(n).key.str()] = 1;
    plan_some(n);
    for (std::uint64_t turns = below(4); turns-- > 0;) {
      constexpr Fault::Kind kKinds[] = {Fault::Kind::status,     Fault::Kind::drop_before,
                                        Fault::Kind::drop_after, Fault::Kind::drop_after,
                                        Fault::Kind::truncated,  Fault::Kind::malformed};
      constexpr int kStatus[] = {500, 503, 429, 401, 408, 302};
      if (below(3) != 0) fault(kKinds[below(6)], "", kStatus[below(6)]);
      turn(below(4) == 0   ? Death::after_the_call
           : below(5) == 0 ? Death::before_the_call
                           : Death::none);
      now_ += static_cast<std::int64_t>(below(20'000));
      if (below(3) == 0) plan_some(static_cast<int>(below(static_cast<std::uint64_t>(n) + 1)));
    }
  }
  run_dry();
  EXPECT_EQ(stored(), once);
  EXPECT_EQ(count(NoticeState::open), 0);
  EXPECT_EQ(count(NoticeState::dead), 0);
  EXPECT_EQ(count(NoticeState::held), 0);
  for (int n = 0; n < kEvents; ++n) EXPECT_TRUE(log(n).present) << n;
}

}  // namespace
}  // namespace assembly_sync::delivery
