#include "daemon/delivery/settle.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_store.hpp"

namespace assembly_sync::delivery {
namespace {

using store::EntityKind;
using store::Lane;
using store::NoticeState;
using store::RowId;
using store::Tx;

constexpr std::int64_t kNow = 1'767'225'600'000;

class Settle : public testing::Test {
 protected:
  Settle() : random_(core::make_seeded_random(1)) {}

  RowId entity(const std::string& key, EntityKind kind = EntityKind::company) {
    RowId id = 0;
    store_.write([&](Tx& tx) { id = tx.ensure_entity(kind, core::Key(key)).id; });
    return id;
  }
  /// A pending change with a notice that waits for it.
  RowId put(RowId entity, const std::string& name, Lane lane = Lane::live) {
    RowId id = 0;
    store_.write([&](Tx& tx) {
      sync::State wanted;
      wanted.fields = {{"name", name}, {"domain", "c.test"}};
      store::Change change;
      change.entity = entity;
      change.wanted = sync::to_text(wanted);
      change.lane = lane;
      change.due_ms = kNow;
      id = tx.put_change(change, kNow);
      const RowId notice = tx.add_notice({});
      tx.link(notice, id);
      tx.await_changes(notice, kNow);
    });
    return id;
  }
  std::optional<store::Claim> claim(std::int64_t now = kNow) {
    std::optional<store::Claim> claim;
    store_.write([&](Tx& tx) { claim = tx.claim(now, "lease"); });
    return claim;
  }
  bool settle_with(const store::Claim& claim, const assembly::Outcome& outcome, bool full = true) {
    bool ours = false;
    Request request;
    request.full = full;
    store_.write([&](Tx& tx) { ours = settle(tx, claim, request, outcome, *random_, kNow); });
    return ours;
  }
  std::int64_t count(NoticeState state) {
    return store_.read(
        [&](const store::View& v) { return v.totals().notices[static_cast<std::size_t>(state)]; });
  }
  store::Entity row(RowId id) {
    return store_.read([&](const store::View& v) { return v.entity(id).value(); });
  }
  std::optional<store::Change> pending(RowId id) {
    return store_.read([&](const store::View& v) { return v.pending_of(id); });
  }
  test::TempStore store_;
  std::unique_ptr<core::Random> random_;
};

TEST_F(Settle, DeliveredMovesTheKnownStateAndEndsTheNotice) {
  const RowId e = entity("k");
  put(e, "Acme");
  const auto taken = claim();
  EXPECT_TRUE(settle_with(*taken, assembly::Delivered{core::AssemblyId("a1")}));
  EXPECT_TRUE(row(e).present);
  EXPECT_EQ(row(e).assembly_id, core::AssemblyId("a1"));
  EXPECT_EQ(sync::parse_state(*row(e).known).fields.at("name"), core::Value("Acme"));
  EXPECT_EQ(count(NoticeState::delivered), 1);
}

// I7
TEST_F(Settle, Invariant7_ThrottledIsNoAttempt) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Throttled{std::chrono::seconds(3)});
  EXPECT_EQ(pending(e)->attempts, 0);
  EXPECT_EQ(pending(e)->lane, Lane::live);
  EXPECT_EQ(pending(e)->due_ms, kNow + 3000);
  EXPECT_EQ(store_.read([](const store::View& v) { return v.totals().refused; }), 1);
}

// I7
TEST_F(Settle, Invariant7_UnauthorizedIsNoAttempt) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Unauthorized{401});
  EXPECT_EQ(pending(e)->attempts, 0);
  EXPECT_EQ(count(NoticeState::open), 1);
}

// I7
TEST_F(Settle, Invariant7_RejectedIsNeverRepeated) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(),
              assembly::Rejected{422, assembly::Rejected::Kind::invalid, "HTTP 422", "no"});
  EXPECT_FALSE(pending(e));
  EXPECT_EQ(count(NoticeState::dead), 1);
}

TEST_F(Settle, TransientComesBackLaterInTheRetryLane) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Transient{"connection refused", {}});
  EXPECT_EQ(pending(e)->attempts, 1);
  EXPECT_EQ(pending(e)->lane, Lane::retry);
  EXPECT_GT(pending(e)->due_ms, kNow);
  EXPECT_FALSE(row(e).doubtful);
}

TEST_F(Settle, AfterAnErrorThatMayHaveComeLateEverythingIsSentAgain) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a1")});
  put(e, "Acme 2");
  settle_with(*claim(), assembly::Transient{"answered 504", {}, true}, false);
  EXPECT_TRUE(row(e).doubtful) << "back at the known state is not back in Assembly";
  EXPECT_EQ(remaining(*claim(kNow + 60'000)).fields.size(), 2u);
}

TEST_F(Settle, AfterAnAmbiguousCallEverythingIsSentAgain) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a1")});
  put(e, "Acme 2");
  settle_with(*claim(), assembly::Ambiguous{"timed out"}, false);
  EXPECT_TRUE(row(e).doubtful);
  EXPECT_GE(pending(e)->due_ms, kNow + kSettlePause.count()) << "the call may still be at work";
  const auto again = claim(kNow + 60'000);
  EXPECT_EQ(remaining(*again).fields.size(), 2u);
}

TEST_F(Settle, TagsOfAnUnansweredCallAreTakenAwayWhenNoLongerWanted) {
  const RowId e = entity("k");
  const auto put_tags = [&](const std::string& tag) {
    store_.write([&](Tx& tx) {
      sync::State wanted;
      wanted.fields = {{"name", "N"}, {"domain", "c.test"}};
      wanted.tags = {tag};
      store::Change change;
      change.entity = e;
      change.wanted = sync::to_text(wanted);
      change.due_ms = kNow;
      tx.put_change(change, kNow);
    });
  };
  put_tags("Old");
  const auto lost = claim();
  put_tags("New");
  settle_with(*lost, assembly::Ambiguous{"reset"});
  const auto next = claim(kNow + 60'000);
  ASSERT_TRUE(next);
  EXPECT_EQ(remaining(*next).added_tags, std::vector<std::string>{"New"});
  EXPECT_EQ(remaining(*next).removed_tags, std::vector<std::string>{"Old"});
}

// I4
TEST_F(Settle, Invariant4_AnOlderStateIsNotSentAfterANewerOne) {
  const RowId e = entity("k");
  put(e, "Old");
  const auto old = claim();
  put(e, "New");
  settle_with(*old, assembly::Ambiguous{"reset"});
  EXPECT_NE(pending(e)->wanted.find("New"), std::string::npos);
  EXPECT_FALSE(claim(kNow + kSettlePause.count() - 1)) << "the old call may still arrive";
  EXPECT_EQ(count(NoticeState::superseded), 1);
}

TEST_F(Settle, AClaimThatWasTakenBackIsNotSettledTwice) {
  const RowId e = entity("k");
  put(e, "Acme");
  const auto taken = claim();
  store_.write([&](Tx& tx) { recover(tx, true, kNow); });
  EXPECT_FALSE(settle_with(*taken, assembly::Delivered{core::AssemblyId("a1")}));
  EXPECT_FALSE(row(e).present);
  EXPECT_TRUE(row(e).doubtful);
}

TEST_F(Settle, AnAccountThatWasDeletedInAssemblyIsFilledAgain) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a1")});
  put(e, "Acme 2");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a2")}, false);
  const auto again = claim();
  ASSERT_TRUE(again) << "the difference alone made a hollow account";
  EXPECT_EQ(remaining(*again).fields.size(), 2u);
  EXPECT_EQ(again->entity.assembly_id, core::AssemblyId("a2"));
}

TEST_F(Settle, WhatWasNotSentIsNoAttempt) {
  const RowId e = entity("k");
  put(e, "Acme", Lane::backfill);
  const auto taken = claim();
  store_.write([&](Tx& tx) { settle_unsent(tx, *taken, kNow); });
  EXPECT_EQ(pending(e)->attempts, 0);
  EXPECT_EQ(pending(e)->lane, Lane::backfill);
  EXPECT_TRUE(claim());
}

// Else the record that comes back would be taken for already there.
TEST_F(Settle, ARemovedAccountIsForgottenByTheDirectoryToo) {
  const RowId e = entity("k");
  store_.write([&](Tx& tx) {
    tx.put_directory(
        {EntityKind::company, core::AssemblyId("a1"), "c.test", {core::Key("k")}, "{}", kNow});
  });
  put(e, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a1")});
  put(e, "Acme 2");
  const auto taken = claim();
  Request request;
  request.verb = Request::Verb::remove;
  store_.write([&](Tx& tx) {
    settle(tx, *taken, request, assembly::Delivered{core::AssemblyId()}, *random_, kNow);
  });
  EXPECT_FALSE(row(e).present);
  const auto left = store_.read([](const store::View& v) {
    return v.directory_by_key(EntityKind::company, core::Key("k")).size() +
           v.directory_by_domain(EntityKind::company, "c.test").size();
  });
  EXPECT_EQ(left, 0u);
}

// E10: "not found" also comes with other statuses.
TEST_F(Settle, AnAdoptedAccountThatIsGoneIsMadeAgainByItsKey) {
  const RowId e = entity("k");
  store_.write([&](Tx& tx) {
    store::Entity adopted = tx.entity(e).value();
    sync::State known;
    known.linked = false;
    adopted.present = true;
    adopted.assembly_id = core::AssemblyId("gone");
    adopted.known = sync::to_text(known);
    tx.update_entity(adopted);
  });
  put(e, "Acme");
  const auto taken = claim();
  Request request;
  request.verb = Request::Verb::update;
  store_.write([&](Tx& tx) {
    settle(tx, *taken, request,
           assembly::Rejected{400, assembly::Rejected::Kind::not_found, "answered 400", ""},
           *random_, kNow);
  });
  EXPECT_FALSE(row(e).assembly_id);
  const auto again = claim();
  ASSERT_TRUE(again);
  EXPECT_EQ(remaining(*again).fields.size(), 2u);
}

// I5
TEST_F(Settle, Invariant5_ContactsOfARemovedCompanyAreHeldBackAndOrphaned) {
  const RowId company = entity("c");
  const RowId queued = entity("p1", EntityKind::contact);
  const RowId away = entity("p2", EntityKind::contact);
  store_.write([&](Tx& tx) {
    for (const RowId id : {queued, away}) {
      store::Entity child = tx.entity(id).value();
      child.parent = company;
      tx.update_entity(child);
    }
  });
  put(company, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a1")});
  put(away, "Away");
  const auto child = claim();
  put(queued, "Queued");
  store_.write([&](Tx& tx) {
    store::Change removal;
    removal.entity = company;
    removal.action = store::Action::remove;
    removal.wanted = sync::to_text(sync::State{});
    tx.put_change(removal, kNow);
  });
  const auto removal = claim();
  ASSERT_EQ(removal->entity.id, company);
  Request request;
  request.verb = Request::Verb::remove;
  store_.write([&](Tx& tx) {
    settle(tx, *removal, request, assembly::Delivered{core::AssemblyId()}, *random_, kNow);
  });
  EXPECT_FALSE(claim()) << "its company is not there any more";
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  settle_with(*child, assembly::Throttled{});
  EXPECT_FALSE(claim(kNow + 60'000));
  EXPECT_EQ(count(NoticeState::orphaned), 2);
  EXPECT_EQ(count(NoticeState::open), 0);
}

TEST_F(Settle, ChildrenGoWhenTheirCompanyIsDelivered) {
  const RowId company = entity("c");
  const RowId contact = entity("p", EntityKind::contact);
  store_.write([&](Tx& tx) {
    store::Entity child = tx.entity(contact).value();
    child.parent = company;
    tx.update_entity(child);
  });
  put(contact, "Person");
  EXPECT_FALSE(claim());
  put(company, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a1")});
  const auto child = claim();
  ASSERT_TRUE(child);
  EXPECT_EQ(child->parent_id, core::AssemblyId("a1"));
}

TEST_F(Settle, ChildrenOfARefusedCompanyAreOrphaned) {
  const RowId company = entity("c");
  const RowId contact = entity("p", EntityKind::contact);
  store_.write([&](Tx& tx) {
    store::Entity child = tx.entity(contact).value();
    child.parent = company;
    tx.update_entity(child);
  });
  put(company, "Acme");
  put(contact, "Person");
  settle_with(*claim(), assembly::Rejected{400, assembly::Rejected::Kind::invalid, "HTTP 400", ""});
  EXPECT_EQ(count(NoticeState::orphaned), 1);
}

TEST_F(Settle, AnswersWithoutAnIdAreNotTakenForACreation) {
  const RowId e = entity("k");
  put(e, "Acme");
  settle_with(*claim(), assembly::Delivered{});
  EXPECT_FALSE(row(e).present);
  EXPECT_TRUE(pending(e));
}

TEST_F(Settle, PropertiesToRemoveAreTheSecondHalfOfTheChange) {
  const RowId e = entity("k");
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "c.test"}};
  known.properties = {{"Plan", "A"}};
  sync::State wanted = known;
  wanted.fields["name"] = "Acme Ltd";
  wanted.properties = {{"Plan", nullptr}};
  store_.write([&](Tx& tx) {
    store::Entity row = tx.entity(e).value();
    row.present = true;
    row.assembly_id = core::AssemblyId("a1");
    row.known = sync::to_text(known);
    tx.update_entity(row);
    store::Change change;
    change.entity = e;
    change.wanted = sync::to_text(wanted);
    change.due_ms = kNow;
    const RowId notice = tx.add_notice({});
    tx.link(notice, tx.put_change(change, kNow));
    tx.await_changes(notice, kNow);
  });
  const LabelLookup no_labels = [](const auto&, const auto&) { return std::nullopt; };
  auto taken = claim();
  Request request = request_for(*taken, remaining(*taken), no_labels);
  EXPECT_EQ(request.verb, Request::Verb::upsert);
  EXPECT_FALSE(request.body.contains("additional_properties"));
  const assembly::Outcome delivered = assembly::Delivered{core::AssemblyId("a1")};
  store_.write([&](Tx& tx) { settle(tx, *taken, request, delivered, *random_, kNow); });
  EXPECT_EQ(count(NoticeState::open), 1);
  taken = claim();
  ASSERT_TRUE(taken);
  request = request_for(*taken, remaining(*taken), no_labels);
  EXPECT_EQ(request.verb, Request::Verb::remove_properties);
  EXPECT_EQ(request.properties, std::vector<std::string>{"Plan"});
  EXPECT_EQ(request.method(), "DELETE");
  store_.write([&](Tx& tx) { settle(tx, *taken, request, assembly::Delivered{}, *random_, kNow); });
  EXPECT_EQ(count(NoticeState::delivered), 1);
  EXPECT_TRUE(sync::parse_state(*row(e).known).properties.empty());
}

TEST_F(Settle, AKeyGivenWhileTheCallWasUnderWayIsStillToBeAttached) {
  const RowId e = entity("old");
  put(e, "Acme");
  const auto taken = claim();
  store_.write([&](Tx& tx) { tx.rename_entity(e, core::Key("new")); });
  settle_with(*taken, assembly::Delivered{core::AssemblyId("a1")});
  const sync::State known = sync::parse_state(*row(e).known);
  EXPECT_FALSE(known.linked);
  EXPECT_EQ(known.more_keys, std::vector<core::Key>{core::Key("old")});
}

store::Claim known_company(const sync::State& known, const sync::State& wanted) {
  store::Claim claim;
  claim.entity.kind = EntityKind::company;
  claim.entity.key = core::Key("k");
  claim.entity.present = true;
  claim.entity.assembly_id = core::AssemblyId("a1");
  claim.entity.known = sync::to_text(known);
  claim.change.wanted = sync::to_text(wanted);
  return claim;
}

std::optional<core::AssemblyId> label_named(const std::string&, const std::string& name) {
  return core::AssemblyId("id-" + name);
}

TEST(RequestFor, ANullIsSentToWhatIsThereOnly) {
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "c.test"}, {"notes", "x"}};
  sync::State wanted = known;
  wanted.fields["notes"] = nullptr;
  store::Claim claim = known_company(known, wanted);
  Request request = request_for(claim, remaining(claim), label_named);
  ASSERT_TRUE(request.body.contains("notes"));
  EXPECT_TRUE(request.body.at("notes").is_null());
  claim.entity = {};
  claim.entity.key = core::Key("k");
  request = request_for(claim, remaining(claim), label_named);
  EXPECT_FALSE(request.body.contains("notes"));
}

TEST(RequestFor, KeysAreAddedAndRemoved) {
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "c.test"}};
  known.linked = false;
  known.more_keys = {core::Key("former")};
  sync::State wanted;
  wanted.fields = known.fields;
  wanted.more_keys = {core::Key("further")};
  const store::Claim claim = known_company(known, wanted);
  const Request request = request_for(claim, remaining(claim), label_named);
  EXPECT_EQ(request.verb, Request::Verb::update);  // by its id: the key leads nowhere yet
  EXPECT_EQ(request.body.at("source_specific_ids"), core::Value::list({"k", "further"}));
  EXPECT_EQ(request.body.at("removed_source_specific_ids"), core::Value::list({"former"}));
}

TEST(RequestFor, ALabelUnderItsNewNameIsNotTakenAway) {
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "c.test"}};
  known.tags = {"Gold", "Old"};
  sync::State wanted = known;
  wanted.tags = {"VIP"};
  const store::Claim claim = known_company(known, wanted);
  const auto one_label = [](const std::string&, const std::string& name) {
    return std::optional(core::AssemblyId(name == "Old" ? "other" : "renamed"));
  };
  const Request request = request_for(claim, remaining(claim), one_label);
  EXPECT_EQ(request.body.at("tags"), core::Value::list({"renamed"}));
  EXPECT_EQ(request.body.at("removed_tags"), core::Value::list({"other"}));
}

// I6: the look for an unanswered usage log must not come before the call has surely ended.
TEST_F(Settle, Invariant6_ANewerChangeKeepsTheOldersPause) {
  const RowId e = entity("k");
  store_.write([&](Tx& tx) {
    store::Change change;
    change.entity = e;
    change.wanted = sync::to_text(sync::State{});
    change.due_ms = kNow + 60'000;
    tx.put_change(change, kNow);
    change.due_ms = kNow;
    tx.put_change(change, kNow);
  });
  EXPECT_EQ(pending(e)->due_ms, kNow + 60'000);
}

TEST(RequestFor, ExactTagsLeaveNobodyElses) {
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "c.test"}};
  sync::State wanted = known;
  wanted.tags = {"A", "B"};
  wanted.exact_tags = true;
  const store::Claim claim = known_company(known, wanted);
  EXPECT_TRUE(needs_present_tags(claim));
  const std::vector<core::AssemblyId> present = {core::AssemblyId("id-B"),
                                                 core::AssemblyId("by-hand")};
  const Request request = request_for(claim, remaining(claim), label_named, present);
  EXPECT_EQ(request.body.at("tags"), core::Value::list({"id-A"}));
  EXPECT_EQ(request.body.at("removed_tags"), core::Value::list({"by-hand"}));
}

TEST(RequestFor, AlwaysCarriesTheKeyAndWhatACreateNeeds) {
  store::Claim claim;
  claim.entity.kind = EntityKind::company;
  claim.entity.key = core::Key("hubspot-company-1");
  claim.entity.present = true;
  claim.entity.assembly_id = core::AssemblyId("a1");
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "acme.test"}, {"notes", "old"}};
  sync::State wanted = known;
  wanted.fields["notes"] = "new";
  wanted.tags = {"Old tag", "New tag"};
  known.tags = {"Old tag", "Gone tag"};
  claim.entity.known = sync::to_text(known);
  claim.change.wanted = sync::to_text(wanted);
  const auto difference = remaining(claim);
  EXPECT_EQ(labels_needed(claim, difference),
            (std::vector<std::pair<std::string, std::string>>{{"AccountTag", "New tag"}}));
  const Request request =
      request_for(claim, difference, [](const std::string& type, const std::string& name) {
        return std::optional(core::AssemblyId(type + ':' + name));
      });
  EXPECT_EQ(request.verb, Request::Verb::upsert);
  EXPECT_FALSE(request.full);
  EXPECT_EQ(core::Value(request.body),
            core::Value(core::Value::Object{
                {"type", "Company"},
                {"name", "Acme"},
                {"domain", "acme.test"},
                {"notes", "new"},
                {"source_specific_ids", core::Value::list({"hubspot-company-1"})},
                {"tags", core::Value::list({"AccountTag:New tag"})},
                {"removed_tags", core::Value::list({"AccountTag:Gone tag"})}}));
}

TEST(RequestFor, AContactNamesExactlyOneCompany) {
  store::Claim claim;
  claim.entity.kind = EntityKind::contact;
  claim.entity.key = core::Key("p");
  claim.parent_id = core::AssemblyId("a1");
  claim.parent_key = core::Key("c");
  sync::State wanted;
  wanted.fields = {{"name", "N"}, {"domain", "n@c.test"}};
  wanted.company = core::Key("c");
  claim.change.wanted = sync::to_text(wanted);
  const Request request =
      request_for(claim, remaining(claim), [](auto&&...) { return std::nullopt; });
  EXPECT_EQ(request.collection, assembly::Collection::contacts);
  EXPECT_EQ(request.body.count("company_id"), 1u);
  EXPECT_EQ(request.body.count("company_source_specific_id"), 0u);
  EXPECT_EQ(request.body.count("type"), 0u) << "contacts have no type (B3)";
}

TEST(RequestFor, AnAdoptedAccountIsUpdatedByItsId) {
  store::Claim claim;
  claim.entity.kind = EntityKind::company;
  claim.entity.key = core::Key("k");
  claim.entity.present = true;
  claim.entity.assembly_id = core::AssemblyId("a1");
  sync::State known;
  known.fields = {{"name", "Acme"}, {"domain", "acme.test"}};
  known.linked = false;
  claim.entity.known = sync::to_text(known);
  known.linked = true;
  claim.change.wanted = sync::to_text(known);
  const Request request =
      request_for(claim, remaining(claim), [](auto&&...) { return std::nullopt; });
  EXPECT_EQ(request.verb, Request::Verb::update);
  EXPECT_EQ(request.body.at("source_specific_ids"), core::Value::list({"k"}));
}

TEST_F(Settle, ContactsOfACompanyThatIsMadeAnewAreToldWhereTheyBelong) {
  const RowId company = entity("company-1");
  const RowId contact = entity("contact-1", EntityKind::contact);
  store_.write([&](Tx& tx) {
    store::Entity child = tx.entity(contact).value();
    child.parent = company;
    child.present = true;
    child.assembly_id = core::AssemblyId("p1");
    child.record =
        core::RecordRef{core::SourceName("crm"), core::ObjectName("people"), core::RecordId("1")};
    sync::State known;
    known.fields = {{"name", "Ada"}};
    known.company = core::Key("company-1");
    child.known = sync::to_text(known);
    tx.update_entity(child);
  });
  put(company, "Acme");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a2")});
  EXPECT_EQ(sync::parse_state(*row(contact).known).company, std::nullopt);
  const auto due = store_.read([](const store::View& view) {
    return view.notices_to_resolve(core::SourceName("crm"), kNow, 10);
  });
  ASSERT_EQ(due.size(), 1U);
  EXPECT_TRUE(due.front().from_mirror);
  put(company, "Acme Ltd");
  settle_with(*claim(), assembly::Delivered{core::AssemblyId("a2")});
  EXPECT_EQ(store_.read([](const store::View& view) {
    return view.notices_to_resolve(core::SourceName("crm"), kNow, 10).size();
  }),
            1U)
      << "only when the account is another one";
}

}  // namespace
}  // namespace assembly_sync::delivery
