// What pages say of their documents.
#include "daemon/console/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assembly_sync::console {
namespace {

using core::Value;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNow = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
constexpr const char* kRecord = "/records?object=crm.accounts&amp;id=1090";

class PagesTest : public testing::Test {
 protected:
  static Value waiting(Value groups, Value items) {
    const auto counted = static_cast<std::int64_t>(items.as_list().size());
    return Value::object({{"state", "dead"},
                          {"counted", counted},
                          {"groups", std::move(groups)},
                          {"tried_again", Value::list()},
                          {"orders", Value::list()},
                          {"items", std::move(items)},
                          {"next", nullptr}});
  }
  static Value why_not(const std::string& state, Value notices) {
    return Value::object(
        {{"record", Value::object({{"source", "crm"},
                                   {"object", "accounts"},
                                   {"id", "1090"},
                                   {"mirror", "present"},
                                   {"read_at", "2025-12-31T23:00:00.000Z"}})},
         {"state", state},
         {"reason", "no domain"},
         {"answer", "It was refused."},
         {"next", "assembly-sync dead show 7"},
         {"notices", std::move(notices)},
         {"entities", Value::list()},
         {"awaits", Value::list()},
         {"today", Value::list({Value::object(
                       {{"mapping", "accounts"}, {"result", "dead"}, {"reason", "no domain"}})})}});
  }
  static Value notice(std::int64_t id, const char* state) {
    return Value::object({{"id", id},
                          {"state", state},
                          {"event", "poll"},
                          {"received_at", "2025-12-31T23:59:00.000Z"}});
  }

  http::Request request_{};
  Visit visit_{request_, {}, {}, {}, core::from_ms(kNow)};
};

TEST_F(PagesTest, ARetryHidesNoFailureAndCanBeTakenBackWhileAnythingIsOnItsWay) {
  Value list = waiting(Value::list(), Value::list());
  const auto order = [](std::int64_t id, std::int64_t open) {
    return Value::object({{"order", id},
                          {"what", "dead retry --all"},
                          {"given_at", "2025-12-31T23:58:00.000Z"},
                          {"open", open},
                          {"ended", 60},
                          {"failed_again", 0}});
  };
  list.set("orders", Value::list({order(8, 0), order(7, 238)}));
  list.set("tried_again", Value::list({Value::object({{"count", 298},
                                                      {"open", 238},
                                                      {"source", "crm"},
                                                      {"object", "accounts"},
                                                      {"reason", "answered 422"},
                                                      {"last_at", "2025-12-31T23:57:00.000Z"}})}));
  const std::string page = waiting_page(list, visit_).body.html();
  EXPECT_THAT(page, HasSubstr("238 still on their way, 60 came to their end"));
  EXPECT_THAT(page, HasSubstr("name=\"order\" value=\"7\""));
  EXPECT_THAT(page, Not(HasSubstr("name=\"order\" value=\"8\"")));
  EXPECT_THAT(page, HasSubstr("Tried again since"));
  EXPECT_THAT(page, HasSubstr("answered 422"));
}

TEST_F(PagesTest, ATimeSaysHowLongAgoAndWhen) {
  const std::string earlier = time_of(Value("2025-12-31T23:57:00.000Z"), visit_).html();
  EXPECT_THAT(earlier, HasSubstr("<span>3 min ago,</span> <small>2025-12-31 23:57 UTC</small>"));
  EXPECT_THAT(earlier, HasSubstr("title=\"2025-12-31 23:57:00 UTC\""));
  visit_.now = core::from_ms(kNow + 3'600'000);
  const std::string today = time_of(Value("2026-01-01T00:59:30.000Z"), visit_).html();
  EXPECT_THAT(today, HasSubstr("<span>30 s ago,</span> <small>00:59:30 UTC</small>"))
      << "of today the clock is enough";
  EXPECT_THAT(time_of(Value("2026-01-01T03:59:59.000Z"), visit_).html(), HasSubstr("in 2 h"));
  EXPECT_THAT(time_of(Value("2025-12-29T01:00:00.000Z"), visit_).html(), HasSubstr("3 days ago"));
  EXPECT_THAT(time_of(Value(), visit_, "not yet").html(), HasSubstr("not yet"));
}

TEST_F(PagesTest, ACallIsBrokenBetweenThePartsOfItsPathAndWithinIdsOnly) {
  EXPECT_EQ(call_of("PUT", "/accounts/upsert").html(),
            "<code class=\"call\">PUT <wbr>/accounts<wbr>/upsert</code>");
  EXPECT_EQ(
      call_of("GET", "/accounts/0b5c-77").html(),
      "<code class=\"call\">GET <wbr>/accounts<wbr><span class=\"id\">/0b5c-77</span></code>");
}

TEST_F(PagesTest, WhereNothingWaitsNothingElseIsClaimed) {
  const std::string html = waiting_page(waiting(Value::list(), Value::list()), visit_).body.html();
  EXPECT_THAT(html, HasSubstr("No dead letter waits for you."));
  EXPECT_THAT(html, Not(HasSubstr("refused for good"))) << "a person may have dropped some";
  const Value quarantine = Value::object({{"items", Value::list()}});
  EXPECT_THAT(quarantine_page(quarantine, visit_).body.html(), Not(HasSubstr("believed.")));
}

TEST_F(PagesTest, RecordsThatWaitLeadToWhatBecameOfThem) {
  const Value item = Value::object(
      {{"id", 7}, {"source", "crm"}, {"object", "accounts"}, {"record", "1090"}, {"reason", "no"}});
  Value group = item;
  group.set("count", 1);
  group.set("example", "1090");
  const std::string html =
      waiting_page(waiting(Value::list({group}), Value::list({item})), visit_).body.html();
  EXPECT_THAT(html, HasSubstr("href=\"" + std::string(kRecord) + "\">1090</a>"));
  EXPECT_THAT(html, HasSubstr("href=\"" + std::string(kRecord) + "\">crm.accounts 1090</a>"));
}

TEST_F(PagesTest, ARecordSaysWhereItStoppedAndLeadsOn) {
  const Page page = record_page(why_not("dead", Value::list({notice(7, "dead")})), visit_);
  const std::string html = page.body.html();
  EXPECT_EQ(page.title, "crm.accounts 1090");
  EXPECT_THAT(html, HasSubstr("It was refused."));
  EXPECT_THAT(html, HasSubstr("no domain"));
  EXPECT_THAT(html, HasSubstr("href=\"/dead/7\""));
  EXPECT_THAT(html, HasSubstr("href=\"/workbench?object=crm.accounts&amp;id=1090\""));
  EXPECT_THAT(html, Not(HasSubstr("assembly-sync dead"))) << "the page has the buttons itself";
}

TEST_F(PagesTest, ARecordLeadsToWhatItBecameAndWhatItWasMergedInto) {
  Value answer = why_not("delivered", Value::list({notice(8, "delivered")}));
  answer.set("entities", Value::list({Value::object({{"id", 3},
                                                     {"kind", "company"},
                                                     {"key", "crm-1090"},
                                                     {"name", "Acme"},
                                                     {"present", true}})}));
  EXPECT_THAT(record_page(answer, visit_).body.html(),
              HasSubstr("see <a href=\"/entities/3\">Acme (company crm-1090)</a>"));
  Value record = answer.at("record");
  record.set("merged_into",
             Value::object({{"source", "crm"}, {"object", "accounts"}, {"id", "1"}}));
  answer.set("record", record);
  EXPECT_THAT(record_page(answer, visit_).body.html(),
              HasSubstr("See <a href=\"/records?object=crm.accounts&amp;id=1\">"));
}

TEST_F(PagesTest, ARunUnderWaySaysHowMuchIsDoneAndLeadsToItself) {
  const Value run = Value::object({{"id", 1234},
                                   {"what", "crm.accounts"},
                                   {"state", "draining"},
                                   {"records", 4000},
                                   {"open", 3996}});
  const Value status = Value::object({{"runs", Value::list({run})}, {"sources", Value::object()}});
  const Value document = Value::object({{"status", status}, {"samples", Value::list()}});
  const std::string html = overview_page(document, visit_).body.html();
  EXPECT_THAT(html, HasSubstr("4 of 4,000 done"));
  EXPECT_THAT(html, HasSubstr("href=\"/runs/1234\""));
  EXPECT_THAT(html, HasSubstr("not mapped, or dropped by a person"));
}

TEST_F(PagesTest, LoggingInSaysWhereTheTokenIs) {
  EXPECT_THAT(login_document("", "/"), HasSubstr("/var/lib/assembly-sync/assembly-sync.db.token"));
}

}  // namespace
}  // namespace assembly_sync::console
