// The client against the local Assembly, over real sockets, under every setting of what the
// documentation leaves open: it is right only when it passes under all of them.
#include <set>

#include <gtest/gtest.h>

#include "daemon/assembly/client.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::assembly {
namespace {

using namespace std::chrono_literals;
using core::AssemblyId;
using core::Key;
using core::Value;
using sandbox::Fault;
using sandbox::Sandbox;
using sandbox::SandboxOptions;
using sandbox::Switches;

struct Setting {
  const char* name;
  Switches switches;
};

std::vector<Setting> settings() {
  std::vector<Setting> all{{"defaults", {}}};
  const auto with = [&](const char* name, auto change) {
    Setting setting{name, {}};
    change(setting.switches);
    all.push_back(setting);
  };
  with("already_exists_400", [](Switches& s) { s.already_exists_status = 400; });
  with("wrapped_elements", [](Switches& s) { s.wrapped_elements = true; });
  with("type_on_read", [](Switches& s) { s.account_type_on_read = false; });
  with("properties_as_list", [](Switches& s) { s.properties_as_list = true; });
  with("upsert_matches_body", [](Switches& s) { s.upsert_matches_body = true; });
  with("domain_unique", [](Switches& s) { s.domain_unique = true; });
  with("created_201", [](Switches& s) { s.create_status = 201; });
  with("delete_missing_passes", [](Switches& s) { s.delete_missing_is_error = false; });
  with("no_retry_after", [](Switches& s) { s.retry_after = false; });
  with("not_found_400", [](Switches& s) { s.not_found_as_400 = true; });
  with("all_turned",
       [](Switches& s) { s = {400, true, false, true, true, true, 201, false, false, true}; });
  return all;
}

SandboxOptions options(const Switches& switches) {
  SandboxOptions made;
  made.rate_per_second = 100'000;
  made.switches = switches;
  return made;
}

class AssemblyContract : public testing::TestWithParam<Setting> {
 protected:
  AssemblyId upsert(Collection collection, const char* key, Value::Object body) {
    const Outcome outcome = client_.upsert(collection, Key(key), std::move(body));
    const auto* const delivered = std::get_if<Delivered>(&outcome);
    EXPECT_NE(delivered, nullptr) << outcome.index();
    return delivered == nullptr ? AssemblyId() : delivered->id;
  }
  AssemblyId upsert_company(const char* key = "c-1", const char* domain = "acme.test") {
    return upsert(Collection::accounts, key,
                  {{"type", "Company"}, {"name", "Acme"}, {"domain", domain}});
  }
  std::optional<AccountView> get(Collection collection, const Identifier& identifier) {
    const auto answer = client_.get(collection, identifier);
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(std::nullopt);
  }

  core::SystemClock clock_;
  Sandbox sandbox_{options(GetParam().switches), clock_};
  http::PooledTransport transport_{clock_};
  Client client_{transport_, clock_, {sandbox_.url(), core::Secret("sandbox-key"), 10s}};
};

INSTANTIATE_TEST_SUITE_P(UnderEverySwitch, AssemblyContract, testing::ValuesIn(settings()),
                         [](const auto& setting) { return std::string(setting.param.name); });

TEST_P(AssemblyContract, AnUpsertCreatesThenChangesTheSameAccount) {
  const AssemblyId id = upsert_company();
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(upsert(Collection::accounts, "c-1",
                   {{"type", "Company"}, {"name", "Acme 2"}, {"domain", "acme.test"}}),
            id);
  ASSERT_EQ(sandbox_.accounts().size(), 1U);
  EXPECT_EQ(sandbox_.accounts()[0].text_or("name"), "Acme 2");
}

TEST_P(AssemblyContract, AnAccountIsFoundByIdDomainAndKey) {
  const AssemblyId id = upsert_company();
  for (const Identifier& identifier :
       {Identifier::of(id), Identifier::of_domain("acme.test"), Identifier::of(Key("c-1"))}) {
    const auto account = get(Collection::accounts, identifier);
    ASSERT_TRUE(account);
    EXPECT_EQ(account->id, id);
    EXPECT_EQ(account->type, "Company");
    EXPECT_EQ(account->name, "Acme");
    EXPECT_EQ(account->domain, "acme.test");
    EXPECT_EQ(account->keys, std::vector<Key>{Key("c-1")});
  }
}

TEST_P(AssemblyContract, WhatIsNotThereIsNotFoundByAnyIdentifier) {
  for (const Collection collection : {Collection::accounts, Collection::contacts}) {
    for (const Identifier& identifier :
         {Identifier::of(AssemblyId("01945162-52fc-739b-98de-e2ac9f2eec49")),
          Identifier::of_domain("nobody@acme.test"), Identifier::of(Key("nobody"))}) {
      EXPECT_FALSE(get(collection, identifier));
    }
  }
}

TEST_P(AssemblyContract, AContactBelongsToItsCompanyAndIsFoundByItsAddress) {
  upsert_company();
  const AssemblyId id = upsert(
      Collection::contacts, "p-1",
      {{"name", "Ann"}, {"domain", "ann+x@acme.test"}, {"company_source_specific_id", "c-1"}});
  const auto contact = get(Collection::contacts, Identifier::of_domain("ann+x@acme.test"));
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->id, id);
  EXPECT_EQ(contact->name, "Ann");
}

TEST_P(AssemblyContract, AContactWithoutItsCompanyIsRejected) {
  const Outcome outcome = client_.upsert(
      Collection::contacts, Key("p-1"),
      {{"name", "Ann"}, {"domain", "ann@acme.test"}, {"company_source_specific_id", "nobody"}});
  EXPECT_TRUE(std::holds_alternative<Rejected>(outcome)) << outcome.index();
}

TEST_P(AssemblyContract, AnUpdateAddsKeysAndPropertiesAndLeavesTheRest) {
  const AssemblyId id = upsert_company();
  const Outcome outcome =
      client_.update(Collection::accounts, id,
                     {{"source_specific_ids", Value::list({"c-2"})},
                      {"additional_properties", Value::object({{"Seats", 7}})}});
  ASSERT_TRUE(std::holds_alternative<Delivered>(outcome));
  EXPECT_EQ(std::get<Delivered>(outcome).id, id);
  const auto account = get(Collection::accounts, Identifier::of(Key("c-2")));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->keys, (std::vector<Key>{Key("c-1"), Key("c-2")}));
  EXPECT_EQ(account->name, "Acme");
  if (account->additional_properties) {
    EXPECT_EQ(*account->additional_properties, (Value::Object{{"Seats", 7}}));
  }
}

TEST_P(AssemblyContract, AnUpdateOfWhatIsGoneSaysSo) {
  const Outcome outcome = client_.update(
      Collection::accounts, AssemblyId("01945162-52fc-739b-98de-e2ac9f2eec49"), {{"name", "x"}});
  ASSERT_TRUE(std::holds_alternative<Rejected>(outcome));
  EXPECT_EQ(std::get<Rejected>(outcome).kind, Rejected::Kind::not_found);
}

TEST_P(AssemblyContract, ARemovalMayBeRepeated) {
  upsert_company();
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = client_.remove(Collection::accounts, Identifier::of(Key("c-1")));
    EXPECT_TRUE(std::holds_alternative<Delivered>(outcome)) << outcome.index();
  }
  EXPECT_TRUE(sandbox_.accounts().empty());
}

TEST_P(AssemblyContract, PagesTogetherHoldEveryAccountOnce) {
  for (int i = 0; i < 7; ++i) {
    const std::string n = std::to_string(i);
    upsert_company(("c-" + n).c_str(), ("acme" + n + ".test").c_str());
  }
  std::set<std::string> domains;
  std::size_t offset = 0;
  bool more = true;
  while (more) {
    const auto page = client_.list(Collection::accounts, 3, offset);
    ASSERT_TRUE(page);
    for (const AccountView& account : page->items) domains.insert(account.domain);
    offset += page->received;
    more = page->has_next_page;
  }
  EXPECT_EQ(domains.size(), 7U);
  EXPECT_EQ(offset, 7U);
}

TEST_P(AssemblyContract, LabelsAreCreatedAndListed) {
  const Outcome outcome = client_.create_label({LabelType::account_tag, "Big", "#545A92", "x"});
  ASSERT_TRUE(std::holds_alternative<Delivered>(outcome));
  const auto labels = client_.labels();
  ASSERT_TRUE(labels);
  ASSERT_EQ(labels->size(), 1U);
  EXPECT_EQ((*labels)[0].id, std::get<Delivered>(outcome).id);
  EXPECT_EQ((*labels)[0].type, LabelType::account_tag);
  EXPECT_EQ((*labels)[0].name, "Big");
}

TEST_P(AssemblyContract, FaultsOnTheWayEndInTheRightOutcome) {
  const auto outcome_of = [&](Fault::Kind kind, int status = 500) {
    Fault fault;
    fault.kind = kind;
    fault.status = status;
    sandbox_.add_fault(fault);
    return client_.upsert(Collection::accounts, Key("c-1"),
                          {{"type", "Company"}, {"name", "Acme"}, {"domain", "acme.test"}});
  };
  EXPECT_TRUE(std::holds_alternative<Transient>(outcome_of(Fault::Kind::status, 503)));
  EXPECT_TRUE(std::holds_alternative<Throttled>(outcome_of(Fault::Kind::status, 429)));
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(outcome_of(Fault::Kind::drop_before)));
  EXPECT_TRUE(sandbox_.accounts().empty());
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(outcome_of(Fault::Kind::drop_after)));
  EXPECT_EQ(sandbox_.accounts().size(), 1U);
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(outcome_of(Fault::Kind::truncated)));
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(outcome_of(Fault::Kind::malformed)));
  EXPECT_TRUE(std::holds_alternative<Delivered>(outcome_of(Fault::Kind::delay)));
  EXPECT_EQ(sandbox_.accounts().size(), 1U);
}

TEST_P(AssemblyContract, ARevokedKeyIsUnauthorized) {
  sandbox_.set_key_revoked(true);
  EXPECT_TRUE(std::holds_alternative<Unauthorized>(
      client_.remove(Collection::accounts, Identifier::of(Key("c-1")))));
  EXPECT_TRUE(std::holds_alternative<Unauthorized>(client_.labels().error()));
}

TEST_P(AssemblyContract, EachCallIsOneRequest) {
  upsert_company();
  client_.get(Collection::accounts, Identifier::of(Key("c-1")));
  client_.list(Collection::accounts, 10, 0);
  client_.labels();
  EXPECT_EQ(sandbox_.stats().requests, 4U);
}

TEST(AssemblyContractRate, BeyondTheLimitIsThrottledWithTheServersWait) {
  core::SystemClock clock;
  SandboxOptions slow;
  slow.rate_per_second = 1;
  slow.bucket_burst = 1;
  slow.limiter = sandbox::LimiterKind::bucket;
  Sandbox limited(slow, clock);
  http::PooledTransport transport(clock);
  const Client client(transport, clock, {limited.url(), core::Secret("sandbox-key"), 10s});
  bool throttled = false;
  for (int i = 0; i < 50 && !throttled; ++i) {
    const auto labels = client.labels();
    if (labels) continue;
    const auto* const refused = std::get_if<Throttled>(&labels.error());
    ASSERT_NE(refused, nullptr);
    EXPECT_TRUE(refused->retry_after);
    throttled = true;
  }
  EXPECT_TRUE(throttled);
}

}  // namespace
}  // namespace assembly_sync::assembly
