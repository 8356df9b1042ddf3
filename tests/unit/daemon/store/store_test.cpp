#include "daemon/store/store.hpp"

#include <atomic>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/limits.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::store {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

RecordRef record_ref(const std::string& id, const std::string& object = "companies") {
  return {SourceName("hubspot"), ObjectName(object), RecordId(id)};
}

NewNotice notice(const std::string& id) {
  NewNotice n;
  n.ref = record_ref(id);
  n.event = "company.propertyChange";
  n.received_ms = kNow;
  return n;
}

/// Looks at the file past the store, as an auditor would.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
  }
  ~RawDatabase() { sqlite3_close(handle_); }
  bool accepts(const std::string& sql) {
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  std::int64_t number(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
    sqlite3_step(statement);
    const std::int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* handle_ = nullptr;
};

TEST(Store, KeepsWhatWasWrittenAcrossReopening) {
  test::TempStore store;
  store.write([](Tx& tx) { tx.add_receipt(SourceName("hubspot"), kNow, "[1]"); });
  store.reopen();
  const auto receipts =
      store.read([](const View& v) { return v.receipts_to_decode(SourceName("hubspot"), 10); });
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_EQ(receipts[0].body, "[1]");
}

TEST(Store, IsReadableByItsOwnerOnly) {
  test::TempStore store;
  struct stat info {};
  ASSERT_EQ(stat(store.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(Store, RefusesAFileOfANewerProgram) {
  test::TempStore store;
  const std::string path = store.path();
  store.close();
  RawDatabase(path).accepts("PRAGMA user_version = 999");
  const auto opened = Store::open(path, store.clock());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, OpenError::Kind::too_new);
  EXPECT_NE(opened.error().message.find("999"), std::string::npos);
}

TEST(Store, IsDrainedByOneProcessOnly) {
  test::TempStore store;
  const auto second = Store::open(store.path(), store.clock());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, OpenError::Kind::busy);
  EXPECT_TRUE(Store::open(store.path(), store.clock(), {.exclusive = false}));
}

TEST(Store, OnlyTheHolderOfTheLockMigrates) {
  const test::TempDir folder;
  test::ManualClock clock;
  const auto opened = Store::open((folder / "new.db").string(), clock, {.exclusive = false});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("older schema version 0"), std::string::npos);
}

TEST(Store, ExplainsAFileThatIsNoDatabase) {
  const test::TempDir folder;
  test::write_file(folder / "store.db", std::string(8192, 'x'));
  test::ManualClock clock;
  const auto opened = Store::open((folder / "store.db").string(), clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, OpenError::Kind::broken);
}

TEST(Store, UndoesOnlyTheOperationThatThrew) {
  test::TempStore store;
  EXPECT_THROW(store.write([](Tx& tx) {
    tx.add_receipt(SourceName("a"), kNow, "[]");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  store.write([](Tx& tx) { tx.add_receipt(SourceName("b"), kNow, "[]"); });
  EXPECT_EQ(store.read([](const View& v) { return v.totals().receipts_waiting; }), 1);
}

TEST(StoreConcurrency, EveryWriterFindsItsWriteCommitted) {
  test::TempStore store;
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::atomic<int> missing{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const SourceName mine("source" + std::to_string(t));
        for (int i = 1; i <= kEach; ++i) {
          store.write([&](Tx& tx) { tx.add_receipt(mine, kNow, "[]"); });
          const auto seen =
              store.read([&](const View& v) { return v.receipts_to_decode(mine, 1000); });
          if (static_cast<int>(seen.size()) != i) ++missing;
        }
      });
    }
  }
  EXPECT_EQ(missing, 0);
  EXPECT_EQ(store.read([](const View& v) { return v.totals().receipts_waiting; }),
            kThreads * kEach);
}

TEST(Store, ChecksRefuseStatesThatMustNotExist) {
  test::TempStore store;
  store.write([](Tx& tx) { tx.ensure_entity(EntityKind::company, Key("k")); });
  RawDatabase raw(store.path());
  // An open notice that is finished, a finished one without a reason, one without a stage.
  EXPECT_FALSE(raw.accepts(
      "INSERT INTO notice (source,object,record,kind,lane,event,occurred_ms,"
      "received_ms,state,stage,finished_ms) VALUES ('s','o','r',0,0,'e',0,0,'open','read',5)"));
  EXPECT_FALSE(
      raw.accepts("INSERT INTO notice (source,object,record,kind,lane,event,occurred_ms,"
                  "received_ms,state,finished_ms) VALUES ('s','o','r',0,0,'e',0,0,'dead',5)"));
  EXPECT_FALSE(
      raw.accepts("INSERT INTO notice (source,object,record,kind,lane,event,occurred_ms,"
                  "received_ms) VALUES ('s','o','r',0,0,'e',0,0)"));
  // In flight without a lease, pending with one, in flight and waiting.
  const std::string change =
      "INSERT INTO change (entity,action,lane,due_ms,wanted,mapping,created_ms,";
  EXPECT_FALSE(raw.accepts(change + "state) VALUES (1,0,0,0,'{}','m',0,'in_flight')"));
  EXPECT_FALSE(raw.accepts(change + "lease,lease_ms) VALUES (1,0,0,0,'{}','m',0,'l',1)"));
  EXPECT_FALSE(raw.accepts(
      change + "state,lease,lease_ms,wait) VALUES (1,0,0,0,'{}','m',0,'in_flight','l',1,1)"));
  // Present in Assembly without an id, an empty key, an unknown state.
  EXPECT_FALSE(raw.accepts("UPDATE entity SET present = 1"));
  EXPECT_FALSE(raw.accepts("INSERT INTO entity (kind,key) VALUES (0,'')"));
  EXPECT_FALSE(
      raw.accepts("INSERT INTO receipt (source,received_ms,body,state) VALUES ('s',0,'','new')"));
  // And the good ones are good.
  EXPECT_TRUE(
      raw.accepts(change + "state,lease,lease_ms) VALUES (1,0,0,0,'{}','m',0,'in_flight','l',1)"));
}

// I4: the outbox itself can't hold two pending or two in-flight changes of one entity.
TEST(Store, Invariant4_AnEntityHasAtMostOnePendingAndOneInFlight) {
  test::TempStore store;
  store.write([](Tx& tx) { tx.ensure_entity(EntityKind::company, Key("k")); });
  RawDatabase raw(store.path());
  const std::string pending =
      "INSERT INTO change (entity,action,lane,due_ms,wanted,mapping,created_ms) VALUES "
      "(1,0,0,0,'{}','m',0)";
  EXPECT_TRUE(raw.accepts(pending));
  EXPECT_FALSE(raw.accepts(pending));
  const std::string in_flight =
      "INSERT INTO change "
      "(entity,action,lane,due_ms,wanted,mapping,created_ms,state,lease,lease_ms) "
      "VALUES (1,0,0,0,'{}','m',0,'in_flight','l',1)";
  EXPECT_TRUE(raw.accepts(in_flight));
  EXPECT_FALSE(raw.accepts(in_flight));
}

// I2: the first final state of a notice stands.
TEST(Store, Invariant2_ANoticeEndsOnce) {
  test::TempStore store;
  store.write([](Tx& tx) {
    const RowId id = tx.add_notice(notice("1"));
    tx.finish_notice(id, NoticeState::filtered, "why", kNow);
    tx.finish_notice(id, NoticeState::dead, "later", kNow);
  });
  const Totals totals = store.read([](const View& v) { return v.totals(); });
  EXPECT_EQ(totals.notices[static_cast<int>(NoticeState::filtered)], 1);
  EXPECT_EQ(totals.notices[static_cast<int>(NoticeState::dead)], 0);
  EXPECT_EQ(totals.notices[static_cast<int>(NoticeState::open)], 0);
}

TEST(Store, OneReadingAnswersAllOpenNoticesOfARecord) {
  test::TempStore store;
  store.write([](Tx& tx) {
    for (int i = 0; i < 3; ++i) {
      NewNotice n = notice("1");
      if (i == 0) n.kind = NoticeKind::erased;
      tx.supersede_unread(n.ref, tx.add_notice(n), kNow);
    }
  });
  const auto open = store.read(
      [](const View& v) { return v.notices_to_resolve(SourceName("hubspot"), kNow, 100); });
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].kind, NoticeKind::erased) << "the erasure among them was forgotten";
  EXPECT_EQ(store.read([](const View& v) {
    return v.totals().notices[static_cast<int>(NoticeState::superseded)];
  }),
            2);
}

TEST(Store, AnOlderReadingNeverReplacesANewerOne) {
  test::TempStore store;
  const auto put = [&](std::int64_t version, const std::string& json) {
    bool stored = false;
    store.write([&](Tx& tx) {
      stored = tx.put_record({record_ref("1"), json, version, {}}, kNow, kNow);
    });
    return stored;
  };
  EXPECT_TRUE(put(5, "{\"v\":5}"));
  EXPECT_FALSE(put(4, "{\"v\":4}"));
  EXPECT_TRUE(put(5, "{\"v\":55}"));
  EXPECT_EQ(store.read([](const View& v) { return v.record(record_ref("1"))->json; }),
            "{\"v\":55}");
}

// An association may change without moving the modified date.
TEST(Store, Invariant4_OfTwoReadingsOfOneVersionTheLaterStands) {
  test::TempStore store;
  const auto put = [&](const std::string& json, std::int64_t read_ms, std::int64_t now_ms) {
    bool stored = false;
    store.write([&](Tx& tx) {
      stored = tx.put_record({record_ref("1"), json, 5, {}}, read_ms, now_ms);
    });
    return stored;
  };
  EXPECT_TRUE(put(R"({"company":"new"})", kNow + 1000, kNow + 1500));
  EXPECT_FALSE(put(R"({"company":"old"})", kNow, kNow + 2000)) << "its page was fetched before";
  EXPECT_TRUE(put(R"({"company":"newest"})", kNow + 1000, kNow + 3000));
  EXPECT_TRUE(put("{}", kNow - 5000, kNow - 4000)) << "the clock was ahead and was put right";
}

TEST(Store, TheQuarantineIsBounded) {
  test::TempStore store;
  store.write([](Tx& tx) {
    for (std::size_t i = 0; i < core::limits::kQuarantineRows + 20; ++i) {
      tx.quarantine({SourceName("s"), kNow, "bad", "", ""});
    }
  });
  EXPECT_EQ(store.read([](const View& v) { return v.totals().quarantined; }),
            static_cast<std::int64_t>(core::limits::kQuarantineRows));
}

class Outbox : public testing::Test {
 protected:
  RowId entity(const std::string& key, EntityKind kind = EntityKind::company) {
    RowId id = 0;
    store_.write([&](Tx& tx) { id = tx.ensure_entity(kind, Key(key)).id; });
    return id;
  }
  RowId put(RowId entity, const std::string& wanted, Lane lane = Lane::live) {
    RowId id = 0;
    store_.write([&](Tx& tx) {
      Change change;
      change.entity = entity;
      change.wanted = wanted;
      change.lane = lane;
      change.due_ms = kNow;
      id = tx.put_change(change, kNow);
    });
    return id;
  }
  std::optional<Claim> claim(std::int64_t now = kNow) {
    std::optional<Claim> claim;
    store_.write([&](Tx& tx) { claim = tx.claim(now, "lease"); });
    return claim;
  }
  Totals totals() {
    return store_.read([](const View& v) { return v.totals(); });
  }
  test::TempStore store_;
};

TEST_F(Outbox, NewestWantedStateReplacesThePendingOne) {
  const RowId e = entity("k");
  RowId old_notice = 0;
  store_.write([&](Tx& tx) { old_notice = tx.add_notice(notice("1")); });
  const RowId first = put(e, "{\"a\":1}");
  store_.write([&](Tx& tx) { tx.link(old_notice, first); });
  put(e, "{\"a\":2}");
  EXPECT_EQ(claim()->change.wanted, "{\"a\":2}");
  EXPECT_EQ(totals().notices[static_cast<int>(NoticeState::superseded)], 1);
}

TEST_F(Outbox, AChangeInFlightIsNeverTouchedByANewerOne) {
  const RowId e = entity("k");
  put(e, "{\"a\":1}");
  const auto first = claim();
  put(e, "{\"a\":2}");
  EXPECT_FALSE(claim()) << "the entity is busy";
  store_.write(
      [&](Tx& tx) { tx.close_change(first->change.id, NoticeState::delivered, "d", kNow); });
  EXPECT_EQ(claim()->change.wanted, "{\"a\":2}");
}

TEST_F(Outbox, TheLiveLaneGoesFirst) {
  put(entity("backfill"), "{\"n\":1}", Lane::backfill);
  put(entity("retry"), "{\"n\":2}", Lane::retry);
  put(entity("live"), "{\"n\":3}", Lane::live);
  EXPECT_EQ(claim()->change.wanted, "{\"n\":3}");
  EXPECT_EQ(claim()->change.wanted, "{\"n\":2}");
  EXPECT_EQ(claim()->change.wanted, "{\"n\":1}");
}

TEST_F(Outbox, WhatIsNotDueYetWaits) {
  const RowId e = entity("k");
  const RowId id = put(e, "{}");
  const auto taken = claim();
  store_.write([&](Tx& tx) { tx.return_change(id, Lane::retry, kNow + 500, 1, kNow); });
  EXPECT_FALSE(claim(kNow + 499));
  EXPECT_EQ(store_.read([](const View& v) { return v.next_due_ms(kNow); }), kNow + 500);
  const auto again = claim(kNow + 500);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->change.attempts, 1);
}

TEST_F(Outbox, AReturnedChangeGivesWayToANewerOneWithItsAttempts) {
  const RowId e = entity("k");
  const RowId first = put(e, "{\"a\":1}");
  claim();
  put(e, "{\"a\":2}");
  store_.write([&](Tx& tx) { tx.return_change(first, Lane::retry, kNow + 100, 3, kNow); });
  EXPECT_FALSE(claim(kNow + 99));
  const auto next = claim(kNow + 100);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->change.wanted, "{\"a\":2}");
  EXPECT_EQ(next->change.attempts, 3);
  EXPECT_EQ(totals().in_flight, 1);
}

// I5
TEST_F(Outbox, Invariant5_AContactIsNotClaimedBeforeItsCompanyIsPresent) {
  const RowId company = entity("company");
  const RowId contact = entity("contact", EntityKind::contact);
  store_.write([&](Tx& tx) {
    Entity row = tx.entity(contact).value();
    row.parent = company;
    tx.update_entity(row);
  });
  put(contact, "{}");
  EXPECT_FALSE(claim());
  store_.write([&](Tx& tx) {
    Entity row = tx.entity(company).value();
    row.present = true;
    row.assembly_id = AssemblyId("a1");
    tx.update_entity(row);
    for (const Change& child : tx.waiting_children(company)) tx.set_wait(child.id, Wait::nothing);
  });
  const auto claimed = claim();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->parent_id, AssemblyId("a1"));
}

TEST_F(Outbox, ANoticeWithTwoChangesEndsWithTheWorseOfTheirEnds) {
  const RowId a = put(entity("a"), "{}");
  const RowId b = put(entity("b"), "{}");
  store_.write([&](Tx& tx) {
    const RowId n = tx.add_notice(notice("1"));
    tx.link(n, a);
    tx.link(n, b);
    tx.await_changes(n, kNow);
    tx.close_change(a, NoticeState::dead, "refused", kNow);
  });
  EXPECT_EQ(totals().notices[static_cast<int>(NoticeState::open)], 1);
  store_.write([&](Tx& tx) { tx.close_change(b, NoticeState::delivered, "delivered", kNow); });
  EXPECT_EQ(totals().notices[static_cast<int>(NoticeState::dead)], 1);
  const auto dead = store_.read([](const View& v) { return v.dead_notices(10); });
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, "refused");
}

// I2: whatever happens, the counters are what counting the tables would give.
TEST_F(Outbox, Invariant2_CountersAddUpAfterRandomOperations) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    std::mt19937 random(seed);
    std::vector<RowId> claimed;
    for (int step = 0; step < 400; ++step) {
      store_.write([&](Tx& tx) {
        const auto pick = [&](int n) {
          return static_cast<int>(random() % static_cast<unsigned>(n));
        };
        switch (pick(6)) {
          case 0: {
            const RowId n = tx.add_notice(notice(std::to_string(pick(20))));
            Change change;
            change.entity =
                tx.ensure_entity(EntityKind::company, Key("k" + std::to_string(pick(15)))).id;
            change.wanted = std::to_string(step);
            change.lane = static_cast<Lane>(pick(3));
            change.due_ms = kNow;
            tx.link(n, tx.put_change(change, kNow));
            tx.await_changes(n, kNow);
            break;
          }
          case 1:
            if (const auto c = tx.claim(kNow, "l")) claimed.push_back(c->change.id);
            break;
          case 2:
            if (!claimed.empty()) {
              tx.close_change(claimed.back(), static_cast<NoticeState>(1 + pick(8)), "r", kNow);
              claimed.pop_back();
            }
            break;
          case 3:
            if (!claimed.empty()) {
              tx.return_change(claimed.back(), Lane::retry, kNow, 1, kNow);
              claimed.pop_back();
            }
            break;
          case 4:
            tx.count_notice(NoticeState::unchanged, record_ref("x"), std::nullopt, kNow);
            break;
          case 5:
            tx.supersede_unread(record_ref(std::to_string(pick(20))), tx.add_notice(notice("x")),
                                kNow);
            break;
        }
      });
    }
    for (const RowId id : claimed) {
      store_.write([&](Tx& tx) { tx.return_change(id, Lane::live, kNow, 0, kNow); });
    }
  }
  const Totals counted = totals();
  RawDatabase raw(store_.path());
  for (int i = 0; i < kNoticeStateCount; ++i) {
    const auto state = static_cast<NoticeState>(i);
    if (state == NoticeState::unchanged) continue;  // also counted without a row
    EXPECT_EQ(counted.notices[static_cast<std::size_t>(i)],
              raw.number("SELECT count(*) FROM notice WHERE state = '" +
                         std::string(to_text(state)) + "'"))
        << to_text(state);
  }
  for (int lane = 0; lane < core::kLaneCount; ++lane) {
    EXPECT_EQ(counted.pending[static_cast<std::size_t>(lane)],
              raw.number("SELECT count(*) FROM change WHERE state = 'pending' AND lane = " +
                         std::to_string(lane)));
  }
  EXPECT_EQ(counted.in_flight, raw.number("SELECT count(*) FROM change WHERE state = 'in_flight'"));
  EXPECT_EQ(raw.number("SELECT count(*) FROM notice n WHERE state <> 'open' AND EXISTS "
                       "(SELECT 1 FROM notice_change l WHERE l.notice = n.id)"),
            0);
}

// I8: what a page stored and how far it was read are one transaction.
TEST(Store, Invariant8_ACursorMovesOnlyWithWhatItPassed) {
  test::TempStore store;
  EXPECT_THROW(store.write([](Tx& tx) {
    tx.put_record({record_ref("1"), "{}", 1, {}}, kNow, kNow);
    tx.set_cursor("stream", "100");
    throw std::runtime_error("killed");
  }),
               std::runtime_error);
  EXPECT_FALSE(store.read([](const View& v) { return v.cursor("stream"); }));
  EXPECT_FALSE(store.read([](const View& v) { return v.record(record_ref("1")); }));
}

TEST(Store, ARunCountsWhatBecameOfItsRecords) {
  test::TempStore store;
  RowId run = 0;
  store.write([&](Tx& tx) {
    store::Run r;
    r.what = "hubspot.companies";
    run = tx.add_run(r);
    NewNotice n = notice("1");
    n.run = run;
    const RowId id = tx.add_notice(n);
    tx.count_notice(NoticeState::unchanged, record_ref("2"), run, kNow);
    tx.add_run_progress(run, 2, 1);
    EXPECT_EQ(tx.run(run)->open, 1);
    tx.finish_notice(id, NoticeState::delivered, "d", kNow);
  });
  const store::Run r = store.read([&](const View& v) { return v.run(run).value(); });
  EXPECT_EQ(r.open, 0);
  EXPECT_EQ(r.finals[static_cast<int>(NoticeState::delivered)], 1);
  EXPECT_EQ(r.finals[static_cast<int>(NoticeState::unchanged)], 1);
  EXPECT_EQ(r.records, 2);
  EXPECT_EQ(r.bad_rows, 1);
}

TEST(Store, ACatalogueIsKeptUntilANewerOneComes) {
  test::TempStore store;
  const ObjectName companies("companies");
  const auto kept = [&] {
    return store.read([&](const View& v) { return v.catalogue(SourceName("s"), companies); });
  };
  EXPECT_FALSE(kept());
  for (const char* body : {"{}", R"({"a":1})"}) {
    store.write([&](Tx& tx) { tx.put_catalogue(SourceName("s"), companies, {body, kNow}); });
    store.reopen();
    ASSERT_TRUE(kept());
    EXPECT_EQ(kept()->body, body);
    EXPECT_EQ(kept()->read_ms, kNow);
  }
  EXPECT_FALSE(store.read([&](const View& v) { return v.catalogue(SourceName("t"), companies); }));
}

TEST(Store, TheSweepRemovesOldSettledRowsAndKeepsOpenAndDeadOnes) {
  test::TempStore store;
  store.write([](Tx& tx) {
    tx.finish_notice(tx.add_notice(notice("1")), NoticeState::delivered, "d", kNow);
    tx.finish_notice(tx.add_notice(notice("2")), NoticeState::dead, "x", kNow);
    tx.add_notice(notice("3"));
    const RowId receipt = tx.add_receipt(SourceName("s"), kNow, "[]");
    tx.settle_receipt(receipt, 1, std::nullopt);
    tx.add_receipt(SourceName("s"), kNow, "[]");
  });
  std::int64_t removed = 0;
  store.write([&](Tx& tx) { removed = tx.sweep(kNow + 8LL * 86'400'000, 100); });
  EXPECT_EQ(removed, 2);
  RawDatabase raw(store.path());
  EXPECT_EQ(raw.number("SELECT count(*) FROM notice"), 2);
  EXPECT_EQ(raw.number("SELECT count(*) FROM receipt"), 1);
}

}  // namespace
}  // namespace assembly_sync::store
