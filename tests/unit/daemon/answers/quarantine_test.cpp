#include "daemon/answers/quarantine.hpp"

#include "tests/unit/daemon/answers/answers_world.hpp"

namespace assembly_sync::answers {
namespace {

using testing::HasSubstr;

class QuarantineTest : public AnswersTest {
 protected:
  void put(const std::string& source, const std::string& body, const std::string& reason = "bad") {
    store_.write([&](store::Tx& tx) {
      tx.quarantine(
          {core::SourceName(source), kNow, reason, "X-A: b\nX-C: d\n", body, "/hooks/" + source});
    });
  }
  Value all(QuarantineQuery query = {}) {
    return store_.read([&](const store::View& view) { return quarantine(view, query); });
  }
  std::int64_t waiting_receipts() {
    return store_.read([](const store::View& view) { return view.totals().receipts_waiting; });
  }
  std::int64_t total() {
    return store_.read([](const store::View& view) { return view.totals().quarantined; });
  }
  /// Believes what says so.
  Recheck recheck_ = [](const store::QuarantinedWebhook& webhook, bool unverified) {
    const bool good = webhook.body == "good" || unverified;
    return Verdict{good, good ? "" : "signature does not match", "d1", core::ObjectName("logins")};
  };
};

TEST_F(QuarantineTest, ListsTheNewestFirstWithReasons) {
  put("hubspot", "a", "old");
  put("product", "b");
  put("product", "c");
  const Value document = all({.limit = 2});
  EXPECT_EQ(document.at("total"), Value(3));
  EXPECT_EQ(ids_of(document), (std::vector<RowId>{3, 2}));
  EXPECT_EQ(document.at("next"), Value(2));
  EXPECT_EQ(ids_of(all({.after = 2})), (std::vector<RowId>{1}));
  EXPECT_EQ(document.at("groups").as_list().at(0).at("count"), Value(2));
  EXPECT_EQ(ids_of(all({.source = core::SourceName("hubspot")})), (std::vector<RowId>{1}));
  EXPECT_THAT(quarantine_text(document), HasSubstr("2 x  product"));
}

TEST_F(QuarantineTest, ShowTellsHeadersAndBody) {
  put("product", "{\"a\":1}");
  const Value one = store_.read([](const store::View& view) { return quarantined_one(view, 1); });
  EXPECT_EQ(one.at("headers"), Value(Value::List{"X-A: b", "X-C: d"}));
  EXPECT_EQ(one.at("body"), Value("{\"a\":1}"));
  EXPECT_THAT(quarantined_one_text(one), HasSubstr("X-A: b"));
  EXPECT_THAT(quarantined_one_text(one), HasSubstr("retry 1 --accept"));
}

TEST_F(QuarantineTest, WhatIsBelievedNowBecomesAReceiptAndTheRestStaysWithItsReason) {
  put("product", "good");
  put("product", "evil");
  const Value done = quarantine_retry(*store_, {}, recheck_);
  EXPECT_EQ(done.at("taken"), Value(1));
  EXPECT_EQ(done.at("refused"), Value(1));
  EXPECT_EQ(total(), 1);
  EXPECT_EQ(waiting_receipts(), 1);
  const auto receipts = store_.read([](const store::View& view) {
    return view.receipts_to_decode(core::SourceName("product"), 10);
  });
  ASSERT_EQ(receipts.size(), 1U);
  EXPECT_EQ(receipts[0].body, "good");
  EXPECT_EQ(receipts[0].object.str(), "logins");
  EXPECT_THAT(quarantine_retry_text(done, true), HasSubstr("signature does not match"));
  EXPECT_THAT(quarantine_retry_text(done, true), HasSubstr("--accept"));
}

TEST_F(QuarantineTest, ADeliveryThatCameAgainMeanwhileIsNotTakenTwice) {
  put("product", "good");
  store_.write(
      [&](store::Tx& tx) { tx.add_receipt(core::SourceName("product"), kNow, "good", {}, "d1"); });
  quarantine_retry(*store_, {.ids = {1}}, recheck_);
  EXPECT_EQ(total(), 0);
  EXPECT_EQ(waiting_receipts(), 1);
}

TEST_F(QuarantineTest, AcceptTakesItUnverified) {
  put("product", "evil");
  const Value done = quarantine_retry(*store_, {.ids = {1, 7}, .accept = true}, recheck_);
  EXPECT_EQ(done.at("taken"), Value(1));
  EXPECT_EQ(done.at("not_there"), Value(Value::List{Value(7)}));
  EXPECT_EQ(waiting_receipts(), 1);
  EXPECT_THAT(quarantine_retry_text(done, false), HasSubstr("unverified"));
  EXPECT_THAT(quarantine_retry_text(done, false), HasSubstr("no daemon is running"));
}

TEST_F(QuarantineTest, ADryRunTakesNothingAndDropThrowsAway) {
  put("product", "good");
  EXPECT_EQ(quarantine_retry(*store_, {.dry_run = true}, recheck_).at("taken"), Value(1));
  EXPECT_EQ(quarantine_drop(*store_, {.dry_run = true}).at("dropped"), Value(1));
  EXPECT_EQ(total(), 1);
  EXPECT_EQ(quarantine_drop(*store_, {.ids = {1}}).at("dropped"), Value(1));
  EXPECT_EQ(total(), 0);
  EXPECT_EQ(waiting_receipts(), 0);
}

}  // namespace
}  // namespace assembly_sync::answers
