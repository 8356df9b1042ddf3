// What the client asks, and what it makes of every answer.
#include "daemon/assembly/client.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/assembly/client_fixture.hpp"

namespace assembly_sync::assembly {
namespace {

using core::AssemblyId;
using core::Key;
using core::Value;

TEST_F(AssemblyClient, F2_F3_F4_F9_Q20_I21_AsksForEachOperationAsDocumented) {
  const Value::Object body{{"name", "Acme"}};
  const auto accounts = Collection::accounts;
  const auto contacts = Collection::contacts;
  const std::vector<Sent> table = {
      {[&](const Client& c) { c.upsert(accounts, Key("k 1/ü+"), body); }, "PUT",
       "/accounts/upsert?source_specific_id=k%201%2F%C3%BC%2B",
       R"({"name":"Acme","source_specific_ids":["k 1/ü+"]})"},
      {[&](const Client& c) { c.upsert(contacts, Key("k"), body); }, "PUT",
       "/contacts/upsert?source_specific_id=k", R"({"name":"Acme","source_specific_ids":["k"]})"},
      {[&](const Client& c) { c.update(accounts, AssemblyId("01-a"), body); }, "PUT",
       "/accounts/01-a", R"({"name":"Acme"})"},
      {[&](const Client& c) { c.update(contacts, AssemblyId("01-a"), body); }, "PUT",
       "/contacts/01-a", R"({"name":"Acme"})"},
      {[&](const Client& c) { c.remove(accounts, Identifier::of(AssemblyId("01-a"))); }, "DELETE",
       "/accounts/01-a", ""},
      {[&](const Client& c) { c.remove(contacts, Identifier::of(Key("a&b"))); }, "DELETE",
       "/contacts?source_specific_id=a%26b", ""},
      {[&](const Client& c) { c.get(accounts, Identifier::of(AssemblyId("01-a"))); }, "GET",
       "/accounts/01-a", ""},
      {[&](const Client& c) { c.get(accounts, Identifier::of_domain("acme.com")); }, "GET",
       "/accounts/acme.com", ""},
      {[&](const Client& c) { c.get(contacts, Identifier::of_domain("a+b@acme.com")); }, "GET",
       "/contacts/a%2Bb@acme.com", ""},
      {[&](const Client& c) { c.get(accounts, Identifier::of_domain("a/b?c#d e%")); }, "GET",
       "/accounts/a%2Fb%3Fc%23d%20e%25", ""},
      {[&](const Client& c) { c.get(contacts, Identifier::of(Key("upsert"))); }, "GET",
       "/contacts?source_specific_id=upsert", ""},
      {[&](const Client& c) { c.list(accounts, 100, 0); }, "GET", "/accounts?limit=100&offset=0",
       ""},
      {[&](const Client& c) { c.list(contacts, 50, 150); }, "GET", "/contacts?limit=50&offset=150",
       ""},
      {[&](const Client& c) { c.labels(); }, "GET", "/accounts/labels", ""},
      {[&](const Client& c) {
         c.create_label({LabelType::tier, "Gold", "#545A92", ""});
       },
       "POST", "/accounts/labels", R"({"color":"#545A92","name":"Gold","type":"Tier"})"},
      {[&](const Client& c) {
         c.create_label({LabelType::account_tag, "Big", "#000000", "spends"});
       },
       "POST", "/accounts/labels",
       R"({"color":"#000000","description":"spends","name":"Big","type":"AccountTag"})"},
  };
  expect_sent(table);
}

TEST_F(AssemblyClient, Q6_KeepsTheOtherKeysOfAnUpsertAndAddsItsOwnOnce) {
  client_.upsert(Collection::accounts, Key("b"),
                 {{"source_specific_ids", Value::list({"a", "b"})}});
  EXPECT_EQ(last().body, R"({"source_specific_ids":["a","b"]})");
  client_.upsert(Collection::accounts, Key("c"),
                 {{"source_specific_ids", Value::list({"a", "b"})}});
  EXPECT_EQ(last().body, R"({"source_specific_ids":["a","b","c"]})");
}

TEST_F(AssemblyClient, Q19_SendsNothingForAnIdentifierThatWouldAddressSomethingElse) {
  const auto accounts = Collection::accounts;
  for (const char* word : {"", " ", ".", "..", "upsert", "Upsert", "labels", "company", "search",
                           "notes", "create_note"}) {
    SCOPED_TRACE(word);
    EXPECT_EQ(describe(client_.update(accounts, AssemblyId(word), {})), "rejected 0 invalid []");
    EXPECT_EQ(describe(client_.remove(accounts, Identifier::of(AssemblyId(word)))),
              "rejected 0 invalid []");
    EXPECT_EQ(describe(client_.get(accounts, Identifier::of_domain(word)).error()),
              "rejected 0 invalid []");
  }
  EXPECT_EQ(describe(client_.upsert(accounts, Key(""), {})), "rejected 0 invalid []");
  EXPECT_EQ(describe(client_.remove(accounts, Identifier::of(Key("")))), "rejected 0 invalid []");
  EXPECT_EQ(describe(client_.get(accounts, Identifier::of(Key(" "))).error()),
            "rejected 0 invalid []");
  EXPECT_TRUE(transport_.requests.empty());
}

struct Answered {
  int status;
  std::string body;
  std::string outcome;
  std::vector<core::HttpHeader> headers = {};
};

TEST_F(AssemblyClient, I11_I12_I13_Q3_Q4_Q31_TurnsEveryAnswerToAnUpsertIntoOneOutcome) {
  const std::vector<Answered> table = {
      {200, R"({"id":"01"})", "delivered 01"},
      {201, R"({"id":17})", "delivered 17"},
      {202, R"({"account":{"id":"01"}})", "delivered 01"},
      {204, "", "delivered "},
      {200, " \n", "delivered "},
      {200, "{}", "delivered "},
      {200, R"({"id":")", "ambiguous answered 200 with invalid JSON at line 1, column 8"},
      {200, "<html>", "ambiguous answered 200 with invalid JSON at line 1, column 1"},
      {200, R"({"error":"name is required"})", "rejected 200 invalid [name is required]"},
      {429, "", "throttled -"},
      {429, "", "throttled 2000", {{"Retry-After", "2"}}},
      {429, "", "throttled 5000", {{"retry-after", "Thu, 01 Jan 2026 00:00:05 GMT"}}},
      {429, "", "throttled 0", {{"Retry-After", "Wed, 31 Dec 2025 23:00:00 GMT"}}},
      {429, "", "throttled -", {{"Retry-After", "soon"}}},
      {401, R"({"error":"Invalid API Key"})", "unauthorized 401"},
      {403, "", "unauthorized 403"},
      {400, R"({"error":"content is required"})", "rejected 400 invalid [content is required]"},
      {400, R"({"error":400,"message":"bad"})", "rejected 400 invalid [bad]"},
      {400, R"({"message":"bad"})", "rejected 400 invalid [bad]"},
      {400, R"({"error":{"code":1,"message":"bad"}})", "rejected 400 invalid [bad]"},
      {400, R"({"errors":[{"message":"bad"},{"message":"worse"}]})", "rejected 400 invalid [bad]"},
      {400, R"({"error":7})", "rejected 400 invalid []"},
      {400, R"("bad")", "rejected 400 invalid [bad]"},
      {400, "bad\r\nrequest", "rejected 400 invalid [bad  request]"},
      {400, "", "rejected 400 invalid []"},
      {400, R"({"error":"Account NOT FOUND"})", "rejected 400 not_found [Account NOT FOUND]"},
      {404, "", "rejected 404 not_found []"},
      {409, "", "rejected 409 already_exists []"},
      {400, R"({"error":"source specific id already exists"})",
       "rejected 400 already_exists [source specific id already exists]"},
      {412, "", "rejected 412 invalid []"},
      {413, "", "rejected 413 invalid []"},
      {408, "", "transient answered 408"},
      {425, "", "transient answered 425"},
      {500, "", "transient answered 500"},
      {502, "<html>", "transient answered 502"},
      {503, "", "transient 3000 answered 503", {{"Retry-After", "3"}}},
      {504, "", "transient answered 504"},
      {301, "", "transient answered 301, a redirect, which is not followed"},
  };
  for (const Answered& answered : table) {
    transport_.answer(answered.status, answered.body, answered.headers);
    EXPECT_EQ(describe(client_.upsert(Collection::accounts, Key("k"), {})), answered.outcome)
        << answered.status << " " << answered.body;
  }
}

TEST_F(AssemblyClient, TellsFailuresWithoutEffectFromThoseThatMayHaveHadOne) {
  transport_.fail(false, "connection refused");
  EXPECT_EQ(describe(client_.upsert(Collection::accounts, Key("k"), {})),
            "transient connection refused");
  transport_.fail(true, "timed out after 7000 ms");
  EXPECT_EQ(describe(client_.upsert(Collection::accounts, Key("k"), {})),
            "ambiguous timed out after 7000 ms");
  transport_.fail(true, "answer cut off");
  EXPECT_EQ(describe(client_.remove(Collection::accounts, Identifier::of(Key("k")))),
            "ambiguous answer cut off");
}

TEST_F(AssemblyClient, Q33_TakesAPostAnsweredWithAServerErrorAsPossiblyDone) {
  const NewLabel label{LabelType::tier, "Gold", "#000000", ""};
  for (const int status : {408, 500, 502, 503, 504}) {
    transport_.answer(status);
    EXPECT_EQ(describe(client_.create_label(label)),
              "ambiguous answered " + std::to_string(status));
  }
  transport_.answer(429);
  EXPECT_EQ(describe(client_.create_label(label)), "throttled -");
  transport_.fail(false, "connection refused");
  EXPECT_EQ(describe(client_.create_label(label)), "transient connection refused");
  transport_.answer(409, R"({"error":"label already exists"})");
  EXPECT_EQ(describe(client_.create_label(label)),
            "rejected 409 already_exists [label already exists]");
  transport_.answer(201, R"({"id":"L1"})");
  EXPECT_EQ(describe(client_.create_label(label)), "delivered L1");
}

TEST_F(AssemblyClient, KnowsTheIdOfAnUpdateThatIsAnsweredWithoutOne) {
  transport_.answer(204);
  EXPECT_EQ(describe(client_.update(Collection::accounts, AssemblyId("01"), {})), "delivered 01");
  transport_.answer(200, R"({"id":"02"})");
  EXPECT_EQ(describe(client_.update(Collection::accounts, AssemblyId("01"), {})), "delivered 02");
}

TEST_F(AssemblyClient, Q22_CountsWhatIsNotThereAsRemoved) {
  const Identifier identifier = Identifier::of(AssemblyId("01"));
  for (const Answered& answered :
       std::vector<Answered>{{200, "{}", "delivered "},
                             {204, "", "delivered "},
                             {404, "", "delivered "},
                             {400, R"({"error":"account not found"})", "delivered "},
                             {400, R"({"error":"bad id"})", "rejected 400 invalid [bad id]"},
                             {500, "", "transient answered 500"}}) {
    transport_.answer(answered.status, answered.body);
    EXPECT_EQ(describe(client_.remove(Collection::accounts, identifier)), answered.outcome);
  }
}

TEST_F(AssemblyClient, ShortensTheServersWordsToWholeCharacters) {
  std::string words;
  for (int i = 0; i < 150; ++i) words += "ü";
  transport_.answer(400, R"({"error":"x)" + words + "\"}");
  const Outcome outcome = client_.upsert(Collection::accounts, Key("k"), {});
  const std::string detail = std::get<Rejected>(outcome).detail;
  EXPECT_EQ(detail, "x" + words.substr(0, 198));
}

TEST_F(AssemblyClient, KeepsTheServersWordsOutOfTheReason) {
  transport_.answer(400, R"({"error":"secret@acme.com is no domain"})");
  const Outcome outcome = client_.upsert(Collection::accounts, Key("k"), {});
  EXPECT_EQ(std::get<Rejected>(outcome).reason, "answered 400");
}

}  // namespace
}  // namespace assembly_sync::assembly
