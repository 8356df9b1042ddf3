// A source that says what changed.
#include "tests/unit/daemon/intake/poller_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using connectors::Changes;
using testing::ElementsAre;
using testing::IsEmpty;

/// An object that the CRM can be asked about: its changes as pages by number.
class ChangesTest : public PollerTest {
 protected:
  ChangesTest() {
    crm_->on_changes = [this](const core::ObjectName& object, const std::string& cursor) {
      return changes(object, cursor);
    };
  }
  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor) {
    const bool is_scripted = object.str() == "companies";
    if (is_scripted) asked_.push_back(cursor);
    if (fails_) return tl::unexpected(*fails_);
    if (!is_scripted) return Changes{.notices = {}, .next = cursor};
    if (pages_.empty()) return Changes{.notices = {}, .next = cursor};
    Changes page = std::move(pages_.front());
    pages_.erase(pages_.begin());
    return page;
  }
  void page(std::vector<core::Notice> notices, const std::string& next, bool more = false) {
    pages_.push_back({.notices = std::move(notices), .next = next, .more = more});
  }

  /// The next poll brings company 1 so.
  void show(core::RecordVersion version, const std::string& name, const std::string& next) {
    const std::string fields = R"("name":")" + name + R"(","domain":"a.test")";
    later(300s);
    page({upserted(record("companies", "1", version, fields))}, next);
    settle();
  }

  std::vector<std::string> asked_;
  std::vector<Changes> pages_;
  std::optional<ReadError> fails_;
};

TEST_F(ChangesTest, FollowsASourceFromTheMomentOfTheFirstStart) {
  settle();
  EXPECT_EQ(cursor(), "since 1767225600500");
  EXPECT_THAT(asked_, IsEmpty());
  later(299s);
  settle();
  EXPECT_THAT(asked_, IsEmpty());
  later(1s);
  settle();
  EXPECT_THAT(asked_, ElementsAre("since 1767225600500"));
}

TEST_F(ChangesTest, TakesPageAfterPageAndGoesOnThereAfterAStart) {
  settle();
  later(300s);
  page({upserted(record("companies", "1", 5, R"("name":"Acme","domain":"a.test")"))}, "one", true);
  page({upserted(record("companies", "2", 6, R"("name":"Beta","domain":"b.test")"))}, "two");
  settle();
  EXPECT_EQ(name_of("1"), "Acme");
  EXPECT_EQ(name_of("2"), "Beta");
  EXPECT_EQ(cursor(), "two");
  restart();
  asked_.clear();
  settle();
  EXPECT_THAT(asked_, ElementsAre("two")) << "at once: something may have happened meanwhile";
}

TEST_F(ChangesTest, WhatTheMirrorHoldsIsNoNotice) {
  settle();
  later(300s);
  const auto acme = record("companies", "1", 5, R"("name":"Acme","domain":"a.test")");
  page({upserted(acme)}, "one");
  settle();
  const auto before = notices();
  later(300s);
  page({upserted(acme)}, "two");
  settle();
  EXPECT_EQ(notices(), before);
  EXPECT_EQ(cursor(), "two");
}

TEST_F(ChangesTest, AnOlderReadingNeverReplacesANewerWebhook) {
  settle();
  store_.write([&](store::Tx& tx) {
    core::Record newer = record("companies", "1", 9, R"("name":"New","domain":"a.test")");
    newer.ref.source = kSource;
    tx.put_record(newer, core::to_ms(store_.clock().wall_now()),
                  core::to_ms(store_.clock().wall_now()));
  });
  later(300s);
  page({upserted(record("companies", "1", 5, R"("name":"Old","domain":"a.test")"))}, "one");
  settle();
  EXPECT_EQ(name_of("1"), "New");
  EXPECT_EQ(notices(), 0);
}

TEST_F(ChangesTest, TheSameVersionWithOtherContentCounts) {
  settle();
  show(5, "Acme", "one");
  show(5, "Acme Ltd", "two");
  EXPECT_EQ(name_of("1"), "Acme Ltd");
}

TEST_F(ChangesTest, WhereOnlyThePresentStateIsShownTheLaterReadingCounts) {
  crm_->present_state = true;
  settle();
  show(9, "Tomorrow", "one");
  show(5, "Today", "two");
  EXPECT_EQ(name_of("1"), "Today");
  const auto before = notices();
  show(0, "Today", "three");
  EXPECT_EQ(notices(), before) << "the same, whatever its date";
}

TEST_F(ChangesTest, AWordOfDeletionIsConfirmedByReading) {
  settle();
  later(300s);
  put("1", 5, "Acme");
  page({upserted(crm_->records.at("companies 1"))}, "one");
  settle();
  core::Notice gone;
  gone.ref = {kSource, core::ObjectName("companies"), core::RecordId("1")};
  gone.kind = core::NoticeKind::deleted;
  later(300s);
  page({gone}, "two");
  settle();
  EXPECT_EQ(name_of("1"), "Acme") << "the CRM still shows it";
  crm_->records.clear();
  later(300s);
  page({gone}, "three");
  settle();
  EXPECT_EQ(name_of("1"), "deleted");
  const auto before = notices();
  later(300s);
  page({gone}, "four");
  settle();
  EXPECT_EQ(notices(), before) << "said again, it is no news";
}

TEST_F(ChangesTest, ASourceThatCannotBeAskedIsBelieved) {
  crm_->by_id = false;
  settle();
  later(300s);
  page({upserted(record("companies", "1", 5, R"("name":"Acme","domain":"a.test")"))}, "one");
  settle();
  core::Notice gone = upserted(record("companies", "1", 6, R"("name":"")"));
  gone.kind = core::NoticeKind::deleted;
  later(300s);
  page({gone}, "two");
  settle();
  EXPECT_EQ(name_of("1"), "deleted");
  later(300s);
  page({upserted(record("companies", "1", 6, R"("name":"Back","domain":"a.test")"))}, "three");
  settle();
  EXPECT_EQ(name_of("1"), "Back");
}

TEST_F(ChangesTest, Invariant8_TheCursorMovesWhenAllOfThePageIsStoredOrDead) {
  settle();
  later(300s);
  std::vector<core::Notice> many;
  for (int i = 0; i < 250; ++i) {
    many.push_back(
        upserted(record("companies", std::to_string(i), 5, R"("name":"Acme","domain":"a.test")")));
  }
  many[180].kind = static_cast<core::NoticeKind>(9);  // the store refuses it
  page(many, "one");
  settle();
  EXPECT_EQ(cursor(), "one");
  EXPECT_EQ(name_of("181"), "Acme");
  EXPECT_EQ(name_of("249"), "Acme");
  EXPECT_EQ(ends_(NoticeState::dead), 1);
  EXPECT_EQ(notices(), 250);
}

TEST_F(ChangesTest, AFailureIsToldAndWaitedOut) {
  settle();
  later(300s);
  fails_ = ReadError{.kind = ReadError::Kind::throttled, .retry_after = 60s, .reason = "429"};
  settle();
  settle();
  EXPECT_THAT(asked_, ElementsAre("since 1767225600500")) << "once, then it is left alone";
  EXPECT_EQ(store_.read([](const store::View& view) { return view.activity(kSource).last_error; }),
            "429");
  fails_.reset();
  later(60s);
  page({}, "one");
  settle();
  EXPECT_EQ(cursor(), "one");
  EXPECT_FALSE(store_.read(
      [](const store::View& view) { return view.activity(kSource).last_error_ms.has_value(); }));
}

TEST_F(ChangesTest, AnAnswerThatSaysToAskAgainAtOnceIsNoInvitationToAStorm) {
  settle();
  later(300s);
  fails_ = ReadError{.kind = ReadError::Kind::throttled, .retry_after = 0s, .reason = "429"};
  for (int second = 0; second < 60; ++second) {
    settle();
    later(1s);
  }
  EXPECT_LE(asked_.size(), 6u) << "after 0, 1, 3, 7, 15 and 31 seconds, or less: all wait for one";
  EXPECT_GE(asked_.size(), 4u);
  fails_->retry_after.reset();
  asked_.clear();
  for (int minute = 0; minute < 60; ++minute) {
    settle();
    later(60s);
  }
  EXPECT_LE(asked_.size(), 15u) << "every five minutes in the end";
  EXPECT_GE(asked_.size(), 6u);
}

TEST_F(ChangesTest, CatchesUpOnTheTimeItWasAwayAndTellsWhatItFound) {
  settle();
  const std::int64_t from = core::to_ms(store_.clock().wall_now());
  restart();
  later(3h);
  store_.write([&](store::Tx& tx) {
    tx.begin_catch_up(kSource, from, core::to_ms(store_.clock().wall_now()));
  });
  page({upserted(record("companies", "1", 5, R"("name":"Acme","domain":"a.test")"))}, "one", true);
  page({upserted(record("companies", "2", 6, R"("name":"Beta","domain":"b.test")"))}, "two");
  ASSERT_TRUE(poller().work());
  const auto found = [&] {
    return *store_.read([](const store::View& view) { return view.catch_up(kSource); });
  };
  EXPECT_EQ(found().polled, 1);
  EXPECT_FALSE(found().done_ms);
  settle();
  EXPECT_EQ(found().polled, 2);
  EXPECT_TRUE(found().done_ms);
  later(300s);
  page({upserted(record("companies", "3", 6, R"("name":"Later","domain":"b.test")"))}, "three");
  settle();
  EXPECT_EQ(found().polled, 2) << "that is of today";
}

TEST_F(ChangesTest, Invariant8_BeginsWhereTheLastCompleteReadingBegan) {
  put_companies(3);
  const std::int64_t begun = core::to_ms(store_.clock().wall_now());
  backfill();
  later(2h);  // nobody asks: the backfill was a verb of its own
  settle();
  EXPECT_THAT(asked_, ElementsAre("since " + std::to_string(begun)))
      << "what changed between the two is asked for, and at once";
}

TEST_F(ChangesTest, BeginsAtTheOldestReadingWhereNoneWasComplete) {
  put_companies(3);
  const std::int64_t begun = core::to_ms(store_.clock().wall_now());
  store::Run run;
  run.what = "crm.companies";
  run.limit = 2;
  execute(store_, run,
          {{source()}, mapper_, *store_, transport_, store_.clock(), log_, nullptr, {}});
  later(2h);
  settle();
  EXPECT_THAT(asked_, ElementsAre("since " + std::to_string(begun)));
}

TEST_F(ChangesTest, APlaceThatIsRefusedAgainAndAgainIsGivenUpForTheLastReading) {
  put_companies(3);
  const std::int64_t begun = core::to_ms(store_.clock().wall_now());
  backfill();
  later(300s);
  page({}, "lost");
  settle();
  ASSERT_EQ(cursor(), "lost");
  fails_ = ReadError{.kind = ReadError::Kind::rejected, .retry_after = {}, .reason = "no cursor"};
  for (int i = 0; i < 5; ++i) {
    later(1h);
    settle();
    EXPECT_EQ(cursor(), i < 2 ? "lost" : "since " + std::to_string(begun)) << i;
  }
}

TEST_F(ChangesTest, Invariant8_APlaceThatIsRefusedIsKeptWhereNothingWasReadWhole) {
  settle();
  const std::string first = cursor();
  fails_ = ReadError{.kind = ReadError::Kind::rejected, .retry_after = {}, .reason = "no scope"};
  for (int i = 0; i < 5; ++i) {
    later(1h);
    settle();
    EXPECT_EQ(cursor(), first) << i;
  }
}

TEST_F(ChangesTest, CatchesUpOnATimeInWhichItCouldNotAsk) {
  settle();
  later(300s);
  page({}, "one");
  settle();
  const std::int64_t from = core::to_ms(store_.clock().wall_now());
  fails_ = ReadError{.kind = ReadError::Kind::transient, .retry_after = {}, .reason = "no route"};
  for (int i = 0; i < 5; ++i) {
    later(1h);
    settle();
  }
  const auto found = [&] {
    return store_.read([](const store::View& view) { return view.catch_up(kSource); });
  };
  EXPECT_FALSE(found());
  fails_.reset();
  page({upserted(record("companies", "1", 5, R"("name":"Acme","domain":"a.test")"))}, "two");
  later(301s);
  const std::int64_t to = core::to_ms(store_.clock().wall_now());
  settle();
  ASSERT_TRUE(found());
  EXPECT_EQ(found()->from_ms, from);
  EXPECT_EQ(found()->to_ms, to);
  EXPECT_EQ(found()->polled, 1);
  store_.write([&](store::Tx& tx) {
    tx.add_receipt(kSource, to, R"([{"id":"1","at":)" + std::to_string(from + 1) + "}]");
  });
  settle();
  EXPECT_EQ(found()->late_webhooks, 1);
}

TEST_F(ChangesTest, AShortTroubleIsNothingToReport) {
  settle();
  for (int i = 0; i < 3; ++i) {
    later(300s);
    settle();
  }
  fails_ = ReadError{.kind = ReadError::Kind::transient, .retry_after = {}, .reason = "503"};
  later(300s);
  settle();
  fails_.reset();
  later(300s);
  settle();
  EXPECT_FALSE(store_.read([](const store::View& view) { return view.catch_up(kSource); }));
}

TEST_F(ChangesTest, CountsTheEventsOfTheTimeItWasAway) {
  store_.write([&](store::Tx& tx) {
    tx.begin_catch_up(kSource, 1000, 2000);
    tx.add_receipt(kSource, 2500,
                   R"([{"id":"1","at":999},{"id":"2","at":1000},{"id":"3","at":1999},
                       {"id":"4","at":2000}])");
  });
  settle();
  EXPECT_EQ(
      store_.read([](const store::View& view) { return view.catch_up(kSource); })->late_webhooks,
      2);
}

TEST_F(ChangesTest, IsNotSweptBeforeABackfillReadItOnce) {
  settle();
  later(48h);
  settle();
  EXPECT_THAT(crm_->lists(), IsEmpty());
  put_companies(3);
  backfill();
  later(24h);
  put("101", 1, "Moved no date");
  settle();
  EXPECT_EQ(name_of("101"), "Moved no date");
}

}  // namespace
}  // namespace assembly_sync::intake
