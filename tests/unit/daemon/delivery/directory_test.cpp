// The directory's refresh against lists that shift, and what it concludes of what is missing.
#include "daemon/delivery/directory.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "daemon/sync/state.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::delivery {
namespace {

using core::Value;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Lists and single accounts, as set by a test.
class ListedAssembly final : public core::HttpTransport {
 public:
  std::vector<std::string> listed;  // ids that the list of accounts shows
  std::vector<std::string> there;   // ids that a get finds
  std::vector<std::string> targets;

  tl::expected<core::HttpResponse, core::HttpFailure> send(
      const core::HttpRequest& request) override {
    const std::string target = request.url.substr(std::string("http://a.test").size());
    targets.push_back(target);
    if (target == "/accounts/labels") return core::HttpResponse{200, {}, R"({"labels":[]})"};
    if (target.starts_with("/contacts?")) return page("contacts", {});
    if (target.starts_with("/accounts?")) return page("accounts", listed);
    const std::string id = target.substr(target.rfind('/') + 1);
    if (std::find(there.begin(), there.end(), id) == there.end()) {
      return core::HttpResponse{404, {}, R"({"error":"not found"})"};
    }
    return core::HttpResponse{200, {}, core::dump_json(Value::object({{"account", account(id)}}))};
  }

 private:
  static Value account(const std::string& id) {
    return Value::object({{"id", id}, {"name", "N"}, {"domain", id + ".test"}});
  }
  static core::HttpResponse page(const std::string& name, const std::vector<std::string>& ids) {
    Value::List items;
    for (const std::string& id : ids) items.push_back(account(id));
    Value list = Value::object({{"data", std::move(items)}, {"has_next_page", false}});
    return {200, {}, core::dump_json(Value::object({{name, std::move(list)}}))};
  }
};

class Directory : public testing::Test {
 protected:
  Directory()
      : client_(transport_, clock_, {"http://a.test", core::Secret("key")}),
        ledger_(BudgetLedger::in_memory()),
        budget_(1000, *ledger_, clock_),
        labels_({}, client_, budget_, *store_, clock_),
        log_(telemetry::LogStyle::quiet),
        reader_(client_, budget_, labels_, *store_, clock_, log_) {}

  store::RowId present(const std::string& id) {
    store::RowId row = 0;
    store_.write([&](store::Tx& tx) {
      store::Entity entity = tx.ensure_entity(store::EntityKind::company, core::Key("key-" + id));
      entity.assembly_id = core::AssemblyId(id);
      entity.present = true;
      entity.known = sync::to_text(sync::State{});
      tx.update_entity(entity);
      row = entity.id;
    });
    return row;
  }
  store::Entity row(store::RowId id) {
    return store_.read([&](const store::View& view) { return view.entity(id).value(); });
  }
  bool refresh(std::chrono::milliseconds oldest = std::chrono::milliseconds(0)) {
    return reader_.refresh(oldest, {core::Lane::audit}, {});
  }
  bool fresh(std::chrono::milliseconds oldest) {
    return store_.read([&](const store::View& view) {
      return directory_is_fresh(view, oldest, core::to_ms(clock_.wall_now()));
    });
  }

  core::SystemClock clock_;
  test::TempStore store_;
  ListedAssembly transport_;
  assembly::Client client_;
  std::unique_ptr<BudgetLedger> ledger_;
  Budget budget_;
  Labels labels_;
  telemetry::Log log_;
  DirectoryReader reader_;
};

TEST_F(Directory, WhatIsListedIsNotAskedForAndAYoungListIsBelieved) {
  const auto entity = present("a1");
  transport_.listed = {"a1"};
  EXPECT_FALSE(fresh(std::chrono::hours(1)));
  ASSERT_TRUE(refresh());
  EXPECT_THAT(transport_.targets, SizeIs(3)) << "labels and two lists";
  EXPECT_TRUE(row(entity).present);
  EXPECT_TRUE(fresh(std::chrono::hours(1)));
  ASSERT_TRUE(refresh(std::chrono::hours(1)));
  EXPECT_THAT(transport_.targets, SizeIs(3));
}

TEST_F(Directory, WhatAShiftedPageLeftOutIsConfirmedByOneCall) {
  const auto entity = present("a1");
  transport_.there = {"a1"};
  ASSERT_TRUE(refresh());
  EXPECT_THAT(transport_.targets, Contains("/accounts/a1"));
  EXPECT_TRUE(row(entity).present);
  EXPECT_THAT(store_.read([](const store::View& view) {
    return view.directory_by_domain(store::EntityKind::company, "a1.test");
  }),
              SizeIs(1))
      << "it stays in the directory";
}

TEST_F(Directory, WhatIsGoneIsForgottenAndWhatHangsOnItWaits) {
  const auto company = present("a1");
  store_.write([&](store::Tx& tx) {
    store::Entity contact = tx.ensure_entity(store::EntityKind::contact, core::Key("c"));
    contact.parent = company;
    contact.record =
        core::RecordRef{core::SourceName("s"), core::ObjectName("contacts"), core::RecordId("1")};
    tx.update_entity(contact);
    store::Change change;
    change.entity = contact.id;
    change.wanted = sync::to_text(sync::State{});
    tx.put_change(change, 1);
  });
  ASSERT_TRUE(refresh());
  EXPECT_FALSE(row(company).present);
  EXPECT_FALSE(row(company).assembly_id);
  EXPECT_FALSE(row(company).known);
  store_.write([&](store::Tx& tx) {
    EXPECT_FALSE(tx.claim(core::to_ms(clock_.wall_now()), "lease")) << "I5";
  });
}

TEST_F(Directory, TheQuestionsOfOneRefreshAreBounded) {
  for (int i = 0; i < 130; ++i) present("a" + std::to_string(i));
  ASSERT_TRUE(refresh());
  EXPECT_THAT(transport_.targets, SizeIs(3 + 100));
}

TEST_F(Directory, WhatWasConfirmedSinceIsNotAskedFor) {
  const auto entity = present("a1");
  store_.write([&](store::Tx& tx) {
    store::DeliveryRecord delivery;
    delivery.entity = entity;
    delivery.method = "PUT";
    delivery.path = "/accounts/upsert";
    delivery.outcome = "delivered";
    delivery.started_ms = core::to_ms(clock_.wall_now()) + 60'000;
    tx.add_delivery(delivery);
  });
  ASSERT_TRUE(refresh());
  EXPECT_THAT(transport_.targets, SizeIs(3));
  EXPECT_TRUE(row(entity).present);
}

}  // namespace
}  // namespace assembly_sync::delivery
