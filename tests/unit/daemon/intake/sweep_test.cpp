// Complete passes: what they show, and what follows from what they do not show.
#include <algorithm>

#include "tests/unit/daemon/intake/poller_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;

TEST_F(PollerTest, ASourceThatCanOnlyBeAskedIsReadAtOnce) {
  crm_->webhooks = false;
  crm_->content = "one";
  put_companies(3);
  settle();
  EXPECT_EQ(name_of("102"), "Acme");
  const auto pages = crm_->lists().size();
  later(300s);
  settle();
  EXPECT_EQ(crm_->lists().size(), pages) << "the same content is not read again";
  put("101", 1, "Acme Ltd");
  crm_->content = "two";
  later(300s);
  settle();
  EXPECT_EQ(name_of("101"), "Acme Ltd");
  EXPECT_EQ(open(), 0 + ends_(NoticeState::open));
}

TEST_F(PollerTest, Invariant10_WhatACompletedPassDoesNotShowIsGone) {
  crm_->webhooks = false;
  crm_->by_id = false;
  put_companies(20);
  settle();
  crm_->records.erase("companies 103");
  crm_->records.erase("companies 119");
  later(300s);
  settle();
  EXPECT_EQ(name_of("103"), "deleted");
  EXPECT_EQ(name_of("119"), "deleted");
  EXPECT_EQ(name_of("104"), "Acme");
  EXPECT_FALSE(last_pass()->shrunk);
  put("103", 1, "Acme");
  later(300s);
  settle();
  EXPECT_EQ(name_of("103"), "Acme") << "it is back";
}

TEST_F(PollerTest, Invariant10_APassThatShrankTooMuchDeletesNothingAndAsks) {
  crm_->webhooks = false;
  crm_->by_id = false;
  put_companies(20);
  settle();
  for (const char* id : {"100", "101", "102"}) crm_->records.erase(std::string("companies ") + id);
  later(300s);
  settle();
  EXPECT_EQ(name_of("100"), "Acme");
  ASSERT_TRUE(last_pass());
  EXPECT_TRUE(last_pass()->shrunk);
  EXPECT_EQ(last_pass()->present, 20);
  EXPECT_EQ(last_pass()->absent, 3);
  backfill();
  EXPECT_EQ(name_of("100"), "Acme") << "nobody said yes";
  backfill(true);
  EXPECT_EQ(name_of("100"), "deleted");
  EXPECT_EQ(name_of("102"), "deleted");
  EXPECT_FALSE(last_pass()->shrunk);
}

TEST_F(PollerTest, Invariant10_AnAbsentRecordOfASourceThatCanBeAskedIsAskedFor) {
  put_companies(20);
  backfill();
  const auto hidden = crm_->records.at("companies 105");
  crm_->on_list = [this](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    auto page = list(object, cursor);
    std::erase_if(page->records, [](const core::Record& row) { return row.ref.id.str() == "105"; });
    return page;
  };
  later(300s);
  settle();
  EXPECT_EQ(name_of("105"), "Acme") << "the listing missed it, the CRM has it";
  crm_->records.erase("companies 105");
  later(300s);
  settle();
  EXPECT_EQ(name_of("105"), "deleted");
}

TEST_F(PollerTest, Invariant10_APassInWhichRowsCouldNotBeReadProvesNothing) {
  crm_->webhooks = false;
  crm_->by_id = false;
  put_companies(20);
  settle();
  crm_->records.erase("companies 105");
  crm_->on_list = [this](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    auto page = list(object, cursor);
    if (!cursor) page->bad_rows.emplace_back("line 7: expected 3 fields, got 2");
    return page;
  };
  later(300s);
  settle();
  EXPECT_EQ(name_of("105"), "Acme");
}

TEST_F(PollerTest, Invariant10_ARecordThatCameMeanwhileIsNotAbsent) {
  crm_->webhooks = false;
  crm_->by_id = false;
  put_companies(20);
  settle();
  later(300s);
  while (!open_pass()) ASSERT_TRUE(poller().work());  // the first page of the second pass
  later(1s);
  store_.write([&](store::Tx& tx) {
    core::Record fresh = record("companies", "0", 1, R"("name":"Fresh","domain":"f.test")");
    fresh.ref.source = kSource;
    // With a clock that was set back.
    tx.put_record(fresh, 5, 5);
  });
  settle();
  EXPECT_EQ(name_of("0"), "Fresh");
}

TEST_F(PollerTest, APassGoesOnWhereItWasAfterAStart) {
  crm_->webhooks = false;
  put_companies(6);
  const auto pages = [this] {
    const auto lists = crm_->lists();
    return std::count_if(lists.begin(), lists.end(),
                         [](const std::string& list) { return list.starts_with("companies"); });
  };
  while (pages() < 2) ASSERT_TRUE(poller().work());
  const auto before = crm_->lists();
  restart();
  settle();
  const auto after = crm_->lists();
  ASSERT_GT(after.size(), before.size());
  EXPECT_THAT(std::vector(after.begin() + static_cast<std::ptrdiff_t>(before.size()), after.end()),
              testing::AllOf(testing::Contains("companies 103"),
                             testing::Not(testing::Contains("companies -"))))
      << "not from the beginning";
  EXPECT_EQ(name_of("105"), "Acme");
}

TEST_F(PollerTest, Invariant10_AContentThatIsBeingWrittenIsNotBelievedBeforeItRests) {
  crm_->webhooks = false;
  crm_->by_id = false;
  crm_->content = "whole";
  put_companies(20);
  settle();
  const auto all = crm_->records;
  for (int rows = 19; rows < 21; ++rows) {  // nearly all is there again
    later(300s);
    crm_->records.erase("companies 119");
    crm_->content = "rows " + std::to_string(rows);
    while (poller().work()) {
    }
    EXPECT_EQ(name_of("119"), "Acme");
    later(4s);
    while (poller().work()) {
    }
  }
  crm_->records = all;
  crm_->content = "whole again";
  settle();
  EXPECT_EQ(name_of("119"), "Acme");
  EXPECT_EQ(notices(), 20);
  crm_->records.erase("companies 119");
  crm_->content = "one less";
  later(300s);
  settle();
  EXPECT_EQ(name_of("119"), "deleted");
}

TEST_F(PollerTest, APassThatWasAbandonedCountsForNoLaterOne) {
  crm_->webhooks = false;
  crm_->by_id = false;
  crm_->content = "one";
  put_companies(20);
  settle();
  crm_->content = "two";
  later(300s);
  while (!open_pass()) ASSERT_TRUE(poller().work());  // shows the first two
  crm_->records.erase("companies 100");
  crm_->content = "three";
  settle();
  settle();
  EXPECT_EQ(last_pass()->fingerprint, "three");
  EXPECT_EQ(name_of("100"), "deleted");
}

TEST_F(PollerTest, WhatAFileShowsIsSoWhateverTimesItsRowsBear) {
  crm_->webhooks = false;
  crm_->by_id = false;
  crm_->content = "one";
  put("1", 9000, "Of a wrong clock");
  settle();
  put("1", 5, "Right");
  crm_->content = "two";
  later(300s);
  settle();
  EXPECT_EQ(name_of("1"), "Right");
}

TEST_F(PollerTest, OneObjectsSuccessDoesNotHideAnothersFailure) {
  crm_->webhooks = false;
  put_companies(2);
  const auto good = crm_->on_list;
  crm_->on_list = [good](const core::ObjectName& object,
                         const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (object.str() == "contacts") {
      return tl::unexpected(ReadError{
          .kind = ReadError::Kind::rejected, .retry_after = {}, .reason = "no such file"});
    }
    return good(object, cursor);
  };
  settle();
  later(300s);
  settle();
  EXPECT_EQ(store_.read([](const store::View& view) { return view.activity(kSource).last_error; }),
            "no such file");
}

TEST_F(PollerTest, AListingThatThrowsIsAFailureLikeAnyOther) {
  crm_->webhooks = false;
  put_companies(2);
  const auto good = crm_->on_list;
  int calls = 0;
  crm_->on_list = [&](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    if (++calls == 1) throw std::runtime_error("unforeseen");
    return good(object, cursor);
  };
  settle();
  later(300s);
  settle();
  EXPECT_EQ(name_of("101"), "Acme");
}

TEST_F(PollerTest, AListingThatCannotGoOnIsBegunAnewHoweverWellThePollsGo) {
  crm_->webhooks = false;
  put_companies(6);
  bool dead_end = true;
  int refused = 0;
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (dead_end && cursor) {
      ++refused;
      return tl::unexpected(ReadError{
          .kind = ReadError::Kind::rejected, .retry_after = {}, .reason = "no such cursor"});
    }
    return list(object, cursor);
  };
  int polls = 0;
  crm_->on_changes = [&](const core::ObjectName&, const std::string& cursor) {
    ++polls;
    return connectors::Changes{.notices = {}, .next = cursor};
  };
  dead_end = false;
  backfill();
  dead_end = true;
  later(25h);
  for (int round = 0; round < 10; ++round) {
    settle();
    later(301s);
  }
  EXPECT_EQ(refused, 3) << "then it is left alone for an hour";
  EXPECT_GE(polls, 5) << "each of which went well";
  EXPECT_FALSE(open_pass());
  dead_end = false;
  put_companies(7);
  later(1h);
  settle();
  EXPECT_EQ(last_pass()->records, 7);
}

/// It can be asked what changed, which is nothing.
class SweptTest : public PollerTest {
 protected:
  SweptTest() {
    crm_->webhooks = false;
    crm_->on_changes = [this](const core::ObjectName&, const std::string& cursor) {
      ++polls_;
      return connectors::Changes{.notices = {}, .next = cursor};
    };
  }
  int polls_ = 0;
};

TEST_F(SweptTest, WhatNobodyImportedIsNotImportedByTheClock) {
  put_companies(3);
  settle();
  later(48h);
  settle();
  EXPECT_EQ(name_of("100"), "-");
  EXPECT_THAT(crm_->lists(), testing::IsEmpty());
}

TEST_F(SweptTest, WithoutPollsSweepsGoOn) {
  every_ = 0s;
  put_companies(3);
  backfill();
  put("101", 1, "Acme Ltd");
  poller().start();
  core::SystemClock real;
  for (int i = 0; i < 15'000 && name_of("101") != "Acme Ltd"; ++i) {
    later(1min);
    real.sleep_for(2ms, {});
  }
  EXPECT_EQ(name_of("101"), "Acme Ltd");
  poller_.reset();
  EXPECT_EQ(polls_, 0);
}

TEST_F(SweptTest, AListThatTheSourcePreparesIsNoTroubleAndHoldsUpNoPoll) {
  put_companies(3);
  backfill();
  later(25h);
  bool prepares = true;
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (prepares) {
      return tl::unexpected(
          ReadError{.kind = ReadError::Kind::not_yet, .retry_after = 30s, .reason = "preparing"});
    }
    return list(object, cursor);
  };
  for (int i = 0; i < 20; ++i) {
    settle();
    later(301s);
  }
  EXPECT_GE(polls_, 18);
  EXPECT_FALSE(store_.read(
      [](const store::View& view) { return view.activity(kSource).last_error_ms.has_value(); }));
  prepares = false;
  const auto before = last_pass()->id;
  settle();
  EXPECT_GT(last_pass()->id, before);
}

TEST_F(SweptTest, Invariant10_AListThatWasPreparedBeforeADeletionBringsNothingBack) {
  put_companies(3);
  backfill();
  later(25h);
  const core::WallTime prepared = store_.clock().wall_now();
  later(1h);
  store_.write([&](store::Tx& tx) {
    const std::int64_t now = core::to_ms(store_.clock().wall_now());
    tx.mark_record({kSource, core::ObjectName("companies"), core::RecordId("101")},
                   store::RecordState::deleted, now);
  });
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    auto page = list(object, cursor);
    page->as_of = prepared;
    return page;
  };
  later(1min);
  settle();
  EXPECT_EQ(name_of("101"), "deleted");
  crm_->on_list = [&](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    return list(object, cursor);
  };
  later(25h);
  settle();
  EXPECT_EQ(name_of("101"), "Acme") << "a list of now shows that it is there";
}

TEST_F(PollerTest, AContentThatRestsForDaysIsNoGap) {
  crm_->webhooks = false;
  crm_->by_id = false;
  crm_->content = "one";
  put_companies(2);
  settle();
  for (int i = 0; i < 100; ++i) {
    later(300s);
    settle();
  }
  put("101", 1, "Acme Ltd");
  crm_->content = "two";
  later(300s);
  settle();
  EXPECT_EQ(name_of("101"), "Acme Ltd");
  EXPECT_FALSE(store_.read([](const store::View& view) { return view.catch_up(kSource); }));
}

TEST_F(PollerTest, AnotherContentBeginsThePassAnew) {
  crm_->webhooks = false;
  crm_->by_id = false;
  crm_->content = "one";
  put_companies(6);
  ASSERT_TRUE(poller().work());
  crm_->content = "two";
  crm_->records.erase("companies 100");
  settle();
  EXPECT_EQ(last_pass()->fingerprint, "two");
  EXPECT_EQ(last_pass()->records, 5);
}

}  // namespace
}  // namespace assembly_sync::intake
