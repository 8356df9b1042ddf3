// One case or more for each trap that users of other programs have reported of Salesforce;
// tests/traps/salesforce.md has the table.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "connectors/salesforce/ids.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/connectors/memory_tokens.hpp"
#include "tests/unit/connectors/salesforce_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using salesforce::to_18;
using test::refusal;
using test::rows;
using Kind = ReadError::Kind;

const Paths kName = {{"Name"}};
constexpr const char* kAcme = "001000000000001AAA";

class SalesforceTraps : public ::testing::Test {
 protected:
  core::Value listed(const Paths& wanted, const std::string& list) {
    org_.on_query = [list](const std::string&) { return rows(list); };
    const auto page = org_.list("accounts", wanted);
    if (!page) throw std::runtime_error(page.error().reason);
    if (page->records.size() != 1) throw std::runtime_error("not one record");
    warnings_ = page->warnings;
    return test::json(page->records.front().json);
  }

  /// The page of a bulk job whose result is `csv`.
  Page bulk(const Paths& wanted, const std::string& csv,
            std::vector<core::HttpHeader> headers = {{"Sforce-Locator", "null"}}) {
    org_.on_query = [](const std::string&) {
      return rows("[]", "/services/data/v66.0/query/01g-2000", 50'000);
    };
    org_.on_other = [=](const core::HttpRequest& request) {
      if (request.method == "POST") return test::answer(200, R"({"id":"750000000000001AAA"})");
      if (request.url.find("/results") == std::string::npos) {
        return test::answer(200, R"({"state":"JobComplete"})");
      }
      return test::answer(200, csv, headers);
    };
    auto page = org_.list("accounts", wanted);
    if (page) page = org_.list("accounts", wanted, page->next);  // makes the job
    if (page) page = org_.list("accounts", wanted, page->next);
    if (!page) throw std::runtime_error(page.error().reason);
    return std::move(*page);
  }

  test::SalesforceOrg org_;
  std::vector<std::string> warnings_;
};

TEST_F(SalesforceTraps, T01_IdsAreKeptIn18CharactersAndTheirCaseIsLeftAlone) {
  const core::Value vectors =
      test::json(test::read_data("vectors-hubspot-salesforce.json")).at("salesforce_id_15_to_18");
  ASSERT_FALSE(vectors.as_object().empty());
  for (const auto& [id, expected] : vectors.as_object()) {
    EXPECT_EQ(to_18(id), expected.as_string());
    EXPECT_EQ(to_18(expected.as_string()), expected.as_string());
  }
  EXPECT_EQ(to_18("001a0000006vm9uiac"), "001a0000006vm9uiac") << "not ours to mend";
  for (const std::string id : {"", "001", "00100000000000'", "0010000000000011"}) {
    EXPECT_EQ(to_18(id), std::nullopt) << id;
  }
}

TEST_F(SalesforceTraps, T01_AnIdOf15CharactersLeadsToTheRecordUnderItsLongOne) {
  org_.on_query = [](const std::string&) { return rows(R"([{"Id":"001000000000001AAA"}])"); };
  const auto read = org_.read("accounts", {"001000000000001"}, kName);
  ASSERT_TRUE(read) << read.error().reason;
  ASSERT_EQ(read->records.size(), 1u);
  EXPECT_EQ(read->records[0].ref.id.str(), kAcme);
  ASSERT_EQ(read->remapped.size(), 1u);
  EXPECT_EQ(read->remapped[0].second.str(), kAcme);
}

TEST_F(SalesforceTraps, T02_CompoundFieldsAreNeverSelected) {
  const core::Value record = listed({{"BillingAddress", "city"}, {"BillingCity"}},
                                    R"([{"Id":"001000000000001AAA","BillingCity":"Berlin"}])");
  EXPECT_EQ(org_.queries.at(0),
            "SELECT Id,IsDeleted,MasterRecordId,SystemModstamp,BillingCity FROM Account "
            "ORDER BY Id ASC");
  EXPECT_EQ(record.text_or("BillingCity"), "Berlin");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0],
            "field BillingAddress of Account is made of several fields and is left out: use those "
            "instead, as BillingCity instead of BillingAddress");
}

TEST_F(SalesforceTraps, T03_AFormulaThatMovesNoDateShowsInACompletePass) {
  const Paths wanted = {{"Tier__c"}};
  std::string tier = "gold";
  org_.on_query = [&](const std::string& soql) {  // of an account that was changed an hour ago
    if (soql.find("SystemModstamp >=") != std::string::npos) return rows("[]", {}, 0);
    const bool asked = soql.find("Tier__c") != std::string::npos;
    return rows(R"([{"Id":"001000000000001AAA","SystemModstamp":"2026-01-01T09:00:00.000+0000")" +
                (asked ? R"(,"Tier__c":")" + tier + "\"}]" : std::string("}]")));
  };
  const auto before = org_.list("accounts", wanted);
  ASSERT_TRUE(before) << before.error().reason;
  tier = "silver";
  const auto changes = org_.changes("accounts", org_.since(org_.now - 30min), wanted);
  ASSERT_TRUE(changes);
  EXPECT_TRUE(changes->notices.empty()) << "no date has moved";
  const auto after = org_.list("accounts", wanted);
  ASSERT_TRUE(after);
  EXPECT_EQ(test::json(before->records.at(0).json).text_or("Tier__c"), "gold");
  EXPECT_EQ(test::json(after->records.at(0).json).text_or("Tier__c"), "silver");
  EXPECT_EQ(after->records[0].version, before->records[0].version);
}

TEST_F(SalesforceTraps, T04_AHiddenFieldIsDroppedAndTold) {
  listed({{"Name"}, {"Secret__c"}, {"website"}}, R"([{"Id":"001000000000001AAA"}])");
  EXPECT_EQ(org_.queries.at(0).find("Secret__c"), std::string::npos);
  EXPECT_EQ(warnings_,
            (std::vector<std::string>{
                "field Secret__c of Account can't be read and is left out: there is none, or the "
                "integration user may not see it",
                "field website of Account can't be read and is left out: there is none, or the "
                "integration user may not see it; did you mean Website?"}));
}

TEST_F(SalesforceTraps, T04_AFieldThatIsRefusedAlthoughDescribedIsDroppedAndTold) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("Tier__c") == std::string::npos) {
      return rows(R"([{"Id":"001000000000001AAA","Name":"Acme"}])");
    }
    return refusal(400, "INVALID_FIELD", "No such column 'Tier__c' on entity 'Account'.");
  };
  const Paths wanted = {{"Name"}, {"Tier__c"}};
  const auto page = org_.list("accounts", wanted);
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_EQ(page->records.size(), 1u);
  ASSERT_EQ(page->warnings.size(), 1u);
  EXPECT_NE(page->warnings[0].find("field Tier__c of Account is refused"), std::string::npos);
  EXPECT_EQ(org_.queries.size(), 2u);
  ASSERT_TRUE(org_.list("accounts", wanted));
  EXPECT_EQ(org_.queries.size(), 3u) << "known for an hour";
  org_.now += 1h;
  ASSERT_TRUE(org_.list("accounts", wanted));
  EXPECT_EQ(org_.queries.size(), 5u) << "and then tried again";
}

TEST_F(SalesforceTraps, T04_WhatIsLeftOutIsToldByTheFirstAnswerThatIsGiven) {
  const Paths wanted = {{"Name"}, {"Secret__c"}};
  org_.on_query = [](const std::string&) { return refusal(503, "SERVER_UNAVAILABLE"); };
  EXPECT_FALSE(org_.list("accounts", wanted));
  org_.on_query = [](const std::string&) { return rows(R"([{"Id":"001000000000001AAA"}])"); };
  const auto read = org_.read("accounts", {kAcme}, wanted);
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->warnings.size(), 1u);
  const auto page = org_.list("accounts", wanted);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->warnings.empty());
}

TEST_F(SalesforceTraps, T05_EveryRoundLooksBackForRowsThatShowLate) {
  const auto first = org_.changes("accounts", org_.since(org_.now - 1min), kName);
  ASSERT_TRUE(first) << first.error().reason;
  EXPECT_FALSE(first->more);
  EXPECT_NE(org_.queries.at(0).find("SystemModstamp >= 2026-01-01T09:59:00Z AND SystemModstamp < "
                                    "2026-01-01T10:00:00Z"),
            std::string::npos)
      << org_.queries.at(0);
  org_.now += 1h;
  std::string cursor = first->next;
  ASSERT_TRUE(org_.changes("accounts", cursor, kName));
  EXPECT_NE(org_.queries.at(1).find("SystemModstamp >= 2026-01-01T09:59:00Z"), std::string::npos)
      << "no earlier than asked for";
  cursor = org_.changes("accounts", cursor, kName)->next;
  for (int steps = 0; steps < 3; ++steps) cursor = org_.changes("accounts", cursor, kName)->next;
  EXPECT_NE(org_.queries.back().find("SystemModstamp >= 2026-01-01T10:45:00Z"), std::string::npos)
      << org_.queries.back();
}

TEST_F(SalesforceTraps, T05_RowsOfOneSecondAreToldApartByTheirIds) {
  const std::string row = R"([{"Id":"001000000000001AAA","IsDeleted":false,"SystemModstamp":)"
                          R"("2026-01-01T09:30:00.000+0000","Name":"A"}])";
  org_.on_query = [&](const std::string&) {
    return rows(row, "/services/data/v66.0/query/01g-2000", 3000);
  };
  const auto first = org_.changes("accounts", org_.since(org_.now - 1h), kName);
  ASSERT_TRUE(first) << first.error().reason;
  ASSERT_TRUE(first->more);
  // The page that was named is gone: the query goes on behind the last row, not behind its second.
  org_.on_other = [](const core::HttpRequest&) { return refusal(400, "INVALID_QUERY_LOCATOR"); };
  const auto lost = org_.changes("accounts", first->next, kName);
  ASSERT_TRUE(lost) << lost.error().reason;
  ASSERT_TRUE(org_.changes("accounts", lost->next, kName));
  EXPECT_EQ(org_.queries.at(1),
            "SELECT Id,IsDeleted,MasterRecordId,SystemModstamp,Name FROM Account WHERE "
            "((SystemModstamp = 2026-01-01T09:30:00Z AND Id > '001000000000001AAA') OR "
            "SystemModstamp > 2026-01-01T09:30:00Z) AND SystemModstamp < 2026-01-01T10:00:00Z "
            "ORDER BY SystemModstamp ASC, Id ASC");
}

TEST_F(SalesforceTraps, T05_AFirstListingKnowsNoStartDate) {
  ASSERT_TRUE(org_.list("accounts", kName));
  EXPECT_EQ(org_.queries.at(0).find("WHERE"), std::string::npos);
}

TEST_F(SalesforceTraps, T06_ATimeOutHalvesTheWindowUntilItIsReadAndNeverSticks) {
  int refused = 0;
  org_.on_query = [&](const std::string&) {
    return ++refused <= 2 ? refusal(400, "QUERY_TIMEOUT") : rows("[]", {}, 0);
  };
  std::string cursor = org_.since(org_.now - 40min);
  std::set<std::string> cursors;
  bool more = true;
  for (int step = 0; more && step < 20; ++step) {
    const auto changes = org_.changes("accounts", cursor, kName);
    ASSERT_TRUE(changes) << changes.error().reason;
    EXPECT_TRUE(cursors.insert(changes->next).second) << "stuck at " << changes->next;
    cursor = changes->next;
    more = changes->more;
  }
  EXPECT_FALSE(more);
  const auto ends = [&](std::size_t i) {
    return org_.queries.at(i).substr(org_.queries.at(i).find("< ") + 2, 20);
  };
  EXPECT_EQ(ends(0), "2026-01-01T10:00:00Z");
  EXPECT_EQ(ends(1), "2026-01-01T09:40:00Z");
  EXPECT_EQ(ends(2), "2026-01-01T09:30:00Z");
  EXPECT_EQ(ends(3), "2026-01-01T09:50:00Z") << "twice as long again";
  EXPECT_EQ(ends(4), "2026-01-01T10:00:00Z");
}

TEST_F(SalesforceTraps, T06_AWindowOfOneSecondThatTimesOutIsToldAsSuch) {
  org_.on_query = [](const std::string&) { return refusal(400, "QUERY_TIMEOUT"); };
  std::string cursor = org_.since(org_.now - 4s);
  ReadResult<Changes> changes = org_.changes("accounts", cursor, kName);
  for (int step = 0; changes && step < 10; ++step) {
    changes = org_.changes("accounts", changes->next, kName);
  }
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().kind, Kind::transient);
}

TEST_F(SalesforceTraps, T07_NulBytesAndLineBreaksInABulkResultDoNoHarm) {
  const Page page = bulk({{"Name"}}, std::string("\"Id\",\"Name\"\n\"001000000000001AAA\",\"A\0c"
                                                 "me\nLtd \"\"x\"\"\"\n",
                                                 50));
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(test::json(page.records[0].json).text_or("Name"), "Acme\nLtd \"x\"");
  EXPECT_FALSE(org_.list("accounts", kName, page.next)->next);
}

TEST_F(SalesforceTraps, T07_ARowThatCanNotBeReadCostsNoOther) {
  const Page page = bulk({{"Name"}},
                         "\"Id\",\"Name\"\n\"001000000000001AAA\"\n"
                         "\"001000000000002AAA\",\"" +
                             std::string(500'000, 'x') + "\"\n");
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].ref.id.str(), "001000000000002AAA");
  ASSERT_EQ(page.bad_rows.size(), 1u);
  EXPECT_EQ(page.bad_rows[0], "line 2 of a bulk result: expected 2 fields, got 1");
}

TEST_F(SalesforceTraps, T08_NumbersAndDatesOfABulkResultAreThoseOfAQuery) {
  const Paths wanted = {{"AnnualRevenue"}, {"NumberOfEmployees"}, {"Renewal__c"}};
  const std::string header =
      "\"Id\",\"AnnualRevenue\",\"NumberOfEmployees\",\"Renewal__c\","
      "\"SystemModstamp\",\"IsDeleted\"\n";
  const Page page = bulk(wanted, header +
                                     "\"001000000000001AAA\",\"1234567.89\",\"120.0\","
                                     "\"0999-12-31\",\"2026-01-01T09:00:00.000Z\",\"false\"\n");
  ASSERT_EQ(page.records.size(), 1u);
  const core::Value by_query = listed(
      wanted, R"([{"Id":"001000000000001AAA","AnnualRevenue":1234567.89,"NumberOfEmployees":120,)"
              R"("Renewal__c":"0999-12-31","SystemModstamp":"2026-01-01T09:00:00.000+0000",)"
              R"("IsDeleted":false}])");
  EXPECT_EQ(test::json(page.records[0].json), by_query);
  EXPECT_EQ(by_query.at("NumberOfEmployees"), core::Value(120));
  EXPECT_EQ(page.records[0].version, 1'767'258'000'000);
}

TEST_F(SalesforceTraps, T08_AColumnThatAResultLacksIsNotTakenForEmpty) {
  const std::string without = "\"Id\",\"Name\"\n\"001000000000001AAA\",\"Acme\"\n";
  const Page part = bulk(kName, without, {{"Sforce-Locator", "MTAw"}});
  const auto page = org_.list("accounts", {{"AnnualRevenue"}, {"Name"}}, part.next);
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_TRUE(page->records.empty()) << "the job asked for no AnnualRevenue";
  EXPECT_TRUE(page->next) << "another one will";
}

TEST_F(SalesforceTraps, T08_NotANumberIsNull) {
  const Page page = bulk({{"AnnualRevenue"}},
                         "\"Id\",\"AnnualRevenue\"\n\"001000000000001AAA\",\"NaN\"\n"
                         "\"001000000000002AAA\",\"Infinity\"\n\"001000000000003AAA\",\"\"\n");
  ASSERT_EQ(page.records.size(), 3u);
  for (const core::Record& record : page.records) {
    EXPECT_TRUE(test::json(record.json).at("AnnualRevenue").is_null()) << record.json;
  }
}

TEST_F(SalesforceTraps, T08_AResultThatIsRefusedSendsTheListingBackToQueries) {
  org_.on_query = [](const std::string& soql) {
    return soql.find("WHERE") == std::string::npos
               ? rows(R"([{"Id":"001000000000001AAA"}])", "/services/data/v66.0/query/01g-2000",
                      50'000)
               : rows(R"([{"Id":"001000000000002AAA"}])", {}, 49'999);
  };
  org_.on_other = [](const core::HttpRequest& request) {
    if (request.method == "POST") return test::answer(200, R"({"id":"750000000000001AAA"})");
    if (request.url.find("/results") == std::string::npos) {
      return test::answer(200, R"({"state":"JobComplete"})");
    }
    return test::answer(406, "");
  };
  auto page = org_.list("accounts", kName);
  for (int step = 0; page && step < 2; ++step) page = org_.list("accounts", kName, page->next);
  ASSERT_TRUE(page) << page.error().reason;
  ASSERT_TRUE(page->next);
  EXPECT_EQ(page->warnings.size(), 1u);
  page = org_.list("accounts", kName, page->next);
  ASSERT_TRUE(page) << page.error().reason;
  ASSERT_EQ(page->records.size(), 1u) << "by queries, however many records there are";
  EXPECT_EQ(page->records[0].ref.id.str(), "001000000000002AAA");
  EXPECT_FALSE(page->next);
}

TEST_F(SalesforceTraps, T09_AWideObjectIsReadInPartsThatFitAUrl) {
  std::vector<std::string> fields;
  Paths wanted;
  for (int i = 0; i < 300; ++i) {
    fields.push_back("A_field_with_a_long_name_" + std::to_string(1000 + i) + "__c:string");
    wanted.insert({fields.back().substr(0, fields.back().find(':'))});
  }
  org_.objects["Account"] = test::described(fields);
  org_.on_query = [](const std::string& soql) {
    const bool first = soql.find("_1000__c") != std::string::npos;
    const bool last = soql.find("_1299__c") != std::string::npos;
    return rows(std::string(R"([{"Id":"001000000000001AAA")") +
                (first ? R"(,"A_field_with_a_long_name_1000__c":"first")" : "") +
                (last ? R"(,"A_field_with_a_long_name_1299__c":"last")" : "") +
                R"(},{"Id":"001000000000002AAA"}])");
  };
  const auto page = org_.list("accounts", wanted);
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_GT(org_.queries.size(), 2u);
  for (const std::string& path : org_.paths) EXPECT_LT(path.size(), 9000u);
  ASSERT_EQ(page->records.size(), 2u);
  const core::Value record = test::json(page->records[0].json);
  EXPECT_EQ(record.text_or("A_field_with_a_long_name_1000__c"), "first");
  EXPECT_EQ(record.text_or("A_field_with_a_long_name_1299__c"), "last");
  EXPECT_NE(org_.queries.back().find("WHERE Id IN ('001000000000001AAA','001000000000002AAA')"),
            std::string::npos);
}

TEST_F(SalesforceTraps, T10_ABulkResultOfSeveralPartsIsReadToTheWordNull) {
  const Page first = bulk({{"Name"}}, "\"Id\",\"Name\"\n\"001000000000001AAA\",\"A\"\n",
                          {{"Sforce-Locator", "MTAw"}});
  ASSERT_TRUE(first.next);
  org_.on_other = [](const core::HttpRequest& request) {
    EXPECT_TRUE(request.url.ends_with(
        "/services/data/v66.0/jobs/query/750000000000001AAA/results?maxRecords=5000&locator=MTAw"))
        << request.url;
    return test::answer(200, "\"Id\",\"Name\"\n\"001000000000002AAA\",\"B\"\n",
                        {{"Sforce-Locator", "null"}});
  };
  const auto second = org_.list("accounts", kName, first.next);
  ASSERT_TRUE(second) << second.error().reason;
  ASSERT_EQ(second->records.size(), 1u);
  org_.on_other = [](const core::HttpRequest& request) {
    EXPECT_EQ(request.method, "DELETE") << "nothing more is read";
    return test::answer(204, "");
  };
  const auto end = org_.list("accounts", kName, second->next);
  ASSERT_TRUE(end) << end.error().reason;
  EXPECT_TRUE(end->records.empty());
  EXPECT_FALSE(end->next);
}

TEST_F(SalesforceTraps, T10_WhatWasDeletedSinceTheJobWasMadeIsNotBroughtBackByItsResult) {
  const core::WallTime made = org_.now;
  org_.on_query = [](const std::string&) {
    return rows("[]", "/services/data/v66.0/query/01g-2000", 50'000);
  };
  org_.on_other = [](const core::HttpRequest& request) {
    if (request.method == "POST") return test::answer(200, R"({"id":"750000000000001AAA"})");
    if (request.url.find("/results") == std::string::npos) {
      return test::answer(200, R"({"state":"JobComplete"})");
    }
    return test::answer(200, "\"Id\",\"Name\"\n\"001000000000001AAA\",\"Acme\"\n");
  };
  auto page = org_.list("accounts", kName);
  ASSERT_TRUE(page);
  page = org_.list("accounts", kName, page->next);
  ASSERT_TRUE(page);
  const std::string cursor = *page->next;
  org_.now += 10min;  // the account is deleted, and seen to be
  const core::WallTime deleted = org_.now;
  org_.on_query = [](const std::string&) { return rows("[]", {}, 0); };
  const auto read = org_.read("accounts", {kAcme}, kName);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->missing.size(), 1u);
  org_.now += 10min;
  page = org_.list("accounts", kName, cursor);
  ASSERT_TRUE(page) << page.error().reason;
  ASSERT_EQ(page->records.size(), 1u) << "Salesforce still has it in the result";
  ASSERT_TRUE(page->as_of);
  EXPECT_EQ(*page->as_of, made);
  EXPECT_LT(*page->as_of, deleted) << "so that what was read of it later wins";
}

TEST_F(SalesforceTraps, T11_ARotatedRefreshTokenIsKeptBeforeAnythingIsRead) {
  const auto tokens = std::make_shared<test::MemoryTokens>();
  tokens->fails = true;
  SourceSettings settings = test::salesforce_settings();
  settings.secrets["refresh_token"] = core::Secret("first-refresh-token");
  settings.tokens = tokens;
  const auto source = find_type("salesforce")->make(settings);
  int read = 0;
  test::ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (request.url.ends_with("/services/oauth2/token")) {
      return test::answer(200, R"({"access_token":"at","refresh_token":"second-refresh-token"})");
    }
    ++read;
    return test::answer(500, "");
  });
  const auto page =
      source->list(core::ObjectName("accounts"), std::nullopt, kName, transport, org_.now);
  ASSERT_FALSE(page);
  EXPECT_EQ(read, 0);
  tokens->fails = false;
  EXPECT_FALSE(
      source->list(core::ObjectName("accounts"), std::nullopt, kName, transport, org_.now));
  EXPECT_EQ(read, 1);
  EXPECT_TRUE(tokens->kept["salesforce"].ends_with(" second-refresh-token"));
}

TEST_F(SalesforceTraps, T12_APersonAccountIsAnAccountWithThePersonsFields) {
  org_.objects["Account"] = test::described(
      {"Name:string", "IsPersonAccount:boolean", "PersonEmail:email", "PersonContactId:reference"});
  const core::Value record =
      listed({{"Name"}, {"IsPersonAccount"}, {"PersonEmail"}, {"PersonContactId"}},
             R"([{"Id":"001000000000001AAA","Name":"Jo Doe","IsPersonAccount":true,)"
             R"("PersonEmail":"jo@acme.test","PersonContactId":"003000000000001"}])");
  EXPECT_EQ(record.text_or("Name"), "Jo Doe");
  EXPECT_EQ(record.at("IsPersonAccount"), core::Value(true));
  EXPECT_EQ(record.text_or("PersonContactId"), "003000000000001AAA");
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(SalesforceTraps, T12_WherePersonAccountsAreOffTheirFieldsAreLeftOut) {
  listed({{"Name"}, {"PersonEmail"}}, R"([{"Id":"001000000000001AAA"}])");
  EXPECT_EQ(org_.queries.at(0).find("PersonEmail"), std::string::npos);
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(SalesforceTraps, T13_AContactWithoutAnAccountHasNoParent) {
  org_.on_query = [](const std::string&) {
    return rows(R"([{"Id":"003000000000001AAA","AccountId":null},)"
                R"({"Id":"003000000000002AAA","AccountId":"001000000000001AAA"}])");
  };
  const auto page = org_.list("contacts", {{"AccountId"}, {"Account", "Name"}});
  ASSERT_TRUE(page) << page.error().reason;
  ASSERT_EQ(page->records.size(), 2u);
  EXPECT_TRUE(page->records[0].related.empty());
  EXPECT_TRUE(test::json(page->records[0].json).at("AccountId").is_null());
  EXPECT_TRUE(test::json(page->records[0].json).at("Account").is_null());
  ASSERT_EQ(page->records[1].related.size(), 1u);
  EXPECT_EQ(page->records[1].related[0].object.str(), "accounts");
  EXPECT_EQ(page->records[1].related[0].id.str(), kAcme);
}

/// Each of them is acme.test to domain_of; HubspotTraps.T12_ADomainComesInSeveralSpellings shows
/// it.
TEST_F(SalesforceTraps, T14_AWebsiteIsHandedOnAsItIsForTheMappingToReadItsDomain) {
  for (const std::string website : {"Acme.test", "www.acme.test", "https://acme.test/about"}) {
    const core::Value record =
        listed({{"Website"}}, R"([{"Id":"001000000000001AAA","Website":")" + website + "\"}]");
    EXPECT_EQ(record.text_or("Website"), website);
  }
}

TEST_F(SalesforceTraps, T15_PicklistsHaveTheirLabelsAndInactiveValuesToo) {
  org_.objects["Account"] =
      R"({"name":"Account","fields":[{"name":"Id","type":"id"},{"name":"Type","type":"picklist",)"
      R"("label":"Account Type","picklistValues":[{"value":"cust","label":"Customer",)"
      R"("active":true},{"value":"old","label":"Former","active":false}]},)"
      R"({"name":"Tags__c","type":"multipicklist","label":"Tags","picklistValues":)"
      R"([{"value":"a","label":"A"}]}]})";
  const auto catalogue =
      org_.source->describe(core::ObjectName("accounts"), org_.transport, org_.now);
  ASSERT_TRUE(catalogue) << catalogue.error().reason;
  const core::Field* type = catalogue->find("Type");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->label, "Account Type");
  EXPECT_EQ(type->type, core::FieldType::choice);
  EXPECT_EQ(type->options.at("cust"), "Customer");
  EXPECT_EQ(type->options.at("old"), "Former");
  EXPECT_EQ(catalogue->find("Tags__c")->type, core::FieldType::choices);
  const core::Value record =
      listed({{"Tags__c"}}, R"([{"Id":"001000000000001AAA","Tags__c":"a;b"}])");
  EXPECT_EQ(record.text_or("Tags__c"), "a;b");
}

TEST_F(SalesforceTraps, T16_ACurrencyFieldThatThisOrgHasNotIsLeftOut) {
  listed({{"Name"}, {"CurrencyIsoCode"}}, R"([{"Id":"001000000000001AAA"}])");
  EXPECT_EQ(org_.queries.at(0).find("CurrencyIsoCode"), std::string::npos);
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(SalesforceTraps, T16_SumsOverOpportunitiesAreSalesforcesOwnInOneCurrency) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("FROM Opportunity") == std::string::npos) {
      return rows(R"([{"Id":"001000000000001AAA"},{"Id":"001000000000002AAA"}])");
    }
    return rows(R"([{"AccountId":"001000000000001AAA","IsWon":true,"amount":1200.0,)"
                R"("closing":"2025-01-01"},{"AccountId":"001000000000001AAA","IsWon":false,)"
                R"("amount":9.0,"closing":"2026-03-31"}])");
  };
  const auto page = org_.list("accounts", {{"opportunities", "won_amount"}});
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_EQ(org_.queries.at(1),
            "SELECT AccountId, IsWon, SUM(Amount) amount, MIN(CloseDate) closing FROM Opportunity "
            "WHERE (IsWon = true OR (IsClosed = false AND Type LIKE '%renewal%' AND CloseDate >= "
            "2026-01-01)) AND AccountId IN ('001000000000001AAA','001000000000002AAA') GROUP BY "
            "AccountId, IsWon");
  ASSERT_EQ(page->records.size(), 2u);
  EXPECT_EQ(test::json(page->records[0].json).at("opportunities"),
            test::json(R"({"won_amount":1200,"renewal_date":"2026-03-31"})"));
  EXPECT_EQ(test::json(page->records[1].json).at("opportunities"),
            test::json(R"({"won_amount":0,"renewal_date":null})"));
}

TEST_F(SalesforceTraps, T17_APageThatIsShorterThanAskedForIsNotTheLast) {
  const std::string next = "/services/data/v66.0/query/01g000000000001-200";
  org_.on_query = [&](const std::string&) {
    return rows(R"([{"Id":"001000000000001AAA"}])", next, 201);
  };
  org_.on_other = [&](const core::HttpRequest& request) {
    EXPECT_EQ(request.url, "https://acme.test" + next);
    return rows(R"([{"Id":"001000000000002AAA"}])");
  };
  const auto first = org_.list("accounts", kName);
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->next);
  const auto second = org_.list("accounts", kName, first->next);
  ASSERT_TRUE(second) << second.error().reason;
  EXPECT_EQ(second->records.at(0).ref.id.str(), "001000000000002AAA");
  EXPECT_FALSE(second->next);
}

TEST_F(SalesforceTraps, T18_AnOffsetWithoutAColonIsRead) {
  org_.on_query = [](const std::string&) {
    return rows(R"([{"Id":"001000000000001AAA","SystemModstamp":)"
                R"("2026-01-01T09:00:00.000+0000"}])");
  };
  const auto page = org_.list("accounts", kName);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->records.at(0).version, 1'767'258'000'000);
  EXPECT_EQ(test::json(page->records[0].json).text_or("SystemModstamp"),
            "2026-01-01T09:00:00.000Z");
}

/// The table for people names each case of this file, and none that is not there.
TEST(SalesforceTrapTable, NamesEveryCase) {
  const std::string table =
      test::read_file(test::source_dir() / "tests" / "traps" / "salesforce.md");
  std::set<std::string> named;
  for (std::size_t at = 0; (at = table.find("`T", at)) != std::string::npos; ++at) {
    named.insert(table.substr(at + 1, table.find('`', at + 1) - at - 1));
  }
  std::set<std::string> written;
  const auto& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    if (std::string(suite.name()) != "SalesforceTraps") continue;
    for (int n = 0; n < suite.total_test_count(); ++n) written.insert(suite.GetTestInfo(n)->name());
  }
  EXPECT_EQ(named, written);
  for (int trap = 1; trap <= 18; ++trap) {
    const std::string number = (trap < 10 ? "T0" : "T") + std::to_string(trap) + '_';
    EXPECT_TRUE(std::any_of(written.begin(), written.end(), [&](const std::string& name) {
      return name.starts_with(number);
    })) << number;
  }
}

}  // namespace
}  // namespace assembly_sync::connectors
