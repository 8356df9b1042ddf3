// What can grow is counted, bounded, and given back; who watches commits hears of them.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "core/limits.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::store {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;
constexpr std::int64_t kDay = 86'400'000;
const SourceName kSource("crm");

NewNotice notice(const std::string& id, Lane lane = Lane::live) {
  NewNotice row;
  row.ref = {kSource, ObjectName("companies"), RecordId(id)};
  row.lane = lane;
  row.received_ms = kNow;
  return row;
}

DeliveryRecord delivery(std::int64_t started_ms) {
  DeliveryRecord row;
  row.change = 1;
  row.entity = 1;
  row.attempt = 1;
  row.outcome = "transient";
  row.started_ms = started_ms;
  row.duration_ms = 250;
  return row;
}

Change change_of(RowId entity, Lane lane, std::int64_t due_ms) {
  Change change;
  change.entity = entity;
  change.lane = lane;
  change.due_ms = due_ms;
  change.wanted = "{}";
  change.mapping = "m";
  return change;
}

class Room : public testing::Test {
 protected:
  Totals totals() {
    return store_.read([](const View& view) { return view.totals(); });
  }
  std::int64_t sum() {
    std::int64_t sum = 0;
    for (const std::int64_t count : totals().notices) sum += count;
    return sum;
  }
  test::TempStore store_;
};

// I2
TEST_F(Room, Invariant2_AllNoticesThatAroseAreOpenOrEndedOnce) {
  store_.write([](Tx& tx) {
    for (int i = 0; i < 9; ++i) {
      const RowId id = tx.add_notice(notice(std::to_string(i)));
      if (i > 0) tx.finish_notice(id, static_cast<NoticeState>(i), "so", kNow);
      tx.finish_notice(id, NoticeState::ignored, "again", kNow);
    }
    tx.count_notice(NoticeState::unchanged, notice("c").ref, std::nullopt, kNow);
    tx.add_mirror_notice(notice("m"));
    tx.add_planned_notice(notice("p"));
  });
  EXPECT_EQ(totals().notices_received, 12);
  EXPECT_EQ(sum(), 12);
  store_.write([](Tx& tx) { tx.sweep(kNow + 400 * kDay, 100); });
  EXPECT_EQ(totals().notices_received, 12);
  EXPECT_EQ(sum(), 12);
}

TEST_F(Room, CountsTheRowsThatAreKeptForAWhile) {
  store_.write([](Tx& tx) {
    for (int i = 0; i < 3; ++i) {
      const RowId receipt = tx.add_receipt(kSource, kNow, std::string(1000, 'x'));
      tx.settle_receipt(receipt, 1, std::nullopt);
      tx.finish_notice(tx.add_notice(notice(std::to_string(i))), NoticeState::ignored, "", kNow);
      tx.add_delivery(delivery(kNow));
    }
    tx.settle_receipt(tx.add_receipt(kSource, kNow, "?"), 0, "unreadable");
    tx.add_receipt(kSource, kNow, "waits");
    tx.finish_notice(tx.add_notice(notice("d")), NoticeState::dead, "refused", kNow);
  });
  EXPECT_EQ(totals().kept_receipts, 4);
  EXPECT_EQ(totals().kept_receipt_bytes, 3001);
  EXPECT_EQ(totals().kept_notices, 3);
  EXPECT_EQ(totals().kept_deliveries, 3);
  store_.write([](Tx& tx) { EXPECT_EQ(tx.sweep(kNow + 6 * kDay, 100), 0); });
  std::int64_t removed = 0;
  store_.write([&](Tx& tx) { removed = tx.sweep(kNow + 8 * kDay, 100); });
  EXPECT_EQ(removed, 10);
  EXPECT_EQ(totals().kept_receipts, 0);
  EXPECT_EQ(totals().kept_receipt_bytes, 0);
  EXPECT_EQ(totals().kept_notices, 0);
  EXPECT_EQ(totals().kept_deliveries, 0);
  EXPECT_EQ(totals().receipts_waiting, 1);
  EXPECT_EQ(totals().notices[static_cast<std::size_t>(NoticeState::dead)], 1);
}

TEST_F(Room, KeepsForAsLongAsItIsTold) {
  const auto add = [&] {
    store_.write([](Tx& tx) {
      tx.settle_receipt(tx.add_receipt(kSource, kNow, "b"), 1, std::nullopt);
      tx.finish_notice(tx.add_notice(notice("n")), NoticeState::ignored, "", kNow);
      tx.add_delivery(delivery(kNow));
      tx.quarantine({kSource, kNow, "signature", "", "b"});
    });
  };
  add();
  const Retention keep{
      .receipts_days = 1, .notices_days = 2, .deliveries_days = 3, .quarantine_days = 4};
  for (int day = 1; day <= 4; ++day) {
    std::int64_t removed = 0;
    store_.write([&](Tx& tx) { removed = tx.sweep(kNow + day * kDay + 1, 100, keep); });
    EXPECT_EQ(removed, 1) << "day " << day;
  }
  EXPECT_EQ(totals().quarantined, 0);
}

TEST_F(Room, Invariant12_TheQuarantineIsBoundedInBytes) {
  const std::size_t each = core::limits::kWebhookBodyBytes;
  const std::size_t most = core::limits::kQuarantineBytes / each;
  for (std::size_t i = 0; i < most + 3; ++i) {
    store_.write([&](Tx& tx) {
      tx.quarantine({kSource, kNow, "signature", "", std::string(each, 'x')});
    });
  }
  EXPECT_EQ(totals().quarantined, static_cast<std::int64_t>(most));
}

TEST_F(Room, TheOldestChangeThatCouldGoIsKnown) {
  const auto oldest = [&] {
    return store_.read([](const View& view) { return view.oldest_change(); });
  };
  EXPECT_FALSE(oldest());
  store_.write([](Tx& tx) {
    const auto entity = [&](const char* key) {
      return tx.ensure_entity(EntityKind::company, Key(key)).id;
    };
    tx.put_change(change_of(entity("a"), Lane::backfill, kNow), kNow);
    tx.put_change(change_of(entity("b"), Lane::retry, kNow), kNow + 20);
    tx.put_change(change_of(entity("c"), Lane::live, kNow), kNow + 10);
  });
  ASSERT_TRUE(oldest());
  EXPECT_EQ(oldest()->lane, Lane::live);
  EXPECT_EQ(oldest()->created_ms, kNow + 10);
}

TEST_F(Room, ANewerStateWaitsSinceTheOlderOneDid) {
  store_.write([](Tx& tx) {
    const RowId entity = tx.ensure_entity(EntityKind::company, Key("a")).id;
    tx.put_change(change_of(entity, Lane::live, kNow), kNow);
    tx.put_change(change_of(entity, Lane::live, kNow + 60'000), kNow + 60'000);
  });
  EXPECT_EQ(store_.read([](const View& view) { return view.oldest_change(); })->created_ms, kNow);
}

TEST_F(Room, AClockThatIsSetBackMakesNothingWaitLonger) {
  store_.write([](Tx& tx) {
    const RowId entity = tx.ensure_entity(EntityKind::company, Key("a")).id;
    tx.put_change(change_of(entity, Lane::retry, kNow + 5000), kNow);
    const RowId open = tx.add_notice(notice("n"));
    tx.postpone_notice(open, kNow + 7000, true, "later");
  });
  constexpr std::int64_t kHour = 3'600'000;
  store_.write([](Tx& tx) { tx.clock_set_back(kHour, kNow - kHour); });
  store_.read([](const View& view) {
    EXPECT_EQ(view.next_due_ms(kNow - kHour), kNow - kHour + 5000);
    EXPECT_TRUE(view.notices_to_resolve(kSource, kNow - kHour + 6999, 10).empty());
    EXPECT_EQ(view.notices_to_resolve(kSource, kNow - kHour + 7000, 10).size(), 1U);
    return 0;
  });
}

TEST_F(Room, ANewFileGivesFreedSpaceBack) {
  for (int i = 0; i < 20; ++i) {
    store_.write([&](Tx& tx) {
      tx.settle_receipt(tx.add_receipt(kSource, kNow, std::string(500'000, 'x')), 1, std::nullopt);
    });
  }
  store_.write([](Tx& tx) { tx.sweep(kNow + 8 * kDay, 100); });
  const Sizes full = store_->sizes();
  EXPECT_GT(full.free_bytes, 8'000'000);
  for (int i = 0; i < 10; ++i) store_.write([](Tx& tx) { tx.give_back_pages(); });
  store_.write([](Tx& tx) { tx.cut_log(); });
  const Sizes small = store_->sizes();
  EXPECT_LT(small.free_bytes, 100'000);
  EXPECT_LT(small.bytes, 2'000'000);
  EXPECT_EQ(small.log_bytes, 0);
}

TEST_F(Room, WithoutRoomOnTheDiskNobodyGoesOn) {
  EXPECT_TRUE(store_->has_room());
  store_->set_disk_low(true);
  EXPECT_FALSE(store_->has_room());
  store_->set_disk_low(false);
  EXPECT_TRUE(store_->has_room());
}

TEST(Committed, TellsWhatBecameDurable) {
  const test::TempDir folder;
  test::ManualClock clock;
  std::vector<Committed> told;
  {
    auto store = Store::open((folder / "s.db").string(), clock,
                             {.observer = [&](const Committed& c) { told.push_back(c); }});
    ASSERT_TRUE(store) << store.error().message;
    (*store)->write(Urgency::live, [](Tx& tx) {
      const RowId id = tx.add_notice(notice("1", Lane::backfill));
      tx.finish_notice(id, NoticeState::delivered, "delivered", kNow + 1500);
      tx.finish_notice(tx.add_notice(notice("2")), NoticeState::unchanged, "", kNow);
      tx.add_delivery(delivery(kNow));
      tx.touch_source(kSource, false, kNow);
      tx.source_error(kSource, ObjectName("companies"), "401", kNow, "unauthorized");
    });
    EXPECT_THROW((*store)->write(Urgency::live,
                                 [](Tx& tx) {
                                   tx.add_delivery(delivery(kNow));
                                   throw StoreError("no");
                                 }),
                 StoreError);
  }
  ASSERT_EQ(told.size(), 2U);
  const Committed& first = told.front();
  EXPECT_FALSE(first.failed);
  EXPECT_EQ(first.operations, 1U);
  ASSERT_EQ(first.delivered.size(), 1U);
  EXPECT_EQ(first.delivered[0].lane, Lane::backfill);
  EXPECT_EQ(first.delivered[0].waited_ms, 1500);
  ASSERT_EQ(first.attempts.size(), 1U);
  EXPECT_EQ(first.attempts[0].outcome, "transient");
  ASSERT_EQ(first.readings.size(), 2U);
  EXPECT_EQ(first.readings[0].trouble, "");
  EXPECT_EQ(first.readings[1].trouble, "unauthorized");
  EXPECT_TRUE(told.back().attempts.empty()) << "what was undone is not told";
}

}  // namespace
}  // namespace assembly_sync::store
