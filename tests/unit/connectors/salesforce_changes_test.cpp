// What changed: places that were kept, how large they may become, and what is told of once.
#include <gtest/gtest.h>

#include "tests/unit/connectors/salesforce_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;
using Texts = std::vector<std::string>;
using test::refusal;
using test::rows;

const Paths kName = {{"Name"}};
const Paths kHidden = {{"Name"}, {"Secret__c"}};
constexpr const char* kSecretTold =
    "field Secret__c of Account can't be read and is left out: there is none, or the integration "
    "user may not see it";

class SalesforceChanges : public ::testing::Test {
 protected:
  /// A whole round from `cursor`; the notices go into `notices_`.
  std::string round(std::string cursor, const Paths& wanted) {
    bool more = true;
    for (int step = 0; more && step < 20; ++step) {
      const auto changes = org_.changes("accounts", cursor, wanted);
      if (!changes) throw std::runtime_error(changes.error().reason);
      notices_.insert(notices_.end(), changes->notices.begin(), changes->notices.end());
      warnings_.insert(warnings_.end(), changes->warnings.begin(), changes->warnings.end());
      longest_ = std::max(longest_, changes->next.size());
      cursor = changes->next;
      more = changes->more;
    }
    if (more) throw std::runtime_error("the round does not end");
    return cursor;
  }

  test::SalesforceOrg org_;
  std::vector<core::Notice> notices_;
  Texts warnings_;
  std::size_t longest_ = 0;  // cursor
};

TEST_F(SalesforceChanges, OtherColumnsThanThoseOfTheQueryAreAskedForAnew) {
  org_.on_query = [](const std::string& soql) {
    const std::string row = R"([{"Id":"001000000000001AAA","IsDeleted":false,"SystemModstamp":)"
                            R"("2026-01-01T09:30:00.000+0000","Name":"A")";
    return soql.find("Website") == std::string::npos
               ? rows(row + "}]", "/services/data/v66.0/query/01g-2000", 3000)
               : rows(row + R"(,"Website":"a.test"}])");
  };
  bool followed = false;
  org_.on_other = [&](const core::HttpRequest& request) {
    followed = followed || request.url.find("/query/01g") != std::string::npos;
    return rows("[]", {}, 0);
  };
  const auto first = org_.changes("accounts", org_.since(org_.now - 1h), kName);
  ASSERT_TRUE(first) << first.error().reason;
  round(first->next, {{"Name"}, {"Website"}});
  EXPECT_FALSE(followed) << "the page that was named has no Website";
  EXPECT_NE(org_.queries.at(1).find("SystemModstamp = 2026-01-01T09:30:00Z AND Id > "
                                    "'001000000000001AAA'"),
            std::string::npos)
      << org_.queries.at(1);
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_EQ(test::json(notices_[0].record->json).text_or("Website"), "a.test");
}

/// Ids of 18 characters, of as many deleted accounts.
std::string deleted_rows(int begin, int end) {
  std::string list = "[";
  for (int i = begin; i < end; ++i) {
    const std::string digits = std::to_string(1'000'000 + i);
    list += (i == begin ? "" : ",") + std::string(R"({"Id":"00100000)") + digits +
            R"(AAA","IsDeleted":true,"SystemModstamp":"2026-01-01T09:55:00.000+0000"})";
  }
  return list + "]";
}

TEST_F(SalesforceChanges, HoweverMuchWasDeletedTheKeptPlaceStaysSmallAndNothingIsUntold) {
  constexpr int kPage = 2000, kAll = 10'000;
  org_.on_query = [](const std::string&) {
    return rows(deleted_rows(0, kPage), "/services/data/v66.0/query/01g-2000", kAll);
  };
  org_.on_other = [](const core::HttpRequest& request) {
    if (request.url.find("/deleted/") != std::string::npos) {
      return test::answer(200, R"({"deletedRecords":[]})");
    }
    const int begin = std::stoi(request.url.substr(request.url.rfind('-') + 1));
    const std::string next = "/services/data/v66.0/query/01g-" + std::to_string(begin + kPage);
    return rows(deleted_rows(begin, begin + kPage), begin + kPage < kAll ? next : "", kAll);
  };
  const std::string cursor = round(org_.since(org_.now - 10min), kName);
  EXPECT_EQ(notices_.size(), static_cast<std::size_t>(kAll));
  EXPECT_LT(longest_, 64u * 1024);
  org_.now += 1min;  // looked back at: what is remembered is told no more
  notices_.clear();
  round(cursor, kName);
  EXPECT_EQ(notices_.size(), static_cast<std::size_t>(kAll - 1000));
}

TEST_F(SalesforceChanges, SaysWhatIsWrongWithAPlaceThatIsNotItsOwn) {
  const std::pair<std::string, std::string> cases[] = {
      {"x", "expected a JSON object, got no JSON"},
      {"7", "expected a JSON object, got JSON of type number"},
      {"{}", "expected rows, opportunities or deletions in stage, got nothing"},
      {R"({"stage":"other"})",
       "expected rows, opportunities or deletions in stage, got another text"},
      {R"({"stage":"rows","id":"x'"})", "expected a record's id in id, got another text"},
      {R"({"stage":"rows","next":"//elsewhere.test"})",
       "expected a path that begins with /services/data/ in next, got another text"},
      {R"({"stage":"rows","begin":"1"})", "expected a whole number in begin, got text"}};
  for (const auto& [cursor, wrong] : cases) {
    const auto changes = org_.changes("accounts", cursor, kName);
    ASSERT_FALSE(changes) << cursor;
    EXPECT_EQ(changes.error().kind, Kind::rejected);
    EXPECT_EQ(changes.error().reason,
              "the kept place among Salesforce's changes of accounts: " + wrong);
  }
}

TEST_F(SalesforceChanges, ThatOpportunitiesAreHiddenIsToldOnce) {
  org_.on_query = [](const std::string& soql) {
    return soql.find("FROM Opportunity") == std::string::npos ? rows("[]", {}, 0)
                                                              : refusal(400, "INVALID_TYPE");
  };
  std::string cursor = org_.since(org_.now - 10min);
  for (int i = 0; i < 5; ++i) {
    cursor = round(cursor, {{"opportunities", "won_amount"}});
    org_.now += 1min;
  }
  EXPECT_EQ(warnings_, Texts{"changes of opportunities can't be seen by the integration user"});
}

// -- warnings

TEST_F(SalesforceChanges, AWarningReachesWhoeverReadsByIdFirst) {
  org_.on_query = [](const std::string&) { return rows(R"([{"Id":"001000000000001AAA"}])"); };
  const auto read = org_.read("accounts", {"001000000000001AAA"}, kHidden);
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->warnings, Texts{kSecretTold});
  const auto page = org_.list("accounts", kHidden);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->warnings.empty()) << "told once";
  org_.now += 1h;
  EXPECT_EQ(org_.list("accounts", kHidden)->warnings, Texts{kSecretTold}) << "and again in an hour";
}

TEST_F(SalesforceChanges, AWarningIsNotLostWithACallThatFails) {
  int asked = 0;
  org_.on_query = [&](const std::string& soql) {
    if (soql.find("Tier__c") != std::string::npos) {
      return refusal(400, "INVALID_FIELD", "No such column 'Tier__c' on entity 'Account'.");
    }
    return ++asked <= 3 ? refusal(503, "SERVER_UNAVAILABLE")
                        : rows(R"([{"Id":"001000000000001AAA"}])");
  };
  const Paths wanted = {{"Name"}, {"Secret__c"}, {"Tier__c"}};
  EXPECT_FALSE(org_.list("accounts", wanted));
  EXPECT_FALSE(org_.read("accounts", {"001000000000001AAA"}, wanted));
  EXPECT_FALSE(org_.changes("accounts", org_.since(org_.now - 1min), wanted));
  const auto page = org_.list("accounts", wanted);
  ASSERT_TRUE(page) << page.error().reason;
  EXPECT_EQ(page->warnings,
            (Texts{kSecretTold,
                   "field Tier__c of Account is refused by Salesforce (INVALID_FIELD) and left "
                   "out: the integration user may not see it"}));
}

}  // namespace
}  // namespace assembly_sync::connectors
