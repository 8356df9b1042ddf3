// Webhooks whose body is the record: from the receipt to the outbox in one step.
#include <gmock/gmock.h>

#include "connectors/registry.hpp"
#include "core/limits.hpp"
#include "daemon/intake/resolver.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using store::EntityKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const core::ObjectName kCompanies("companies");

/// {"type":"company","at":…,"id":…} with `deleted`, or what a test puts in its place.
connectors::ObjectSettings company_settings() {
  return {.name = kCompanies,
          .id = "id",
          .records = "records",
          .updated = "at",
          .deleted = {{"type", {"deleted"}}}};
}

class FatWebhookTest : public testing::Test {
 protected:
  FatWebhookTest() : mapper_(sample_rules()), log_(telemetry::LogStyle::quiet) {
    use(company_settings());
  }

  void use(connectors::ObjectSettings companies) {
    connectors::SourceSettings settings;
    settings.name = kSource;
    settings.verify.scheme = "none";
    settings.objects = {std::move(companies), {core::ObjectName("contacts"), "id"}};
    std::shared_ptr<const connectors::Connector> source =
        connectors::find_type("webhook")->make(settings);
    resolver_ = std::make_unique<Resolver>(
        ResolverParts{kSource, source, mapper_, *store_, transport_, store_.clock(), log_});
  }

  std::int64_t now() { return core::to_ms(store_.clock().wall_now()); }
  void receive(const std::string& body, const core::ObjectName& object = kCompanies) {
    store_.write([&](store::Tx& tx) { tx.add_receipt(kSource, now(), body, object); });
    for (int i = 0; i < 100 && resolver_->work(); ++i) {
    }
  }
  static std::string company(const std::string& id, const std::string& name, int at) {
    return R"({"id":")" + id + R"(","name":")" + name + R"(","domain":"c)" + id +
           R"(.test","at":)" + std::to_string(1'700'000'000 + at) + "}";
  }
  /// A body with these records.
  void receive_records(const std::string& records) { receive(R"({"records":[)" + records + "]}"); }
  void receive_deletion(const std::string& record) {
    receive(R"({"type":"deleted","records":)" + record + "}");
  }

  std::string wanted(const std::string& key, EntityKind kind = EntityKind::company) {
    return store_.read([&](const store::View& view) -> std::string {
      const auto entity = view.entity(kind, core::Key(key));
      const auto pending = entity ? view.pending_of(entity->id) : std::nullopt;
      return pending ? pending->wanted : "";
    });
  }
  std::optional<store::MirroredRecord> mirrored(const std::string& id) {
    return store_.read([&](const store::View& view) {
      return view.record({kSource, kCompanies, core::RecordId(id)});
    });
  }
  std::vector<std::string> reasons_of_the_dead() {
    std::vector<std::string> reasons;
    for (const auto& dead :
         store_.read([](const store::View& view) { return view.dead_notices(100); })) {
      reasons.push_back(dead.reason);
    }
    return reasons;
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
  std::int64_t receipts_waiting() {
    return store_.read([](const store::View& view) { return view.totals().receipts_waiting; });
  }

  test::TempStore store_;
  Ends ended_{store_};
  const Mapper mapper_;
  NoTransport transport_;
  telemetry::Log log_;
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(FatWebhookTest, EveryRecordOfABodyIsMirroredAndPlanned) {
  receive_records(company("1", "One", 1) + "," + company("2", "Two", 1));
  EXPECT_THAT(wanted("company-1"), HasSubstr("One"));
  EXPECT_THAT(wanted("company-2"), HasSubstr("Two"));
  EXPECT_THAT(mirrored("1")->json, HasSubstr("One"));
  EXPECT_EQ(mirrored("1")->version, 1'700'000'001'000);
  EXPECT_EQ(ended_(NoticeState::open), 2);
  EXPECT_EQ(receipts_waiting(), 0);
}

TEST_F(FatWebhookTest, ManyRecordsArePlannedFromTheMirrorInBatches) {
  constexpr int kMany = 3 * static_cast<int>(core::limits::kBulkRowsPerTransaction) / 2;
  std::string records;
  for (int i = 1; i <= kMany; ++i) {
    records += (i == 1 ? "" : ",") + company(std::to_string(i), "C" + std::to_string(i), 2);
  }
  store_.write([&](store::Tx& tx) {
    tx.add_receipt(kSource, now(), R"({"records":[)" + records + "]}", kCompanies);
    tx.add_receipt(kSource, now(), R"({"records":)" + company("7", "Older", 1) + "}", kCompanies);
  });
  ASSERT_TRUE(resolver_->work());
  EXPECT_EQ(receipts_waiting(), 0) << "nothing of a body waits to be decoded";
  EXPECT_THAT(mirrored(std::to_string(kMany))->json, HasSubstr("C150"));
  while (resolver_->work()) {
  }
  EXPECT_THAT(wanted("company-1"), HasSubstr("C1"));
  EXPECT_THAT(wanted("company-7"), HasSubstr("C7"));
  EXPECT_THAT(wanted("company-" + std::to_string(kMany)), HasSubstr("C150"));
  EXPECT_EQ(ended_(NoticeState::open), kMany);
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
}

TEST_F(FatWebhookTest, TheSameAgainChangesNothing) {
  receive_records(company("1", "One", 1));
  deliver("company-1");
  receive_records(company("1", "One", 1));
  EXPECT_EQ(wanted("company-1"), "");
  EXPECT_EQ(ended_(NoticeState::delivered), 1);
  EXPECT_EQ(ended_(NoticeState::unchanged), 1);
}

TEST_F(FatWebhookTest, Invariant4_AnOlderVersionAfterANewerOneChangesNothing) {
  receive_records(company("1", "Newer", 5));
  receive_records(company("1", "Older", 4));
  EXPECT_THAT(wanted("company-1"), HasSubstr("Newer"));
  EXPECT_THAT(mirrored("1")->json, HasSubstr("Newer"));
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
  receive_records(company("1", "Newest", 6) + "," + company("1", "Between", 5));
  EXPECT_THAT(wanted("company-1"), HasSubstr("Newest"));
}

TEST_F(FatWebhookTest, OfOneVersionTheLaterOneCounts) {
  receive_records(company("1", "First", 5));
  receive_records(company("1", "Second", 5) + "," + company("1", "Third", 5));
  EXPECT_THAT(wanted("company-1"), HasSubstr("Third"));
}

TEST_F(FatWebhookTest, WithoutAVersionTheOrderOfArrivalCountsWhateverTheClockSays) {
  use({.name = kCompanies, .id = "id"});
  receive(company("1", "First", 9));
  receive(company("1", "Second", 1));
  EXPECT_THAT(wanted("company-1"), HasSubstr("Second"));
  // The machine's clock was wrong and has been put back.
  store_.clock().advance(std::chrono::hours(-1));
  receive(company("1", "Third", 1));
  EXPECT_THAT(wanted("company-1"), HasSubstr("Third"));
}

TEST_F(FatWebhookTest, WhatCanNotBeUsedIsADeadLetterAndTheOthersGoOn) {
  receive_records(company("1", "One", 1) + R"(,{"name":"Secret Ltd"},)" + company("2", "Two", 1));
  EXPECT_THAT(wanted("company-1"), HasSubstr("One"));
  EXPECT_THAT(wanted("company-2"), HasSubstr("Two"));
  EXPECT_THAT(reasons_of_the_dead(),
              ElementsAre(HasSubstr("record 2: expected a text or a whole")));
  EXPECT_THAT(reasons_of_the_dead()[0], Not(HasSubstr("Secret")));
}

TEST_F(FatWebhookTest, ARecordThatTheMappingRefusesOrFiltersEndsSo) {
  receive_records(R"({"id":"1","name":"A","domain":"a.test","at":1,"kind":"prospect"},
                     {"id":"2","name":"B","domain":"b.test","at":1,"seats":"many"})");
  EXPECT_EQ(ended_(NoticeState::filtered), 1);
  EXPECT_THAT(reasons_of_the_dead(), ElementsAre(HasSubstr("number_of_seats")));
}

TEST_F(FatWebhookTest, WhatNoMappingReadsIsIgnoredAndNotKept) {
  use({.name = core::ObjectName("tickets"), .id = "id"});
  receive(R"({"id":"1"})", core::ObjectName("tickets"));
  EXPECT_EQ(ended_(NoticeState::ignored), 1);
  EXPECT_FALSE(store_.read([&](const store::View& view) {
    return view.record({kSource, core::ObjectName("tickets"), core::RecordId("1")});
  }));
}

TEST_F(FatWebhookTest, ADeletionDoesWhatOnDeleteSays) {
  receive_records(company("1", "One", 1));
  deliver("company-1");
  receive_deletion(company("1", "", 2));
  const auto pending = store_.read([&](const store::View& view) {
    return view.pending_of(view.entity(EntityKind::company, core::Key("company-1"))->id);
  });
  ASSERT_TRUE(pending);
  EXPECT_EQ(pending->action, store::Action::remove);
  EXPECT_EQ(mirrored("1")->state, store::RecordState::deleted);
  EXPECT_THAT(mirrored("1")->json, HasSubstr("One")) << "what was known of it stays";
}

TEST_F(FatWebhookTest, ADeletionWithoutAVersionIsOfTheNewest) {
  receive_records(company("1", "One", 7));
  receive_deletion(R"("1")");
  EXPECT_EQ(mirrored("1")->state, store::RecordState::deleted);
  EXPECT_EQ(mirrored("1")->version, 1'700'000'007'000);
}

// I4, I10
TEST_F(FatWebhookTest, ADeletionOfAnOlderVersionIsNotBelieved) {
  receive_records(company("1", "Newer", 7));
  receive_deletion(company("1", "", 6));
  EXPECT_EQ(mirrored("1")->state, store::RecordState::present);
  EXPECT_THAT(wanted("company-1"), HasSubstr("Newer"));
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
}

TEST_F(FatWebhookTest, WhatWasDeletedComesBackWithANewerVersionOnly) {
  receive_records(company("1", "One", 5));
  receive_deletion(company("1", "", 5));
  receive_records(company("1", "Sent again", 5) + "," + company("1", "Late", 4));
  EXPECT_EQ(mirrored("1")->state, store::RecordState::deleted);
  EXPECT_EQ(wanted("company-1"), "");
  receive_records(company("1", "Back", 6));
  EXPECT_EQ(mirrored("1")->state, store::RecordState::present);
  EXPECT_THAT(wanted("company-1"), HasSubstr("Back"));
}

TEST_F(FatWebhookTest, ADeletionThatOvertakesItsRecordIsRemembered) {
  receive_deletion(company("1", "", 5));
  EXPECT_EQ(ended_(NoticeState::ignored), 1);
  receive_records(company("1", "Late", 4));
  EXPECT_EQ(wanted("company-1"), "");
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
}

TEST_F(FatWebhookTest, AContactWaitsForItsCompanyAndIsTakenFromTheMirrorWhenItComes) {
  receive(R"({"id":"7","name":"Ada","mail":"ada@c1.test","company":"1"})",
          core::ObjectName("contacts"));
  EXPECT_EQ(ended_(NoticeState::orphaned), 1);
  receive_records(company("1", "One", 1));
  EXPECT_THAT(wanted("contact-7", EntityKind::contact), HasSubstr("Ada"));
}

// A state that a damaged disk left: reading it throws.
TEST_F(FatWebhookTest, OneRecordThatCanNotBePlannedHoldsUpNeitherItsBodyNorTheNext) {
  receive_records(company("1", "One", 1));
  deliver("company-1");
  store_.write([&](store::Tx& tx) {
    store::Entity entity = tx.entity(EntityKind::company, core::Key("company-1")).value();
    entity.known = "not JSON";
    tx.update_entity(entity);
  });
  receive_records(company("2", "Two", 1) + "," + company("1", "Changed", 2) + "," +
                  company("3", "Three", 1));
  receive_deletion(R"("3")");
  EXPECT_EQ(receipts_waiting(), 0);
  EXPECT_THAT(wanted("company-2"), HasSubstr("Two"));
  EXPECT_EQ(mirrored("3")->state, store::RecordState::deleted);
  for (int i = 0; i < 10; ++i) {
    store_.clock().advance(std::chrono::minutes(10));
    while (resolver_->work()) {
    }
  }
  EXPECT_THAT(reasons_of_the_dead(), ElementsAre(HasSubstr("it could not be planned")));
  EXPECT_EQ(ended_(NoticeState::dead), 1);
}

TEST_F(FatWebhookTest, NothingIsDoneTwiceByAProcessThatComesAfterAKilledOne) {
  receive_records(company("1", "One", 1));
  store_.write([&](store::Tx& tx) {
    tx.add_receipt(kSource, now(), R"({"records":)" + company("1", "Two", 2) + "}", kCompanies);
  });
  use(company_settings());
  while (resolver_->work()) {
  }
  EXPECT_THAT(wanted("company-1"), HasSubstr("Two"));
  EXPECT_EQ(ended_(NoticeState::open), 1);
  EXPECT_EQ(ended_(NoticeState::superseded), 1);
  EXPECT_THAT(reasons_of_the_dead(), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::intake
