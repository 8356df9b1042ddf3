// One record of which HubSpot refuses to tell a part must hold up no other.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "connectors/connector.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using test::answer;
using test::json;
using test::ScriptedTransport;
using Texts = std::vector<std::string>;

const core::ObjectName kCompanies{"companies"};
const core::ObjectName kContacts{"contacts"};
const core::WallTime kNow = core::from_ms(1'767'225'660'000);
const Paths kCompany = {{"associations", "company"}};
const Paths kDeals = {{"deals", "won_count"}};
const Paths kLists = {{"lists"}};

std::string results(const Texts& items, const std::string& more = "") {
  std::string text = R"({"status":"COMPLETE","results":[)";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",") + items[i];
  return text + "]" + more + "}";
}

/// Holds records of these ids, and answers no batch of associations or list memberships that has an
/// odd one in it.
class OddCrm {
 public:
  OddCrm(Texts ids, std::set<std::string> odd) : ids_(std::move(ids)), odd_(std::move(odd)) {}

  ReadResult<Page> list(const core::ObjectName& object, const Paths& wanted) {
    return source_->list(object, {}, wanted, transport_, kNow);
  }
  ReadResult<BatchRead> read(const core::ObjectName& object, const Paths& wanted) {
    return source_->read(object, {ids_.begin(), ids_.end()}, wanted, transport_, kNow);
  }
  ReadResult<Changes> changes(const core::ObjectName& object, const Paths& wanted) {
    return source_->changes(object, next_, wanted, transport_, kNow);
  }
  void go_on(const std::string& cursor) { next_ = cursor; }
  std::size_t calls() const { return transport_.requests.size(); }

  std::string survivor{};  // of id 1, which a batch read does not know then

 private:
  ScriptedTransport::Answer take(const core::HttpRequest& request) {
    if (request.url.find("archived=true") != std::string::npos) return answer(200, results({}));
    if (request.url.find("/lists/search") != std::string::npos) {
      return answer(200, R"({"lists":[{"listId":"5","name":"News"}],"hasMore":false})");
    }
    if (request.url.ends_with("/search")) return answer(200, results(envelopes(ids_)));
    if (request.method == "GET" && request.url.find("/companies/1?") != std::string::npos) {
      return answer(200, envelope(survivor));
    }
    if (request.method == "GET") return answer(200, results(envelopes(ids_)));
    return batch(request);
  }

  ScriptedTransport::Answer batch(const core::HttpRequest& request) {
    const bool of_lists = request.url.find("/memberships/") != std::string::npos;
    const bool of_pairs = request.url.find("/associations/") != std::string::npos;
    Texts items;
    const core::Value body = json(request.body);
    for (const core::Value& input : body.at("inputs").as_list()) {
      const std::string id = input.text_or(of_lists ? "recordId" : "id");
      if ((of_lists || of_pairs) && odd_.contains(id)) {
        return answer(207, results({}, R"(,"errors":[{"category":"FORBIDDEN","message":)"
                                       R"("Ann's secret"}],"numErrors":1)"));
      }
      if (of_lists) {
        items.push_back(R"({"recordId":")" + id + R"(","recordListMemberships":[{"listId":"5"}]})");
      } else if (of_pairs) {
        items.push_back(R"({"from":{"id":")" + id + R"("},"to":[{"toObjectId":20}]})");
      } else if (survivor.empty() || id != "1") {
        items.push_back(envelope(id));
      }
    }
    return answer(200, results(items));
  }

  static std::string envelope(const std::string& id) {
    return R"({"id":")" + id +
           R"(","properties":{"hs_lastmodifieddate":"2026-01-01T00:00:30Z","lastmodifieddate":)"
           R"("2026-01-01T00:00:30Z"},"updatedAt":"2026-01-01T00:00:30Z","archived":false})";
  }
  static Texts envelopes(const Texts& ids) {
    Texts items;
    for (const std::string& id : ids) items.push_back(envelope(id));
    return items;
  }

  const Texts ids_;
  const std::set<std::string> odd_;
  std::unique_ptr<Connector> source_ = test::make_hubspot_source();
  ScriptedTransport transport_{[this](const core::HttpRequest& request) { return take(request); }};
  std::string next_ = source_->changes_since(kCompanies, kNow - std::chrono::minutes(1));
};

Texts ids_of(const std::vector<core::Record>& records) {
  Texts ids;
  for (const core::Record& record : records) ids.push_back(record.ref.id.str());
  return ids;
}

struct Case {
  core::ObjectName object;
  Paths wanted;
  std::string reason;
};

const std::vector<Case> kCases = {
    {kContacts, kCompany, "contact 3: its associations can't be read: HubSpot says FORBIDDEN"},
    {kCompanies, kDeals, "company 3: its associations can't be read: HubSpot says FORBIDDEN"},
    {kCompanies, kLists, "company 3: its list memberships can't be read: HubSpot says FORBIDDEN"}};

TEST(HubspotOddRecords, are_bad_rows_of_a_listing) {
  for (const Case& one : kCases) {
    OddCrm crm({"1", "2", "3", "4", "5"}, {"3"});
    const auto page = crm.list(one.object, one.wanted);
    ASSERT_TRUE(page) << page.error().reason;
    EXPECT_EQ(ids_of(page->records), (Texts{"1", "2", "4", "5"}));
    EXPECT_EQ(page->bad_rows, Texts{one.reason});
  }
}

TEST(HubspotOddRecords, fail_alone_when_they_are_read_by_id_and_are_not_missing) {
  for (const Case& one : kCases) {
    OddCrm crm({"1", "2", "3", "4", "5"}, {"3"});
    const auto batch = crm.read(one.object, one.wanted);
    ASSERT_TRUE(batch) << batch.error().reason;
    EXPECT_EQ(ids_of(batch->records), (Texts{"1", "2", "4", "5"}));
    EXPECT_TRUE(batch->missing.empty());
    ASSERT_TRUE(batch->stopped);
    EXPECT_EQ(batch->stopped->kind, ReadError::Kind::rejected);
    EXPECT_EQ(batch->stopped->reason, one.reason);
  }
}

TEST(HubspotOddRecords, of_which_one_is_read_alone_are_not_missing_either) {
  OddCrm crm({"3"}, {"3"});
  const auto batch = crm.read(kContacts, kCompany);
  ASSERT_TRUE(batch) << batch.error().reason;
  EXPECT_TRUE(batch->records.empty());
  EXPECT_TRUE(batch->missing.empty());
  ASSERT_TRUE(batch->stopped);
}

TEST(HubspotOddRecords, that_survived_a_merge_are_nowhere_in_the_answer) {
  OddCrm crm({"1", "2", "4"}, {"9"});
  crm.survivor = "9";
  const auto batch = crm.read(kCompanies, kDeals);
  ASSERT_TRUE(batch) << batch.error().reason;
  EXPECT_EQ(ids_of(batch->records), (Texts{"2", "4"}));
  EXPECT_TRUE(batch->missing.empty());
  EXPECT_TRUE(batch->remapped.empty()) << "1 was not read";
  EXPECT_TRUE(batch->stopped);
}

TEST(HubspotOddRecords, are_changes_without_a_record) {
  OddCrm crm({"1", "2", "3", "4", "5"}, {"3"});
  const auto changes = crm.changes(kContacts, kCompany);
  ASSERT_TRUE(changes) << changes.error().reason;
  ASSERT_EQ(changes->notices.size(), 5u);
  for (const core::Notice& notice : changes->notices) {
    EXPECT_EQ(notice.record.has_value(), notice.ref.id.str() != "3") << notice.ref.id.str();
    EXPECT_EQ(notice.kind, core::NoticeKind::upserted);
  }
}

TEST(HubspotOddRecords, among_changed_deals_are_bad_rows) {
  OddCrm crm({"1", "2", "3"}, {"3"});
  const auto companies = crm.changes(kCompanies, kDeals);
  ASSERT_TRUE(companies) << companies.error().reason;
  crm.go_on(companies->next);
  const auto deals = crm.changes(kCompanies, kDeals);
  ASSERT_TRUE(deals) << deals.error().reason;
  EXPECT_EQ(deals->bad_rows,
            Texts{"deal 3: its associations can't be read: HubSpot says FORBIDDEN"});
  ASSERT_EQ(deals->notices.size(), 1u);
  EXPECT_EQ(deals->notices[0].ref.id.str(), "20") << "of the other two";
}

TEST(HubspotOddRecords, that_are_all_of_several_are_a_fault_of_something_else) {
  for (const Case& one : kCases) {
    OddCrm crm({"1", "2", "3"}, {"1", "2", "3"});
    const auto page = crm.list(one.object, one.wanted);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().kind, ReadError::Kind::transient);
    EXPECT_NE(page.error().reason.find("(FORBIDDEN)"), std::string::npos) << page.error().reason;
  }
}

TEST(HubspotOddRecords, that_are_too_many_are_looked_for_within_bounds) {
  Texts ids;
  std::set<std::string> odd;
  for (int i = 1; i <= 100; ++i) {
    ids.push_back(std::to_string(i));
    if (i % 2 == 0) odd.insert(ids.back());
  }
  OddCrm crm(ids, odd);
  const auto page = crm.list(kContacts, kCompany);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ReadError::Kind::transient);
  EXPECT_LE(crm.calls(), 70u);
}

}  // namespace
}  // namespace assembly_sync::connectors
