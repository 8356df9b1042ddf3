// A CRM that is polled into a store, under a clock that moves by hand.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>

#include "daemon/intake/backfill.hpp"
#include "daemon/intake/poller.hpp"
#include "daemon/intake/resolver.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {

/// Orders the run and executes it until all is read; Assembly's lists are up to date.
inline void execute(test::TempStore& store, const store::Run& run, BackfillParts parts) {
  RowId id = 0;
  store.write([&](store::Tx& tx) { id = tx.add_run(run); });
  parts.refresh_directory = [](RowId, const std::stop_token&) { return true; };
  Backfill runs(std::move(parts));
  runs.start();
  while (store.read([&](const store::View& view) { return view.run(id); })->state <
         store::RunState::draining) {
    std::this_thread::yield();
  }
  runs.request_stop();
  runs.join();
}

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

  PulledSource source(std::chrono::hours sweep = std::chrono::hours(24)) const {
    return {kSource, crm_, {.every = every_, .sweep = sweep, .max_shrink_percent = percent_}};
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
      later(std::chrono::seconds(60));  // a content is believed when it has rested
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
    execute(store_, run,
            {{source()}, mapper_, *store_, transport_, store_.clock(), log_, nullptr, {}});
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

  std::chrono::seconds every_{300};
  int percent_ = 10;
  test::TempStore store_;
  std::shared_ptr<ScriptedCrm> crm_;
  Mapper mapper_;
  telemetry::Log log_;
  NoTransport transport_;
  Ends ends_{store_};
  std::unique_ptr<Poller> poller_;
};

}  // namespace assembly_sync::intake
