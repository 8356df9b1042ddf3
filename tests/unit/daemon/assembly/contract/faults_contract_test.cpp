// What can go wrong on the way, through the client.
#include "tests/unit/daemon/assembly/contract/contract.hpp"

namespace assembly_sync::assembly {
namespace {

const Value::Object kAcme{{"type", "Company"}, {"name", "Acme"}, {"domain", "acme.test"}};
const Value::Object kLog{{"timestamp", "2025-01-01T00:00:00Z"},
                         {"type", "Action"},
                         {"content", "c"},
                         {"attribute", "Login"}};

Fault fault(Fault::Kind kind, int status = 500) {
  Fault made;
  made.kind = kind;
  made.status = status;
  return made;
}

TEST_P(AssemblyContract, Q33_AnUpsertThatBrokeOffIsAmbiguousAndMayBeRepeated) {
  const auto outcome_of = [&](Fault::Kind kind, int status = 500) {
    sandbox_.add_fault(fault(kind, status));
    return kind_of(client_.upsert(kAccounts, by_domain("acme.test"), kAcme));
  };
  EXPECT_EQ(outcome_of(Fault::Kind::status, 503), "transient");
  EXPECT_EQ(outcome_of(Fault::Kind::status, 429), "throttled");
  EXPECT_EQ(outcome_of(Fault::Kind::drop_before), "ambiguous");
  EXPECT_TRUE(sandbox_.accounts().empty());
  EXPECT_EQ(outcome_of(Fault::Kind::drop_after), "ambiguous");
  EXPECT_EQ(sandbox_.accounts().size(), 1U);
  EXPECT_EQ(outcome_of(Fault::Kind::truncated), "ambiguous");
  EXPECT_EQ(outcome_of(Fault::Kind::malformed), "ambiguous");
  EXPECT_EQ(kind_of(client_.upsert(kAccounts, by_domain("acme.test"), kAcme)), "delivered");
  EXPECT_EQ(sandbox_.accounts().size(), 1U);
}

TEST_P(AssemblyContract, Q11_Q33_APostIsAmbiguousWhereAnUpsertWouldBeTransient) {
  const auto outcome_of = [&](Fault::Kind kind, int status = 500) {
    sandbox_.add_fault(fault(kind, status));
    return kind_of(client_.create_usage(UsageTarget::organisation(), kLog));
  };
  EXPECT_EQ(outcome_of(Fault::Kind::status, 500), "ambiguous");
  EXPECT_EQ(outcome_of(Fault::Kind::status, 503), "ambiguous");
  EXPECT_EQ(outcome_of(Fault::Kind::status, 429), "throttled");
  EXPECT_EQ(outcome_of(Fault::Kind::drop_before), "ambiguous");
  EXPECT_TRUE(sandbox_.usage().empty());
  EXPECT_EQ(outcome_of(Fault::Kind::drop_after), "ambiguous");
  EXPECT_EQ(sandbox_.usage().size(), 1U);
  EXPECT_EQ(all_usage(UsageTarget::organisation()).size(), 1U);
}

TEST_P(AssemblyContract, E6_AReadThatBrokeOffIsWorthRepeating) {
  const auto failure_of = [&](Fault::Kind kind, int status = 500) {
    sandbox_.add_fault(fault(kind, status));
    const auto answer = client_.labels();
    return answer ? "read" : kind_of(answer.error());
  };
  EXPECT_EQ(failure_of(Fault::Kind::status, 503), "transient");
  EXPECT_EQ(failure_of(Fault::Kind::drop_before), "transient");
  EXPECT_EQ(failure_of(Fault::Kind::truncated), "transient");
  EXPECT_EQ(failure_of(Fault::Kind::malformed), "transient");
  EXPECT_TRUE(client_.labels());
}

TEST_P(AssemblyContract, A2_A4_A7_Q31_AKeyThatStopsToWorkIsTheKeysTrouble) {
  EXPECT_TRUE(client_.labels());
  sandbox_.add_fault(fault(Fault::Kind::key_revoked));
  EXPECT_EQ(kind_of(client_.upsert(kAccounts, Key("c-1"), kAcme)), "unauthorized");
  EXPECT_EQ(kind_of(client_.labels().error()), "unauthorized");
  sandbox_.set_key_revoked(false);
  const Client lost(world_.transport, world_.clock,
                    {sandbox_.url(), core::Secret("lost-key"), std::chrono::seconds(10)});
  EXPECT_EQ(kind_of(lost.create(kAccounts, kAcme)), "unauthorized");
  EXPECT_TRUE(sandbox_.accounts().empty());
  EXPECT_EQ(kind_of(client_.create(kAccounts, kAcme)), "delivered");
}

TEST_P(AssemblyContract, I22_EachCallIsOneRequestAndARefusedOneIsNone) {
  client_.create(kAccounts, kAcme);
  client_.get(kAccounts, by_domain("acme.test"));
  client_.list(kAccounts, 10, 0);
  client_.labels(LabelType::tier);
  client_.set_properties(kAccounts, by_domain("acme.test"), {{"A", 1}});
  client_.create_usage(UsageTarget::organisation(), kLog);
  EXPECT_EQ(sandbox_.stats().requests, 6U);
  client_.get(kAccounts, by_key(""));
  client_.remove(kAccounts, by_domain("upsert"));
  client_.create_usage(UsageTarget::organisation(), {});
  EXPECT_EQ(sandbox_.stats().requests, 6U);
}

}  // namespace
}  // namespace assembly_sync::assembly
