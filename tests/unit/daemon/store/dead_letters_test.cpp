// When dead letters end by themselves: a person is asked to see to what Assembly lacks, and to no
// more.
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "daemon/store/store.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::store {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

RecordRef record_ref(const std::string& id) {
  return {SourceName("hubspot"), ObjectName("companies"), RecordId(id)};
}

class DeadLetters : public testing::Test {
 protected:
  RowId add(const std::string& record, core::NoticeKind kind = core::NoticeKind::upserted) {
    RowId id = 0;
    store_.write([&](Tx& tx) {
      NewNotice n;
      n.ref = record_ref(record);
      n.received_ms = kNow;
      n.kind = kind;
      n.run = run_;
      id = tx.add_notice(n);
    });
    return id;
  }
  /// Planned and ended at once, a moment after all before.
  RowId plan(const std::string& record, NoticeState state) {
    const RowId id = add(record);
    store_.write([&](Tx& tx) { tx.finish_planned(id, state, "as it was", ++now_); });
    return id;
  }
  /// Ended without a look at the record's content.
  RowId die_unread(const std::string& record, core::NoticeKind kind = core::NoticeKind::upserted) {
    const RowId id = add(record, kind);
    store_.write([&](Tx& tx) { tx.finish_notice(id, NoticeState::dead, "unreadable", ++now_); });
    return id;
  }
  NoticeState state_of(RowId id) {
    return store_.read([&](const View& v) { return v.notice(id).value().state; });
  }
  std::int64_t count(NoticeState state) {
    return store_.read([&](const View& v) { return v.totals(); })
        .notices[static_cast<std::size_t>(state)];
  }

  test::TempStore store_;
  std::int64_t now_ = kNow;
  std::optional<RowId> run_;
};

TEST_F(DeadLetters, Invariant2_EndWhenTheirRecordGoesThroughLater) {
  store_.write([&](Tx& tx) {
    store::Run r;
    r.what = "hubspot.companies";
    run_ = tx.add_run(r);
  });
  const RowId others = plan("2", NoticeState::dead);
  RowId dead = plan("1", NoticeState::dead);
  plan("1", NoticeState::ignored);
  EXPECT_EQ(state_of(dead), NoticeState::dead);
  for (const NoticeState state :
       {NoticeState::delivered, NoticeState::unchanged, NoticeState::filtered}) {
    EXPECT_EQ(state_of(plan("1", state)), state);
    EXPECT_EQ(state_of(dead), NoticeState::superseded);
    dead = plan("1", NoticeState::dead);
  }
  store_.write([&](Tx& tx) {
    tx.count_notice(NoticeState::unchanged, record_ref("1"), std::nullopt, ++now_);
  });
  EXPECT_EQ(store_.read([&](const View& v) { return v.notice(dead).value().reason; }),
            "its record went through later; was dead: as it was");
  EXPECT_EQ(state_of(others), NoticeState::dead);
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_EQ(count(NoticeState::superseded), 4);
  const store::Run r = store_.read([&](const View& v) { return v.run(*run_).value(); });
  EXPECT_EQ(r.finals[static_cast<int>(NoticeState::dead)], 1);
  EXPECT_EQ(r.finals[static_cast<int>(NoticeState::superseded)], 4);
}

TEST_F(DeadLetters, OfARecordThatFailsEachTimeAreOne) {
  const RowId unread = die_unread("1");
  const RowId first = plan("1", NoticeState::dead);
  const RowId other = plan("2", NoticeState::dead);
  const RowId second = plan("1", NoticeState::dead);
  EXPECT_EQ(state_of(first), NoticeState::superseded);
  EXPECT_EQ(store_.read([&](const View& v) { return v.notice(first).value().reason; }),
            "its record failed again later; was dead: as it was");
  EXPECT_EQ(state_of(second), NoticeState::dead);
  EXPECT_EQ(state_of(other), NoticeState::dead);
  EXPECT_EQ(state_of(unread), NoticeState::dead) << "what it told was not planned";
  EXPECT_EQ(count(NoticeState::dead), 3);
}

TEST_F(DeadLetters, DoNotEndThemselvesWhenTheClockWasSetBack) {
  const RowId sent = add("1");
  store_.write([&](Tx& tx) { tx.await_changes(sent, now_ += 10'000); });
  store_.write(
      [&](Tx& tx) { tx.finish_notice(sent, NoticeState::dead, "refused", now_ -= 5'000); });
  EXPECT_EQ(state_of(sent), NoticeState::dead);
}

TEST_F(DeadLetters, StayWhenWhatGoesThroughWasPlannedBeforeThem) {
  const RowId sent = add("1");
  store_.write([&](Tx& tx) { tx.await_changes(sent, ++now_); });
  const RowId dead = plan("1", NoticeState::dead);
  store_.write([&](Tx& tx) { tx.finish_notice(sent, NoticeState::delivered, "so", ++now_); });
  EXPECT_EQ(state_of(sent), NoticeState::delivered);
  EXPECT_EQ(state_of(dead), NoticeState::dead) << "Assembly has an older state";
}

TEST_F(DeadLetters, ThatWereNeverReadEndByALaterReadingOnly) {
  const auto mirror = [&](std::int64_t read_ms) {
    store_.write([&](Tx& tx) { tx.put_record({record_ref("1"), "{}", 0, {}}, read_ms, read_ms); });
  };
  mirror(++now_);
  const RowId dead = die_unread("1");
  plan("1", NoticeState::unchanged);  // as a changed mapping does, of what the mirror held before
  EXPECT_EQ(state_of(dead), NoticeState::dead);
  mirror(++now_);
  plan("1", NoticeState::unchanged);
  EXPECT_EQ(state_of(dead), NoticeState::superseded);
}

TEST_F(DeadLetters, OfAnErasureStay) {
  const RowId dead = die_unread("1", core::NoticeKind::erased);
  ++now_;
  store_.write([&](Tx& tx) { tx.put_record({record_ref("1"), "{}", 1, {}}, now_, now_); });
  plan("1", NoticeState::delivered);
  EXPECT_EQ(state_of(dead), NoticeState::dead);
}

}  // namespace
}  // namespace assembly_sync::store
