// Reading by id, deletions, limits and the configuration; listings, kept places and the traps have
// files of their own.
#include <gtest/gtest.h>

#include "connectors/salesforce/client.hpp"
#include "tests/unit/connectors/rsa_key.hpp"
#include "tests/unit/connectors/salesforce_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;
using test::refusal;
using test::rows;

const Paths kName = {{"Name"}};

class Salesforce : public ::testing::Test {
 protected:
  test::SalesforceOrg org_;
};

TEST_F(Salesforce, SelectsWhatIsWantedAndWhatItNeedsItself) {
  org_.on_query = [](const std::string&) {
    return rows(R"([{"attributes":{"type":"Account"},"Id":"001000000000001AAA","Name":"Acme",)"
                R"("IsDeleted":false,"MasterRecordId":null,"Owner":{"attributes":{},)"
                R"("Email":"jo@acme.test"},"SystemModstamp":"2026-01-01T09:00:00.000+0000"}])");
  };
  const auto page = org_.list("accounts", {{"Name"}, {"Owner", "Email"}});
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_EQ(org_.queries.at(0),
            "SELECT Id,IsDeleted,MasterRecordId,SystemModstamp,Name,Owner.Email FROM Account "
            "ORDER BY Id ASC");
  EXPECT_TRUE(page->warnings.empty());
  EXPECT_EQ(page->records.at(0).json,
            R"({"Id":"001000000000001AAA","IsDeleted":false,"MasterRecordId":null,"Name":"Acme",)"
            R"("Owner":{"Email":"jo@acme.test"},"SystemModstamp":"2026-01-01T09:00:00.000Z"})");
}

TEST_F(Salesforce, ReadsByIdWhatLivesWhatIsInTheBinAndWhatWasMerged) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("'001000000000004AAA'") != std::string::npos &&
        soql.find("'001000000000003AAA'") == std::string::npos) {
      return rows(R"([{"Id":"001000000000004AAA","IsDeleted":false,"Name":"Winner"}])");
    }
    return rows(R"([{"Id":"001000000000001AAA","IsDeleted":false,"Name":"Acme"},)"
                R"({"Id":"001000000000002AAA","IsDeleted":true,"MasterRecordId":null},)"
                R"({"Id":"001000000000003AAA","IsDeleted":true,)"
                R"("MasterRecordId":"001000000000004AAA"}])");
  };
  const auto read = org_.read("accounts",
                              {"001000000000001AAA", "001000000000002AAA", "001000000000003AAA",
                               "001000000000009AAA", "x'"},
                              kName);
  ASSERT_TRUE(read) << read.error().reason;
  ASSERT_EQ(read->records.size(), 2u);
  EXPECT_EQ(read->records[0].ref.id.str(), "001000000000001AAA");
  EXPECT_EQ(read->records[1].ref.id.str(), "001000000000004AAA");
  ASSERT_EQ(read->remapped.size(), 1u);
  EXPECT_EQ(read->remapped[0].first.str(), "001000000000003AAA");
  EXPECT_EQ(read->remapped[0].second.str(), "001000000000004AAA");
  std::map<std::string, bool> missing;
  for (const auto& one : read->missing) missing[one.id.str()] = one.archived;
  EXPECT_EQ(missing,
            (std::map<std::string, bool>{
                {"001000000000002AAA", true}, {"001000000000009AAA", false}, {"x'", false}}));
  for (const std::string& path : org_.paths) {
    if (path.find("?q=") == std::string::npos) continue;
    EXPECT_NE(path.find("/queryAll?q="), std::string::npos) << path;
    EXPECT_EQ(path.find("x'"), std::string::npos) << "no id that is none gets into a query";
  }
}

TEST_F(Salesforce, ASurvivorThatIsGoneTooIsASignOfDeletion) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("'001000000000003AAA'") == std::string::npos) return rows("[]", {}, 0);
    return rows(R"([{"Id":"001000000000003AAA","IsDeleted":true,)"
                R"("MasterRecordId":"001000000000004AAA"}])");
  };
  const auto read = org_.read("accounts", {"001000000000003AAA"}, kName);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->missing.size(), 1u);
  EXPECT_TRUE(read->missing[0].archived);
  EXPECT_TRUE(read->remapped.empty());
}

TEST_F(Salesforce, AListingWhosePageIsLostGoesOnBehindTheLastId) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("WHERE") != std::string::npos) return rows(R"([{"Id":"001000000000002AAA"}])");
    return rows(R"([{"Id":"001000000000001AAA"}])", "/services/data/v66.0/query/01g-2000", 3000);
  };
  const auto first = org_.list("accounts", kName);
  ASSERT_TRUE(first);
  org_.on_other = [](const core::HttpRequest&) { return refusal(400, "INVALID_QUERY_LOCATOR"); };
  const auto second = org_.list("accounts", kName, first->next);
  ASSERT_TRUE(second) << second.error().reason;
  EXPECT_EQ(second->records.at(0).ref.id.str(), "001000000000002AAA");
  EXPECT_FALSE(second->next);
  EXPECT_NE(org_.queries.at(1).find("WHERE Id > '001000000000001AAA' ORDER BY Id ASC"),
            std::string::npos);
}

TEST_F(Salesforce, DeletionsAndMergesAreNotices) {
  org_.on_query = [](const std::string&) {
    return rows(
        R"([{"Id":"001000000000001AAA","IsDeleted":false,"Name":"Acme",)"
        R"("SystemModstamp":"2026-01-01T09:55:00.000+0000"},)"
        R"({"Id":"001000000000002AAA","IsDeleted":true,"MasterRecordId":null,)"
        R"("SystemModstamp":"2026-01-01T09:55:01.000+0000"},)"
        R"({"Id":"001000000000003AAA","IsDeleted":true,"MasterRecordId":"001000000000001AAA",)"
        R"("SystemModstamp":"2026-01-01T09:55:02.000+0000"}])");
  };
  const auto changes = org_.changes("accounts", org_.since(org_.now - 10min), kName);
  ASSERT_TRUE(changes) << changes.error().reason;
  ASSERT_EQ(changes->notices.size(), 3u);
  EXPECT_EQ(changes->notices[0].kind, core::NoticeKind::deleted);
  EXPECT_EQ(changes->notices[0].ref.id.str(), "001000000000002AAA");
  EXPECT_FALSE(changes->notices[0].record);
  EXPECT_EQ(changes->notices[1].kind, core::NoticeKind::merged);
  EXPECT_EQ(changes->notices[1].ref.id.str(), "001000000000001AAA");
  EXPECT_EQ(changes->notices[1].merged_ids, std::vector{core::RecordId("001000000000003AAA")});
  EXPECT_EQ(changes->notices[2].kind, core::NoticeKind::upserted);
  ASSERT_TRUE(changes->notices[2].record);
  EXPECT_EQ(changes->notices[2].record->version, 1'767'261'300'000);
  // The next round sees them again, and gives only what its reader can compare.
  org_.now += 1min;
  const auto again = org_.changes("accounts", changes->next, kName);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->notices.size(), 1u);
  EXPECT_TRUE(again->notices[0].record);
}

TEST_F(Salesforce, AsksForWhatLeftTheRecycleBin) {
  std::string url;
  org_.on_other = [&](const core::HttpRequest& request) {
    url = request.url;
    return test::answer(200, R"({"deletedRecords":[{"id":"001000000000007AAA","deletedDate":)"
                             R"("2026-01-01T09:40:00.000+0000"}],"earliestDateAvailable":)"
                             R"("2025-12-20T00:00:00.000+0000","latestDateCovered":)"
                             R"("2026-01-01T09:58:00.000+0000"})");
  };
  const auto rows_read = org_.changes("accounts", org_.since(org_.now - 30min), kName);
  ASSERT_TRUE(rows_read);
  ASSERT_TRUE(rows_read->more);
  const auto deleted = org_.changes("accounts", rows_read->next, kName);
  ASSERT_TRUE(deleted) << deleted.error().reason;
  EXPECT_EQ(url,
            "https://acme.test/services/data/v66.0/sobjects/Account/deleted/"
            "?start=2026-01-01T09%3A30%3A00%2B00%3A00&end=2026-01-01T10%3A00%3A00%2B00%3A00");
  ASSERT_EQ(deleted->notices.size(), 1u);
  EXPECT_EQ(deleted->notices[0].kind, core::NoticeKind::deleted);
  EXPECT_FALSE(deleted->more);
  EXPECT_TRUE(deleted->warnings.empty());
  org_.now += 20min;  // the log is asked for from where it was covered
  const auto next = org_.changes("accounts", deleted->next, kName);
  ASSERT_TRUE(next);
  ASSERT_TRUE(org_.changes("accounts", next->next, kName));
  EXPECT_NE(url.find("start=2026-01-01T09%3A58"), std::string::npos) << url;
}

TEST_F(Salesforce, SaysWhenTheLogOfDeletionsDoesNotReachBack) {
  struct Case {
    core::HttpResponse response;
    std::string until;
  };
  for (const Case& one : {Case{refusal(400, "INVALID_REPLICATION_DATE"), "2026-01-01T10:00:00Z"},
                          Case{test::answer(200, R"({"deletedRecords":[],"earliestDateAvailable":)"
                                                 R"("2026-01-01T09:50:00.000+0000"})"),
                               "2026-01-01T09:50:00Z"}}) {
    org_.on_other = [&](const core::HttpRequest&) { return one.response; };
    const auto rows_read = org_.changes("accounts", org_.since(org_.now - 30min), kName);
    ASSERT_TRUE(rows_read);
    const auto deleted = org_.changes("accounts", rows_read->next, kName);
    ASSERT_TRUE(deleted) << deleted.error().reason;
    EXPECT_EQ(deleted->warnings,
              std::vector<std::string>{
                  "Salesforce can't tell any more which records of accounts were deleted for good "
                  "between 2026-01-01T09:30:00Z and " +
                  one.until + ": the next complete pass will show it"});
    EXPECT_FALSE(deleted->more);
  }
}

TEST_F(Salesforce, AChangedOpportunityMakesItsAccountBeReadAgain) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("FROM Opportunity WHERE SystemModstamp") == std::string::npos) {
      return rows("[]", {}, 0);
    }
    return rows(R"([{"Id":"006000000000001AAA","AccountId":"001000000000001AAA",)"
                R"("SystemModstamp":"2026-01-01T09:55:00.000+0000"},)"
                R"({"Id":"006000000000002AAA","AccountId":"001000000000001AAA",)"
                R"("SystemModstamp":"2026-01-01T09:55:01.000+0000"},)"
                R"({"Id":"006000000000003AAA","AccountId":null,)"
                R"("SystemModstamp":"2026-01-01T09:55:02.000+0000"}])");
  };
  const Paths wanted = {{"opportunities", "won_amount"}};
  std::string cursor = org_.since(org_.now - 10min);
  std::vector<core::Notice> notices;
  bool more = true;
  for (int step = 0; more && step < 10; ++step) {
    const auto changes = org_.changes("accounts", cursor, wanted);
    ASSERT_TRUE(changes) << changes.error().reason;
    notices.insert(notices.end(), changes->notices.begin(), changes->notices.end());
    cursor = changes->next;
    more = changes->more;
  }
  EXPECT_FALSE(more);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind, core::NoticeKind::upserted);
  EXPECT_EQ(notices[0].ref.object.str(), "accounts");
  EXPECT_EQ(notices[0].ref.id.str(), "001000000000001AAA");
  EXPECT_FALSE(notices[0].record) << "read by its id, with its new sums";
}

TEST_F(Salesforce, WithoutSightOfOpportunitiesAccountsAreReadAllTheSame) {
  org_.on_query = [](const std::string& soql) {
    if (soql.find("FROM Opportunity") != std::string::npos) return refusal(400, "INVALID_TYPE");
    return rows(R"([{"Id":"001000000000001AAA"}])");
  };
  const auto page = org_.list("accounts", {{"opportunities", "won_amount"}});
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_TRUE(test::json(page->records.at(0).json).at("opportunities").is_null());
  EXPECT_EQ(page->warnings.size(), 1u);
}

TEST_F(Salesforce, TellsWhatARefusalMeans) {
  struct Case {
    core::HttpResponse response;
    Kind kind;
    std::string reason;
    std::optional<std::chrono::milliseconds> wait{};
  };
  const std::vector<Case> cases = {
      {refusal(403, "REQUEST_LIMIT_EXCEEDED"), Kind::throttled,
       "403 REQUEST_LIMIT_EXCEEDED: the API requests of the last 24 hours are used up", 1h},
      {refusal(403, "API_DISABLED_FOR_ORG"), Kind::unauthorized,
       "403 API_DISABLED_FOR_ORG: this edition of Salesforce has no API, or the integration user "
       "lacks the permission \"API Enabled\""},
      {refusal(401, "INVALID_SESSION_ID"), Kind::unauthorized,
       "401 INVALID_SESSION_ID: a new access token was refused, too"},
      {refusal(503, "SERVER_UNAVAILABLE"), Kind::transient, "503 SERVER_UNAVAILABLE"},
      {refusal(400, "UNABLE_TO_LOCK_ROW"), Kind::transient, "400 UNABLE_TO_LOCK_ROW"},
      {refusal(400, "MALFORMED_QUERY"), Kind::rejected, "400 MALFORMED_QUERY"},
      {test::answer(502, "<html>"), Kind::transient, "502"},
      {test::answer(403, "<html>"), Kind::unauthorized, "403"},
  };
  for (const Case& one : cases) {
    test::SalesforceOrg org;
    org.on_query = [&](const std::string&) { return one.response; };
    const auto page = org.list("accounts", kName);
    ASSERT_FALSE(page) << one.reason;
    EXPECT_EQ(page.error().reason, "Salesforce answered " + one.reason);
    EXPECT_EQ(page.error().kind, one.kind) << one.reason;
    if (one.wait) {
      EXPECT_EQ(page.error().retry_after, one.wait);
    }
  }
}

TEST_F(Salesforce, LeavesTheRestOfTheDaysRequestsToOthers) {
  salesforce::Usage usage;
  const auto note = [&](const std::string& text) {
    usage.note({{"sforce-limit-info", text}}, org_.now);
  };
  for (const std::string text :
       {"", "api-usage", "api-usage=x/y", "other=99/100", "per-app-api-usage=250/250(appName=x)",
        "api-usage=94/100", "per-app-api-usage=250/250(appName=x); api-usage=18/5000"}) {
    note(text);
    EXPECT_FALSE(usage.exhausted(org_.now)) << text;
  }
  note("api-usage=4800/5000; per-app-api-usage=17/250(appName=x)");
  const auto exhausted = usage.exhausted(org_.now + 5min);
  ASSERT_TRUE(exhausted);
  EXPECT_EQ(exhausted->kind, Kind::throttled);
  EXPECT_EQ(exhausted->retry_after, std::chrono::milliseconds(10min));
  EXPECT_FALSE(usage.exhausted(org_.now + 15min)) << "asked again, to know";
}

TEST_F(Salesforce, FollowsNoPageOfAnotherHost) {
  org_.on_query = [](const std::string&) {
    return rows(R"([{"Id":"001000000000001AAA"}])", "https://elsewhere.test/query/1", 2);
  };
  const auto page = org_.list("accounts", kName);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, Kind::transient);
}

// -- configuration

std::vector<std::string> problems_of(const SourceSettings& settings) {
  std::vector<std::string> texts;
  try {
    find_type("salesforce")->make(settings);
  } catch (const SettingProblems& found) {
    for (const SettingProblem& problem : found.problems) {
      std::string path;
      for (const std::string& step : problem.path) path += step + ": ";
      texts.push_back(path + problem.message);
    }
  }
  return texts;
}

TEST(SalesforceConfig, SignsInInExactlyOneWay) {
  const std::string expected =
      "expected exactly one way to sign in: client_secret (client credentials), refresh_token "
      "(with client_secret where the app wants it), or private_key and username (JWT), got ";
  const core::Secret key(test::RsaKey().pem());
  struct Case {
    std::map<std::string, core::Secret> secrets;
    std::string username;
    std::string got;  // empty = good
  };
  const std::vector<Case> cases = {
      {{{"client_secret", core::Secret("s")}}, "", ""},
      {{{"client_secret", core::Secret("s")}, {"refresh_token", core::Secret("r")}}, "", ""},
      {{{"refresh_token", core::Secret("r")}}, "", ""},
      {{{"private_key", key}}, "jo@acme.test", ""},
      {{}, "", "none of them"},
      {{{"private_key", key}}, "", "private_key"},
      {{{"client_secret", core::Secret("s")}}, "jo@acme.test", "client_secret, username"},
      {{{"private_key", key}, {"refresh_token", core::Secret("r")}},
       "jo@acme.test",
       "refresh_token, private_key, username"},
  };
  for (const Case& one : cases) {
    SourceSettings settings = test::salesforce_settings();
    settings.secrets = one.secrets;
    settings.texts["username"] = one.username;
    const std::vector<std::string> problems = problems_of(settings);
    if (one.got.empty()) {
      EXPECT_TRUE(problems.empty()) << problems.front();
    } else {
      EXPECT_EQ(problems, std::vector<std::string>{expected + one.got});
    }
  }
}

TEST(SalesforceConfig, NamesWhatIsWrong) {
  SourceSettings settings = test::salesforce_settings();
  settings.secrets = {{"private_key", core::Secret("no key")}};
  settings.texts["username"] = "jo@acme.test";
  settings.texts["api_version"] = "v66";
  settings.texts["org_id"] = "00X";
  settings.objects = {
      {.name = core::ObjectName("accounts"), .id = "", .texts = {{"api_name", "Account"}}},
      {.name = core::ObjectName("subs"), .id = "", .texts = {{"api_name", "Sub scription"}}}};
  EXPECT_EQ(problems_of(settings),
            (std::vector<std::string>{
                "private_key: expected an RSA private key in PEM form and without a pass phrase, "
                "which begins with -----BEGIN PRIVATE KEY-----, got something else",
                "objects: accounts: expected a name of your own for an object that is not there by "
                "itself, got one of accounts, contacts, opportunities, users",
                "objects: subs: api_name: expected the API name of an object, as the Object "
                "Manager shows it, like Subscription__c",
                "api_version: expected a version like 66.0, got another text",
                "org_id: expected the org's id, 15 or 18 characters that begin with 00D (Setup, "
                "Company Information), got another text"}));
  settings = test::salesforce_settings();
  settings.texts.erase("org_id");
  EXPECT_EQ(problems_of(settings).size(), 1u);
}

TEST(SalesforceConfig, HasItsObjectsAndThoseOfTheAdmin) {
  SourceSettings settings = test::salesforce_settings();
  settings.objects = {{.name = core::ObjectName("subscriptions"),
                       .id = "",
                       .texts = {{"api_name", "Subscription__c"}}}};
  const auto source = find_type("salesforce")->make(settings);
  std::vector<std::string> names;
  for (const core::ObjectName& name : source->objects()) names.push_back(name.str());
  EXPECT_EQ(names, (std::vector<std::string>{"users", "accounts", "contacts", "opportunities",
                                             "subscriptions"}));
  EXPECT_TRUE(source->finds_changes(core::ObjectName("subscriptions")));
  EXPECT_TRUE(source->takes_webhooks());
  EXPECT_FALSE(source->verifies_url());
  settings.secrets.erase("webhook_secret");
  EXPECT_FALSE(find_type("salesforce")->make(settings)->takes_webhooks());
}

}  // namespace
}  // namespace assembly_sync::connectors
