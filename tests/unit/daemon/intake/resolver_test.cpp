#include "daemon/intake/resolver.hpp"

#include <gmock/gmock.h>

#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using store::EntityKind;
using testing::ElementsAre;
using testing::HasSubstr;

class ResolverTest : public testing::Test {
 protected:
  ResolverTest()
      : crm_(std::make_shared<ScriptedCrm>()),
        mapper_(sample_rules()),
        log_(telemetry::LogStyle::quiet),
        resolver_({kSource, crm_, mapper_, *store_, transport_, store_.clock(), log_}) {}

  std::int64_t now() { return core::to_ms(store_.clock().wall_now()); }
  void receive(const std::string& body) {
    store_.write([&](store::Tx& tx) { tx.add_receipt(kSource, now(), body); });
  }
  void work() {
    for (int i = 0; i < 100 && resolver_.work(); ++i) {
    }
  }
  std::optional<store::Change> pending(const std::string& key,
                                       EntityKind kind = EntityKind::company) {
    return store_.read([&](const store::View& view) -> std::optional<store::Change> {
      const auto entity = view.entity(kind, core::Key(key));
      if (!entity) return std::nullopt;
      return view.pending_of(entity->id);
    });
  }
  std::optional<store::MirroredRecord> mirrored(const std::string& id) {
    return store_.read([&](const store::View& view) {
      return view.record({kSource, core::ObjectName("companies"), core::RecordId(id)});
    });
  }
  std::string reason_of_the_dead() {
    const auto dead = store_.read([](const store::View& view) { return view.dead_notices(1); });
    return dead.empty() ? "" : dead.front().reason;
  }
  std::int64_t receipts_waiting() {
    return store_.read([](const store::View& view) { return view.totals().receipts_waiting; });
  }
  void put_company(const std::string& id, const std::string& name,
                   core::RecordVersion version = 1) {
    crm_->put(record("companies", id, version,
                     R"("name":")" + name + R"(","domain":"c)" + id + R"(.test")"));
  }
  /// As if it had been delivered.
  void deliver(const std::string& key) {
    store_.write([&](store::Tx& tx) {
      store::Entity entity = tx.entity(EntityKind::company, core::Key(key)).value();
      const store::Change change = tx.pending_of(entity.id).value();
      entity.present = true;
      entity.assembly_id = core::AssemblyId("id-" + key);
      entity.known = change.wanted;
      tx.update_entity(entity);
      tx.close_change(change.id, NoticeState::delivered, "delivered", now());
    });
  }

  test::TempStore store_;
  Ends ended_{store_};
  std::shared_ptr<ScriptedCrm> crm_;
  const Mapper mapper_;
  NoTransport transport_;
  telemetry::Log log_;
  Resolver resolver_;
};

TEST_F(ResolverTest, ReadsTheRecordsOfAReceiptInOneCallAndPlansThem) {
  put_company("1", "One");
  put_company("2", "Two");
  receive(R"([{"id":"1"},{"id":"2"}])");
  work();
  EXPECT_THAT(crm_->reads(), ElementsAre(ElementsAre("1", "2")));
  EXPECT_TRUE(pending("company-1"));
  EXPECT_TRUE(pending("company-2"));
  EXPECT_EQ(receipts_waiting(), 0);
  EXPECT_EQ(ended_(NoticeState::open), 2);
  EXPECT_FALSE(resolver_.work()) << "nothing is left to do";
}

TEST_F(ResolverTest, ManyNoticesOfOneRecordAreOneReading) {
  put_company("1", "One");
  receive(R"([{"id":"1"},{"id":"1"},{"id":"1"}])");
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_EQ(crm_->reads().size(), 1u);
  EXPECT_EQ(ended_(NoticeState::superseded), 3);
  EXPECT_EQ(ended_(NoticeState::open), 1);
}

TEST_F(ResolverTest, WhatNoMappingReadsIsIgnoredWithoutACall) {
  receive(R"([{"id":"1","object":"deals"},{"id":"2","kind":"unknown"}])");
  work();
  EXPECT_TRUE(crm_->reads().empty());
  EXPECT_EQ(ended_(NoticeState::ignored), 2);
}

TEST_F(ResolverTest, ABodyThatCanNoLongerBeReadIsSettledAndTheNextGoesOn) {
  put_company("1", "One");
  receive("not JSON");
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_EQ(receipts_waiting(), 0);
  EXPECT_TRUE(pending("company-1"));
}

TEST_F(ResolverTest, ADecoderThatThrowsDoesNotHoldUpTheNextReceipt) {
  put_company("1", "One");
  int calls = 0;
  crm_->on_decode = [&] {
    if (++calls == 1) throw std::runtime_error("unforeseen");
  };
  receive("[]");
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_EQ(receipts_waiting(), 0);
  EXPECT_TRUE(pending("company-1"));
}

TEST_F(ResolverTest, AMergedIdIsFollowedToItsSurvivor) {
  put_company("1", "Old");
  receive(R"([{"id":"1"}])");
  work();
  crm_->records.clear();
  put_company("9", "Survivor", 2);
  crm_->survivors["companies 1"] = "9";
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_TRUE(pending("company-9"));
  EXPECT_EQ(mirrored("1")->state, store::RecordState::merged);
  EXPECT_THAT(mirrored("9")->json, HasSubstr("Survivor"));
}

// I10
TEST_F(ResolverTest, Invariant10_MissingAloneIsNotDeleted) {
  put_company("1", "One");
  receive(R"([{"id":"1"}])");
  work();
  deliver("company-1");
  crm_->records.clear();
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_FALSE(pending("company-1"));
  EXPECT_EQ(ended_(NoticeState::ignored), 1);
  EXPECT_EQ(mirrored("1")->state, store::RecordState::present);
}

// I10
TEST_F(ResolverTest, Invariant10_MissingAndAnnouncedOrInTheBinIsDeleted) {
  for (const char* id : {"1", "2"}) {
    put_company(id, "Some");
    receive(std::string(R"([{"id":")") + id + "\"}]");
    work();
    deliver(std::string("company-") + id);
  }
  crm_->records.clear();
  crm_->missing["companies 2"] = true;  // in the recycle bin
  receive(R"([{"id":"1","kind":"deleted"},{"id":"2"}])");
  work();
  for (const char* key : {"company-1", "company-2"}) {
    ASSERT_TRUE(pending(key)) << key;
    EXPECT_EQ(pending(key)->action, store::Action::remove);
  }
  EXPECT_EQ(mirrored("1")->state, store::RecordState::deleted);
}

TEST_F(ResolverTest, ADeletionIsNotForgottenWhenALaterEventCameFirst) {
  put_company("1", "One");
  receive(R"([{"id":"1"}])");
  work();
  deliver("company-1");
  crm_->records.clear();
  receive(R"([{"id":"1","kind":"deleted"},{"id":"1"}])");
  work();
  ASSERT_TRUE(pending("company-1"));
  EXPECT_EQ(pending("company-1")->action, store::Action::remove);
}

TEST_F(ResolverTest, AnAnnouncedDeletionOfALivingRecordIsAReading) {
  put_company("1", "Restored");
  receive(R"([{"id":"1","kind":"deleted"}])");
  work();
  EXPECT_EQ(pending("company-1")->action, store::Action::upsert);
}

TEST_F(ResolverTest, AnErasedRecordLeavesTheMirror) {
  put_company("1", "One");
  receive(R"([{"id":"1"}])");
  work();
  crm_->records.clear();
  receive(R"([{"id":"1","kind":"erased"},{"id":"1"}])");
  work();
  EXPECT_FALSE(mirrored("1"));
}

TEST_F(ResolverTest, APassingTroubleIsTriedAgainAndNeverGivenUp) {
  put_company("1", "One");
  bool down = true;
  crm_->read_fails = [&](const auto&) -> std::optional<ReadError> {
    if (!down) return std::nullopt;
    return ReadError{ReadError::Kind::transient, {}, "CRM answered 503"};
  };
  receive(R"([{"id":"1"}])");
  for (int i = 0; i < 20; ++i) {
    work();
    store_.clock().advance(10min);
  }
  EXPECT_EQ(crm_->reads().size(), 20u);
  EXPECT_EQ(ended_(NoticeState::open), 1);
  EXPECT_TRUE(store_.read([](const store::View& v) { return v.activity(kSource); }).last_error_ms);
  down = false;
  work();
  EXPECT_TRUE(pending("company-1"));
  EXPECT_FALSE(store_.read([](const store::View& v) { return v.activity(kSource); }).last_error_ms);
}

TEST_F(ResolverTest, OneRecordThatTheCrmCannotGiveDoesNotHoldUpItsBatch) {
  std::string body;
  for (int i = 1; i <= 20; ++i) {
    const std::string id = std::to_string(i);
    put_company(id, "One");
    body += std::string(body.empty() ? "[" : ",") + R"({"id":")" + id + "\"}";
  }
  crm_->read_fails = [&](const std::vector<core::RecordId>& ids) -> std::optional<ReadError> {
    const bool poisoned = std::find(ids.begin(), ids.end(), core::RecordId("7")) != ids.end();
    if (!poisoned) return std::nullopt;
    return ReadError{ReadError::Kind::transient, {}, "CRM answered 500"};
  };
  receive(body + "]");
  for (int i = 0; i < 6; ++i) {
    work();
    store_.clock().advance(10min);
  }
  EXPECT_EQ(ended_(NoticeState::open), 20) << "one waits to be read, nineteen to be sent";
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(pending("company-" + std::to_string(i)).has_value(), i != 7) << i;
  }
}

TEST_F(ResolverTest, WhatWasReadBeforeALimitCounts) {
  std::string body;
  for (int i = 1; i <= 20; ++i) {
    put_company(std::to_string(i), "One");
    body += std::string(body.empty() ? "[" : ",") + R"({"id":")" + std::to_string(i) + "\"}";
  }
  crm_->stops_after = 6;
  receive(body + "]");
  for (int i = 0; i < 4; ++i) {
    work();
    EXPECT_EQ(crm_->reads().size(), static_cast<std::size_t>(i) + 1) << "it is left alone then";
    store_.clock().advance(60s);
  }
  for (int i = 1; i <= 20; ++i) EXPECT_TRUE(pending("company-" + std::to_string(i))) << i;
}

TEST_F(ResolverTest, ARefusalBehindWhatWasReadIsThatOfOneRecordOnly) {
  std::string body;
  for (int i = 1; i <= 9; ++i) {
    put_company(std::to_string(i), "One");
    body += std::string(body.empty() ? "[" : ",") + R"({"id":")" + std::to_string(i) + "\"}";
  }
  bool down = true;
  crm_->read_fails = [&](const std::vector<core::RecordId>& ids) -> std::optional<ReadError> {
    if (down) return ReadError{ReadError::Kind::transient, {}, "CRM answered 503"};
    if (ids.front().str() != "4") return std::nullopt;
    return ReadError{ReadError::Kind::rejected, {}, "CRM answered 422"};
  };
  crm_->stops_at = "4";
  receive(body + "]");
  for (int i = 0; i < 6; ++i) {  // long enough for the last refusal that counts
    work();
    store_.clock().advance(10min);
  }
  down = false;
  for (int i = 0; i < 8; ++i) {
    work();
    store_.clock().advance(10min);
  }
  for (int i = 1; i <= 9; ++i) {
    EXPECT_EQ(pending("company-" + std::to_string(i)).has_value(), i != 4) << i;
  }
  EXPECT_EQ(ended_(NoticeState::dead), 1);
  EXPECT_THAT(reason_of_the_dead(), HasSubstr("CRM answered 422"));
}

TEST_F(ResolverTest, ASourceThatIsDownIsNotAskedForEachRecord) {
  std::string body;
  for (int i = 1; i <= 20; ++i) {
    put_company(std::to_string(i), "One");
    body += std::string(body.empty() ? "[" : ",") + R"({"id":")" + std::to_string(i) + "\"}";
  }
  crm_->read_fails = [&](const auto&) -> std::optional<ReadError> {
    return ReadError{ReadError::Kind::transient, {}, "CRM answered 503"};
  };
  receive(body + "]");
  for (int i = 0; i < 10; ++i) {
    work();
    store_.clock().advance(10min);
  }
  EXPECT_LE(crm_->reads().size(), 2u + 8u * 2u) << "the batch, and one of it alone";
}

TEST_F(ResolverTest, AThrottledSourceIsLeftAloneForAsLongAsItAsks) {
  put_company("1", "One");
  put_company("2", "Two");
  bool first = true;
  crm_->read_fails = [&](const auto&) -> std::optional<ReadError> {
    if (!std::exchange(first, false)) return std::nullopt;
    return ReadError{ReadError::Kind::throttled, 20s, "CRM answered 429"};
  };
  receive(R"([{"id":"1"}])");
  work();
  receive(R"([{"id":"2"}])");
  work();
  EXPECT_EQ(crm_->reads().size(), 1u) << "another record would only make it worse";
  EXPECT_EQ(receipts_waiting(), 0) << "decoding goes on";
  store_.clock().advance(20s);
  work();
  EXPECT_TRUE(pending("company-1"));
  EXPECT_TRUE(pending("company-2"));
}

TEST_F(ResolverTest, ARefusedCredentialStopsTheSourceAndLosesNothing) {
  put_company("1", "One");
  bool refused = true;
  crm_->read_fails = [&](const auto&) -> std::optional<ReadError> {
    if (!refused) return std::nullopt;
    return ReadError{ReadError::Kind::unauthorized, {}, "CRM answered 401"};
  };
  receive(R"([{"id":"1"}])");
  for (int i = 0; i < 30; ++i) {
    work();
    store_.clock().advance(1s);
  }
  EXPECT_EQ(crm_->reads().size(), 1u) << "seldom";
  for (int i = 0; i < 50; ++i) {
    work();
    store_.clock().advance(1min);
  }
  EXPECT_EQ(ended_(NoticeState::open), 1);
  refused = false;
  work();
  EXPECT_TRUE(pending("company-1"));
}

TEST_F(ResolverTest, AnIdThatTheCrmRefusesEndsDeadAndHoldsUpNobody) {
  put_company("1", "One");
  crm_->read_fails = [&](const std::vector<core::RecordId>& ids) -> std::optional<ReadError> {
    for (const core::RecordId& id : ids) {
      if (id.str() == "bad") return ReadError{ReadError::Kind::rejected, {}, "CRM answered 400"};
    }
    return std::nullopt;
  };
  receive(R"([{"id":"bad"},{"id":"1"}])");
  work();
  EXPECT_TRUE(pending("company-1"));
  for (int i = 0; i < 10; ++i) {
    store_.clock().advance(10min);
    work();
  }
  EXPECT_EQ(ended_(NoticeState::dead), 1);
  EXPECT_THAT(reason_of_the_dead(), HasSubstr("CRM answered 400"));
  const auto reads = crm_->reads();
  EXPECT_EQ(std::count(reads.begin(), reads.end(), std::vector<std::string>{"bad"}), 5);
}

TEST_F(ResolverTest, AContactBringsItsUnknownCompanyAndGoesAfterIt) {
  put_company("5", "Five");
  core::Record contact =
      record("contacts", "7", 1, R"("name":"N","mail":"n@c.test","company":"5")");
  contact.related.push_back({{}, core::ObjectName("companies"), core::RecordId("5")});
  crm_->put(std::move(contact));
  receive(R"([{"object":"contacts","id":"7"}])");
  work();
  EXPECT_THAT(crm_->reads(), ElementsAre(ElementsAre("7"), ElementsAre("5")));
  EXPECT_TRUE(pending("company-5"));
  EXPECT_EQ(pending("contact-7", EntityKind::contact)->wait, store::Wait::parent);
}

TEST_F(ResolverTest, AContactOfACompanyThatIsNotSyncedIsOrphanedAndRecalledFromTheMirror) {
  crm_->put(record("companies", "5", 1, R"("name":"Five","domain":"c5.test","kind":"prospect")"));
  core::Record contact =
      record("contacts", "7", 1, R"("name":"N","mail":"n@c.test","company":"5")");
  contact.related.push_back({{}, core::ObjectName("companies"), core::RecordId("5")});
  crm_->put(std::move(contact));
  receive(R"([{"object":"contacts","id":"7"}])");
  work();
  EXPECT_EQ(ended_(NoticeState::orphaned), 1);
  EXPECT_EQ(ended_(NoticeState::open), 0);
  crm_->put(record("companies", "5", 2, R"("name":"Five","domain":"c5.test","kind":"customer")"));
  receive(R"([{"id":"5"}])");
  work();
  EXPECT_TRUE(pending("contact-7", EntityKind::contact));
  EXPECT_EQ(crm_->reads().size(), 3u) << "the contact was not read again";
}

// I4
TEST_F(ResolverTest, Invariant4_AnOlderReadingThanTheMirrorChangesNothing) {
  put_company("1", "New", 9);
  receive(R"([{"id":"1"}])");
  work();
  put_company("1", "Old", 8);
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_THAT(pending("company-1")->wanted, HasSubstr("New"));
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
}

// I4
TEST_F(ResolverTest, Invariant4_AReadingThatBeganBeforeANewerOneChangesNothing) {
  put_company("1", "Stale", 1);
  crm_->on_read = [&] {
    // Meanwhile somebody else reads the same version, with what changes without moving it.
    store_.clock().advance(1s);
    store_.write([&](store::Tx& tx) {
      core::Record fresh = record("companies", "1", 1, R"("name":"Fresh","domain":"c1.test")");
      fresh.ref.source = kSource;
      tx.put_record(fresh, now(), now());
    });
  };
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_THAT(mirrored("1")->json, HasSubstr("Fresh"));
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
}

TEST_F(ResolverTest, AMappingThatRefusesARecordMakesADeadLetterWithoutItsValue) {
  crm_->put(
      record("companies", "1", 1, R"("name":"One","domain":"c1.test","seats":"a secret value")"));
  receive(R"([{"id":"1"}])");
  work();
  EXPECT_EQ(ended_(NoticeState::dead), 1);
  EXPECT_THAT(reason_of_the_dead(), HasSubstr("number_of_seats"));
  EXPECT_THAT(reason_of_the_dead(), testing::Not(HasSubstr("secret")));
}

TEST_F(ResolverTest, WhatCanNotBePlannedEndsDeadAndHoldsUpNobody) {
  put_company("1", "One");
  put_company("2", "Two");
  // A state that a damaged disk left: reading it throws.
  store_.write([&](store::Tx& tx) {
    store::Entity broken = tx.ensure_entity(EntityKind::company, core::Key("company-1"));
    broken.present = true;
    broken.assembly_id = core::AssemblyId("a1");
    broken.known = "damaged";
    tx.update_entity(broken);
  });
  receive(R"([{"id":"1"},{"id":"2"}])");
  work();
  EXPECT_TRUE(pending("company-2"));
  for (int i = 0; i < 10; ++i) {
    store_.clock().advance(10min);
    work();
  }
  EXPECT_EQ(ended_(NoticeState::dead), 1);
  EXPECT_EQ(ended_(NoticeState::open), 1);
}

TEST_F(ResolverTest, ASourceWithoutReadingByIdMapsFromTheMirror) {
  crm_->by_id = false;
  store_.write([&](store::Tx& tx) {
    core::Record row = record("companies", "1", 0, R"("name":"Row","domain":"c1.test")");
    row.ref.source = kSource;
    tx.put_record(row, now(), now());
  });
  receive(R"([{"id":"1"},{"id":"2"}])");
  work();
  EXPECT_TRUE(crm_->reads().empty());
  EXPECT_TRUE(pending("company-1"));
  EXPECT_EQ(ended_(NoticeState::ignored), 1) << "the mirror has no such record";
}

TEST_F(ResolverTest, ALiveNoticeGoesBeforeThoseOfABackfill) {
  put_company("1", "One");
  put_company("2", "Two");
  store_.write([&](store::Tx& tx) {
    store::NewNotice bulk;
    bulk.ref = {kSource, core::ObjectName("companies"), core::RecordId("1")};
    bulk.lane = store::Lane::backfill;
    tx.add_notice(bulk);
  });
  receive(R"([{"id":"2"}])");
  work();
  EXPECT_THAT(crm_->reads(), ElementsAre(ElementsAre("2"), ElementsAre("1")));
}

TEST_F(ResolverTest, GoesOnWhereAKilledProcessStopped) {
  put_company("1", "One");
  receive(R"([{"id":"1"}])");
  EXPECT_TRUE(resolver_.work());
  receive(R"([{"id":"1"}])");
  Resolver second({kSource, crm_, mapper_, *store_, transport_, store_.clock(), log_});
  while (second.work()) {
  }
  EXPECT_EQ(receipts_waiting(), 0);
  EXPECT_EQ(ended_(NoticeState::open), 2) << "both wait for the one change";
}

using ResolverConcurrency = ResolverTest;

TEST_F(ResolverConcurrency, WorksOnItsThreadAndEndsWhenTold) {
  put_company("1", "One");
  resolver_.start();
  receive(R"([{"id":"1"}])");
  core::SystemClock real;
  for (int i = 0; i < 6000 && !pending("company-1"); ++i) real.sleep_for(5ms, {});
  EXPECT_TRUE(pending("company-1"));
  EXPECT_GT(resolver_.heartbeat(), 0u);
  resolver_.request_stop();
  resolver_.join();
}

}  // namespace
}  // namespace assembly_sync::intake
