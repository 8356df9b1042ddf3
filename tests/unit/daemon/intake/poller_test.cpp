// What a source is asked on its own, and what follows from its answers.
#include "daemon/intake/poller.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "daemon/intake/backfill.hpp"
#include "daemon/intake/resolver.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using connectors::Changes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class PollerTest : public testing::Test {
 protected:
  PollerTest()
      : crm_(std::make_shared<ScriptedCrm>()),
        mapper_(sample_rules()),
        log_(telemetry::LogStyle::quiet) {
    crm_->on_list = [this](const core::ObjectName& object,
                           const std::optional<std::string>& cursor) {
      return list(object, cursor);
    };
  }

  /// Two rows a page, by id; the cursor is the last id.
  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor) {
    Page page;
    for (const auto& [name, row] : crm_->records) {
      if (row.ref.object != object || (cursor && row.ref.id.str() <= *cursor)) continue;
      if (page.records.size() == 2) {
        page.next = page.records.back().ref.id.str();
        break;
      }
      page.records.push_back(row);
    }
    return page;
  }

  PulledSource source(std::chrono::hours sweep = 24h) const {
    return {kSource, crm_, {.every = 300s, .sweep = sweep, .max_shrink_percent = percent_}};
  }
  Poller& poller() {
    if (!poller_) {
      poller_ = std::make_unique<Poller>(
          PollerParts{source(), mapper_, *store_, transport_, store_.clock(), log_});
    }
    return *poller_;
  }
  /// Everything that is due now, and all that follows from it.
  void settle() {
    for (int times = 0; times < 4; ++times) {
      while (poller().work()) {
      }
      if (crm_->content.empty()) break;
      later(60s);  // a content is believed when it has rested
    }
    Resolver resolver({kSource, crm_, mapper_, *store_, transport_, store_.clock(), log_});
    while (resolver.work()) {
    }
  }
  /// As after a start of the program.
  void restart() {
    poller_.reset();
    store_.reopen();
  }
  void later(std::chrono::milliseconds span) { store_.clock().advance(span); }
  void put(const std::string& id, core::RecordVersion version, const std::string& name) {
    crm_->put(record("companies", id, version, R"("name":")" + name + R"(","domain":"a.test")"));
  }
  void put_companies(int count) {
    for (int i = 0; i < count; ++i) put(std::to_string(100 + i), 1, "Acme");
  }
  /// A complete run, as by `backfill`.
  void backfill(bool accept_shrink = false) {
    store::Run run;
    run.what = "crm.companies";
    run.accept_shrink = accept_shrink;
    RowId id = 0;
    store_.write([&](store::Tx& tx) { id = tx.add_run(run); });
    Backfill runs({{source()},
                   mapper_,
                   *store_,
                   transport_,
                   store_.clock(),
                   log_,
                   [](RowId, const std::stop_token&) { return true; },
                   {}});
    runs.start();
    while (store_.read([&](const store::View& view) { return view.run(id); })->state <
           store::RunState::draining) {
      std::this_thread::yield();
    }
    runs.request_stop();
    runs.join();
    Resolver resolver({kSource, crm_, mapper_, *store_, transport_, store_.clock(), log_});
    while (resolver.work()) {
    }
  }

  std::string name_of(const std::string& id) {
    return store_.read([&](const store::View& view) {
      const auto mirrored =
          view.record({kSource, core::ObjectName("companies"), core::RecordId(id)});
      if (!mirrored) return std::string("-");
      if (mirrored->state == store::RecordState::deleted) return std::string("deleted");
      return core::parse_json(mirrored->json)->text_or("name");
    });
  }
  std::string cursor() {
    return store_.read(
        [](const store::View& view) { return view.cursor("poll:crm.companies").value_or("-"); });
  }
  bool open_pass() {
    return store_
        .read([](const store::View& view) {
          return view.open_pass(kSource, core::ObjectName("companies"), std::nullopt);
        })
        .has_value();
  }
  std::optional<store::Pass> last_pass() {
    return store_.read([](const store::View& view) {
      return view.last_pass(kSource, core::ObjectName("companies"));
    });
  }
  std::int64_t open() { return ends_(NoticeState::open); }
  std::int64_t notices() {
    std::int64_t sum = 0;
    for (int state = 0; state < store::kNoticeStateCount; ++state) {
      sum += ends_(static_cast<NoticeState>(state));
    }
    return sum;
  }

  static core::Notice upserted(core::Record row) {
    core::Notice notice;
    notice.ref = row.ref;
    notice.record = std::move(row);
    return notice;
  }

  int percent_ = 10;
  test::TempStore store_;
  std::shared_ptr<ScriptedCrm> crm_;
  Mapper mapper_;
  telemetry::Log log_;
  NoTransport transport_;
  Ends ends_{store_};
  std::unique_ptr<Poller> poller_;
};

/// An object that the CRM can be asked about: its changes as pages by number.
class ChangesTest : public PollerTest {
 protected:
  ChangesTest() {
    crm_->on_changes = [this](const core::ObjectName& object, const std::string& cursor) {
      return changes(object, cursor);
    };
  }
  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor) {
    if (object.str() != "companies") return Changes{.notices = {}, .next = cursor};
    asked_.push_back(cursor);
    if (fails_) return tl::unexpected(*fails_);
    if (pages_.empty()) return Changes{.notices = {}, .next = cursor};
    Changes page = std::move(pages_.front());
    pages_.erase(pages_.begin());
    return page;
  }
  void page(std::vector<core::Notice> notices, const std::string& next, bool more = false) {
    pages_.push_back({.notices = std::move(notices), .next = next, .more = more});
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
  later(300s);
  page({upserted(record("companies", "1", 5, R"("name":"Acme","domain":"a.test")"))}, "one");
  settle();
  later(300s);
  page({upserted(record("companies", "1", 5, R"("name":"Acme Ltd","domain":"a.test")"))}, "two");
  settle();
  EXPECT_EQ(name_of("1"), "Acme Ltd");
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
