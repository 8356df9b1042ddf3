#include "daemon/sandbox/sandbox.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/wire.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::Fault;
using sandbox::Sandbox;
using sandbox::SandboxOptions;

constexpr const char* kKey = "sandbox-key";
constexpr const char* kAcme = R"({"type":"Company","name":"Acme","domain":"acme.test"})";

class SandboxTest : public testing::Test {
 protected:
  static SandboxOptions unlimited() {
    SandboxOptions options;
    options.rate_per_second = 0;
    return options;
  }
  ManualClock clock;
};

TEST_F(SandboxTest, F3_A2_OnlyTheRawKeyPasses) {
  Sandbox sandbox(unlimited(), clock);
  EXPECT_EQ(Wire(sandbox.url(), kKey).get("/accounts").status, 200);
  for (const char* wrong : {"", "Bearer sandbox-key", "other-key"}) {
    const WireAnswer answer = Wire(sandbox.url(), wrong).get("/accounts");
    EXPECT_EQ(answer.status, 401) << wrong;
    EXPECT_FALSE(answer.body.text_or("error").empty());
  }
}

TEST_F(SandboxTest, ARevokedKeyIsRefusedUntilSetBack) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  sandbox.set_key_revoked(true);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 401);
  EXPECT_TRUE(sandbox.accounts().empty());
  sandbox.set_key_revoked(false);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 200);
}

TEST_F(SandboxTest, WithoutAKeyOfItsOwnItTakesAnyButNotNone) {
  SandboxOptions options = unlimited();
  options.api_key.clear();
  Sandbox sandbox(options, clock);
  EXPECT_EQ(Wire(sandbox.url(), "anything").get("/accounts").status, 200);
  EXPECT_EQ(Wire(sandbox.url(), "").get("/accounts").status, 401);
}

TEST_F(SandboxTest, A171_I22_EveryRequestCountsAndTheThirtyFirstIsRefused) {
  Sandbox sandbox(SandboxOptions{}, clock);
  Wire wire(sandbox.url(), kKey);
  Wire stranger(sandbox.url(), "wrong");
  for (int i = 0; i < 15; ++i) {
    EXPECT_EQ(wire.get("/accounts").status, 200);
    EXPECT_EQ(stranger.get("/accounts").status, 401);
  }
  const WireAnswer refused = wire.post("/accounts", kAcme);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(core::find_header(refused.headers, "Retry-After"), "1");
  EXPECT_TRUE(sandbox.accounts().empty());
  clock.advance(std::chrono::milliseconds{999});
  EXPECT_EQ(wire.get("/accounts").status, 429);
  clock.advance(std::chrono::milliseconds{1});
  EXPECT_EQ(wire.get("/accounts").status, 200);
  EXPECT_EQ(sandbox.stats().requests, 33U);
  EXPECT_EQ(sandbox.stats().refused, 2U);
}

TEST_F(SandboxTest, Q2_RetryAfterMayBeADate) {
  SandboxOptions options;
  options.rate_per_second = 1;
  options.switches.retry_after = sandbox::RetryAfter::date;
  Sandbox sandbox(options, clock);  // 2026-01-01T00:00:00.5Z
  Wire wire(sandbox.url(), kKey);
  wire.get("/accounts");
  EXPECT_EQ(core::find_header(wire.get("/accounts").headers, "Retry-After"),
            "Thu, 01 Jan 2026 00:00:01 GMT");
}

TEST_F(SandboxTest, I22_OnlyWritesMayCount) {
  SandboxOptions options;
  options.rate_per_second = 1;
  options.switches.only_writes_count = true;
  Sandbox sandbox(options, clock);
  Wire wire(sandbox.url(), kKey);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(wire.get("/accounts").status, 200);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 200);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 429);
}

TEST_F(SandboxTest, A172_TheRateIsAnOption) {
  SandboxOptions options;
  options.rate_per_second = 60;
  Sandbox sandbox(options, clock);
  Wire wire(sandbox.url(), kKey);
  for (int i = 0; i < 60; ++i) ASSERT_EQ(wire.get("/accounts").status, 200) << i;
  EXPECT_EQ(wire.get("/accounts").status, 429);
}

TEST_F(SandboxTest, I23_AllCallersOfOneKeyShareItsLimit) {
  SandboxOptions options;
  options.rate_per_second = 2;
  Sandbox sandbox(options, clock);
  EXPECT_EQ(Wire(sandbox.url(), kKey).get("/accounts").status, 200);
  EXPECT_EQ(Wire(sandbox.url(), kKey).get("/accounts").status, 200);
  EXPECT_EQ(Wire(sandbox.url(), kKey).get("/accounts").status, 429);
}

TEST_F(SandboxTest, I12_Q4_AnErrorHasAnyOfItsShapes) {
  const std::pair<const char*, const char*> shapes[] = {
      {"error", R"({"error":"account not found"})"},
      {"number", R"({"error":404,"message":"account not found"})"},
      {"message", R"({"message":"account not found"})"},
      {"object", R"({"error":{"code":404,"message":"account not found"}})"},
      {"text", "account not found"},
      {"empty", ""},
  };
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  for (const auto& [shape, body] : shapes) {
    sandbox.set_switches(*sandbox::with_switch({}, "error_body", shape));
    const WireAnswer answer = wire.get("/accounts/none.test");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.text, body) << shape;
  }
}

TEST_F(SandboxTest, I11_AnAnswerWithoutABodyIsOneOnTheWire) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  sandbox::Switches switches;
  switches.create_status = 204;
  switches.delete_status = 204;
  sandbox.set_switches(switches);
  const WireAnswer made = wire.post("/accounts", kAcme);
  EXPECT_EQ(made.status, 204);
  EXPECT_EQ(made.text, "");
  EXPECT_EQ(wire.call("DELETE", "/accounts/acme.test").status, 204);
  EXPECT_TRUE(sandbox.accounts().empty());
}

TEST_F(SandboxTest, Q31_AKeyProblemIs401Or403) {
  SandboxOptions options = unlimited();
  options.switches.key_problem_status = 403;
  Sandbox sandbox(options, clock);
  EXPECT_EQ(Wire(sandbox.url(), "wrong").get("/accounts").status, 403);
}

TEST_F(SandboxTest, A4_AFaultTakesTheKeyAwayUntilItIsSetBack) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  EXPECT_EQ(wire.post("/_sandbox/faults", R"({"kind":"key_revoked","method":"PUT"})").status, 200);
  EXPECT_EQ(wire.get("/accounts").status, 200);
  EXPECT_EQ(wire.call("PUT", "/accounts/upsert", kAcme).status, 401);
  EXPECT_EQ(wire.get("/accounts").status, 401);
  EXPECT_TRUE(sandbox.accounts().empty());
  EXPECT_EQ(wire.post("/_sandbox/key", R"({"revoked":false})").status, 200);
  EXPECT_EQ(wire.get("/accounts").status, 200);
}

TEST_F(SandboxTest, ControlReadsAndSetsSwitches) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  wire.post("/accounts", kAcme);
  EXPECT_EQ(wire.get("/_sandbox/switches").body.text_or("not_found"), "404");
  const WireAnswer set =
      wire.post("/_sandbox/switches", R"({"not_found":"400","list_elements":"wrapped"})");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(set.body.text_or("not_found"), "400");
  EXPECT_EQ(wire.get("/accounts/none.test").status, 400);
  const Value page = wire.get("/accounts").body.at("accounts");
  EXPECT_EQ(page.at("data").as_list().at(0).at("account").text_or("name"), "Acme");
  const WireAnswer slip = wire.post("/_sandbox/switches", R"({"not_fund":"400"})");
  EXPECT_EQ(slip.status, 400);
  EXPECT_EQ(slip.body.text_or("error"), "no switch not_fund; did you mean not_found?");
  EXPECT_EQ(wire.post("/_sandbox/switches", R"({"not_found":404})").status, 400);
  EXPECT_EQ(wire.call("POST", "/_sandbox/reset", "{}").status, 200);
  EXPECT_EQ(wire.get("/_sandbox/switches").body.text_or("not_found"), "404");
}

TEST_F(SandboxTest, Q2_RetryAfterIsASwitch) {
  SandboxOptions options;
  options.rate_per_second = 1;
  options.switches.retry_after = sandbox::RetryAfter::none;
  Sandbox sandbox(options, clock);
  Wire wire(sandbox.url(), kKey);
  wire.get("/accounts");
  const WireAnswer refused = wire.get("/accounts");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(core::find_header(refused.headers, "Retry-After"), std::nullopt);
}

TEST_F(SandboxTest, TheBusiestSecondCountsAcceptedAndRefused) {
  SandboxOptions options;
  options.rate_per_second = 2;
  Sandbox sandbox(options, clock);
  Wire wire(sandbox.url(), kKey);
  for (int i = 0; i < 3; ++i) wire.get("/accounts");
  clock.advance(std::chrono::milliseconds{600});
  for (int i = 0; i < 2; ++i) wire.get("/accounts");
  clock.advance(std::chrono::milliseconds{600});
  wire.get("/accounts");
  EXPECT_EQ(sandbox.stats().busiest_second, 5U);
}

TEST_F(SandboxTest, TheJournalShowsEachRequestInOrderOfArrival) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  wire.post("/accounts", kAcme);
  clock.advance(std::chrono::milliseconds{5});
  wire.get("/accounts/none.test?x=1");
  const auto journal = sandbox.journal();
  ASSERT_EQ(journal.size(), 2U);
  EXPECT_EQ(journal[0].number, 1U);
  EXPECT_EQ(journal[0].method, "POST");
  EXPECT_EQ(journal[0].body, kAcme);
  EXPECT_EQ(journal[0].status, 200);
  EXPECT_TRUE(journal[0].processed);
  EXPECT_EQ(journal[1].target, "/accounts/none.test?x=1");
  EXPECT_EQ(journal[1].status, 404);
  EXPECT_FALSE(journal[1].processed);
  EXPECT_EQ(journal[1].arrived_us - journal[0].arrived_us, 5000);
  EXPECT_EQ(sandbox.stats().writes, 1U);
  sandbox.clear_journal();
  EXPECT_TRUE(sandbox.journal().empty());
}

TEST_F(SandboxTest, A127_ADeleteCarriesItsBodyOverTheWire) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  wire.post("/accounts", kAcme);
  wire.post("/add_props/accounts/acme.test", R"({"A B":1,"C":2})");
  EXPECT_EQ(
      wire.call("DELETE", "/add_props/accounts/acme.test", R"({"properties":["A B"]})").status,
      200);
  EXPECT_EQ(sandbox.accounts().at(0).at("additional_properties"), Value::object({{"C", 2}}));
}

TEST_F(SandboxTest, AStatusFaultHasNoEffectAndIsUsedUp) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  Fault fault;
  fault.status = 503;
  fault.retry_after = "7";
  fault.method = "POST";
  fault.path_contains = "/accounts";
  fault.count = 2;
  sandbox.add_fault(fault);
  EXPECT_EQ(wire.get("/accounts").status, 200);
  for (int i = 0; i < 2; ++i) {
    const WireAnswer answer = wire.post("/accounts", kAcme);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(core::find_header(answer.headers, "Retry-After"), "7");
  }
  EXPECT_TRUE(sandbox.accounts().empty());
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 200);
}

struct LostAnswer {
  Fault::Kind kind;
  bool takes_effect;
};
class LostAnswers : public SandboxTest, public testing::WithParamInterface<LostAnswer> {};

TEST_P(LostAnswers, TheCallerSeesNoAnswerAndTheJournalKnowsWhetherItTookEffect) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  Fault fault;
  fault.kind = GetParam().kind;
  sandbox.add_fault(fault);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 0);
  EXPECT_EQ(sandbox.accounts().size(), GetParam().takes_effect ? 1U : 0U);
  ASSERT_EQ(sandbox.journal().size(), 1U);
  EXPECT_EQ(sandbox.journal()[0].processed, GetParam().takes_effect);
  EXPECT_EQ(wire.get("/accounts").status, 200);
}

INSTANTIATE_TEST_SUITE_P(Faults, LostAnswers,
                         testing::Values(LostAnswer{Fault::Kind::drop_before, false},
                                         LostAnswer{Fault::Kind::drop_after, true},
                                         LostAnswer{Fault::Kind::truncated, true}));

TEST_F(SandboxTest, AMalformedFaultTakesEffectAndAnswersBrokenJson) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  Fault fault;
  fault.kind = Fault::Kind::malformed;
  sandbox.add_fault(fault);
  const WireAnswer answer = wire.post("/accounts", kAcme);
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.text.empty());
  EXPECT_TRUE(answer.body.is_null());
  EXPECT_EQ(sandbox.accounts().size(), 1U);
}

TEST_F(SandboxTest, ADelayedAnswerStillComesAndItsEffectIsSeenBefore) {
  Sandbox sandbox(unlimited(), clock);
  Fault fault;
  fault.kind = Fault::Kind::delay;
  fault.delay = std::chrono::milliseconds{300};
  fault.method = "POST";
  sandbox.add_fault(fault);
  WireAnswer slow;
  std::thread caller([&] { slow = Wire(sandbox.url(), kKey).post("/accounts", kAcme); });
  Wire wire(sandbox.url(), kKey);
  while (sandbox.accounts().empty()) std::this_thread::yield();
  EXPECT_EQ(wire.get("/accounts").status, 200);
  caller.join();
  EXPECT_EQ(slow.status, 200);
}

TEST_F(SandboxTest, ControlNeedsNoKeyAndIsNotCounted) {
  SandboxOptions options;
  options.rate_per_second = 1;
  Sandbox sandbox(options, clock);
  Wire wire(sandbox.url(), kKey);
  wire.post("/accounts", kAcme);
  Wire control(sandbox.url(), "");
  for (int i = 0; i < 3; ++i) {
    const WireAnswer stats = control.get("/_sandbox/stats");
    EXPECT_EQ(stats.status, 200);
    EXPECT_EQ(stats.body.at("requests"), Value(1));
  }
  EXPECT_EQ(control.get("/_sandbox/accounts").body.at("accounts").as_list().size(), 1U);
  EXPECT_EQ(control.get("/_sandbox/contacts").body.at("contacts").as_list().size(), 0U);
  EXPECT_EQ(control.get("/_sandbox/labels").body.at("labels").as_list().size(), 0U);
  EXPECT_EQ(control.get("/_sandbox/usage").body.at("usage").as_list().size(), 0U);
  EXPECT_EQ(control.get("/_sandbox/nothing").status, 404);
}

TEST_F(SandboxTest, ControlPagesTheJournal) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  for (int i = 0; i < 3; ++i) wire.get("/accounts");
  const Value entries = wire.get("/_sandbox/journal?since=1").body.at("entries");
  ASSERT_EQ(entries.as_list().size(), 2U);
  EXPECT_EQ(entries.as_list()[0].at("number"), Value(2));
  EXPECT_EQ(entries.as_list()[0].text_or("target"), "/accounts");
}

TEST_F(SandboxTest, ControlSetsFaultsKeyAndReset) {
  Sandbox sandbox(unlimited(), clock);
  Wire wire(sandbox.url(), kKey);
  EXPECT_EQ(
      wire.post("/_sandbox/faults", R"({"kind":"status","status":502,"method":"GET"})").status,
      200);
  EXPECT_EQ(wire.get("/accounts").status, 502);
  EXPECT_EQ(wire.post("/_sandbox/faults", R"({"kind":"explode"})").status, 400);
  EXPECT_EQ(wire.post("/_sandbox/faults", R"({"kind":"status","colour":"red"})").status, 400);
  EXPECT_EQ(wire.post("/_sandbox/key", R"({"revoked":true})").status, 200);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 401);
  EXPECT_EQ(wire.call("POST", "/_sandbox/reset", "{}").status, 200);
  EXPECT_EQ(sandbox.stats().requests, 0U);
  EXPECT_EQ(wire.post("/accounts", kAcme).status, 200);
  EXPECT_EQ(sandbox.accounts().size(), 1U);
}

TEST_F(SandboxTest, ManyCallersAtOnceAreAllServed) {
  Sandbox sandbox(unlimited(), clock);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      Wire wire(sandbox.url(), kKey);
      for (int i = 0; i < 25; ++i) {
        const std::string key = std::to_string(caller) + "-" + std::to_string(i);
        wire.call("PUT", "/accounts/upsert?source_specific_id=" + key,
                  R"({"type":"Company","name":"N","domain":"a.test","source_specific_ids":[")" +
                      key + "\"]}");
        EXPECT_GE(sandbox.accounts().size(), 1U);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sandbox.accounts().size(), 100U);
  EXPECT_EQ(sandbox.stats().writes, 100U);
}

TEST_F(SandboxTest, ATakenPortIsReported) {
  Sandbox sandbox(unlimited(), clock);
  SandboxOptions options;
  options.port =
      static_cast<std::uint16_t>(std::stoi(sandbox.url().substr(sandbox.url().rfind(':') + 1)));
  EXPECT_THROW(Sandbox(options, clock), std::runtime_error);
}

}  // namespace
}  // namespace assembly_sync::test
