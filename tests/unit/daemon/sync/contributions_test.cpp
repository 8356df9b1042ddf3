#include "daemon/sync/contributions.hpp"

#include <gtest/gtest.h>

#include "daemon/sync/planner.hpp"
#include "daemon/sync/removal.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;
using store::EntityKind;
using store::NoticeState;
using store::RowId;
using store::Tx;
using Names = std::vector<std::string>;

constexpr std::int64_t kNow = 1'767'225'600'000;

core::RecordRef crm(const std::string& id) {
  return {core::SourceName("hubspot"), core::ObjectName("companies"), core::RecordId(id)};
}
core::RecordRef billing(const std::string& id) {
  return {core::SourceName("billing"), core::ObjectName("customers"), core::RecordId(id)};
}

Verdict verdict(const std::string& mapping, int position, const std::string& key) {
  Verdict v;
  v.kind = Verdict::Kind::intent;
  v.intent.mapping = mapping;
  v.intent.position = position;
  v.intent.key = core::Key(key);
  return v;
}
/// What the CRM's mapping, the first one, makes of a company.
Verdict company(const std::string& key, const std::string& name) {
  Verdict v = verdict("companies", 0, key);
  v.intent.fields = {{"name", name}, {"domain", "acme.test"}};
  return v;
}
/// What the billing's mapping, the second one, adds to it.
Verdict enrichment(const std::string& key) {
  Verdict v = verdict("invoices", 1, key);
  v.intent.match = core::Match::key;
  return v;
}

class Contributions : public testing::Test {
 protected:
  void run(const core::RecordRef& ref, const std::vector<Verdict>& verdicts,
           std::int64_t now_ms = kNow) {
    store_.write([&](Tx& tx) {
      Occasion occasion;
      occasion.record = ref;
      occasion.now_ms = now_ms;
      store::NewNotice row;
      row.ref = ref;
      occasion.notice = tx.add_notice(row);
      tx.put_record({ref, "{}", 1, {}}, now_ms, now_ms);
      plan(tx, occasion, verdicts);
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
      plan_deletion(tx, occasion, "deleted");
    });
  }
  /// Delivers the one pending change of the company, as settling does.
  void deliver(const std::string& key) {
    store_.write([&](Tx& tx) {
      store::Entity entity = tx.entity(EntityKind::company, core::Key(key)).value();
      const auto change = tx.pending_of(entity.id);
      ASSERT_TRUE(change);
      std::optional<State> before;
      if (entity.known) before = parse_state(*entity.known);
      const State wanted = parse_state(change->wanted);
      entity.known =
          to_text(without_removed(after_delivery(before ? &*before : nullptr, wanted), wanted));
      entity.present = true;
      if (!entity.assembly_id) entity.assembly_id = core::AssemblyId("id-" + key);
      tx.update_entity(entity);
      tx.close_change(change->id, NoticeState::delivered, "delivered", kNow);
    });
  }
  store::Entity entity(const std::string& key) {
    return store_.read([&](const store::View& v) {
      return v.entity(EntityKind::company, core::Key(key)).value();
    });
  }
  bool has_entity(const std::string& key) {
    return store_.read([&](const store::View& v) {
      return v.entity(EntityKind::company, core::Key(key)).has_value();
    });
  }
  State wanted(const std::string& key) {
    return store_.read([&](const store::View& v) {
      return parse_state(v.pending_of(entity(key).id).value().wanted);
    });
  }
  bool nothing_to_send(const std::string& key) {
    return store_.read(
        [&](const store::View& v) { return !v.pending_of(entity(key).id).has_value(); });
  }
  std::size_t parts(const std::string& key) {
    return store_.read(
        [&](const store::View& v) { return v.contributions(entity(key).id).size(); });
  }
  std::int64_t count(NoticeState state) {
    return store_.read(
        [&](const store::View& v) { return v.totals().notices[static_cast<std::size_t>(state)]; });
  }
  std::vector<store::OpenNotice> to_map_again(const std::string& source, std::int64_t now_ms) {
    return store_.read([&](const store::View& v) {
      return v.notices_to_resolve(core::SourceName(source), now_ms, 100);
    });
  }
  test::TempStore store_;
};

TEST_F(Contributions, AnEntityOfOneRecordHasNoneStored) {
  run(crm("1"), {company("acme", "Acme")});
  run(crm("1"), {company("acme", "Acme Ltd")});
  EXPECT_EQ(parts("acme"), 0u);
  EXPECT_FALSE(entity("acme").shared);
}

TEST_F(Contributions, EachRecordOwnsItsFields) {
  run(crm("1"), {company("acme", "Acme")});
  deliver("acme");
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"contract_value", 100}};
  run(billing("7"), {invoices});
  EXPECT_EQ(
      Value(wanted("acme").fields),
      Value(Value::Object{{"name", "Acme"}, {"domain", "acme.test"}, {"contract_value", 100}}));
  deliver("acme");
  run(crm("1"), {company("acme", "Acme Ltd")});
  EXPECT_EQ(wanted("acme").fields.at("contract_value"), Value(100));
  EXPECT_EQ(wanted("acme").fields.at("name"), Value("Acme Ltd"));
}

TEST_F(Contributions, TheLaterMappingDecidesWhateverArrivedLast) {
  Verdict from_crm = company("acme", "Acme");
  from_crm.intent.fields["tier"] = "Silver";
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"tier", "Gold"}};
  run(crm("1"), {from_crm});
  run(billing("7"), {invoices});
  EXPECT_EQ(wanted("acme").fields.at("tier"), Value("Gold"));
  from_crm.intent.fields["tier"] = "Bronze";
  run(crm("1"), {from_crm});
  EXPECT_EQ(wanted("acme").fields.at("tier"), Value("Gold"));
}

TEST_F(Contributions, TagsAreThoseOfAll) {
  Verdict from_crm = company("acme", "Acme");
  from_crm.intent.fields["tags"] = Value::list({"A", "B"});
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"tags", Value::list({"B", "C"})}};
  run(crm("1"), {from_crm});
  run(billing("7"), {invoices});
  EXPECT_EQ(wanted("acme").tags, (Names{"A", "B", "C"}));
}

TEST_F(Contributions, TwoMappingsOfOneRecordFeedOneEntity) {
  Verdict more = verdict("more", 1, "acme");
  more.intent.fields = {{"name", "Acme"}, {"domain", "acme.test"}, {"notes", "N"}};
  run(crm("1"), {company("acme", "Acme"), more});
  EXPECT_EQ(wanted("acme").fields.at("notes"), Value("N"));
  deliver("acme");
  EXPECT_EQ(count(NoticeState::delivered), 1);
  run(crm("1"), {company("acme", "Acme"), more});
  EXPECT_TRUE(nothing_to_send("acme"));
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(Contributions, ARecordThatGoesTakesItsPartOnly) {
  Verdict from_crm = company("acme", "Acme");
  from_crm.intent.fields["tags"] = Value::list({"A"});
  from_crm.intent.additional_properties = {{"Region", "EU"}};
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"tags", Value::list({"B"})}, {"contract_value", 100}};
  invoices.intent.additional_properties = {{"Invoices", 3}, {"Region", "US"}};
  invoices.intent.on_delete = core::OnDelete::remove;
  run(crm("1"), {from_crm});
  run(billing("7"), {invoices});
  deliver("acme");
  remove(billing("7"));
  const State known = parse_state(*entity("acme").known);
  const Difference left = difference(&known, wanted("acme"));
  EXPECT_EQ(left.removed_tags, Names{"B"});
  EXPECT_EQ(left.removed_properties, Names{"Invoices"});
  EXPECT_EQ(Value(left.properties), Value(Value::Object{{"Region", "EU"}}));
  EXPECT_EQ(Value(left.fields), Value(Value::Object{{"contract_value", nullptr}}));
  deliver("acme");
  EXPECT_TRUE(entity("acme").present);
}

TEST_F(Contributions, WhatOnlyEnrichesIsLeftAsItIsWhenThePolicyIgnores) {
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"contract_value", 100}};
  run(crm("1"), {company("acme", "Acme")});
  run(billing("7"), {invoices});
  deliver("acme");
  remove(billing("7"));
  EXPECT_TRUE(nothing_to_send("acme"));
  EXPECT_EQ(parts("acme"), 2u);
}

TEST_F(Contributions, WithoutItsMakerTheEntityGoesByItsPolicy) {
  Verdict from_crm = company("acme", "Acme");
  from_crm.intent.on_delete = core::OnDelete::remove;
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"contract_value", 100}};
  run(crm("1"), {from_crm});
  run(billing("7"), {invoices});
  deliver("acme");
  remove(crm("1"));
  const auto change =
      store_.read([&](const store::View& v) { return v.pending_of(entity("acme").id); });
  ASSERT_TRUE(change);
  EXPECT_EQ(change->action, store::Action::remove);
  EXPECT_EQ(parts("acme"), 1u);
}

TEST_F(Contributions, AnotherMakerInheritsTheEntity) {
  Verdict second = verdict("customers", 1, "acme");
  second.intent.fields = {{"name", "Acme Billing"}, {"domain", "acme.test"}};
  Verdict from_crm = company("acme", "Acme");
  from_crm.intent.on_delete = core::OnDelete::remove;
  run(crm("1"), {from_crm});
  run(billing("7"), {second});
  deliver("acme");
  remove(crm("1"));
  EXPECT_EQ(entity("acme").record, billing("7"));
  EXPECT_TRUE(nothing_to_send("acme"));
  EXPECT_EQ(parts("acme"), 1u);
}

TEST_F(Contributions, WhatEnrichesWaitsForWhatItEnriches) {
  Verdict by_domain = enrichment("");
  by_domain.intent.match = core::Match::domain;
  by_domain.intent.match_domain = "ACME.test";
  by_domain.intent.fields = {{"contract_value", 100}};
  run(billing("7"), {by_domain});
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  run(crm("1"), {company("acme", "Acme")});
  const auto again = to_map_again("billing", kNow);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again.front().ref, billing("7"));
  run(billing("7"), {by_domain});
  EXPECT_EQ(wanted("acme").fields.at("contract_value"), Value(100));
}

TEST_F(Contributions, AKeptFieldStaysWanted) {
  Verdict v = company("acme", "Acme");
  v.intent.fields["notes"] = "N";
  run(crm("1"), {v});
  deliver("acme");
  v.intent.fields.erase("notes");
  v.intent.fields["name"] = "Acme Ltd";
  v.intent.kept_fields = {"notes"};
  run(crm("1"), {v});
  EXPECT_EQ(wanted("acme").fields.at("notes"), Value("N"));
}

TEST_F(Contributions, AnEntityWhoseKeyChangedGoesOnUnderTheNewOne) {
  run(crm("1"), {company("old-1", "Acme")});
  deliver("old-1");
  run(crm("1"), {company("new-1", "Acme")});
  EXPECT_FALSE(has_entity("old-1"));
  EXPECT_EQ(entity("new-1").assembly_id, core::AssemblyId("id-old-1"));
  const State known = parse_state(*entity("new-1").known);
  const Difference left = difference(&known, wanted("new-1"));
  EXPECT_TRUE(left.link);
  EXPECT_EQ(left.removed_keys, std::vector<core::Key>{core::Key("old-1")});
  deliver("new-1");
  run(crm("1"), {company("new-1", "Acme")});
  EXPECT_TRUE(nothing_to_send("new-1"));
}

TEST_F(Contributions, AnUnsentEntityTakesItsNewKeyAtOnce) {
  run(crm("1"), {company("old-1", "Acme")});
  run(crm("1"), {company("new-1", "Acme")});
  EXPECT_FALSE(has_entity("old-1"));
  deliver("new-1");
  EXPECT_TRUE(entity("new-1").present);
}

// The call under way may still make an account with the old key: a second one with the new key
// would be its twin.
TEST_F(Contributions, AKeyIsNotChangedWhileACallIsUnderWay) {
  run(crm("1"), {company("old-1", "Acme")});
  store_.write([&](Tx& tx) { ASSERT_TRUE(tx.claim(kNow, "lease")); });
  run(crm("1"), {company("new-1", "Acme")});
  EXPECT_TRUE(has_entity("old-1"));
  EXPECT_FALSE(has_entity("new-1"));
  EXPECT_TRUE(to_map_again("hubspot", kNow).empty());
  EXPECT_EQ(to_map_again("hubspot", kNow + 60'000).size(), 1u);
}

TEST_F(Contributions, ARecordThatMovesToAnExistingEntityFeedsThatOne) {
  run(crm("1"), {company("acme", "Acme")});
  deliver("acme");
  Verdict other = company("acme", "Acme Two");
  run(crm("2"), {other});
  EXPECT_EQ(wanted("acme").fields.at("name"), Value("Acme Two"));
  EXPECT_EQ(parts("acme"), 2u);
}

TEST_F(Contributions, AKeptValueIsTheMappingsOwnAndNobodyElses) {
  Verdict from_crm = company("acme", "Acme");
  from_crm.intent.fields["contract_value"] = 5;
  Verdict invoices = enrichment("acme");
  invoices.intent.kept_fields = {"contract_value"};
  run(crm("1"), {from_crm});
  run(billing("7"), {invoices});
  run(billing("7"), {invoices});
  from_crm.intent.fields["contract_value"] = 7;
  run(crm("1"), {from_crm});
  EXPECT_EQ(wanted("acme").fields.at("contract_value"), Value(7));
}

TEST_F(Contributions, WhatALeavingPartTakesAwayOutlivesANewerReading) {
  Verdict invoices = enrichment("acme");
  invoices.intent.additional_properties = {{"Invoices", 3}};
  invoices.intent.on_delete = core::OnDelete::remove;
  run(crm("1"), {company("acme", "Acme")});
  run(billing("7"), {invoices});
  deliver("acme");
  remove(billing("7"));
  run(crm("1"), {company("acme", "Acme Ltd")});
  const State known = parse_state(*entity("acme").known);
  EXPECT_EQ(difference(&known, wanted("acme")).removed_properties, Names{"Invoices"});
}

TEST_F(Contributions, ARecordThatIsMatchedElsewhereTakesItsPartAlong) {
  Verdict invoices = enrichment("acme");
  invoices.intent.fields = {{"tags", Value::list({"Paying"})}};
  Verdict beta = company("beta", "Beta");
  beta.intent.fields["domain"] = "beta.test";
  run(crm("1"), {company("acme", "Acme")});
  run(crm("2"), {beta});
  run(billing("7"), {invoices});
  deliver("acme");
  deliver("beta");
  invoices.intent.key = core::Key("beta");
  run(billing("7"), {invoices});
  EXPECT_EQ(wanted("beta").tags, Names{"Paying"});
  const State known = parse_state(*entity("acme").known);
  EXPECT_EQ(difference(&known, wanted("acme")).removed_tags, Names{"Paying"});
}

TEST_F(Contributions, AContactThatHasNoCompanyToGoToTakesOverNobodyElses) {
  const auto person = [](const std::string& record, const std::string& company_key) {
    Verdict v = verdict("contacts", 2, "a@acme.test");
    v.intent.kind = EntityKind::contact;
    v.intent.company_key = core::Key(company_key);
    v.intent.on_delete = core::OnDelete::remove;
    v.intent.fields = {{"name", record}, {"domain", "a@acme.test"}};
    return v;
  };
  run(crm("1"), {company("acme", "Acme")});
  deliver("acme");
  run(crm("c1"), {person("c1", "acme")});
  run(crm("c2"), {person("c2", "nowhere")});
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  const auto contact = store_.read([](const store::View& v) {
    return v.entity(EntityKind::contact, core::Key("a@acme.test")).value();
  });
  EXPECT_EQ(contact.record, crm("c1"));
  EXPECT_EQ(contact.parent, entity("acme").id);
  remove(crm("c2"));
  const auto change =
      store_.read([&](const store::View& v) { return v.pending_of(contact.id).value(); });
  EXPECT_EQ(change.action, store::Action::upsert);
}

TEST_F(Contributions, AKeyThatSomebodyWaitsForAlreadyMakesNoTwin) {
  run(crm("1"), {company("old-1", "Acme")});
  deliver("old-1");
  store_.write([&](Tx& tx) {
    const store::Entity awaited = tx.ensure_entity(EntityKind::company, core::Key("new-1"));
    store::Entity child = tx.ensure_entity(EntityKind::contact, core::Key("c"));
    child.parent = awaited.id;
    tx.update_entity(child);
  });
  run(crm("1"), {company("new-1", "Acme")});
  EXPECT_EQ(entity("new-1").assembly_id, core::AssemblyId("id-old-1"));
  EXPECT_EQ(store_
                .read([](const store::View& v) {
                  return v.entity(EntityKind::contact, core::Key("c")).value();
                })
                .parent,
            entity("new-1").id);
}

TEST_F(Contributions, MergedRecordsThatFedOneEntityArePlannedOnce) {
  Verdict first = enrichment("acme");
  first.intent.fields = {{"tags", Value::list({"A"})}};
  Verdict second = enrichment("acme");
  second.intent.fields = {{"tags", Value::list({"B"})}};
  run(crm("1"), {company("acme", "Acme")});
  run(billing("7"), {first});
  run(billing("8"), {second});
  store_.write([&](Tx& tx) { tx.put_merge(billing("7"), core::RecordId("8"), 1, kNow); });
  run(billing("8"), {second});
  EXPECT_EQ(wanted("acme").tags, Names{"B"});
  EXPECT_EQ(parts("acme"), 2u);
}

}  // namespace
}  // namespace assembly_sync::sync
