// The complete pass: pages of a query, and a bulk job from the second page on.
#include <algorithm>

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
const Paths kOther = {{"Name"}, {"Website"}};
constexpr const char* kNextPath = "/services/data/v66.0/query/01g-2000";
const core::HttpResponse kNoJobs = refusal(400, "FEATURENOTENABLED");
constexpr const char* kFirstRow = R"([{"Id":"001000000000001AAA","Name":"A"}])";

/// An org of 50,000 accounts, of which two are shown: one on the first page of a query, one in the
/// result of a job.
class SalesforceListing : public ::testing::Test {
 protected:
  SalesforceListing() {
    org_.on_query = [](const std::string&) { return rows(kFirstRow, kNextPath, 50'000); };
    org_.on_other = [this](const core::HttpRequest& request) { return take(request); };
  }

  core::HttpResponse take(const core::HttpRequest& request) {
    const std::string path = request.url.substr(request.url.find("/v66.0/") + 7);
    calls_.push_back(request.method + ' ' + path);
    if (path.starts_with("query/")) return next_page_;
    if (request.method == "POST") {
      body_ = request.body;
      return refused_ ? *refused_
                      : test::answer(
                            201, R"({"id":"75000000000000)" + std::to_string(++jobs_) + R"(AAA"})");
    }
    if (request.method != "GET") return ended_;
    if (path.find("/results") != std::string::npos) return result_;
    return state_.empty() ? refusal(404, "NOT_FOUND")
                          : test::answer(200, R"({"state":")" + state_ + "\"}");
  }

  Page list(const std::optional<std::string>& cursor, const Paths& wanted = kName) {
    auto page = org_.list("accounts", wanted, cursor);
    if (!page) throw std::runtime_error(page.error().reason);
    return std::move(*page);
  }
  /// The cursor of a job that was just made.
  std::optional<std::string> begun(const Paths& wanted = kName) {
    return list(list(std::nullopt, wanted).next, wanted).next;
  }

  test::SalesforceOrg org_;
  core::HttpResponse next_page_ = rows(R"([{"Id":"001000000000002AAA","Name":"B"}])", {}, 50'000);
  core::HttpResponse result_ = test::answer(200, "\"Id\",\"Name\"\n\"001000000000002AAA\",\"B\"\n",
                                            {{"Sforce-Locator", "null"}});
  core::HttpResponse ended_ = test::answer(204, "");
  std::string state_ = "JobComplete";          // empty = there is no such job
  std::optional<core::HttpResponse> refused_;  // what a new job is answered
  int jobs_ = 0;
  std::string body_;  // of the last job
  Texts calls_;       // beside queries and descriptions
};

TEST_F(SalesforceListing, TheFirstPageOfALargeObjectIsAQuerysAndLeavesNoJobBehind) {
  const Page first = list(std::nullopt);
  ASSERT_EQ(first.records.size(), 1u);
  EXPECT_FALSE(first.as_of) << "as of just now";
  EXPECT_TRUE(first.next);
  EXPECT_EQ(calls_, Texts{});
}

TEST_F(SalesforceListing, TheRestOfALargeObjectComesByAJob) {
  const auto cursor = begun();
  EXPECT_EQ(test::json(body_),
            test::json(R"({"operation":"query","contentType":"CSV","columnDelimiter":"COMMA",)"
                       R"("lineEnding":"LF","query":"SELECT Id,IsDeleted,MasterRecordId,)"
                       R"(SystemModstamp,Name FROM Account WHERE Id > '001000000000001AAA'"})"));
  const Page second = list(cursor);
  ASSERT_EQ(second.records.size(), 1u);
  EXPECT_EQ(second.records[0].ref.id.str(), "001000000000002AAA");
  EXPECT_EQ(org_.queries.size(), 1u);
}

TEST_F(SalesforceListing, AnObjectThatIsNotLargeMakesNoJob) {
  org_.on_query = [](const std::string&) { return rows(kFirstRow, kNextPath, 10'000); };
  EXPECT_FALSE(list(list(std::nullopt).next).next);
  EXPECT_EQ(calls_, Texts{"GET query/01g-2000"});
}

TEST_F(SalesforceListing, AFirstQueryThatTimesOutIsLeftToAJob) {
  org_.on_query = [](const std::string&) { return refusal(400, "QUERY_TIMEOUT"); };
  const Page first = list(std::nullopt);
  EXPECT_TRUE(first.records.empty());
  EXPECT_EQ(jobs_, 0);
  ASSERT_TRUE(list(first.next).next);
  EXPECT_EQ(test::json(body_).text_or("query").find("WHERE"), std::string::npos);
  refused_ = kNoJobs;
  const auto refused = org_.list("accounts", kName, first.next);
  ASSERT_FALSE(refused) << "neither way is open now";
  EXPECT_EQ(refused.error().kind, Kind::transient);
}

TEST_F(SalesforceListing, ABulkResultIsAsOldAsItsJob) {
  const core::WallTime made = org_.now;
  const auto cursor = begun();
  org_.now += 20min;  // as a text, which outlives the process
  result_.headers = {{"Sforce-Locator", "MTAw"}};
  const Page part = list(cursor);
  EXPECT_EQ(part.as_of, made);
  org_.now += 20min;
  result_.headers = {{"Sforce-Locator", "null"}};
  EXPECT_EQ(list(part.next).as_of, made);
}

TEST_F(SalesforceListing, APageThatAQueryNamedIsAsOldAsTheQuery) {
  refused_ = kNoJobs;
  const core::WallTime asked = org_.now;
  next_page_ = rows(R"([{"Id":"001000000000002AAA"}])", std::string(kNextPath) + "0", 50'000);
  const Page first = list(std::nullopt);
  org_.now += 5min;
  const Page second = list(first.next);
  EXPECT_EQ(second.as_of, asked);
  org_.now += 5min;
  next_page_ = rows(R"([{"Id":"001000000000003AAA"}])", {}, 50'000);
  EXPECT_EQ(list(second.next).as_of, asked);
  next_page_ = refusal(400, "INVALID_QUERY_LOCATOR");
  EXPECT_FALSE(list(second.next).as_of) << "another query, asked just now";
}

TEST_F(SalesforceListing, AJobInPreparationIsNothingWrong) {
  const auto cursor = begun();
  state_ = "InProgress";
  const auto waiting = org_.list("accounts", kName, cursor);
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().kind, Kind::not_yet);
  EXPECT_EQ(waiting.error().retry_after, std::chrono::milliseconds(5s));
  EXPECT_EQ(waiting.error().reason, "Salesforce is still preparing the list of accounts");
}

TEST_F(SalesforceListing, AJobOfNoUseIsReplacedByQueriesBehindTheFirstPage) {
  struct Case {
    std::string state;
    std::chrono::seconds later;
    std::string why;
    Texts ended;
  };
  const std::string job = "jobs/query/750000000000001AAA";
  for (const Case& one : {Case{"Failed", 0s, "ended as Failed", {"DELETE " + job}},
                          Case{"Aborted", 0s, "ended as Aborted", {"DELETE " + job}},
                          Case{"InProgress", 6h, "does not end", {"PATCH " + job, "DELETE " + job}},
                          Case{"", 0s, "is gone", {}}}) {
    jobs_ = 0;
    const auto cursor = begun();
    calls_.clear();
    state_ = one.state;
    org_.now += one.later;
    const Page instead = list(cursor);
    EXPECT_EQ(instead.warnings, Texts{"Salesforce's bulk job for Account " + one.why +
                                      ": what it was to bring is listed by queries"});
    Texts expected = {"GET " + job};
    expected.insert(expected.end(), one.ended.begin(), one.ended.end());
    EXPECT_EQ(calls_, expected);
    const Page page = list(instead.next);
    EXPECT_NE(org_.queries.back().find("WHERE Id > '001000000000001AAA' ORDER BY Id ASC"),
              std::string::npos);
    list(page.next);
    EXPECT_EQ(jobs_, 1) << "no other job is tried";
  }
}

TEST_F(SalesforceListing, AResultThatSalesforceKeepsNoLongerIsNotAskedFor) {
  result_.headers = {{"Sforce-Locator", "MTAw"}};
  const Page part = list(begun());
  calls_.clear();
  org_.now += 7 * 24h;
  const Page instead = list(part.next);
  EXPECT_EQ(calls_, Texts{});
  EXPECT_EQ(instead.warnings, Texts{"Salesforce's bulk job for Account is older than Salesforce "
                                    "keeps its result: what it was to bring is listed by queries"});
  EXPECT_EQ(list(instead.next).records.size(), 1u);
}

TEST_F(SalesforceListing, AJobIsDeletedByAStepOfItsOwnBehindItsLastPage) {
  const Page last = list(begun());
  ASSERT_EQ(last.records.size(), 1u);
  ASSERT_TRUE(last.next) << "until then, the page may be asked for again";
  EXPECT_EQ(calls_.back(), "GET jobs/query/750000000000001AAA/results?maxRecords=5000");
  for (const core::HttpResponse& answer : {test::answer(204, ""), refusal(500, "UNKNOWN")}) {
    ended_ = answer;
    calls_.clear();
    const Page end = list(last.next);
    EXPECT_EQ(calls_, Texts{"DELETE jobs/query/750000000000001AAA"});
    EXPECT_TRUE(end.records.empty());
    EXPECT_TRUE(end.warnings.empty());
    EXPECT_FALSE(end.next);
  }
}

TEST_F(SalesforceListing, GoesOnByQueriesWhereBulkJobsAreRefused) {
  refused_ = kNoJobs;
  const Page first = list(std::nullopt);
  EXPECT_TRUE(first.warnings.empty());
  const Page second = list(first.next);
  EXPECT_EQ(second.records.at(0).ref.id.str(), "001000000000002AAA");
  EXPECT_EQ(second.warnings,
            Texts{"Salesforce refuses a bulk job for Account (Salesforce answered 400 "
                  "FEATURENOTENABLED): it is listed by queries"});
  EXPECT_FALSE(second.next);
}

TEST_F(SalesforceListing, AFieldThatAJobIsRefusedForIsLeftOutOfTheNextOne) {
  const Page first = list(std::nullopt, kOther);
  const std::string message = "No such column 'Website' on entity 'Account'.";
  refused_ = refusal(400, "INVALID_FIELD", message);
  org_.on_query = [&](const std::string& soql) {
    if (soql.find("Website") != std::string::npos) return refusal(400, "INVALID_FIELD", message);
    return rows(R"([{"Id":"001000000000002AAA"}])", std::string(kNextPath) + "0", 49'999);
  };
  const Page second = list(first.next, kOther);
  ASSERT_EQ(second.records.size(), 1u);
  EXPECT_EQ(second.records[0].ref.id.str(), "001000000000002AAA");
  ASSERT_EQ(second.warnings.size(), 1u);
  EXPECT_NE(second.warnings[0].find("field Website of Account is refused"), std::string::npos);
  refused_.reset();
  list(second.next, kOther);
  EXPECT_EQ(jobs_, 1);
  EXPECT_TRUE(test::json(body_).text_or("query").ends_with(
      "SystemModstamp,Name FROM Account WHERE Id > '001000000000002AAA'"));
}

TEST_F(SalesforceListing, ABulkResultMayBeEmptyWithOrWithoutAHeader) {
  for (const std::string text : {"", "\"Id\",\"Name\"\n"}) {
    result_ = test::answer(200, text);
    const Page page = list(begun());
    EXPECT_TRUE(page.records.empty());
    EXPECT_FALSE(list(page.next).next);
  }
}

TEST_F(SalesforceListing, OtherColumnsThanThoseOfTheQueryAreAskedForAnew) {
  org_.on_query = [](const std::string& soql) {
    return soql.find("Website") == std::string::npos
               ? rows(kFirstRow, kNextPath, 3000)
               : rows(R"([{"Id":"001000000000002AAA","Name":"B","Website":"b.test"}])");
  };
  const Page first = list(std::nullopt);
  const Page second = list(first.next, kOther);
  EXPECT_EQ(calls_, Texts{}) << "the page that was named has no Website";
  EXPECT_NE(org_.queries.back().find("WHERE Id > '001000000000001AAA'"), std::string::npos);
  EXPECT_EQ(test::json(second.records.at(0).json).text_or("Website"), "b.test");
  EXPECT_FALSE(second.as_of);
}

TEST_F(SalesforceListing, OtherColumnsThanThoseOfTheJobNeedAnotherJob) {
  result_.headers = {{"Sforce-Locator", "MTAw"}};
  const Page part = list(begun());
  calls_.clear();
  const Page dropped = list(part.next, kOther);
  EXPECT_TRUE(dropped.records.empty());
  EXPECT_EQ(calls_,
            (Texts{"PATCH jobs/query/750000000000001AAA", "DELETE jobs/query/750000000000001AAA"}));
  org_.now += 1min;
  const auto cursor = list(dropped.next, kOther).next;
  EXPECT_EQ(test::json(body_).text_or("query"),
            "SELECT Id,IsDeleted,MasterRecordId,SystemModstamp,Name,Website FROM Account WHERE Id "
            "> '001000000000001AAA'");
  result_ = test::answer(200, "\"Id\",\"Website\"\n\"001000000000002AAA\",\"b.test\"\n");
  const Page again = list(cursor, kOther);
  EXPECT_EQ(test::json(again.records.at(0).json).text_or("Website"), "b.test");
  EXPECT_EQ(again.as_of, org_.now);
}

TEST_F(SalesforceListing, APlaceKeptByAnEarlierVersionIsGoneOnFromWithoutItsPageOrJob) {
  list(R"({"after":"001000000000001AAA","next":")" + std::string(kNextPath) + R"("})");
  EXPECT_NE(org_.queries.back().find("WHERE Id > '001000000000001AAA'"), std::string::npos);
  EXPECT_EQ(calls_, Texts{});
  list(R"({"job":"750000000000009AAA","locator":"MTAw","job_ms":1767261600000})");
  EXPECT_TRUE(std::none_of(calls_.begin(), calls_.end(), [](const std::string& call) {
    return call.find("/results") != std::string::npos;
  })) << "nobody knows when it was made, nor what it selects";
}

TEST_F(SalesforceListing, SaysWhatIsWrongWithAPlaceThatIsNotItsOwn) {
  const std::pair<std::string, std::string> cases[] = {
      {"x", "expected a JSON object, got no JSON"},
      {"[]", "expected a JSON object, got JSON of type list"},
      {R"({"after":"x' OR"})", "expected a record's id in after, got another text"},
      {R"({"next":"https://elsewhere.test/"})",
       "expected a path that begins with /services/data/ in next, got another text"}};
  for (const auto& [cursor, wrong] : cases) {
    const auto page = org_.list("accounts", kName, cursor);
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().kind, Kind::rejected);
    EXPECT_EQ(page.error().reason, "the kept place in Salesforce's listing of accounts: " + wrong);
  }
}

}  // namespace
}  // namespace assembly_sync::connectors
