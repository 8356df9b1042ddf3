#include "daemon/sync/usage.hpp"

#include <gtest/gtest.h>

#include "daemon/store/backup.hpp"
#include "daemon/sync/planner.hpp"
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

core::RecordRef login(const std::string& id) {
  return {core::SourceName("product"), core::ObjectName("logins"), core::RecordId(id)};
}
core::RecordRef company_record(const std::string& id) {
  return {core::SourceName("hubspot"), core::ObjectName("companies"), core::RecordId(id)};
}

core::Intent event(const std::string& id, const std::string& content = "logged in") {
  core::Intent intent;
  intent.mapping = "logins";
  intent.kind = EntityKind::usage;
  intent.key = core::event_key(core::SourceName("product"), core::ObjectName("logins"), id);
  intent.about = core::About{EntityKind::company, core::Key("company-1")};
  intent.fields = {{"timestamp", "2026-01-01T10:00:00Z"},
                   {"type", "Action"},
                   {"content", content},
                   {"attribute", "Login"}};
  intent.metadata = {{"User", "u1"}};
  return intent;
}

class UsagePlan : public testing::Test {
 protected:
  void run(const core::RecordRef& ref, const core::Intent& intent) {
    store_.write([&](Tx& tx) {
      tx.put_record({ref, "{}", 1, {}}, kNow, kNow);
      plan(tx, occasion(tx, ref), {{Verdict::Kind::intent, {}, intent, {}}});
    });
  }
  void run(const core::Intent& intent) { run(login("7"), intent); }
  void remove(const core::RecordRef& ref) {
    store_.write([&](Tx& tx) { plan_deletion(tx, occasion(tx, ref), "deleted in product"); });
  }
  static Occasion occasion(Tx& tx, const core::RecordRef& ref) {
    Occasion occasion;
    occasion.record = ref;
    occasion.now_ms = kNow;
    store::NewNotice row;
    row.ref = ref;
    occasion.notice = tx.add_notice(row);
    return occasion;
  }
  void run_company() {
    core::Intent intent;
    intent.mapping = "companies";
    intent.key = core::Key("company-1");
    intent.fields = {{"name", "Acme"}, {"domain", "acme.test"}};
    run(company_record("1"), intent);
  }
  /// The company is present, and so may what is about it go.
  void deliver_company() {
    store_.write([](Tx& tx) {
      const auto claim = tx.claim(kNow, "l");
      store::Entity entity = tx.entity(claim->entity.id).value();
      entity.present = true;
      entity.assembly_id = core::AssemblyId("a1");
      entity.known = claim->change.wanted;
      tx.update_entity(entity);
      tx.close_change(claim->change.id, NoticeState::delivered, "delivered", kNow);
      release_children(tx, entity);
    });
  }
  void company_is_there() {
    run_company();
    deliver_company();
  }
  store::Entity log() {
    return store_.read([](const store::View& v) {
      return v.entity(EntityKind::usage, core::Key("product.logins/7")).value();
    });
  }
  std::optional<store::Change> pending() {
    const RowId id = log().id;
    return store_.read([&](const store::View& v) { return v.pending_of(id); });
  }
  std::optional<store::Claim> claim(std::int64_t now_ms = kNow) {
    std::optional<store::Claim> claim;
    store_.write([&](Tx& tx) { claim = tx.claim(now_ms, "l"); });
    return claim;
  }
  /// As after the answer to its POST.
  void deliver_log() {
    const auto claimed = claim();
    store_.write([&](Tx& tx) {
      store::Entity entity = tx.entity(claimed->entity.id).value();
      entity.present = true;
      entity.assembly_id = core::AssemblyId("log-7");
      entity.known = claimed->change.wanted;
      tx.update_entity(entity);
      tx.close_change(claimed->change.id, NoticeState::delivered, "delivered", kNow);
    });
  }
  void cast_doubt() {
    const auto claimed = claim();
    store_.write([&](Tx& tx) {
      store::Entity entity = tx.entity(claimed->entity.id).value();
      cast_usage_doubt(entity, claimed->change.wanted);
      tx.update_entity(entity);
      tx.close_change(claimed->change.id, NoticeState::held, "not told", kNow);
    });
  }
  std::int64_t count(NoticeState state) {
    return store_.read(
        [&](const store::View& v) { return v.totals().notices[static_cast<std::size_t>(state)]; });
  }
  test::TempStore store_;
};

TEST_F(UsagePlan, ALogAboutNobodyGoesAtOnce) {
  core::Intent intent = event("7");
  intent.about.reset();
  run(intent);
  const auto claimed = claim();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->entity.kind, EntityKind::usage);
  EXPECT_EQ(claimed->entity.key, core::Key("product.logins/7"));
  EXPECT_EQ(parse_state(claimed->change.wanted).metadata, intent.metadata);
}

TEST_F(UsagePlan, ALogWaitsForWhatItIsAbout) {
  run_company();
  run(event("7"));
  EXPECT_EQ(pending()->wait, store::Wait::parent);
  deliver_company();
  EXPECT_EQ(claim()->entity.key, core::Key("product.logins/7"));
}

TEST_F(UsagePlan, WhatIsAboutNothingKnownIsRememberedAndMappedAgainWhenItComes) {
  run(event("7"));
  EXPECT_EQ(count(NoticeState::orphaned), 1);
  EXPECT_FALSE(pending());
  run_company();
  const auto again = store_.read([](const store::View& v) {
    return v.notices_to_resolve(core::SourceName("product"), kNow, 10);
  });
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].ref, login("7"));
  EXPECT_TRUE(again[0].from_mirror);
}

TEST_F(UsagePlan, AnEventReadTwiceIsOneLog) {
  company_is_there();
  run(event("7"));
  run(event("7"));
  deliver_log();
  run(login("7-again"), event("7"));
  EXPECT_FALSE(claim());
  EXPECT_EQ(count(NoticeState::delivered), 3);  // with the company
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(UsagePlan, ANewerReadingReplacesWhatWasNotSentYet) {
  company_is_there();
  run(event("7"));
  run(event("7", "signed in"));
  EXPECT_EQ(parse_state(claim()->change.wanted).fields.at("content"), Value("signed in"));
  EXPECT_EQ(count(NoticeState::superseded), 1);
}

TEST_F(UsagePlan, ALogOnceSentStaysAsItWasSent) {
  company_is_there();
  run(event("7"));
  deliver_log();
  run(event("7", "signed in"));
  EXPECT_FALSE(pending());
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(UsagePlan, ALogOnceSentFollowsItsRecordWhereThatIsWanted) {
  company_is_there();
  run(event("7"));
  deliver_log();
  core::Intent changed = event("7", "signed in");
  changed.update_on_change = true;
  run(changed);
  EXPECT_EQ(parse_state(pending()->wanted).fields.at("content"), Value("signed in"));
  deliver_log();
  run(changed);
  EXPECT_EQ(count(NoticeState::unchanged), 1);
}

TEST_F(UsagePlan, ALogOnceSentStaysWhereItIs) {
  company_is_there();
  run(event("7"));
  deliver_log();
  core::Intent moved = event("7");
  moved.about = core::About{EntityKind::contact, core::Key("contact-1")};
  run(moved);
  EXPECT_EQ(count(NoticeState::unchanged), 1);
  EXPECT_EQ(count(NoticeState::orphaned), 0);
}

TEST_F(UsagePlan, Invariant6_WhatWasSentIsRememberedWhateverIsReadAfterwards) {
  company_is_there();
  run(event("7"));
  cast_doubt();
  EXPECT_TRUE(in_doubt(log()));
  core::Intent later = event("7", "signed in");
  later.fields["timestamp"] = "2026-02-02T10:00:00Z";
  later.about.reset();
  run(later);
  const State sent = parse_state(log().known.value());
  EXPECT_EQ(sent.fields.at("timestamp"), Value("2026-01-01T10:00:00Z"));
  EXPECT_EQ(sent.about, event("7").about);
  // A second unanswered call can only have been a look.
  store::Entity entity = log();
  cast_usage_doubt(entity, to_text(state_of(later)));
  EXPECT_EQ(parse_state(entity.known.value()), sent);
}

TEST_F(UsagePlan, Invariant6_ALogLeftInDoubtIsNotLookedForTooEarly) {
  company_is_there();
  run(event("7"));
  cast_doubt();
  run(event("7", "signed in"));
  EXPECT_GE(pending()->due_ms, kNow + 60'000);
}

TEST_F(UsagePlan, ADeletedRecordTakesItsLogAlongWhereThatIsWanted) {
  company_is_there();
  core::Intent intent = event("7");
  intent.on_delete = core::OnDelete::remove;
  run(intent);
  deliver_log();
  remove(login("7"));
  EXPECT_EQ(pending()->action, store::Action::remove);
}

TEST_F(UsagePlan, ADeletedRecordLeavesItsLogWhereNothingElseIsWanted) {
  company_is_there();
  run(event("7"));
  deliver_log();
  remove(login("7"));
  EXPECT_FALSE(pending());
  EXPECT_EQ(count(NoticeState::ignored), 1);
}

TEST_F(UsagePlan, ALogThatWasNeverSentIsNotSentOnceItsRecordIsDeleted) {
  company_is_there();
  core::Intent intent = event("7");
  intent.on_delete = core::OnDelete::remove;
  run(intent);
  remove(login("7"));
  EXPECT_FALSE(claim());
  EXPECT_EQ(count(NoticeState::superseded), 1);
  EXPECT_EQ(count(NoticeState::ignored), 1);
}

TEST_F(UsagePlan, Invariant6_ALogInDoubtIsRemovedTooWhenItsRecordIsDeleted) {
  company_is_there();
  core::Intent intent = event("7");
  intent.on_delete = core::OnDelete::remove;
  run(intent);
  cast_doubt();
  remove(login("7"));
  EXPECT_EQ(pending()->action, store::Action::remove) << "it may be in Assembly";
}

TEST_F(UsagePlan, ALogThatWasNotSentYetIsNotSentAfterAnErasureWhateverOnDeleteSays) {
  core::Intent intent = event("7");
  intent.about.reset();
  intent.on_delete = core::OnDelete::ignore;
  run(intent);
  ASSERT_TRUE(pending());
  store_.write([](Tx& tx) { plan_erasure(tx, occasion(tx, login("7")), "erased in product"); });
  EXPECT_FALSE(pending());
  EXPECT_FALSE(log().known);
  EXPECT_FALSE(claim());
}

TEST_F(UsagePlan, ALogInDoubtIsStillLookedForByWhatWasSentAfterAnErasure) {
  core::Intent intent = event("7");
  intent.about.reset();
  run(intent);
  cast_doubt();
  const auto sent = log().known;
  store_.write([](Tx& tx) { plan_erasure(tx, occasion(tx, login("7")), "erased in product"); });
  EXPECT_EQ(log().known, sent);
}

TEST_F(UsagePlan, Invariant6_AfterARestoreAnEventOfBeforeIsLookedForBeforeItIsSent) {
  company_is_there();
  store_.write(
      [](Tx& tx) { tx.set_note(store::kRestoredNote, std::to_string(kNow + 86'400'000)); });
  run(event("7"));  // of 2026-01-01T10:00:00Z
  EXPECT_TRUE(in_doubt(log())) << "so its change is a look and no POST";
  ASSERT_TRUE(pending());
}

TEST_F(UsagePlan, AfterARestoreAnEventOfLaterIsSentAsEver) {
  company_is_there();
  store_.write([](Tx& tx) { tx.set_note(store::kRestoredNote, std::to_string(kNow)); });
  run(event("7"));
  EXPECT_FALSE(in_doubt(log()));
  ASSERT_TRUE(pending());
}

}  // namespace
}  // namespace assembly_sync::sync
