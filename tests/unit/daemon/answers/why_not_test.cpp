#include "daemon/answers/why_not.hpp"

#include "core/json.hpp"
#include "daemon/answers/entities.hpp"
#include "tests/unit/daemon/delivery/merges_world.hpp"

namespace assembly_sync::delivery {
namespace {

using answers::why_not;
using answers::why_not_text;

class WhyNot : public Merges {
 protected:
  Value asked(const core::RecordRef& ref, const answers::WouldSend& today = nullptr) {
    return store_.read([&](const store::View& v) { return why_not(v, ref, today); });
  }
  /// A notice about company 7 that ended so.
  store::RowId ended(NoticeState state, const std::string& reason) {
    store::RowId id = 0;
    store_.write([&](Tx& tx) {
      store::NewNotice row;
      row.ref = ref_of("companies", "7");
      row.event = "company.propertyChange";
      id = tx.add_notice(row);
      tx.finish_notice(id, state, reason, now_);
    });
    return id;
  }
  static answers::WouldSend all(const std::string& result, const std::string& reason) {
    return [=](const store::View&, const core::RecordRef&) {
      return Value::list(
          {Value::object({{"mapping", "companies"}, {"result", result}, {"reason", reason}})});
    };
  }
};

TEST_F(WhyNot, EachFinalStateSaysWhyAndWhatToDo) {
  struct Case {
    NoticeState state;
    const char* answer;
    const char* next;
  };
  const std::vector<Case> cases = {
      {NoticeState::delivered, "in Assembly", "assembly-sync why"},
      {NoticeState::unchanged, "Nothing was to be sent", "today's mapping"},
      {NoticeState::filtered, "`when`", "assembly-sync reload"},
      {NoticeState::superseded, "took its place", "newest"},
      {NoticeState::orphaned, "belongs to is not there", "by itself"},
      {NoticeState::held, "until a person decides", "assembly-sync holds show "},
      {NoticeState::dead, "refused", "assembly-sync dead show "},
      {NoticeState::ignored, "Nothing is to be done", ""},
  };
  for (const Case& one : cases) {
    const store::RowId id = ended(one.state, "because of " + std::string(to_text(one.state)));
    const Value answer = asked(ref_of("companies", "7"));
    EXPECT_EQ(answer.at("state"), Value(store::to_text(one.state)));
    EXPECT_EQ(answer.text_or("reason"), "because of " + std::string(to_text(one.state)));
    EXPECT_THAT(answer.text_or("answer"), HasSubstr(one.answer));
    EXPECT_THAT(answer.text_or("next"), HasSubstr(one.next));
    EXPECT_EQ(answer.at("notices").as_list().front().at("id"), Value(id)) << "the newest decides";
    EXPECT_THAT(why_not_text(answer), HasSubstr("hubspot.companies 7: "));
  }
  EXPECT_EQ(asked(ref_of("companies", "7")).at("notices").as_list().size(), cases.size());
}

TEST_F(WhyNot, OfNothingEverHeardItSaysWhereToLook) {
  const Value answer = asked(ref_of("companies", "404"));
  EXPECT_EQ(answer.text_or("state"), "unknown");
  EXPECT_THAT(answer.text_or("answer"), HasSubstr("ever heard"));
  EXPECT_THAT(answer.text_or("next"), HasSubstr("backfill"));
}

TEST_F(WhyNot, AnOpenOneSaysWhichStepIsNextAndWhatItWaitsFor) {
  read_company("1");
  read_contact("1", "1");
  const Value answer = asked(ref_of("contacts", "1"));
  EXPECT_EQ(answer.text_or("state"), "open");
  EXPECT_THAT(answer.text_or("answer"), HasSubstr("outbox"));
  EXPECT_THAT(answer.text_or("answer"), HasSubstr("company-1"));
}

TEST_F(WhyNot, AnOrphanNamesWhatItAwaits) {
  read_as(ref_of("contacts", "1"), intent("1", true, OnDelete::remove, "9"));
  const Value answer = asked(ref_of("contacts", "1"));
  EXPECT_EQ(answer.text_or("state"), "orphaned");
  ASSERT_EQ(answer.at("awaits").as_list().size(), 1U);
  EXPECT_THAT(answer.at("awaits").as_list().front().as_string(), HasSubstr("company-9"));
}

TEST_F(WhyNot, ARowOfABackfillThatLeftNoNoticeIsToldByTodaysMapping) {
  const auto ref = ref_of("companies", "7");
  store_.write([&](Tx& tx) { tx.put_record({ref, "{}", 1, {}}, now_, now_); });
  EXPECT_EQ(asked(ref, all("filtered", "`when` is false")).text_or("state"), "filtered");
  const auto none = [](const store::View&, const core::RecordRef&) { return Value::list(); };
  EXPECT_EQ(asked(ref, none).text_or("reason"), "no mapping reads this object");
  EXPECT_EQ(asked(ref, all("intent", "")).text_or("state"), "unchanged");
}

TEST_F(WhyNot, AMergedRecordLeadsToTheOneItWentInto) {
  two_companies();
  merge("companies", "1", {"2"});
  read_company("1");
  drain();
  const Value answer = asked(ref_of("companies", "2"));
  EXPECT_THAT(answer.text_or("answer"), HasSubstr("merged into hubspot.companies 1"));
  EXPECT_EQ(answer.text_or("next"), "assembly-sync why-not hubspot.companies 1");
}

TEST_F(WhyNot, AnErasedRecordIsSaidToBeSo) {
  read_company("1");
  drain();
  store_.write([&](Tx& tx) {
    sync::Occasion occasion;
    occasion.record = ref_of("companies", "1");
    occasion.now_ms = now_;
    sync::plan_erasure(tx, occasion, "erased");
  });
  EXPECT_THAT(asked(ref_of("companies", "1")).text_or("answer"), HasSubstr("erased its data"));
}

}  // namespace
}  // namespace assembly_sync::delivery
