// A changed mapping: what the mirror holds is mapped again, what it lacks is read again.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include "core/limits.hpp"
#include "daemon/intake/backfill.hpp"
#include "daemon/intake/resolver.hpp"
#include "daemon/intake/run_order.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using store::RunState;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kBefore = R"yaml(
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("company-", id)
    fields: {name: name, domain: domain}
)yaml";
constexpr const char* kOtherName = R"yaml(
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("company-", id)
    fields: {name: name | upper, domain: domain}
)yaml";
constexpr const char* kMoreValues = R"yaml(
mappings:
  - name: companies
    from: crm.companies
    to: company
    key: concat("company-", id)
    fields: {name: name, domain: domain, number_of_seats: seats | to_number}
)yaml";

class RemapTest : public testing::Test {
 protected:
  RemapTest() : crm_(std::make_shared<ScriptedCrm>()), log_(telemetry::LogStyle::quiet) {
    crm_->only_wanted = true;
    crm_->on_list = [this](const core::ObjectName& object, const std::optional<std::string>&) {
      Page page;
      for (const auto& [name, row] : crm_->records) {
        if (row.ref.object == object) page.records.push_back(row);
      }
      return page;
    };
  }

  std::vector<PulledSource> sources() const { return {{kSource, crm_}}; }
  std::int64_t now() { return core::to_ms(store_.clock().wall_now()); }

  /// A record as it was read before.
  void mirror(const std::string& id, const std::string& json, std::int64_t version = 1) {
    core::Record row = record("companies", id, version, json);
    row.ref.source = kSource;
    store_.write([&](store::Tx& tx) { tx.put_record(row, now(), now()); });
  }
  MirrorScope enter(const char* yaml) {
    MirrorScope scope;
    store_.write(
        [&](store::Tx& tx) { scope = MirrorScope::enter(tx, sources(), *rules_of(yaml), now()); });
    return scope;
  }
  RowId order(const MirrorScope& scope) {
    RowId id = 0;
    store_.write([&](store::Tx& tx) { id = order_remap(tx, sources(), scope, now()); });
    return id;
  }
  /// Executes what is ordered until the run has read all.
  void execute(const char* yaml, const MirrorScope& scope, RowId id) {
    const Mapper mapper(rules_of(yaml));
    Backfill backfill({sources(), mapper, *store_, transport_, store_.clock(), log_,
                       [this](RowId, const std::stop_token&) {
                         ++refreshed_;
                         return true;
                       },
                       scope});
    backfill.start();
    core::SystemClock real;
    for (int i = 0; i < 15'000 && row(id).state < RunState::draining; ++i) {
      store_.clock().advance(1s);
      real.sleep_for(2ms, {});
    }
    backfill.request_stop();
    backfill.join();
    EXPECT_GE(row(id).state, RunState::draining);
  }
  store::Run row(RowId id) {
    return store_.read([&](const store::View& view) { return view.run(id); }).value();
  }
  /// The wanted state that is to be sent for a company; empty = nothing is.
  std::string pending(const std::string& id) {
    return store_.read([&](const store::View& view) -> std::string {
      const auto entity = view.entity(core::EntityKind::company, core::Key("company-" + id));
      if (!entity) return "";
      const auto change = view.pending_of(entity->id);
      return change ? change->wanted : "";
    });
  }

  test::TempStore store_;
  std::shared_ptr<ScriptedCrm> crm_;
  NoTransport transport_;
  telemetry::Log log_;
  std::atomic<int> refreshed_{0};
};
using RemapConcurrency = RemapTest;

TEST_F(RemapConcurrency, AllThatTheMirrorHoldsIsMappedAgainWithoutReadingIt) {
  enter(kBefore);
  for (int i = 1; i <= 250; ++i) {
    mirror(std::to_string(i), R"("name":"acme","domain":"a)" + std::to_string(i) + R"(.test")");
  }
  const MirrorScope scope = enter(kOtherName);
  EXPECT_THAT(scope.lacking(), IsEmpty());
  const RowId id = order(scope);
  EXPECT_EQ(row(id).what, "mirror");
  execute(kOtherName, scope, id);
  EXPECT_THAT(crm_->lists(), IsEmpty());
  EXPECT_EQ(refreshed_, 0);
  EXPECT_EQ(row(id).records, 250);
  EXPECT_THAT(pending("1"), testing::HasSubstr("ACME"));
  EXPECT_THAT(pending("250"), testing::HasSubstr("ACME"));
}

TEST_F(RemapConcurrency, WhatIsRightAlreadyEndsAsUnchanged) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  const MirrorScope scope = enter(kBefore);
  const RowId first = order(scope);
  execute(kBefore, scope, first);
  const std::string wanted = pending("1");
  const RowId again = order(scope);
  execute(kBefore, scope, again);
  EXPECT_EQ(pending("1"), wanted);
}

TEST_F(RemapConcurrency, GoesOnHoweverManyDeadLettersWaitForAPerson) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(store_.path().c_str(), &file), SQLITE_OK);
  const std::string many = std::to_string(core::limits::kWaitingForAPerson);
  const std::string sql = "INSERT INTO counter (name, value) VALUES ('notices.dead', " + many +
                          ") ON CONFLICT (name) DO UPDATE SET value = " + many;
  EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(file);
  EXPECT_FALSE(store_->has_room()) << "nothing more is taken in";
  const MirrorScope scope = enter(kOtherName);
  execute(kOtherName, scope, order(scope));
  EXPECT_THAT(pending("1"), testing::HasSubstr("ACME")) << "it may be what ends them";
}

TEST_F(RemapConcurrency, ValuesThatWereNeverReadAreReadBeforeTheyAreMapped) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  crm_->put(record("companies", "1", 1, R"("name":"acme","domain":"a.test","seats":"7")"));
  store_.clock().advance(1s);
  const MirrorScope scope = enter(kMoreValues);
  EXPECT_THAT(scope.lacking().at("crm.companies"), ElementsAre("seats"));
  const RowId id = order(scope);
  EXPECT_EQ(row(id).what, "mirror,crm.companies");
  execute(kMoreValues, scope, id);
  EXPECT_THAT(crm_->lists(), ElementsAre("companies -"));
  EXPECT_THAT(pending("1"), testing::HasSubstr("\"number_of_seats\":7"));
}

TEST_F(RemapConcurrency, ARecordThatLacksValuesIsNotMappedWithHolesInIt) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  store_.clock().advance(1s);
  const MirrorScope scope = enter(kMoreValues);
  const RowId id = order(scope);
  execute(kMoreValues, scope, id);  // the CRM's list does not show it
  EXPECT_EQ(pending("1"), "");
}

TEST_F(RemapConcurrency, ANewerConfigurationEndsARunOfTheOneBefore) {
  const MirrorScope scope = enter(kBefore);
  const RowId first = order(scope);
  const RowId second = order(scope);
  EXPECT_EQ(row(first).state, RunState::cancelled);
  EXPECT_EQ(row(second).state, RunState::requested);
}

TEST_F(RemapConcurrency, OneThatWaitsForAPersonHoldsUpNoOtherRun) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  store_.clock().advance(1s);
  const MirrorScope scope = enter(kMoreValues);
  const RowId waits = order(scope);
  crm_->on_list = [](const core::ObjectName& object,
                     const std::optional<std::string>&) -> ReadResult<Page> {
    if (object.str() == "contacts") return Page{};
    return tl::unexpected(ReadError{ReadError::Kind::rejected, {}, "a right is missing"});
  };
  store::Run run;
  run.what = "crm.contacts";
  RowId behind = 0;
  store_.write([&](store::Tx& tx) { behind = tx.add_run(run); });
  execute(kMoreValues, scope, behind);
  EXPECT_EQ(row(waits).state, RunState::reading);
}

TEST_F(RemapConcurrency, OneThatWaitsForAPersonAsksEverMoreSeldom) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  store_.clock().advance(1s);
  const MirrorScope scope = enter(kMoreValues);
  order(scope);
  std::vector<core::SteadyTime> asked;
  std::mutex mutex;
  crm_->on_list = [&](const core::ObjectName&,
                      const std::optional<std::string>&) -> ReadResult<Page> {
    const std::lock_guard lock(mutex);
    asked.push_back(store_.clock().steady_now());
    return tl::unexpected(ReadError{ReadError::Kind::rejected, {}, "a right is missing"});
  };
  const Mapper mapper(rules_of(kMoreValues));
  Backfill backfill({sources(), mapper, *store_, transport_, store_.clock(), log_,
                     [](RowId, const std::stop_token&) { return true; }, scope});
  backfill.start();
  core::SystemClock real;
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return asked.size();
  };
  for (int i = 0; i < 15'000 && count() < 6; ++i) {
    store_.clock().advance(1s);
    real.sleep_for(2ms, {});
  }
  backfill.request_stop();
  backfill.join();
  ASSERT_GE(asked.size(), 6u);
  EXPECT_GE(asked[5] - asked[4], 30s) << "2, 4, 8, 16, 32 seconds";
}

TEST_F(RemapConcurrency, WhatIsStillLackingIsReadByTheNextRunToo) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  store_.clock().advance(1s);
  order(enter(kMoreValues));
  store_.clock().advance(1s);
  const RowId next = order(enter(kMoreValues));
  EXPECT_EQ(row(next).what, "mirror,crm.companies");
}

TEST_F(RemapConcurrency, ANoticeThatWouldBeMappedFromTheMirrorReadsFirstWhenValuesLack) {
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test")");
  crm_->put(record("companies", "1", 1, R"("name":"acme","domain":"a.test","seats":"7")"));
  store_.clock().advance(1s);
  const MirrorScope scope = enter(kMoreValues);
  store_.write([&](store::Tx& tx) {
    store::NewNotice notice;
    notice.ref = {kSource, core::ObjectName("companies"), core::RecordId("1")};
    notice.received_ms = now();
    tx.add_mirror_notice(notice);
  });
  const Mapper mapper(rules_of(kMoreValues));
  Resolver resolver({kSource, crm_, mapper, *store_, transport_, store_.clock(), log_, scope});
  for (int i = 0; i < 5; ++i) resolver.work();
  EXPECT_THAT(crm_->reads(), ElementsAre(ElementsAre("1")));
  EXPECT_THAT(pending("1"), testing::HasSubstr("\"number_of_seats\":7"));
}

TEST_F(RemapConcurrency, ASourceThatGivesWholeRecordsLacksNothing) {
  crm_->only_wanted = false;
  enter(kBefore);
  mirror("1", R"("name":"acme","domain":"a.test","seats":"7")");
  store_.clock().advance(1s);
  EXPECT_THAT(enter(kMoreValues).lacking(), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::intake
