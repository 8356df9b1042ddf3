#include "daemon/sync/lineage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.hpp"
#include "daemon/sync/origin.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

State acme() {
  State state;
  state.fields = {{"name", "Acme"}, {"tier", "Gold"}};
  state.tags = {"a", "b"};
  state.properties = {{"Industry", "Tools"}};
  state.company = core::Key("company-1");
  return state;
}

TEST(Lineage, OfSomethingNewEveryAttributeIsSet) {
  const Settings all = settings(nullptr, acme());
  EXPECT_THAT(all, ElementsAre(Key("additional_properties.Industry"), Key("company"), Key("name"),
                               Key("tags"), Key("tier")));
  EXPECT_EQ(all.at("tier"), (Setting{Value(), "Gold"}));
}

TEST(Lineage, OfAChangeOnlyWhatDiffers) {
  const State before = acme();
  State after = before;
  after.fields["tier"] = "Silver";
  after.tags = {"a"};
  after.properties.clear();
  const Settings all = settings(&before, after);
  EXPECT_THAT(all, ElementsAre(Key("additional_properties.Industry"), Key("tags"), Key("tier")));
  EXPECT_EQ(all.at("tier"), (Setting{"Gold", "Silver"}));
  EXPECT_EQ(all.at("additional_properties.Industry"), (Setting{"Tools", Value()}));
  EXPECT_THAT(settings(&before, before), IsEmpty());
}

TEST(Lineage, IsReadAsItWasWritten) {
  const State before = acme();
  const Settings all = settings(&before, State{});
  EXPECT_EQ(parse_settings(to_text(all, {})), all);
  EXPECT_THROW(parse_settings("[]"), std::runtime_error);
  EXPECT_THROW(parse_settings(R"({"name":["one"]})"), std::runtime_error);
}

TEST(Lineage, HashedValuesCanBeComparedAndNotRead) {
  const Keeping keeping{true, "salt"};
  const State before = acme();
  State after = before;
  after.fields["tier"] = "Silver";
  const std::string text = to_text(settings(&before, after), keeping);
  EXPECT_THAT(text, Not(HasSubstr("Gold")));
  EXPECT_THAT(text, Not(HasSubstr("Silver")));
  const Settings read = parse_settings(text);
  EXPECT_EQ(read.at("tier").from, kept("Gold", keeping));
  EXPECT_NE(read.at("tier").from, read.at("tier").to);
  EXPECT_NE(kept("Gold", {true, "other"}), kept("Gold", keeping));
  EXPECT_EQ(kept(Value(), keeping), Value()) << "nothing stays nothing";
}

TEST(Lineage, WhatWasKeptInClearGoesWhenItShallBeHashed) {
  test::TempStore store;
  const auto random = core::make_seeded_random(1);
  const auto entries = [&] {
    return store.read([](const store::View& view) { return view.lineage(1, 0, 10).size(); });
  };
  store.write([&](store::Tx& tx) {
    store::LineageEntry entry;
    entry.entity = 1;
    entry.sets = R"({"name":[null,"Acme"]})";
    tx.add_lineage(entry);
    keep_history(tx, false, *random);
  });
  EXPECT_EQ(entries(), 1U);
  store.write([&](store::Tx& tx) { keep_history(tx, true, *random); });
  EXPECT_EQ(entries(), 0U);
  const Keeping first = store.read([](const store::View& view) { return keeping(view); });
  EXPECT_TRUE(first.hashed);
  store.write([&](store::Tx& tx) { keep_history(tx, true, *random); });
  EXPECT_EQ(store.read([](const store::View& view) { return keeping(view).salt; }), first.salt)
      << "else no value could be compared with the one before a restart";
}

core::RecordRef ref_of(const char* source, const char* id) {
  return {core::SourceName(source), core::ObjectName("companies"), core::RecordId(id)};
}

store::Change change_of(store::RowId entity) {
  store::Change change;
  change.entity = entity;
  change.wanted = to_text(acme());
  return change;
}

TEST(Origin, OfOneRecordIsItsWord) {
  test::TempStore store;
  store.write([](store::Tx& tx) {
    tx.record_config("hash", "[]", 1);
    const auto ref = ref_of("hubspot", "7");
    tx.put_record({ref, "{}", 42, {}}, 1, 1);
    store::Entity entity = tx.ensure_entity(store::EntityKind::company, core::Key("k"));
    entity.record = ref;
    entity.mapping = "companies";
    tx.update_entity(entity);
    put_change(tx, change_of(entity.id), 1);
    const Origin origin = parse_origin(tx.pending_of(entity.id)->origin);
    EXPECT_EQ(origin, (Origin{1, {{"companies", ref, 42, {}}}}));
    EXPECT_EQ(word_for(origin, "tier"), &origin.words.front());
  });
}

TEST(Origin, OfSeveralEachAttributeIsTheLaterWord) {
  test::TempStore store;
  store.write([](store::Tx& tx) {
    store::Entity entity = tx.ensure_entity(store::EntityKind::company, core::Key("k"));
    entity.record = ref_of("hubspot", "7");
    entity.mapping = "companies";
    entity.shared = true;
    tx.update_entity(entity);
    State billing;
    billing.fields = {{"tier", "Silver"}};
    billing.tags = {"paying"};
    tx.put_contribution(entity.id, {"companies", ref_of("hubspot", "7"), 0, false,
                                    core::OnDelete::ignore, to_text(acme())});
    tx.put_contribution(entity.id, {"customers", ref_of("billing", "9"), 1, true,
                                    core::OnDelete::ignore, to_text(billing)});
    put_change(tx, change_of(entity.id), 1);
    const Origin origin = parse_origin(tx.pending_of(entity.id)->origin);
    EXPECT_EQ(word_for(origin, "tier")->mapping, "customers");
    EXPECT_EQ(word_for(origin, "name")->mapping, "companies");
    EXPECT_EQ(word_for(origin, "nobody's"), nullptr);
    for (const Word& word : origin.words) EXPECT_THAT(word.attributes, Contains("tags"));
  });
}

TEST(Origin, NothingIsKnownOfChangesFromBeforeItWasKept) {
  EXPECT_EQ(parse_origin(""), Origin{});
  EXPECT_EQ(word_for(Origin{}, "name"), nullptr);
  EXPECT_THROW(parse_origin("{}"), std::runtime_error);
}

}  // namespace
}  // namespace assembly_sync::sync
