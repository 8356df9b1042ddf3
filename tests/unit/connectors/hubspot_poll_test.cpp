// Polling the local HubSpot while its records change: after quiet, the copy equals the source.
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "tests/unit/connectors/local_hubspot.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using test::Copy;
using test::differences;
using test::Editor;
using test::LocalHubspot;

const Paths kCompanyPaths = {{"properties", "name"}, {"properties", "city"}};
const Paths kContactPaths = {{"properties", "email"}, {"associations", "company"}};

const std::vector<std::string> kNone;

class HubspotPoll : public testing::TestWithParam<std::uint64_t> {};

TEST_P(HubspotPoll, after_quiet_the_copy_equals_the_source) {
  for (const char* object : {"companies", "contacts"}) {
    LocalHubspot hubspot;
    hubspot.crm.populate(400, 300);
    Editor editor(hubspot, GetParam());
    hubspot.crm.set_search_lag(std::chrono::milliseconds(editor.below(240'000)));
    Copy copy(hubspot, object,
              std::string(object) == "companies" ? kCompanyPaths : Paths{{"properties", "email"}});
    copy.sweep();
    hubspot.transport.before = [&](const core::HttpRequest&) {
      for (auto edits = editor.below(4); edits > 0; --edits) {
        if (editor.below(2) == 0) editor.move_on(3s);
        editor.edit(object);
      }
    };
    for (int round = 0; round < 8; ++round) {
      editor.move_on(10min);
      if (editor.below(2) == 0) editor.edit_many(object, 200 + editor.below(150));
      copy.poll();
    }
    hubspot.transport.before = nullptr;
    hubspot.clock.advance(4min);
    copy.poll();
    hubspot.clock.advance(61min);
    copy.poll();
    EXPECT_EQ(differences(copy.records, copy.listed()), kNone) << object;
    EXPECT_TRUE(copy.warnings.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, HubspotPoll, testing::Range<std::uint64_t>(1, 21));

TEST(HubspotPolling, a_record_is_the_same_by_poll_by_id_and_by_listing) {
  LocalHubspot hubspot;
  for (const auto& [object, wanted] :
       {std::pair{"companies", kCompanyPaths}, std::pair{"contacts", kContactPaths}}) {
    Copy copy(hubspot, object, wanted);
    hubspot.clock.advance(1s);
    const std::string company = hubspot.crm.create("companies", {{"name", "Acme"}});
    const std::string contact = hubspot.crm.create(
        "contacts", {{"email", "a@acme.test"}, {"associatedcompanyid", company}});
    hubspot.clock.advance(1s);
    copy.poll();
    ASSERT_EQ(copy.records.size(), 1u);
    const std::string id = copy.records.begin()->first;
    EXPECT_EQ(copy.records.at(id), copy.read({id}).at(id));
    EXPECT_EQ(copy.records.at(id), copy.listed().at(id));
    hubspot.crm.archive("companies", company);
    hubspot.crm.archive("contacts", contact);
  }
}

TEST(HubspotPolling, more_records_of_one_millisecond_than_a_search_reaches_are_all_found) {
  LocalHubspot hubspot;
  hubspot.crm.populate(5, 0);
  Copy copy(hubspot, "companies", {{"properties", "name"}});
  copy.sweep();
  hubspot.clock.advance(1s);
  for (int i = 0; i < 10'050; ++i) hubspot.crm.create("companies", {{"name", "n"}});
  hubspot.clock.advance(1s);
  hubspot.crm.create("companies", {{"name", "behind them"}});
  hubspot.clock.advance(1s);
  copy.poll();
  EXPECT_EQ(copy.records.size(), 10'056u);
  EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
}

TEST(HubspotPolling, a_row_that_is_seen_late_is_found_by_the_overlap) {
  LocalHubspot hubspot;
  Copy copy(hubspot, "companies", kCompanyPaths);
  hubspot.clock.advance(10min);
  copy.poll();
  hubspot.crm.set_search_lag(4min);
  hubspot.crm.create("companies", {{"name", "late"}});
  hubspot.clock.advance(1min);
  copy.poll();
  EXPECT_TRUE(copy.records.empty());
  hubspot.clock.advance(3min);
  copy.poll();
  EXPECT_EQ(copy.records.size(), 1u);
}

TEST(HubspotPolling, a_row_that_is_seen_an_hour_late_is_found_by_the_deep_overlap) {
  for (int start = 0; start < 60; start += 7) {
    LocalHubspot hubspot;
    Copy copy(hubspot, "companies", kCompanyPaths);
    for (int minute = 0; minute < start; minute += 5) {
      hubspot.clock.advance(5min);
      copy.poll();
    }
    hubspot.crm.set_search_lag(60min);
    hubspot.crm.create("companies", {{"name", "late"}});
    for (int minute = 0; minute < 125; minute += 5) {
      hubspot.clock.advance(5min);
      copy.poll();
    }
    EXPECT_EQ(copy.records.size(), 1u) << start;
  }
}

TEST(HubspotPolling, a_deleted_record_is_told_without_a_record_and_its_restoring_shows_in_a_sweep) {
  LocalHubspot hubspot;
  hubspot.crm.populate(3, 0);
  hubspot.clock.advance(24h);
  Copy copy(hubspot, "companies", kCompanyPaths);
  copy.sweep();
  hubspot.clock.advance(30min);
  hubspot.crm.archive("companies", "2");
  hubspot.clock.advance(1s);
  const auto notices = copy.poll();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices.front().kind, core::NoticeKind::deleted);
  EXPECT_EQ(notices.front().ref.id.str(), "2");
  EXPECT_FALSE(notices.front().record);
  EXPECT_EQ(copy.records.size(), 2u);
  hubspot.crm.restore("companies", "2");  // moves no date
  hubspot.clock.advance(2h);
  copy.poll();
  EXPECT_EQ(copy.records.size(), 2u);
  copy.sweep();
  EXPECT_EQ(copy.records.size(), 3u);
}

TEST(HubspotPolling, what_was_archived_long_ago_is_not_told_again) {
  LocalHubspot hubspot;
  hubspot.crm.populate(300, 0);
  for (int id = 1; id <= 250; ++id) hubspot.crm.archive("companies", std::to_string(id));
  hubspot.clock.advance(24h);
  Copy copy(hubspot, "companies", kCompanyPaths);
  EXPECT_TRUE(copy.poll().empty());
  hubspot.crm.archive("companies", "260");
  hubspot.clock.advance(20min);
  EXPECT_EQ(copy.poll().size(), 1u);
  hubspot.clock.advance(30min);
  EXPECT_TRUE(copy.poll().empty());
}

TEST(HubspotPolling, a_merge_names_the_records_that_went_into_the_survivor) {
  LocalHubspot hubspot;
  hubspot.crm.populate(3, 0);
  Copy copy(hubspot, "companies", kCompanyPaths);
  copy.sweep();
  hubspot.clock.advance(1min);
  const std::string survivor = hubspot.crm.merge("companies", "1", "2");
  hubspot.clock.advance(1s);
  const auto notices = copy.poll();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices.front().kind, core::NoticeKind::merged);
  EXPECT_EQ(notices.front().ref.id.str(), survivor);
  EXPECT_EQ(notices.front().merged_ids, (std::vector{core::RecordId("1"), core::RecordId("2")}));
  ASSERT_TRUE(notices.front().record);
  EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
}

TEST(HubspotPolling, a_merge_whose_survivor_was_archived_at_once_leaves_nothing_behind) {
  LocalHubspot hubspot;
  hubspot.crm.populate(3, 0);
  Copy copy(hubspot, "companies", kCompanyPaths);
  copy.sweep();
  hubspot.clock.advance(1min);
  const std::string survivor = hubspot.crm.merge("companies", "1", "2");
  hubspot.crm.archive("companies", survivor);
  hubspot.clock.advance(1s);
  copy.poll();
  EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
}

TEST(HubspotPolling, another_company_of_a_contact_moves_no_date_but_makes_another_record) {
  LocalHubspot hubspot;
  hubspot.crm.populate(3, 1);
  Copy copy(hubspot, "contacts", kContactPaths);
  copy.sweep();
  const std::string before = copy.records.at("1");
  hubspot.clock.advance(1min);
  hubspot.crm.set_primary_company("1", "2");
  hubspot.crm.set_primary_company("1", "3");
  copy.sweep();
  EXPECT_NE(copy.records.at("1"), before);
  EXPECT_EQ(core::parse_json(copy.records.at("1"))->at("updatedAt"),
            core::parse_json(before)->at("updatedAt"));
}

TEST(HubspotPolling, nothing_new_takes_two_calls) {
  LocalHubspot hubspot;
  hubspot.crm.populate(300, 300);
  hubspot.clock.advance(24h);
  Copy copy(hubspot, "contacts", kContactPaths);
  copy.poll();
  hubspot.clock.advance(30min);
  hubspot.transport.calls = 0;
  copy.poll();
  EXPECT_EQ(hubspot.transport.calls, 2u);  // the search and the recycle bin
}

}  // namespace
}  // namespace assembly_sync::connectors
