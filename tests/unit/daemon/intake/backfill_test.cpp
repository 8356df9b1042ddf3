#include "daemon/intake/backfill.hpp"

#include <gmock/gmock.h>

#include "daemon/intake/run_order.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;

using store::RunState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BackfillTest : public testing::Test {
 protected:
  BackfillTest()
      : crm_(std::make_shared<ScriptedCrm>()),
        mapper_(sample_rules()),
        log_(telemetry::LogStyle::quiet) {
    crm_->on_list = [this](const core::ObjectName& object,
                           const std::optional<std::string>& cursor) {
      return listed(object, cursor);
    };
    make();
  }
  ~BackfillTest() override { end(); }

  void make() {
    backfill_ = std::make_unique<Backfill>(BackfillParts{{{kSource, crm_}},
                                                         mapper_,
                                                         *store_,
                                                         transport_,
                                                         store_.clock(),
                                                         log_,
                                                         [this](RowId, const std::stop_token&) {
                                                           ++refreshed_;
                                                           return true;
                                                         }});
  }
  void end() {
    if (!backfill_) return;
    backfill_->request_stop();
    backfill_->join();
    backfill_.reset();
  }

  /// Pages of `page_size_` of the scripted rows; the cursor is the number of rows before it.
  ReadResult<Page> listed(const core::ObjectName& object,
                          const std::optional<std::string>& cursor) const {
    std::vector<core::Record> rows;
    for (const auto& [name, row] : crm_->records) {
      if (row.ref.object == object) rows.push_back(row);
    }
    const std::size_t begin = cursor ? std::stoul(*cursor) : 0;
    const std::size_t end = std::min(begin + page_size_, rows.size());
    Page page;
    page.records.assign(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                        rows.begin() + static_cast<std::ptrdiff_t>(end));
    if (end < rows.size()) page.next = std::to_string(end);
    return page;
  }
  void put_companies(int count) {
    for (int i = 1; i <= count; ++i) {
      const std::string id = std::to_string(1000 + i);
      crm_->put(
          record("companies", id, i, R"("name":"C )" + id + R"(","domain":"c)" + id + R"(.test")"));
    }
  }
  RowId order(const std::string& what, std::optional<std::int64_t> since = {},
              std::optional<std::int64_t> limit = {}) {
    store::Run run;
    run.what = what;
    run.since_ms = since;
    run.limit = limit;
    RowId id = 0;
    store_.write([&](store::Tx& tx) { id = tx.add_run(run); });
    return id;
  }
  store::Run row(RowId id) {
    return store_.read([&](const store::View& view) { return view.run(id); }).value();
  }
  /// Time goes on until it is so; fails after half a minute of real time.
  template <class Condition>
  void until(const Condition& condition) {
    core::SystemClock real;
    for (int i = 0; i < 15'000; ++i) {
      if (condition()) return;
      store_.clock().advance(1s);
      real.sleep_for(2ms, {});
    }
    FAIL() << "it did not come to that";
  }
  void until_state(RowId id, RunState state) {
    until([&] { return row(id).state == state; });
  }
  std::int64_t pending() {
    return store_.read([](const store::View& view) {
      return view.totals().pending[static_cast<int>(store::Lane::backfill)];
    });
  }
  /// Delivers all that can go.
  void drain() {
    const std::int64_t now = core::to_ms(store_.clock().wall_now()) + 1'000'000;
    while (true) {
      std::optional<store::Claim> claim;
      store_.write([&](store::Tx& tx) { claim = tx.claim(now, "l"); });
      if (!claim) return;
      store_.write([&](store::Tx& tx) {
        store::Entity entity = tx.entity(claim->entity.id).value();
        entity.present = true;
        entity.assembly_id = core::AssemblyId("id-" + entity.key.str());
        entity.known = claim->change.wanted;
        tx.update_entity(entity);
        tx.close_change(claim->change.id, NoticeState::delivered, "delivered", now);
        sync::release_children(tx, entity);
      });
    }
  }
  static std::int64_t ended(const store::Run& run, NoticeState state) {
    return run.finals[static_cast<std::size_t>(state)];
  }

  test::TempStore store_;
  std::shared_ptr<ScriptedCrm> crm_;
  const Mapper mapper_;
  NoTransport transport_;
  telemetry::Log log_;
  std::size_t page_size_ = 10;
  std::atomic<int> refreshed_{0};
  std::unique_ptr<Backfill> backfill_;
};
using BackfillConcurrency = BackfillTest;

TEST_F(BackfillTest, ReadsWholeObjectsParentsFirstAndIsDoneWhenAllIsDelivered) {
  put_companies(15);
  crm_->put(record("contacts", "1", 1, R"("name":"N","mail":"n@c.test","company":"1001")"));
  const RowId id = order("crm.companies,crm.contacts");
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_THAT(crm_->lists(), ElementsAre("companies -", "companies 10", "contacts -"));
  EXPECT_EQ(refreshed_.load(), 1) << "what Assembly has is read before";
  EXPECT_EQ(row(id).records, 16);
  EXPECT_EQ(row(id).open, 16);
  drain();
  until_state(id, RunState::done);
  EXPECT_EQ(ended(row(id), NoticeState::delivered), 16);
  EXPECT_EQ(row(id).open, 0);
}

TEST_F(BackfillTest, ASecondRunOverUnchangedRecordsSendsNothing) {
  put_companies(5);
  const RowId first = order("crm.companies");
  backfill_->start();
  until_state(first, RunState::draining);
  drain();
  const RowId second = order("crm.companies");
  until_state(second, RunState::done);
  EXPECT_EQ(ended(row(second), NoticeState::unchanged), 5);
  EXPECT_EQ(pending(), 0);
}

// I8
TEST_F(BackfillTest, Invariant8_AKilledRunGoesOnAtItsPage) {
  put_companies(30);
  const RowId id = order("crm.companies");
  std::atomic<bool> stopping{false};
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (cursor == "20") {
      stopping = true;
      return tl::unexpected(ReadError{ReadError::Kind::transient, {}, "shut down"});
    }
    return listed(object, cursor);
  };
  backfill_->start();
  until([&] { return stopping.load(); });
  end();
  store_.reopen();
  EXPECT_EQ(row(id).state, RunState::reading);
  EXPECT_EQ(row(id).records, 20);
  crm_->on_list = [this](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    return listed(object, cursor);
  };
  make();
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 30) << "no page was read twice";
  EXPECT_EQ(crm_->lists().back(), "companies 20");
}

TEST_F(BackfillTest, StopsAtTheLimitOverAllObjects) {
  put_companies(30);
  crm_->put(record("contacts", "1", 1, R"("name":"N","mail":"n@c.test","company":"1001")"));
  const RowId id = order("crm.companies,crm.contacts", {}, 12);
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 12);
  EXPECT_EQ(pending(), 12);
}

TEST_F(BackfillTest, LeavesOutWhatDidNotChangeSince) {
  put_companies(15);  // versions 1 … 15
  const RowId id = order("crm.companies", 11);
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 5);
}

TEST_F(BackfillTest, CountsRowsThatCanNotBeReadAndGoesOn) {
  put_companies(3);
  const RowId id = order("crm.companies");
  crm_->on_list = [this](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    auto page = listed(object, cursor);
    page->bad_rows = {"line 7: expected 3 fields, got 2", "line 9: the id is empty"};
    return page;
  };
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 3);
  EXPECT_EQ(row(id).bad_rows, 2);
}

TEST_F(BackfillTest, RefusedAndFilteredRecordsAreCountedAndTheDeadStayToBeSeen) {
  crm_->put(record("companies", "1", 1, R"("name":"P","domain":"p.test","kind":"prospect")"));
  crm_->put(record("companies", "2", 1, R"("name":"D","domain":"d.test","seats":"many")"));
  const RowId id = order("crm.companies");
  backfill_->start();
  until_state(id, RunState::done);
  EXPECT_EQ(ended(row(id), NoticeState::filtered), 1);
  EXPECT_EQ(ended(row(id), NoticeState::dead), 1);
  const auto dead = store_.read([](const store::View& view) { return view.dead_notices(10); });
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].ref.id.str(), "2");
}

TEST_F(BackfillTest, ARowThatCanNotBePlannedEndsDeadAndTheOthersGoOn) {
  put_companies(5);
  // A state that a damaged disk left: reading it throws.
  store_.write([&](store::Tx& tx) {
    store::Entity broken = tx.ensure_entity(store::EntityKind::company, core::Key("company-1003"));
    broken.present = true;
    broken.assembly_id = core::AssemblyId("a1");
    broken.known = "damaged";
    tx.update_entity(broken);
  });
  const RowId id = order("crm.companies");
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 5);
  EXPECT_EQ(ended(row(id), NoticeState::dead), 1);
  EXPECT_EQ(row(id).open, 4);
}

TEST_F(BackfillTest, APassingTroubleIsWaitedOut) {
  put_companies(3);
  std::atomic<int> failures{5};
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (failures > 0) {
      const bool throttled = --failures % 2 == 0;
      return tl::unexpected(
          ReadError{throttled ? ReadError::Kind::throttled : ReadError::Kind::transient, 30s,
                    "CRM answered 503"});
    }
    return listed(object, cursor);
  };
  const RowId id = order("crm.companies");
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 3);
  EXPECT_FALSE(store_.read([](const store::View& v) { return v.activity(kSource); }).last_error_ms);
}

TEST_F(BackfillTest, FailsWhenTheSourceRefusesForGood) {
  crm_->on_list = [](const core::ObjectName&,
                     const std::optional<std::string>&) -> ReadResult<Page> {
    return tl::unexpected(ReadError{ReadError::Kind::rejected, {}, "CRM answered 403"});
  };
  const RowId id = order("crm.companies");
  backfill_->start();
  until_state(id, RunState::failed);
  EXPECT_THAT(row(id).error, HasSubstr("crm.companies: CRM answered 403"));
  const RowId unknown = order("other.things");
  until_state(unknown, RunState::failed);
  EXPECT_THAT(row(unknown).error, HasSubstr("other.things"));
}

TEST_F(BackfillTest, AListingWhosePlaceTheSourceForgotIsBegunAnewOnce) {
  put_companies(30);
  std::atomic<int> forgets{1};
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (cursor == "20" && forgets-- > 0) {
      return tl::unexpected(ReadError{ReadError::Kind::rejected, {}, "page token expired"});
    }
    return listed(object, cursor);
  };
  const RowId id = order("crm.companies");
  backfill_->start();
  until_state(id, RunState::draining);
  EXPECT_EQ(row(id).records, 50) << "twenty were read twice";
  EXPECT_EQ(pending(), 30);
  forgets = 1000;
  const RowId again = order("crm.companies");
  until_state(again, RunState::failed);
  EXPECT_THAT(row(again).error, HasSubstr("page token expired"));
}

TEST_F(BackfillTest, ARunThatWasCancelledStopsReading) {
  put_companies(30);
  const RowId id = order("crm.companies");
  crm_->on_list = [&](const core::ObjectName& object, const std::optional<std::string>& cursor) {
    if (cursor == "10") {
      store_.write([&](store::Tx& tx) { tx.update_run(id, RunState::cancelled, "", 1); });
    }
    return listed(object, cursor);
  };
  backfill_->start();
  until([&] { return crm_->lists().size() >= 2; });
  const RowId next = order("crm.contacts");
  until_state(next, RunState::done);
  EXPECT_EQ(row(id).state, RunState::cancelled);
  EXPECT_EQ(row(id).records, 10);
}

TEST_F(BackfillConcurrency, ADrainedRunEndsAlsoWhileAnotherOneCanNotBeRead) {
  put_companies(3);
  const RowId first = order("crm.companies");
  const RowId second = order("crm.contacts");
  crm_->on_list = [&](const core::ObjectName& object,
                      const std::optional<std::string>& cursor) -> ReadResult<Page> {
    if (object.str() == "contacts") {
      return tl::unexpected(ReadError{ReadError::Kind::transient, {}, "CRM answered 503"});
    }
    return listed(object, cursor);
  };
  backfill_->start();
  until([&] { return row(second).state == RunState::reading; });
  drain();
  until_state(first, RunState::done);
  EXPECT_EQ(row(second).state, RunState::reading);
}

TEST(ChooseStreams, TakesParentsFirstAndNamesWhatIsUnknown) {
  const auto rules = sample_rules();
  const std::vector<PulledSource> sources{{kSource, std::make_shared<ScriptedCrm>()}};
  EXPECT_EQ(choose_streams(sources, *rules, {}).value(), "crm.companies,crm.contacts");
  EXPECT_EQ(choose_streams(sources, *rules, {"crm"}).value(), "crm.companies,crm.contacts");
  EXPECT_EQ(choose_streams(sources, *rules, {"crm.contacts", "crm.companies"}).value(),
            "crm.companies,crm.contacts");
  EXPECT_THAT(choose_streams(sources, *rules, {"crm.contact"}).error().message,
              HasSubstr("did you mean crm.contacts?"));
  EXPECT_FALSE(choose_streams(sources, *rules, {"crm.companies", "nonsense"}));
}

}  // namespace
}  // namespace assembly_sync::intake
