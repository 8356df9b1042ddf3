// What the client asks for the operations on properties, labels and usage logs, and for those on
// accounts and contacts that the documentation gives in words only.
#include "core/json.hpp"
#include "tests/unit/daemon/assembly/client_fixture.hpp"

namespace assembly_sync::assembly {
namespace {

using core::AssemblyId;
using core::Key;
using core::Value;

constexpr auto kAccounts = Collection::accounts;
constexpr auto kContacts = Collection::contacts;

Identifier id(const char* text = "01-a") {
  return Identifier::of(AssemblyId(text));
}
Identifier domain(const char* text) {
  return Identifier::of_domain(text);
}
Identifier key(const char* text = "k/1") {
  return Identifier::of(Key(text));
}

const Value::Object kLog{{"timestamp", "2025-03-20T15:30:00Z"},
                         {"type", "Action"},
                         {"content", "in"},
                         {"attribute", "Login"}};
constexpr const char* kLogText =
    R"({"attribute":"Login","content":"in","timestamp":"2025-03-20T15:30:00Z","type":"Action"})";

TEST_F(AssemblyClient, I1_I2_UpdateAndRemoveGoByEachIdentifier) {
  const Value::Object body{{"notes", "n"}};
  const std::string text = R"({"notes":"n"})";
  expect_sent({
      {[&](const Client& c) { c.update(kAccounts, domain("acme.test"), body); }, "PUT",
       "/accounts/acme.test", text},
      {[&](const Client& c) { c.update(kAccounts, key(), body); }, "PUT",
       "/accounts?source_specific_id=k%2F1", text},
      {[&](const Client& c) { c.update(kContacts, domain("a@acme.test"), body); }, "PUT",
       "/contacts/a@acme.test", text},
      {[&](const Client& c) { c.remove(kAccounts, domain("acme.test")); }, "DELETE",
       "/accounts/acme.test", ""},
      {[&](const Client& c) { c.remove(kContacts, key("p")); }, "DELETE",
       "/contacts?source_specific_id=p", ""},
  });
}

TEST_F(AssemblyClient, I3_CreateAndUpsertGoByEachIdentifier) {
  const Value::Object company{{"type", "Company"}, {"name", "A"}, {"domain", "a.test"}};
  const std::string text = R"({"domain":"a.test","name":"A","type":"Company"})";
  const Value::Object contact{{"name", "A"}, {"domain", "a@a.test"}, {"company_domain", "a.test"}};
  const std::string contact_text = R"({"company_domain":"a.test","domain":"a@a.test","name":"A"})";
  expect_sent({
      {[&](const Client& c) { c.create(kAccounts, company); }, "POST", "/accounts", text},
      {[&](const Client& c) { c.create(kContacts, contact); }, "POST", "/contacts", contact_text},
      {[&](const Client& c) { c.upsert(kAccounts, id(), company); }, "PUT", "/accounts/upsert/01-a",
       text},
      {[&](const Client& c) { c.upsert(kAccounts, domain("a.test"), company); }, "PUT",
       "/accounts/upsert/a.test", text},
      {[&](const Client& c) { c.upsert(kAccounts, domain("b.test"), {}); }, "PUT",
       "/accounts/upsert/b.test", R"({"domain":"b.test"})"},
      {[&](const Client& c) { c.upsert(kContacts, key("p"), {}); }, "PUT",
       "/contacts/upsert?source_specific_id=p", R"({"source_specific_ids":["p"]})"},
  });
}

TEST_F(AssemblyClient, A79_A80_A81_A82_A84_ContactsOfACompanyByEachOfItsNames) {
  expect_sent({
      {[&](const Client& c) { c.contacts_of(id(), 50, 0); }, "GET",
       "/contacts/company/01-a?limit=50&offset=0", ""},
      {[&](const Client& c) { c.contacts_of(domain("acme.test"), 10, 20); }, "GET",
       "/contacts/company/acme.test?limit=10&offset=20", ""},
      {[&](const Client& c) { c.contacts_of(key(), 50, 0); }, "GET",
       "/contacts/company?company_source_specific_id=k%2F1&limit=50&offset=0", ""},
  });
}

TEST_F(AssemblyClient, I4_PropertiesOfAccountsAndContactsByEachIdentifier) {
  const Value::Object map{{"Custom Property", Value::list({"a", "b"})}};
  const std::string text = R"({"Custom Property":["a","b"]})";
  expect_sent({
      {[&](const Client& c) { c.add_properties(kAccounts, id(), map); }, "POST",
       "/add_props/accounts/01-a", text},
      {[&](const Client& c) { c.add_properties(kContacts, domain("a@a.test"), map); }, "POST",
       "/add_props/contacts/a@a.test", text},
      {[&](const Client& c) { c.properties(kAccounts, domain("acme.test")); }, "GET",
       "/add_props/accounts/acme.test", ""},
      {[&](const Client& c) { c.properties(kContacts, key()); }, "GET",
       "/add_props/contacts?source_specific_id=k%2F1", ""},
      {[&](const Client& c) { c.set_properties(kContacts, key(), map); }, "PUT",
       "/add_props/contacts?source_specific_id=k%2F1", text},
      {[&](const Client& c) {
         c.remove_properties(kAccounts, id(), {"A B", "C"});
       },
       "DELETE", "/add_props/accounts/01-a", R"({"properties":["A B","C"]})"},
  });
}

TEST_F(AssemblyClient, I6_LabelsAreAskedForUnderTheConfiguredPath) {
  expect_sent({
      {[&](const Client& c) { c.labels(LabelType::stage); }, "GET", "/accounts/labels", ""},
      {[&](const Client& c) { c.label(AssemblyId("L/1")); }, "GET", "/accounts/labels/L%2F1", ""},
      {[&](const Client& c) {
         c.update_label(AssemblyId("L1"), {{"name", "n"}});
       },
       "PUT", "/accounts/labels/L1", R"({"name":"n"})"},
      {[&](const Client& c) { c.remove_label(AssemblyId("L1")); }, "DELETE", "/accounts/labels/L1",
       ""},
  });
  const Client prose(
      transport_, clock_,
      {"https://assembly.test", core::Secret("key-1"), std::chrono::seconds(7), "/account/labels"});
  prose.labels();
  EXPECT_EQ(last().url, "https://assembly.test/account/labels");
  prose.label(AssemblyId("L1"));
  EXPECT_EQ(last().url, "https://assembly.test/account/labels/L1");
}

TEST_F(AssemblyClient, I5_UsageLogsOfTheOrganisationAccountsAndContacts) {
  const auto account = UsageTarget::of(kAccounts, domain("acme.test"));
  const auto contact = UsageTarget::of(kContacts, key());
  expect_sent({
      {[&](const Client& c) { c.create_usage(UsageTarget::organisation(), kLog); }, "POST",
       "/usage", kLogText},
      {[&](const Client& c) { c.create_usage(UsageTarget::of(kAccounts, id()), kLog); }, "POST",
       "/usage/accounts/01-a", kLogText},
      {[&](const Client& c) { c.create_usage(contact, kLog); }, "POST",
       "/usage/contacts?source_specific_id=k%2F1", kLogText},
      {[&](const Client& c) { c.list_usage(UsageTarget::organisation(), 50, 0); }, "GET",
       "/usage?limit=50&offset=0", ""},
      {[&](const Client& c) { c.list_usage(account, 50, 100); }, "GET",
       "/usage/accounts/acme.test?limit=50&offset=100", ""},
      {[&](const Client& c) { c.list_usage(contact, 5, 0); }, "GET",
       "/usage/contacts?source_specific_id=k%2F1&limit=5&offset=0", ""},
      {[&](const Client& c) { c.usage_log(AssemblyId("G1")); }, "GET", "/usage/G1", ""},
      {[&](const Client& c) {
         c.update_usage(AssemblyId("G1"), {{"value", 7}});
       },
       "PUT", "/usage/G1", R"({"value":7})"},
      {[&](const Client& c) { c.remove_usage(AssemblyId("G1")); }, "DELETE", "/usage/G1", ""},
  });
}

TEST_F(AssemblyClient, Q14_TimestampsGoOutAsUtcSecondsWhateverTheirForm) {
  for (const auto& [given, sent] : std::vector<std::pair<const char*, const char*>>{
           {"2025-03-20T15:30:00Z", "15:30:00Z"},
           {"2025-03-20T15:30:00.987Z", "15:30:00Z"},
           {"2025-03-20T17:30:00+02:00", "15:30:00Z"}}) {
    Value::Object log = kLog;
    log["timestamp"] = given;
    client_.create_usage(UsageTarget::organisation(), log);
    EXPECT_NE(last().body.find("\"2025-03-20T" + std::string(sent) + '"'), std::string::npos)
        << given;
    client_.update_usage(AssemblyId("G1"), {{"timestamp", given}});
    EXPECT_EQ(last().body, R"({"timestamp":"2025-03-20T)" + std::string(sent) + "\"}");
  }
}

TEST_F(AssemblyClient, A147_A148_A149_A150_A151_A152_AnIncompleteUsageLogIsNotSent) {
  const auto refused = [&](Value::Object log, const std::string& reason) {
    const Outcome outcome = client_.create_usage(UsageTarget::organisation(), log);
    EXPECT_EQ(std::get<Rejected>(outcome).reason, "not sent: " + reason);
  };
  for (const char* required : {"timestamp", "type", "content", "attribute"}) {
    Value::Object log = kLog;
    log.erase(required);
    refused(log, std::string(required) + " is missing");
  }
  for (const char* metric : {"Metric", "CumulativeMetric"}) {
    Value::Object log = kLog;
    log["type"] = metric;
    refused(log, "value is missing");
  }
  Value::Object log = kLog;
  log["timestamp"] = "yesterday";
  refused(log, "timestamp: expected an RFC 3339 time");
  log["timestamp"] = "9999-12-31T23:59:59-01:00";
  refused(log, "timestamp: expected an RFC 3339 time");
  log = kLog;
  log["type"] = "Message";
  refused(log, "type is none of Action, Metric, CumulativeMetric");
  EXPECT_TRUE(transport_.requests.empty());
  EXPECT_EQ(describe(client_.create_usage(UsageTarget::organisation(), kLog)), "delivered ");
}

TEST_F(AssemblyClient, Q13_OnlyAFiniteNumberIsSentAsValue) {
  for (const Value& wrong : {Value(std::numeric_limits<double>::infinity()),
                             Value(std::numeric_limits<double>::quiet_NaN()), Value("20")}) {
    Value::Object log = kLog;
    log["value"] = wrong;
    EXPECT_EQ(describe(client_.create_usage(UsageTarget::organisation(), log)),
              "rejected 0 invalid []");
    EXPECT_EQ(describe(client_.update_usage(AssemblyId("G1"), {{"value", wrong}})),
              "rejected 0 invalid []");
  }
  EXPECT_TRUE(transport_.requests.empty());
  for (const Value& right : {Value(-2.5), Value(0), Value(1e300)}) {
    client_.update_usage(AssemblyId("G1"), {{"value", right}});
    EXPECT_EQ(core::parse_json(last().body)->at("value"), right);
  }
}

TEST_F(AssemblyClient, Q11_APostOfAUsageLogIsAmbiguousWhenItsAnswerIsLost) {
  const auto send = [&] { return client_.create_usage(UsageTarget::organisation(), kLog); };
  for (const int status : {408, 500, 502, 503, 504}) {
    transport_.answer(status);
    EXPECT_EQ(describe(send()), "ambiguous answered " + std::to_string(status));
  }
  transport_.fail(true, "timed out");
  EXPECT_EQ(describe(send()), "ambiguous timed out");
  transport_.fail(false, "connection refused");
  EXPECT_EQ(describe(send()), "transient connection refused");
  transport_.answer(429);
  EXPECT_EQ(describe(send()), "throttled -");
  transport_.answer(201, R"({"id":"G1"})");
  EXPECT_EQ(describe(send()), "delivered G1");
}

TEST_F(AssemblyClient, Q33_OnlyAnUpsertThatFindsWhatItMadeMayBeRepeated) {
  const auto answered_500 = [&](const Identifier& identifier, Value::Object body) {
    transport_.answer(500);
    return describe(client_.upsert(kAccounts, identifier, std::move(body)));
  };
  EXPECT_EQ(answered_500(key(), {}), "transient answered 500");
  EXPECT_EQ(answered_500(domain("acme.test"), {}), "transient answered 500");
  EXPECT_EQ(answered_500(domain("acme.test"), {{"domain", "ACME.test"}}), "transient answered 500");
  EXPECT_EQ(answered_500(domain("acme.test"), {{"domain", "new.test"}}), "ambiguous answered 500");
  EXPECT_EQ(answered_500(id(), {}), "ambiguous answered 500");
}

TEST_F(AssemblyClient, Q19_WordsOfThePathsAreNoIds) {
  for (const char* word : {"", " ", ".", "..", "tier", "Stage", "company_type", "tag"}) {
    EXPECT_EQ(describe(client_.remove_label(AssemblyId(word))), "rejected 0 invalid []") << word;
    EXPECT_EQ(describe(client_.update_label(AssemblyId(word), {})), "rejected 0 invalid []");
    EXPECT_FALSE(client_.label(AssemblyId(word)));
  }
  for (const char* word : {"", "..", "accounts", "Contacts"}) {
    EXPECT_EQ(describe(client_.remove_usage(AssemblyId(word))), "rejected 0 invalid []") << word;
    EXPECT_EQ(describe(client_.update_usage(AssemblyId(word), {})), "rejected 0 invalid []");
    EXPECT_FALSE(client_.usage_log(AssemblyId(word)));
  }
  EXPECT_FALSE(client_.contacts_of(id(""), 10, 0));
  EXPECT_FALSE(client_.properties(kAccounts, id("upsert")));
  EXPECT_EQ(describe(client_.add_properties(kAccounts, key(""), {})), "rejected 0 invalid []");
  EXPECT_EQ(describe(client_.set_properties(kAccounts, key(""), {})), "rejected 0 invalid []");
  EXPECT_EQ(describe(client_.remove_properties(kAccounts, key(""), {"A"})),
            "rejected 0 invalid []");
  EXPECT_EQ(describe(client_.remove_properties(kAccounts, id(), {})), "rejected 0 invalid []");
  EXPECT_EQ(describe(client_.create_usage(UsageTarget::of(kAccounts, id("")), kLog)),
            "rejected 0 invalid []");
  EXPECT_FALSE(client_.list_usage(UsageTarget::of(kAccounts, id("")), 10, 0));
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(AssemblyClient, I24_I25_I27_ABodyThatContradictsItselfIsNotSent) {
  const auto reason = [&](Collection collection, Value::Object body) {
    const Outcome outcome = client_.update(collection, AssemblyId("01"), body);
    const auto* const rejected = std::get_if<Rejected>(&outcome);
    return rejected == nullptr ? "sent" : rejected->reason;
  };
  EXPECT_EQ(reason(kContacts, {{"company_id", "1"}, {"company_domain", "a.test"}}),
            "not sent: more than one company is named");
  EXPECT_EQ(reason(kContacts, {{"number_of_seats", 1}}),
            "not sent: number_of_seats does not belong to contacts");
  EXPECT_EQ(reason(kAccounts, {{"type", "Company"}, {"role", "x"}}),
            "not sent: role does not belong to Company accounts");
  EXPECT_EQ(reason(kAccounts, {{"type", "Customer"}, {"number_of_seats", 1}}),
            "not sent: number_of_seats does not belong to Customer accounts");
  EXPECT_EQ(reason(kAccounts, {{"type", "company"}}),
            "not sent: type is neither Company nor Customer");
  EXPECT_EQ(
      reason(kAccounts, {{"tags", Value::list({"a", "b"})}, {"removed_tags", Value::list({"b"})}}),
      "not sent: tags and removed_tags hold the same value");
  EXPECT_TRUE(transport_.requests.empty());
  EXPECT_EQ(reason(kAccounts, {{"tags", Value::list({"a"})}, {"removed_tags", Value::list({"b"})}}),
            "sent");
  EXPECT_EQ(reason(kAccounts, {{"notes", nullptr}}), "sent");
  EXPECT_EQ(last().body, R"({"notes":null})");
}

TEST_F(AssemblyClient, A13_A14_A15_A66_A67_A68_AnIncompleteCreateIsNotSent) {
  const Value::Object company{{"type", "Company"}, {"name", "A"}, {"domain", "a.test"}};
  for (const char* required : {"type", "name", "domain"}) {
    Value::Object body = company;
    body.erase(required);
    EXPECT_EQ(std::get<Rejected>(client_.create(kAccounts, body)).reason,
              "not sent: " + std::string(required) + " is missing");
  }
  EXPECT_EQ(
      std::get<Rejected>(client_.create(kContacts, {{"name", "A"}, {"domain", "a@a.test"}})).reason,
      "not sent: no company is named");
  EXPECT_TRUE(transport_.requests.empty());
}

}  // namespace
}  // namespace assembly_sync::assembly
