#include "daemon/sync/planner.hpp"

#include <gtest/gtest.h>

#include "daemon/sync/merges.hpp"
#include "daemon/sync/removal.hpp"
#include "daemon/sync/state.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;

constexpr std::int64_t kNow = 1'767'225'600'000;

core::RecordRef company_ref(const std::string& id) {
  return {core::SourceName("hubspot"), core::ObjectName("companies"), core::RecordId(id)};
}
core::RecordRef contact_ref(const std::string& id) {
  return {core::SourceName("hubspot"), core::ObjectName("contacts"), core::RecordId(id)};
}

Verdict company(const std::string& id, const std::string& name, core::OnDelete on_delete = {}) {
  Verdict v;
  v.kind = Verdict::Kind::intent;
  v.intent.mapping = "companies";
  v.intent.kind = EntityKind::company;
  v.intent.key = core::Key("company-" + id);
  v.intent.fields = {{"name", name}, {"domain", "c" + id + ".test"}};
  v.intent.on_delete = on_delete;
  return v;
}
Verdict contact(const std::string& id, const std::string& company_id) {
  Verdict v;
  v.kind = Verdict::Kind::intent;
  v.intent.mapping = "contacts";
  v.intent.kind = EntityKind::contact;
  v.intent.key = core::Key("contact-" + id);
  v.intent.company_key = core::Key("company-" + company_id);
  v.intent.fields = {{"name", "N"}, {"domain", "n" + id + "@c.test"}};
  return v;
}
Verdict no_intent(Verdict::Kind kind) {
  Verdict v;
  v.kind = kind;
  v.reason = "because";
  return v;
}

class Planner : public testing::Test {
 protected:
  RowId run(const core::RecordRef& ref, const std::vector<Verdict>& verdicts,
            std::vector<core::RecordRef> related = {}, store::Lane lane = store::Lane::live) {
    RowId notice = 0;
    store_.write([&](Tx& tx) {
      store::NewNotice row;
      row.ref = ref;
      notice = tx.add_notice(row);
      tx.put_record({ref, "{}", 1, {}}, kNow, kNow);
      Occasion occasion;
      occasion.record = ref;
      occasion.related = std::move(related);
      occasion.lane = lane;
      occasion.now_ms = kNow;
      occasion.notice = notice;
      plan(tx, occasion, verdicts);
    });
    return notice;
  }
  /// Delivers whatever can be claimed, as a worker would, and returns what was sent, in order.
  std::vector<std::string> drain() {
    std::vector<std::string> sent;
    while (true) {
      std::optional<store::Claim> claim;
      store_.write([&](Tx& tx) { claim = tx.claim(kNow, "l"); });
      if (!claim) return sent;
      sent.push_back(claim->entity.key.str());
      store_.write([&](Tx& tx) {
        store::Entity entity = tx.entity(claim->entity.id).value();
        const bool removed = claim->change.action == store::Action::remove;
        entity.present = !removed;
        entity.assembly_id =
            removed ? std::nullopt : std::optional(core::AssemblyId("id-" + entity.key.str()));
        entity.known = removed ? std::nullopt : std::optional(claim->change.wanted);
        tx.update_entity(entity);
        tx.close_change(claim->change.id, NoticeState::delivered, "delivered", kNow);
        for (const auto& child : tx.waiting_children(entity.id))
          tx.set_wait(child.id, store::Wait::nothing);
      });
    }
  }
  std::int64_t count(NoticeState state) {
    return store_.read(
        [&](const store::View& v) { return v.totals().notices[static_cast<std::size_t>(state)]; });
  }
  std::vector<store::OpenNotice> to_resolve() {
    return store_.read([&](const store::View& v) {
      return v.notices_to_resolve(core::SourceName("hubspot"), kNow, 100);
    });
  }
  void remove(const core::RecordRef& ref) {
    store_.write([&](Tx& tx) {
      Occasion occasion;
      occasion.record = ref;
      occasion.now_ms = kNow;
      store::NewNotice row;
      row.ref = ref;
      occasion.notice = tx.add_notice(row);
      plan_deletion(tx, occasion, "deleted in hubspot");
    });
  }
  std::optional<store::Change> pending(const std::string& company_key) {
    return store_.read([&](const store::View& v) {
      return v.pending_of(v.entity(EntityKind::company, core::Key(company_key))->id);
    });
  }
  test::TempStore store_;
};

TEST_F(Planner, ANewCompanyIsSentOnce) {
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_EQ(drain(), std::vector<std::string>{"company-1"});
  EXPECT_EQ(count(NoticeState::delivered), 1);
}

TEST_F(Planner, AnUnchangedCompanyCostsNoCall) {
  run(company_ref("1"), {company("1", "Acme")});
  drain();
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(Planner, TwoNoticesOfOneStateShareOneCall) {
  run(company_ref("1"), {company("1", "Acme")});
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_EQ(drain().size(), 1u);
  EXPECT_EQ(count(NoticeState::delivered), 2);
}

TEST_F(Planner, TheNewestStateWinsAndTheOlderNoticeIsSuperseded) {
  run(company_ref("1"), {company("1", "Old")});
  run(company_ref("1"), {company("1", "New")});
  EXPECT_EQ(drain().size(), 1u);
  EXPECT_EQ(count(NoticeState::superseded), 1);
  EXPECT_EQ(count(NoticeState::delivered), 1);
}

TEST_F(Planner, AChangeThatReturnsToTheKnownStateIsWithdrawn) {
  run(company_ref("1"), {company("1", "A")});
  drain();
  run(company_ref("1"), {company("1", "B")});
  run(company_ref("1"), {company("1", "A")});
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(Planner, WhatIsInFlightIsTheBaselineOfTheNextState) {
  run(company_ref("1"), {company("1", "A")});
  std::optional<store::Claim> claim;
  store_.write([&](Tx& tx) { claim = tx.claim(kNow, "l"); });
  run(company_ref("1"), {company("1", "A")});  // the same as in flight: waits for its end
  EXPECT_EQ(count(NoticeState::open), 2);
  run(company_ref("1"), {company("1", "B")});
  store_.write(
      [&](Tx& tx) { tx.close_change(claim->change.id, NoticeState::delivered, "d", kNow); });
  EXPECT_EQ(count(NoticeState::delivered), 2);
  EXPECT_EQ(drain().size(), 1u);
}

TEST_F(Planner, ALiveNoticeLiftsAPendingBackfillChangeIntoTheLiveLane) {
  run(company_ref("1"), {company("1", "A")}, {}, store::Lane::backfill);
  run(company_ref("1"), {company("1", "A")}, {}, store::Lane::live);
  const auto totals = store_.read([](const store::View& v) { return v.totals(); });
  EXPECT_EQ(totals.pending[static_cast<int>(store::Lane::live)], 1);
  EXPECT_EQ(totals.pending[static_cast<int>(store::Lane::backfill)], 0);
}

TEST_F(Planner, FilteredAndRefusedRecordsEndAtOnce) {
  run(company_ref("1"), {no_intent(Verdict::Kind::filtered)});
  run(company_ref("2"), {no_intent(Verdict::Kind::refused)});
  run(contact_ref("3"), {no_intent(Verdict::Kind::no_parent)});
  run(company_ref("4"), {});
  EXPECT_EQ(count(NoticeState::filtered), 1);
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  EXPECT_EQ(count(NoticeState::ignored), 1);
}

TEST_F(Planner, ARefusedMappingDoesNotHoldUpTheOther) {
  run(company_ref("1"), {no_intent(Verdict::Kind::refused), company("1", "A")});
  EXPECT_EQ(drain().size(), 1u);
  EXPECT_EQ(count(NoticeState::dead), 1);
}

// I5
TEST_F(Planner, Invariant5_AContactWaitsForItsOwnCompanyOnly) {
  run(company_ref("1"), {company("1", "A")});
  run(company_ref("2"), {company("2", "B")});
  run(contact_ref("7"), {contact("7", "2")}, {company_ref("2")});
  const auto sent = drain();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[2], "contact-7");
}

TEST_F(Planner, AnUnknownCompanyIsFetchedForItsContact) {
  run(contact_ref("7"), {contact("7", "9")}, {company_ref("9")});
  EXPECT_TRUE(drain().empty());
  const auto wanted = to_resolve();
  ASSERT_EQ(wanted.size(), 1u);
  EXPECT_EQ(wanted[0].ref, company_ref("9"));
  store_.write(
      [&](Tx& tx) { tx.finish_notice(wanted[0].id, NoticeState::superseded, "test", kNow); });
  run(company_ref("9"), {company("9", "Nine")});
  EXPECT_EQ(drain(), (std::vector<std::string>{"company-9", "contact-7"}));
}

TEST_F(Planner, AnUnknownCompanyIsFetchedOnceForAllItsContacts) {
  run(contact_ref("7"), {contact("7", "9")}, {company_ref("9")});
  run(contact_ref("8"), {contact("8", "9")}, {company_ref("9")});
  EXPECT_EQ(to_resolve().size(), 1u);
}

TEST_F(Planner, ContactsOfAFilteredCompanyAreOrphanedAndComeBackWhenItAppears) {
  run(contact_ref("7"), {contact("7", "9")}, {company_ref("9")});
  run(company_ref("9"), {no_intent(Verdict::Kind::filtered)});
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  store_.write([&](Tx& tx) {
    for (const auto& notice : to_resolve())
      tx.finish_notice(notice.id, NoticeState::filtered, "test", kNow);
  });
  run(company_ref("9"), {company("9", "Nine")});
  const auto again = to_resolve();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].ref, contact_ref("7"));
  EXPECT_TRUE(again[0].from_mirror);
}

TEST_F(Planner, AContactOfACompanyThatNoRecordGivesIsOrphaned) {
  run(contact_ref("7"), {contact("7", "9")});
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  EXPECT_TRUE(drain().empty());
}

TEST_F(Planner, AContactMayNameItsCompanyByDomain) {
  run(company_ref("1"), {company("1", "A")});
  Verdict v = contact("7", "1");
  v.intent.company_key.reset();
  v.intent.company_domain = "C1.test";
  run(contact_ref("7"), {v});
  EXPECT_EQ(drain(), (std::vector<std::string>{"company-1", "contact-7"}));
}

TEST_F(Planner, ADeletedRecordIsHandledAsItsMappingSays) {
  run(company_ref("1"), {company("1", "Keep", core::OnDelete::ignore)});
  run(company_ref("2"), {company("2", "Tag", core::OnDelete::tag)});
  run(company_ref("3"), {company("3", "Remove", core::OnDelete::remove)});
  drain();
  for (const char* id : {"1", "2", "3"}) {
    store_.write([&](Tx& tx) {
      Occasion occasion;
      occasion.record = company_ref(id);
      occasion.now_ms = kNow;
      store::NewNotice row;
      row.ref = company_ref(id);
      occasion.notice = tx.add_notice(row);
      plan_deletion(tx, occasion, "deleted in hubspot");
    });
  }
  EXPECT_EQ(count(NoticeState::ignored), 1);
  const auto tagged = store_.read([](const store::View& v) {
    return v.pending_of(v.entity(EntityKind::company, core::Key("company-2"))->id);
  });
  ASSERT_TRUE(tagged);
  EXPECT_EQ(parse_state(tagged->wanted).tags, std::vector<std::string>{std::string(kDeletedTag)});
  const auto removed = store_.read([](const store::View& v) {
    return v.pending_of(v.entity(EntityKind::company, core::Key("company-3"))->id);
  });
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->action, store::Action::remove);
}

// Two mappings that want different things of one entity: no endless back and forth.
TEST_F(Planner, OfTwoMappingsThatMakeOneEntityTheLaterDecides) {
  Verdict other = company("1", "Second");
  other.intent.mapping = "more";
  run(company_ref("1"), {company("1", "First"), other});
  std::optional<store::Claim> claim;
  store_.write([&](Tx& tx) { claim = tx.claim(kNow, "l"); });
  run(company_ref("2"), {company("2", "Elsewhere")});
  run(company_ref("1"), {company("1", "First"), other});
  EXPECT_EQ(parse_state(claim->change.wanted).fields.at("name"), Value("Second"));
  store_.write(
      [&](Tx& tx) { tx.close_change(claim->change.id, NoticeState::delivered, "d", kNow); });
  EXPECT_EQ(count(NoticeState::delivered), 2);
}

// I4
TEST_F(Planner, Invariant4_ADeletionTagsTheNewestStateNotTheKnownOne) {
  run(company_ref("1"), {company("1", "Old", core::OnDelete::tag)});
  drain();
  run(company_ref("1"), {company("1", "New", core::OnDelete::tag)});
  std::optional<store::Claim> claim;
  store_.write([&](Tx& tx) { claim = tx.claim(kNow, "l"); });
  remove(company_ref("1"));
  const auto tagged = pending("company-1");
  ASSERT_TRUE(tagged);
  EXPECT_EQ(parse_state(tagged->wanted).fields.at("name"), Value("New"));
}

TEST_F(Planner, ARecordThatComesBackLosesTheDeletedTag) {
  run(company_ref("1"), {company("1", "A", core::OnDelete::tag)});
  drain();
  remove(company_ref("1"));
  drain();
  run(company_ref("1"), {company("1", "A", core::OnDelete::tag)});
  const auto back = pending("company-1");
  ASSERT_TRUE(back);
  EXPECT_EQ(parse_state(back->wanted).tags, std::vector<std::string>{});
  drain();
  run(company_ref("1"), {company("1", "A", core::OnDelete::tag)});
  EXPECT_TRUE(drain().empty());
}

TEST_F(Planner, AContactIsRemovedAlsoWhenItsCompanyIsGone) {
  run(company_ref("1"), {company("1", "A", core::OnDelete::remove)});
  Verdict person = contact("7", "1");
  person.intent.on_delete = core::OnDelete::remove;
  run(contact_ref("7"), {person});
  drain();
  remove(company_ref("1"));
  drain();
  remove(contact_ref("7"));
  EXPECT_EQ(drain(), std::vector<std::string>{"contact-7"});
}

TEST_F(Planner, ContactsOfADomainComeBackWhenACompanyTakesItOver) {
  run(company_ref("1"), {company("1", "A")});
  drain();
  Verdict person = contact("7", "1");
  person.intent.company_key.reset();
  person.intent.company_domain = "new.test";
  run(contact_ref("7"), {person});
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  Verdict renamed = company("1", "A");
  renamed.intent.fields["domain"] = "new.test";
  run(company_ref("1"), {renamed});
  const auto again = to_resolve();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].ref, contact_ref("7"));
}

class Adoption : public Planner {
 protected:
  void directory(const std::string& id, const std::string& domain, std::vector<core::Key> keys,
                 const std::string& attributes) {
    store_.write([&](Tx& tx) {
      tx.put_directory(
          {EntityKind::company, core::AssemblyId(id), domain, std::move(keys), attributes, kNow});
    });
  }
  store::Entity entity(const std::string& key) {
    return store_.read([&](const store::View& v) {
      return v.entity(EntityKind::company, core::Key(key)).value();
    });
  }
};

TEST_F(Adoption, WhatAssemblyAlreadyHasIsNotSentAgain) {
  directory("a1", "c1.test", {core::Key("company-1")},
            R"({"account_type":"Company","name":"Acme","domain":"c1.test"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_TRUE(drain().empty());
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

// I5, and the contact must not wait for ever.
TEST_F(Adoption, ContactsThatWaitedGoWhenTheirCompanyIsFoundUnchanged) {
  directory("a1", "c1.test", {core::Key("company-1")},
            R"({"account_type":"Company","name":"Acme","domain":"c1.test"})");
  run(contact_ref("7"), {contact("7", "1")}, {company_ref("1")});
  EXPECT_TRUE(drain().empty());
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_EQ(drain(), std::vector<std::string>{"contact-7"});
}

TEST_F(Adoption, AnAttributeThatTheListLacksIsUnknownAndSent) {
  directory("a1", "c1.test", {core::Key("company-1")},
            R"({"account_type":"Company","domain":"c1.test"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_EQ(drain().size(), 1u);
}

TEST_F(Adoption, AnAccountWithTheWantedDomainIsAdoptedNotDuplicated) {
  directory("a1", "c1.test", {}, R"({"type":"Company","name":"Acme","domain":"c1.test"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_EQ(entity("company-1").assembly_id, core::AssemblyId("a1"));
  EXPECT_FALSE(parse_state(*entity("company-1").known).linked);
  EXPECT_EQ(drain().size(), 1u) << "the key is to be attached";
}

TEST_F(Adoption, TwoAccountsWithOneDomainAreAHumansChoice) {
  directory("a1", "c1.test", {}, R"({"type":"Company"})");
  directory("a2", "c1.test", {}, R"({"type":"Company"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_FALSE(entity("company-1").assembly_id);
}

TEST_F(Adoption, AnAccountThatAnotherKeyOfOursHoldsIsNotAdoptedAgain) {
  directory("a1", "c1.test", {}, R"({"type":"Company","name":"Acme","domain":"c1.test"})");
  run(company_ref("1"), {company("1", "Acme")});
  Verdict twin = company("2", "Acme Two");
  twin.intent.fields["domain"] = "c1.test";
  run(company_ref("2"), {twin});
  EXPECT_EQ(entity("company-1").assembly_id, core::AssemblyId("a1"));
  EXPECT_FALSE(entity("company-2").assembly_id);
}

// The record that the account belongs to may come later in the same backfill.
TEST_F(Adoption, AnAccountWithTheKeyOfAnotherRecordIsNotAdoptedByItsDomain) {
  directory("a1", "c1.test", {core::Key("company-7")}, R"({"type":"Company"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_FALSE(entity("company-1").assembly_id);
}

TEST_F(Adoption, AnAccountWithTheKeyOfAnotherToolIsAdopted) {
  directory("a1", "c1.test", {core::Key("intercom-7"), core::Key("acme")}, R"({"type":"Company"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_EQ(entity("company-1").assembly_id, core::AssemblyId("a1"));
}

TEST_F(Adoption, AContactOfAnotherCompanyIsMovedToTheWantedDomain) {
  directory("a1", "c1.test", {core::Key("company-1")}, R"({"type":"Company"})");
  const auto add = [&](const std::string& id, const std::string& company_id) {
    store_.write([&](Tx& tx) {
      tx.put_directory(
          {EntityKind::contact,
           core::AssemblyId("p" + id),
           "n" + id + "@c.test",
           {core::Key("contact-" + id)},
           R"({"name":"N","domain":"n)" + id + R"(@c.test","company_id":")" + company_id + R"("})",
           kNow});
    });
    Verdict v = contact(id, "1");
    v.intent.company_key.reset();
    v.intent.company_domain = "C1.test";
    run(contact_ref(id), {v});
  };
  add("7", "another");
  add("8", "a1");
  EXPECT_EQ(drain(), std::vector<std::string>{"contact-7"});
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(Adoption, ACustomerWithTheSameDomainIsNotTakenForACompany) {
  directory("a1", "c1.test", {}, R"({"type":"Customer"})");
  run(company_ref("1"), {company("1", "Acme")});
  EXPECT_FALSE(entity("company-1").assembly_id);
}

/// Its key is to leave the survivor's account; when that was refused, asking again would not help.
TEST_F(Planner, Invariant7_AKeyThatAssemblyDidNotGiveFreeIsNotAskedForAgain) {
  run(company_ref("1"), {company("1", "Acme")});
  run(company_ref("2"), {company("2", "Acme GmbH")});
  drain();
  store_.write([](Tx& tx) { note_merge(tx, company_ref("2"), core::RecordId("1"), 1, kNow); });
  // The loser's account is gone, its key is on the survivor's.
  store_.write([](Tx& tx) {
    store::Entity survivor = tx.entity(EntityKind::company, core::Key("company-1")).value();
    State known = parse_state(*survivor.known);
    known.more_keys.emplace_back("company-2");
    survivor.known = to_text(known);
    tx.update_entity(survivor);
    store::Entity loser = tx.entity(EntityKind::company, core::Key("company-2")).value();
    loser.merged_into = survivor.id;
    loser.present = false;
    loser.assembly_id.reset();
    loser.known.reset();
    tx.update_entity(loser);
  });

  RowId notice = 0;
  const auto comes_back = [&](int attempts) {
    store_.write([&](Tx& tx) {
      if (notice == 0) {
        store::NewNotice row;
        row.ref = company_ref("2");
        notice = tx.add_notice(row);
      }
      Occasion occasion;
      occasion.record = company_ref("2");
      occasion.now_ms = kNow + 60'000;
      occasion.notice = notice;
      occasion.attempts = attempts;
      EXPECT_EQ(outdated(tx, occasion), std::nullopt);
      plan(tx, occasion, {company("2", "Acme GmbH")});
    });
  };
  comes_back(0);
  const auto change = pending("company-1");
  ASSERT_TRUE(change);
  comes_back(1);  // not sent yet: it waits
  EXPECT_EQ(count(NoticeState::dead), 0);
  store_.write(
      [&](Tx& tx) { tx.close_change(change->id, NoticeState::dead, "422", kNow + 60'000); });
  comes_back(2);
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_FALSE(pending("company-1"));
}

}  // namespace
}  // namespace assembly_sync::sync
