#include "daemon/answers/orders.hpp"

#include "tests/unit/daemon/answers/answers_world.hpp"

namespace assembly_sync::answers {
namespace {

using testing::HasSubstr;

class OrdersTest : public AnswersTest {
 protected:
  /// Everything that ended or is open: may change by new notices only (I2).
  std::int64_t sum() {
    std::int64_t sum = 0;
    for (int i = 0; i < store::kNoticeStateCount; ++i) sum += count(static_cast<NoticeState>(i));
    return sum;
  }
  std::vector<store::OpenNotice> to_resolve(const std::string& source = "hubspot") {
    return store_.read([&](const store::View& view) {
      return view.notices_to_resolve(core::SourceName(source), kNow + 1'000'000, 1000);
    });
  }
};

TEST_F(OrdersTest, Invariant2_ARetriedNoticeIsOpenAgainAndTheSumsAddUp) {
  const RowId id = die("1");
  die("2");
  const Value done = retry({id});
  EXPECT_EQ(done.at("retried"), Value(1));
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_EQ(count(NoticeState::open), 1);
  EXPECT_EQ(sum(), 2);
  ASSERT_EQ(to_resolve().size(), 1U);
  EXPECT_EQ(to_resolve().front().id, id);
  EXPECT_FALSE(to_resolve().front().from_mirror) << "read anew";
  EXPECT_EQ(to_resolve().front().lane, store::Lane::retry) << "live news goes first";
  EXPECT_EQ(to_resolve().front().attempts, 0);
}

TEST_F(OrdersTest, Invariant2_ARunsSumsFollow) {
  RowId run = 0;
  store_.write([&](store::Tx& tx) {
    run = tx.add_run({});
    tx.add_run_progress(run, 1, 0);
  });
  const RowId id = end(company_ref("1"), NoticeState::dead, "refused", kNow, run);
  const auto sums = [&] {
    const auto row = store_.read([&](const store::View& view) { return view.run(run).value(); });
    return std::vector<std::int64_t>{row.open,
                                     row.finals[static_cast<std::size_t>(NoticeState::dead)],
                                     row.finals[static_cast<std::size_t>(NoticeState::ignored)]};
  };
  EXPECT_EQ(sums(), (std::vector<std::int64_t>{0, 1, 0}));
  retry({id});
  EXPECT_EQ(sums(), (std::vector<std::int64_t>{1, 0, 0}));
  undo();
  EXPECT_EQ(sums(), (std::vector<std::int64_t>{0, 1, 0}));
  answers::drop(*store_, {{}, {id}}, false, kNow);
  EXPECT_EQ(sums(), (std::vector<std::int64_t>{0, 0, 1}));
}

TEST_F(OrdersTest, ManyAreOpenedByAFilterAndOnlyThose) {
  for (int i = 0; i < 250; ++i) die(std::to_string(i), i % 2 == 0 ? "even" : "odd");
  const Value done = answers::retry(*store_, {{.reason = "even"}, {}}, reads_, {}, kNow + 1000);
  EXPECT_EQ(done.at("retried"), Value(125));
  EXPECT_EQ(count(NoticeState::dead), 125);
  EXPECT_EQ(count(NoticeState::open), 125);
}

TEST_F(OrdersTest, ADryRunChangesNothing) {
  die("1");
  const Value done = answers::retry(*store_, {{}, {}}, reads_, {.dry_run = true}, kNow + 1000);
  EXPECT_EQ(done.at("retried"), Value(1));
  EXPECT_TRUE(done.at("order").is_null());
  EXPECT_EQ(count(NoticeState::dead), 1);
  const Value dropped = answers::drop(*store_, {{}, {}}, true, kNow);
  EXPECT_EQ(dropped.at("matching"), Value(1));
  EXPECT_EQ(count(NoticeState::dead), 1);
}

TEST_F(OrdersTest, WhatCantBeMappedAgainStaysAndIsNamed) {
  reads_ = [](const core::SourceName& name) {
    return name.str() == "product" ? Reads::from_mirror : Reads::not_configured;
  };
  const RowId login = end(login_ref("7"), NoticeState::dead, "refused");
  const RowId company = die("1");
  const Value done = retry({login, company, 999});
  EXPECT_EQ(done.at("retried"), Value(0));
  EXPECT_EQ(done.at("unable"), Value(2));
  EXPECT_EQ(done.at("not_waiting"), Value(Value::List{Value(999)}));
  EXPECT_EQ(count(NoticeState::dead), 2);
  const std::string text = retry_text(done, true);
  EXPECT_THAT(text, HasSubstr("none is kept"));
  EXPECT_THAT(text, HasSubstr("not in the configuration"));
  store_.write([&](store::Tx& tx) { tx.put_record({login_ref("7"), "{}", 1, {}}, kNow, kNow); });
  EXPECT_EQ(retry({login}).at("retried"), Value(1));
}

TEST_F(OrdersTest, DropEndsAsIgnoredWithWhatItWas) {
  const RowId id = die("1", "domain taken");
  const Value done = answers::drop(*store_, {{}, {id}}, false, kNow + 5);
  EXPECT_EQ(done.at("dropped"), Value(1));
  EXPECT_EQ(notice(id).state, NoticeState::ignored);
  EXPECT_EQ(notice(id).reason, "dropped by hand; was dead: domain taken");
  EXPECT_EQ(count(NoticeState::dead), 0);
  EXPECT_EQ(count(NoticeState::ignored), 1);
  EXPECT_EQ(answers::drop(*store_, {{}, {id}}, false, kNow).at("dropped"), Value(0));
}

TEST_F(OrdersTest, UndoPutsBackWhatIsNotReadYet) {
  const RowId id = die("1", "domain taken", kNow - 5);
  const store::Notice before = notice(id);
  retry({id});
  store_.write([&](store::Tx& tx) { tx.postpone_notice(id, kNow + 9, true, "the CRM is away"); });
  const Value done = undo();
  EXPECT_EQ(done.at("undone"), Value(1));
  const store::Notice after = notice(id);
  EXPECT_EQ(after.state, NoticeState::dead);
  EXPECT_EQ(after.reason, before.reason);
  EXPECT_EQ(after.finished_ms, before.finished_ms);
  EXPECT_EQ(after.lane, before.lane);
  EXPECT_EQ(count(NoticeState::dead), 1);
  EXPECT_EQ(count(NoticeState::open), 0);
  EXPECT_EQ(retry({id}).at("retried"), Value(1)) << "and can be ordered again";
}

TEST_F(OrdersTest, UndoWithdrawsPendingChangesAndLeavesCallsUnderWay) {
  const RowId going = die("1");
  const RowId waiting = die("2");
  retry({going, waiting});
  plan(going, company_ref("1"), "One", kNow + 1100);
  store::Claim claim;
  store_.write([&](store::Tx& tx) { claim = tx.claim(kNow + 1200, "l").value(); });
  plan(waiting, company_ref("2"), "Two", kNow + 1100);
  ASSERT_EQ(pending(), 1);
  const Value done = undo();
  EXPECT_EQ(done.at("undone"), Value(1));
  EXPECT_EQ(done.at("under_way"), Value(1));
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(notice(waiting).state, NoticeState::dead);
  EXPECT_EQ(notice(going).state, NoticeState::open);
  EXPECT_THAT(undo_text(done), HasSubstr("under way"));
  // The call is throttled and would go again: the same command takes it back as well.
  store_.write([&](store::Tx& tx) {
    tx.return_change(claim.change.id, store::Lane::retry, kNow + 5000, 0, kNow + 2100);
  });
  EXPECT_EQ(undo(kNow + 3000).at("undone"), Value(1));
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(count(NoticeState::dead), 2);
  EXPECT_EQ(count(NoticeState::open), 0);
}

TEST_F(OrdersTest, UndoLeavesWhatCameToItsEnd) {
  const RowId id = die("1");
  retry({id});
  store_.write([&](store::Tx& tx) {
    tx.finish_notice(id, NoticeState::delivered, "delivered", kNow + 1500);
  });
  const Value done = undo();
  EXPECT_EQ(done.at("undone"), Value(0));
  EXPECT_EQ(notice(id).state, NoticeState::delivered);
  EXPECT_THAT(undo_text(done), HasSubstr("what was sent stays sent"));
}

TEST_F(OrdersTest, UndoKeepsAChangeThatSomebodyElseWaitsFor) {
  const RowId id = die("1");
  retry({id});
  plan(id, company_ref("1"), "One", kNow + 1100);
  const RowId news = add(company_ref("1"));
  plan(news, company_ref("1"), "One", kNow + 1200);  // the same state: the same change
  ASSERT_EQ(pending(), 1);
  EXPECT_EQ(undo().at("undone"), Value(1));
  EXPECT_EQ(pending(), 1);
  EXPECT_EQ(notice(id).state, NoticeState::dead);
  EXPECT_EQ(notice(news).state, NoticeState::open);
}

TEST_F(OrdersTest, UndoKeepsAChangeThatWasThereBeforeTheOrder) {
  const RowId id = die("1");
  const RowId news = add(company_ref("1"));
  plan(news, company_ref("1"), "One", kNow);
  retry({id});
  plan(id, company_ref("1"), "One", kNow + 1100);
  store_.write([&](store::Tx& tx) {  // as if the other notice had no row: a backfill's
    tx.unlink(news, tx.pending_of(tx.entity(EntityKind::company, core::Key("company-1"))->id)->id);
  });
  EXPECT_EQ(undo().at("undone"), Value(1));
  EXPECT_EQ(pending(), 1);
}

TEST_F(OrdersTest, UndoSendsAChangeThatTookOtherNewsAlong) {
  const RowId id = die("1");
  const RowId news = add(company_ref("1"));
  plan(news, company_ref("1"), "Old", kNow);
  retry({id});
  plan(id, company_ref("1"), "New", kNow + 1100);
  ASSERT_EQ(notice(news).state, NoticeState::superseded);
  const Value done = undo();
  EXPECT_EQ(done.at("undone"), Value(0));
  EXPECT_EQ(done.at("other_news"), Value(1));
  EXPECT_EQ(pending(), 1) << "else what `news` told would be lost";
}

TEST_F(OrdersTest, UndoTakesBackAnOlderOrderByItsNumber) {
  const RowId first = die("1");
  const RowId second = die("2");
  const Value order = retry({first}).at("order");
  retry({second});
  const Value done = answers::undo(*store_, state_, order.as_int(), false, kNow + 2000);
  EXPECT_EQ(done.at("undone"), Value(1));
  EXPECT_EQ(notice(first).state, NoticeState::dead);
  EXPECT_EQ(notice(second).state, NoticeState::open);
  EXPECT_TRUE(answers::undo(*store_, NoticeState::held, std::nullopt, false, kNow).is_null());
}

TEST_F(OrdersTest, UndoTakesTheLastOrderOfWhichAnythingIsOnItsWay) {
  const RowId storm = die("1");
  const RowId small = die("2");
  const Value order = retry({storm}).at("order");
  retry({small});
  store_.write(
      [&](store::Tx& tx) { tx.finish_notice(small, NoticeState::dead, "refused", kNow + 1500); });
  const Value all = store_.read([&](const store::View& v) { return orders(v, state_); });
  ASSERT_EQ(all.as_list().size(), 2U);
  EXPECT_THAT(order_text(all.as_list().front()),
              testing::AllOf(HasSubstr("(dead retry " + std::to_string(small) + ")"),
                             HasSubstr("1 failed again")));
  EXPECT_THAT(order_text(all.as_list().back()), HasSubstr("1 still on their way"));
  const Value done = undo();
  EXPECT_EQ(done.at("order"), order);
  EXPECT_EQ(done.at("undone"), Value(1));
  EXPECT_EQ(notice(storm).state, NoticeState::dead);
}

TEST_F(OrdersTest, ADryUndoOnlyCounts) {
  const RowId sent = die("1");
  const RowId waiting = die("2");
  retry({sent, waiting});
  plan(waiting, company_ref("2"), "Two", kNow + 1100);
  store_.write([&](store::Tx& tx) {
    tx.finish_notice(sent, NoticeState::delivered, "delivered", kNow + 1500);
  });
  const Value said = undo(kNow + 2000, true);
  EXPECT_EQ(said.at("undone"), Value(1));
  EXPECT_EQ(said.at("ended"), Value(1));
  EXPECT_THAT(undo_text(said), HasSubstr("1 dead letter would be put back as before"));
  EXPECT_EQ(notice(waiting).state, NoticeState::open);
  EXPECT_EQ(pending(), 1);
  EXPECT_EQ(undo().at("undone"), Value(1));
}

TEST_F(OrdersTest, OfAnErasedPersonNothingStaysInAnOrder) {
  const RowId id = die("1", "domain secret.test is taken");
  retry({id});
  store_.write([&](store::Tx& tx) { tx.erase_record(company_ref("1"), kNow); });
  undo();
  EXPECT_EQ(notice(id).reason, "erased");
  answers::drop(*store_, {{}, {id}}, false, kNow);
  const RowId dropped = die("1", "domain secret.test is taken");
  answers::drop(*store_, {{}, {dropped}}, false, kNow);
  store_.write([&](store::Tx& tx) { tx.erase_record(company_ref("1"), kNow); });
  EXPECT_EQ(notice(dropped).reason, "erased");
}

/// A usage log of which it can't be told whether it is in Assembly.
class HeldTest : public OrdersTest {
 protected:
  HeldTest() {
    state_ = NoticeState::held;
    id_ = add(login_ref("7"));
    plan(id_, login_ref("7"), intent(), kNow);
    store_.write([&](store::Tx& tx) {
      const auto claim = tx.claim(kNow, "l").value();
      store::Entity log = tx.entity(claim.entity.id).value();
      sync::cast_usage_doubt(log, claim.change.wanted);
      tx.update_entity(log);
      tx.close_change(claim.change.id, NoticeState::held, "can't be told", kNow);
    });
  }
  static core::Intent intent() {
    core::Intent intent;
    intent.mapping = "logins";
    intent.kind = EntityKind::usage;
    intent.key = core::event_key(core::SourceName("product"), core::ObjectName("logins"), "7");
    intent.fields = {{"timestamp", "2026-01-01T10:00:00Z"}, {"content", "logged in"}};
    return intent;
  }
  store::Entity log() {
    return store_.read([](const store::View& view) {
      return view.entity(EntityKind::usage, intent().key).value();
    });
  }
  RowId id_ = 0;
};

TEST_F(HeldTest, Invariant6_ARetryOnlyLooksUnlessAPersonOrdersMore) {
  retry({id_});
  EXPECT_TRUE(sync::in_doubt(log()));
  plan(id_, login_ref("7"), intent(), kNow + 1100);
  EXPECT_TRUE(sync::in_doubt(log())) << "so its change is a look and not a second POST";
  EXPECT_EQ(notice(id_).state, NoticeState::open);
}

TEST_F(HeldTest, SendAgainSendsWithoutALookAndSaysWhatThatMeans) {
  const Value done = retry({id_}, {.send_again = true});
  EXPECT_FALSE(sync::in_doubt(log()));
  EXPECT_THAT(retry_text(done, true), HasSubstr("counts twice"));
  plan(id_, login_ref("7"), intent(), kNow + 1100);
  EXPECT_EQ(pending(), 1);
}

TEST_F(HeldTest, Invariant6_UndoBringsTheDoubtBack) {
  const store::Entity before = log();
  retry({id_}, {.send_again = true});
  plan(id_, login_ref("7"), intent(), kNow + 1100);
  EXPECT_EQ(undo().at("undone"), Value(1));
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(log().doubtful, before.doubtful);
  EXPECT_EQ(log().known, before.known);
  EXPECT_EQ(notice(id_).state, NoticeState::held);
}

}  // namespace
}  // namespace assembly_sync::answers
