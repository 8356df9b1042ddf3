#include "daemon/answers/tail.hpp"

#include "tests/unit/daemon/answers/answers_world.hpp"

namespace assembly_sync::answers {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TailTest : public AnswersTest {
 protected:
  Value ask(TailQuery query) {
    if (query.now_ms == 0) query.now_ms = kNow + 10'000;
    query.cursor = cursor_;
    Value seen = store_.read([&](const store::View& view) { return tail(view, query); });
    cursor_ = seen.text_or("cursor");
    return seen;
  }
  static std::vector<std::string> whats(const Value& seen) {
    std::vector<std::string> all;
    for (const Value& event : seen.at("events").as_list()) all.push_back(event.text_or("what"));
    return all;
  }
  void receive() {
    store_.write([](store::Tx& tx) { tx.add_receipt(core::SourceName("hubspot"), kNow, "[1]"); });
  }
  std::string cursor_;
};

TEST_F(TailTest, BeginsNowAndTellsEachOnce) {
  receive();
  die("1");
  EXPECT_THAT(whats(ask({})), ElementsAre());
  receive();
  die("2", "domain taken", kNow + 9500);
  EXPECT_THAT(whats(ask({})), ElementsAre("received")) << "an end shows a second later";
  EXPECT_THAT(whats(ask({.now_ms = kNow + 11'000})), ElementsAre("ended"));
  EXPECT_THAT(whats(ask({.now_ms = kNow + 12'000})), ElementsAre());
}

TEST_F(TailTest, BeginsEarlierAndInTheOrderOfTime) {
  receive();
  const core::RecordRef ref = company_ref("1");
  const RowId id = add(ref);
  plan(id, ref, "Acme", kNow + 1);
  store_.write([&](store::Tx& tx) {
    const auto claim = tx.claim(kNow + 2, "l").value();
    tx.add_delivery({claim.change.id, claim.entity.id, 1, store::Lane::live, "PUT",
                     "/accounts/upsert", 200, "delivered", "", kNow + 3, 12});
    tx.close_change(claim.change.id, NoticeState::delivered, "delivered", kNow + 20);
  });
  const Value seen = ask({.since_ms = kNow - 5});
  EXPECT_THAT(whats(seen), ElementsAre("received", "delivery", "ended"));
  const Value& delivery = seen.at("events").as_list()[1];
  EXPECT_EQ(delivery.text_or("key"), "company-1");
  EXPECT_EQ(delivery.text_or("record"), "1");
  EXPECT_THAT(tail_line(delivery), HasSubstr("PUT /accounts/upsert 200, 12 ms: delivered"));
  EXPECT_THAT(tail_line(seen.at("events").as_list()[2]),
              HasSubstr("hubspot.companies 1: delivered"));
  EXPECT_THAT(whats(ask({})), ElementsAre());
  cursor_.clear();
  EXPECT_THAT(whats(ask({.since_ms = kNow + 4})), ElementsAre("ended"));
}

TEST_F(TailTest, OfOneSourceOnly) {
  end(login_ref("7"), NoticeState::ignored, "not read");
  die("1");
  EXPECT_EQ(
      ask({.since_ms = 0, .source = core::SourceName("product")}).at("events").as_list().size(),
      1U);
}

TEST_F(TailTest, ManyComeInParts) {
  for (int i = 0; i < 5; ++i) die(std::to_string(i));
  std::size_t told = 0;
  Value seen = ask({.since_ms = 0, .limit = 2});
  for (told = 2; seen.at("more") == Value(true); told += seen.at("events").as_list().size()) {
    seen = ask({.limit = 2});
  }
  EXPECT_EQ(told, 5U);
}

TEST_F(TailTest, ACursorThatCantBeReadBeginsAnew) {
  for (const char* bad : {"x", "1.2", "1.2.3.4.5", "1..3.4", "-"}) {
    cursor_ = bad;
    EXPECT_THAT(whats(ask({})), ElementsAre()) << bad;
    EXPECT_NE(cursor_, bad);
  }
}

}  // namespace
}  // namespace assembly_sync::answers
