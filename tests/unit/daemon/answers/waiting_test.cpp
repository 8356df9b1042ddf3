#include "daemon/answers/waiting.hpp"

#include "tests/unit/daemon/answers/answers_world.hpp"

namespace assembly_sync::answers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class WaitingTest : public AnswersTest {};

TEST_F(WaitingTest, TheLatestComeFirstPageByPage) {
  const RowId a = die("1", "refused", kNow + 3);
  const RowId b = die("2", "refused", kNow + 1);
  const RowId c = die("3", "refused", kNow + 2);
  const Value first = list({}, {}, 2);
  EXPECT_THAT(ids_of(first), ElementsAre(a, c));
  EXPECT_EQ(first.at("next"), Value(c));
  const Value second = list({}, c, 2);
  EXPECT_THAT(ids_of(second), ElementsAre(b));
  EXPECT_TRUE(second.at("next").is_null());
}

TEST_F(WaitingTest, OfTheSameMomentNoneIsLostBetweenPages) {
  std::vector<RowId> all;
  for (int i = 0; i < 5; ++i) all.insert(all.begin(), die(std::to_string(i)));
  std::vector<RowId> seen;
  std::optional<RowId> after;
  do {
    const Value page = list({}, after, 2);
    for (const RowId id : ids_of(page)) seen.push_back(id);
    after = page.at("next").is_int() ? std::optional(page.at("next").as_int()) : std::nullopt;
  } while (after);
  EXPECT_EQ(seen, all);
}

TEST_F(WaitingTest, FiltersBySourceObjectReasonAndTime) {
  const RowId company = die("1", "mapping companies: fields.Domain: refused", kNow);
  const RowId login = end(login_ref("7"), NoticeState::dead, "Assembly: 422", kNow + 10);
  const RowId held = end(login_ref("8"), NoticeState::held, "can't be told", kNow + 10);
  EXPECT_THAT(ids_of(list({.source = core::SourceName("product")})), ElementsAre(login));
  EXPECT_THAT(ids_of(list({.source = core::SourceName("hubspot"),
                           .object = core::ObjectName("companies")})),
              ElementsAre(company));
  EXPECT_THAT(
      ids_of(list({.source = core::SourceName("hubspot"), .object = core::ObjectName("contacts")})),
      ElementsAre());
  EXPECT_THAT(ids_of(list({.reason = "DOMAIN"})), ElementsAre(company));
  EXPECT_THAT(ids_of(list({.since_ms = kNow + 1})), ElementsAre(login));
  EXPECT_THAT(ids_of(list({.state = NoticeState::held})), ElementsAre(held));
}

TEST_F(WaitingTest, SaysHowManyFailedForEachReason) {
  die("1", "a");
  die("2", "b");
  const RowId last = die("3", "b", kNow + 1);
  const Value document = list({}, {}, 0);
  const auto& groups = document.at("groups").as_list();
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].at("reason"), Value("b"));
  EXPECT_EQ(groups[0].at("count"), Value(2));
  EXPECT_EQ(groups[0].at("id"), Value(last));
  EXPECT_EQ(groups[0].at("example"), Value("3"));
  EXPECT_EQ(document.at("counted"), Value(3));
  EXPECT_EQ(document.at("total"), Value(3));
  EXPECT_THAT(waiting_text(document), HasSubstr("3 dead letters"));
  EXPECT_THAT(waiting_text(document), HasSubstr("2 x"));
}

TEST_F(WaitingTest, ARetryHidesNoFailure) {
  const RowId delivered = die("1", "domain taken", kNow - 10);
  const RowId open = die("2", "domain taken", kNow);
  const RowId again = die("3", "domain taken", kNow);
  die("4", "too long", kNow);
  retry({delivered, open, again});
  store_.write([&](store::Tx& tx) {
    tx.finish_notice(delivered, NoticeState::delivered, "delivered", kNow + 1500);
    tx.finish_notice(again, NoticeState::dead, "domain taken", kNow + 1500);
  });
  const Value all = list({.state = state_});
  ASSERT_EQ(all.at("tried_again").as_list().size(), 1U);
  const Value& group = all.at("tried_again").as_list().front();
  EXPECT_EQ(group.at("reason"), Value("domain taken"));
  EXPECT_EQ(group.at("count"), Value(2));
  EXPECT_EQ(group.at("open"), Value(1));
  EXPECT_THAT(waiting_text(all), testing::AllOf(HasSubstr("tried again since:"),
                                                HasSubstr("1 on their way, 1 came to their end"),
                                                HasSubstr("retry --undo --order ")));
  EXPECT_EQ(
      list({.state = state_, .since_ms = kNow}).at("tried_again").as_list().front().at("count"),
      Value(1));
  EXPECT_TRUE(list({.state = state_, .reason = "long"}).at("tried_again").as_list().empty());
}

TEST_F(WaitingTest, SaysSoWhenThereIsNone) {
  EXPECT_EQ(waiting_text(list({})), "no dead letters\n");
  die("1");
  EXPECT_EQ(waiting_text(list({.reason = "other"})),
            "no dead letters match this; 1 dead letter in all\n");
}

TEST_F(WaitingTest, AReasonCantSteerTheTerminal) {
  die("1", "a\x1b[2Jb\nc");
  EXPECT_THAT(waiting_text(list({})), Not(HasSubstr("\x1b")));
  EXPECT_THAT(waiting_text(list({})), HasSubstr("a?[2Jb c"));
}

TEST_F(WaitingTest, ShowTellsRecordEntityAttemptsAndWhatToDo) {
  const core::RecordRef ref = company_ref("1");
  const RowId id = add(ref);
  plan(id, ref, "Acme", kNow);
  store_.write([&](store::Tx& tx) {
    const auto claim = tx.claim(kNow, "l").value();
    tx.add_delivery({claim.change.id, claim.entity.id, 1, store::Lane::live, "PUT",
                     "/accounts/upsert", 422, "rejected", "domain taken", kNow, 12});
    tx.close_change(claim.change.id, NoticeState::dead, "domain taken", kNow);
  });
  const WouldSend would_send = [](const store::View&, const core::RecordRef&) {
    return Value::list({Value::object(
        {{"mapping", "companies"},
         {"to", "company"},
         {"key", "company-1"},
         {"fields",
          Value::object({{"name", Value::object({{"from", Value()}, {"to", "Acme"}})}})}})});
  };
  const Value one =
      store_.read([&](const store::View& view) { return waiting_one(view, id, would_send); });
  EXPECT_EQ(one.at("notice").at("state"), Value("dead"));
  EXPECT_EQ(one.at("notice").at("reason"), Value("domain taken"));
  EXPECT_EQ(one.at("record").at("state"), Value("present"));
  const Value& entity = one.at("entities").as_list().at(0);
  EXPECT_EQ(entity.at("key"), Value("company-1"));
  EXPECT_EQ(entity.at("deliveries").as_list().at(0).at("status"), Value(422));
  const std::string text = waiting_one_text(one);
  EXPECT_THAT(text, HasSubstr("domain taken"));
  EXPECT_THAT(text, HasSubstr("name  nothing -> Acme"));
  EXPECT_THAT(text, HasSubstr("assembly-sync dead retry " + std::to_string(id)));
  EXPECT_TRUE(
      store_.read([](const store::View& view) { return waiting_one(view, 999, {}); }).is_null());
}

}  // namespace
}  // namespace assembly_sync::answers
