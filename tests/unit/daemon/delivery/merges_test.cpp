#include "daemon/sync/merges.hpp"

#include "tests/unit/daemon/delivery/merges_world.hpp"

namespace assembly_sync::delivery {
namespace {

TEST_F(Merges, ANewRecordTakesOverTheAccountOfTheFirstThatHasOne) {
  read_company("1");
  read_contact("1", "1");
  drain();
  const std::string account = assembly_.holder(false, "company-1");
  const int calls = assembly_.calls;
  merge("companies", "9", {"1"});
  read_company("9");
  drain();
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_THAT(assembly_.keys_of(account), ElementsAre("company-1", "company-9"));
  EXPECT_EQ(assembly_.items.at(account).name, "N9");
  EXPECT_EQ(assembly_.items.at(assembly_.holder(true, "contact-1")).company, account);
  EXPECT_EQ(assembly_.calls, calls + 1) << "the contact sits where it has to";
  EXPECT_THAT(assembly_.violations, IsEmpty());
  read_contact("1", "9");
  read_company("9");
  drain();
  EXPECT_EQ(assembly_.calls, calls + 1) << "and nothing is removed or sent again later";
}

TEST_F(Merges, TheOtherAccountGoesAfterItsContactsAndItsKeyComesLast) {
  two_companies();
  merge("companies", "9", {"1", "2"});
  read_company("9");
  drain();
  expect_merged("9");
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_THAT(assembly_.keys_of(assembly_.holder(false, "company-9")),
              ElementsAre("company-1", "company-2", "company-9"));
}

TEST_F(Merges, TheOlderRuleKeepsThePrimaryAndItsAccount) {
  two_companies();
  const std::string account = assembly_.holder(false, "company-1");
  merge("companies", "1", {"2"});
  read_company("1");
  drain();
  expect_merged("1");
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_THAT(assembly_.keys_of(account), ElementsAre("company-1", "company-2"));
}

TEST_F(Merges, OnDeleteTagMarksTheOtherAccountAndTakesItsKey) {
  on_delete_ = OnDelete::tag;
  two_companies();
  const std::string other = assembly_.holder(false, "company-2");
  merge("companies", "1", {"2"});
  read_company("1");
  drain();
  expect_merged("1");
  ASSERT_EQ(assembly_.accounts(), 2U);
  EXPECT_THAT(assembly_.items.at(other).tags, ElementsAre(std::string(sync::kMergedTag)));
  EXPECT_THAT(assembly_.keys_of(other), IsEmpty());
  EXPECT_EQ(assembly_.holder(false, "company-2"), assembly_.holder(false, "company-1"));
}

TEST_F(Merges, OnDeleteIgnoreTakesOnlyTheKeyOfTheOtherAccount) {
  on_delete_ = OnDelete::ignore;
  two_companies();
  const std::string other = assembly_.holder(false, "company-2");
  merge("companies", "1", {"2"});
  read_company("1");
  drain();
  expect_merged("1");
  ASSERT_EQ(assembly_.accounts(), 2U);
  EXPECT_THAT(assembly_.items.at(other).tags, IsEmpty());
  EXPECT_THAT(assembly_.keys_of(other), IsEmpty());
}

TEST_F(Merges, DeletionsOfTheMergedAreAbsorbed) {
  two_companies();
  merge("companies", "9", {"1", "2"});
  const auto before = remove(ref_of("companies", "1"));
  read_company("9");
  drain();
  const auto after = remove(ref_of("companies", "2"));
  drain();
  expect_merged("9");
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_EQ(count(NoticeState::ignored), 2) << before << after;
}

TEST_F(Merges, ADeletionThatWasActedOnBeforeTheMergeDoesNoHarm) {
  two_companies();
  remove(ref_of("companies", "1"));
  remove(ref_of("companies", "2"));
  while (const auto taken = claim()) settle_claim(*taken);
  EXPECT_EQ(assembly_.accounts(), 0U);
  assembly_.violations.clear();  // no merge was known: the CRM's word was followed
  merge("companies", "9", {"1", "2"});
  read_company("9");
  read_contact("1", "9");
  read_contact("2", "9");
  drain();
  expect_merged("9");
  EXPECT_EQ(assembly_.accounts(), 1U);
}

TEST_F(Merges, ADeletionStillPendingIsTakenBackByTheMerge) {
  two_companies();
  remove(ref_of("companies", "1"));
  remove(ref_of("companies", "2"));
  merge("companies", "9", {"1", "2"});
  read_company("9");
  drain();
  expect_merged("9");
  EXPECT_EQ(assembly_.accounts(), 1U);
}

TEST_F(Merges, TheSurvivorMayBeReadAndSentBeforeTheMergeIsKnown) {
  two_companies();
  read_company("9");
  drain();
  EXPECT_EQ(assembly_.accounts(), 3U);
  merge("companies", "9", {"1", "2"});
  read_company("9");
  drain();
  expect_merged("9");
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_THAT(assembly_.keys_of(assembly_.holder(false, "company-9")),
              ElementsAre("company-1", "company-2", "company-9"));
}

TEST_F(Merges, AChainLeadsToTheLastSurvivorWhicheverLinkIsSeenFirst) {
  for (const bool in_order : {true, false}) {
    SCOPED_TRACE(in_order);
    const std::string p = in_order ? "1" : "2";
    read_company(p + "1");
    read_company(p + "2");
    read_company(p + "3");
    drain();
    const auto merge_first = [&] { merge("companies", p + "2", {p + "1"}); };
    const auto merge_last = [&] { merge("companies", p + "3", {p + "2"}); };
    in_order ? merge_first() : merge_last();
    read_company(in_order ? p + "2" : p + "3");
    if (in_order) drain();
    in_order ? merge_last() : merge_first();
    read_company(p + "3");
    drain();
    EXPECT_THAT(assembly_.violations, IsEmpty());
    EXPECT_THAT(assembly_.keys_of(assembly_.holder(false, "company-" + p + "3")),
                ElementsAre("company-" + p + "1", "company-" + p + "2", "company-" + p + "3"));
  }
  EXPECT_EQ(assembly_.accounts(), 2U);
}

TEST_F(Merges, ContactsAreMergedLikeCompanies) {
  read_company("1");
  read_contact("1", "1");
  read_contact("2", "1");
  drain();
  merge("contacts", "9", {"1", "2"});
  read_contact("9", "1");
  drain();
  EXPECT_THAT(assembly_.violations, IsEmpty());
  EXPECT_EQ(assembly_.items.size(), 2U);
  EXPECT_THAT(assembly_.keys_of(assembly_.holder(true, "contact-9")),
              ElementsAre("contact-1", "contact-2", "contact-9"));
}

TEST_F(Merges, Invariant4_ACallUnderWayIsAwaitedBeforeTheAccountIsTakenOver) {
  read_company("1");
  const auto creation = claim();
  ASSERT_TRUE(creation);
  merge("companies", "9", {"1"});
  read_company("9");
  EXPECT_FALSE(claim()) << "a second account would arise";
  settle_claim(*creation);
  drain();
  EXPECT_THAT(assembly_.violations, IsEmpty());
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_THAT(assembly_.keys_of(assembly_.holder(false, "company-9")),
              ElementsAre("company-1", "company-9"));
  EXPECT_EQ(count(NoticeState::open), 0);
}

TEST_F(Merges, Invariant5_AContactOfAMergedCompanyGoesToTheSurvivorAfterIt) {
  read_company("1");
  drain();
  const auto call = [&] { return claim(); };
  merge("companies", "9", {"1"});
  read_contact("7", "1");  // read before the merge, planned after it was announced
  read_company("9");
  read_contact("8", "1");
  while (const auto taken = call()) settle_claim(*taken);
  drain();
  EXPECT_THAT(assembly_.violations, IsEmpty());
  for (const char* contact : {"contact-7", "contact-8"}) {
    EXPECT_EQ(assembly_.items.at(assembly_.holder(true, contact)).company,
              assembly_.holder(false, "company-9"));
  }
}

TEST_F(Merges, AContactThatCanNotBeMovedKeepsItsOldCompanyInPlace) {
  two_companies();
  merge("companies", "1", {"2"});
  read_company("1");
  const auto moved = claim();
  ASSERT_TRUE(moved);
  ASSERT_EQ(moved->entity.key, core::Key("contact-2"));
  store_.write([&](Tx& tx) {
    settle(tx, *moved, Request{},
           assembly::Rejected{422, assembly::Rejected::Kind::invalid, "answered 422", {}}, *random_,
           now_);
  });
  drain();
  EXPECT_THAT(assembly_.violations, IsEmpty());
  EXPECT_EQ(assembly_.accounts(), 2U) << "it is not left without a company";
  EXPECT_GE(count(NoticeState::dead), 1);
  read_contact("2", "1");
  drain();
  EXPECT_EQ(assembly_.accounts(), 1U);
  EXPECT_THAT(assembly_.violations, IsEmpty());
}

TEST_F(Merges, AReadingThatBeganBeforeTheMergeIsAbsorbed) {
  two_companies();
  merge("companies", "9", {"1", "2"});
  now_ -= 2;  // the page was asked for before
  const auto stale = read_company("1");
  now_ += 2;
  read_company("9");
  drain();
  expect_merged("9");
  EXPECT_GE(count(NoticeState::ignored), 1) << stale;
}

TEST_F(Merges, AMergedRecordThatIsRestoredGetsItsKeyBackAndAnAccount) {
  for (const OnDelete rule : {OnDelete::remove, OnDelete::tag}) {
    on_delete_ = rule;
    const std::string p = rule == OnDelete::remove ? "1" : "2";
    read_company(p + "1");
    read_company(p + "2");
    drain();
    merge("companies", p + "1", {p + "2"});
    read_company(p + "1");
    drain();
    ASSERT_EQ(assembly_.holder(false, "company-" + p + "1"),
              assembly_.holder(false, "company-" + p + "2"));
    read_company(p + "2");
    drain();
    EXPECT_THAT(assembly_.violations, IsEmpty());
    EXPECT_THAT(assembly_.keys_of(assembly_.holder(false, "company-" + p + "1")),
                ElementsAre("company-" + p + "1"));
    EXPECT_THAT(assembly_.keys_of(assembly_.holder(false, "company-" + p + "2")),
                ElementsAre("company-" + p + "2"));
    EXPECT_EQ(count(NoticeState::open), 0);
  }
}

TEST_F(Merges, TheDeletionOfTheSurvivorRemovesWhatWasMergedIntoIt) {
  two_companies();
  merge("companies", "9", {"1", "2"});
  remove(ref_of("contacts", "1"));
  remove(ref_of("contacts", "2"));
  drain();
  remove(ref_of("companies", "9"));
  drain();
  EXPECT_TRUE(assembly_.items.empty());
  EXPECT_THAT(assembly_.violations, IsEmpty());
}

/// Whatever comes when, and whatever is sent in between: the end is the same.
TEST_F(Merges, EveryOrderOfArrivalEndsTheSame) {
  enum class Event { merge, deletion_1, deletion_2, survivor, contact_1, contact_2 };
  int orders = 0;
  for (const bool new_record : {true, false}) {
    for (const OnDelete rule : {OnDelete::remove, OnDelete::tag, OnDelete::ignore}) {
      std::vector<Event> events = {Event::merge,    Event::deletion_1, Event::deletion_2,
                                   Event::survivor, Event::contact_1,  Event::contact_2};
      if (!new_record) std::erase(events, Event::deletion_1);
      for (int round = 0; round < 8; ++round, ++orders) {
        for (std::size_t i = events.size(); i > 1; --i) {
          std::swap(events[i - 1], events[random_->next() % i]);
        }
        SCOPED_TRACE("round " + std::to_string(orders));
        on_delete_ = rule;
        assembly_ = StrictAssembly{};
        verdicts_.clear();
        const std::string n = "9" + std::to_string(orders);
        const std::string a = n + "1";
        const std::string b = n + "2";
        const std::string s = new_record ? n + "3" : a;
        for (const std::string& id : {a, b}) {
          read_company(id);
          read_contact(id, id);
        }
        if (round % 4 != 0) drain();
        // What the CRM answers from now on: the ids of the merged lead to the survivor.
        const auto remapped = [&](const std::string& id) {
          merge("companies", s, {id});
          read_company(s);
        };
        for (const Event event : events) {
          switch (event) {
            case Event::merge:
              merge("companies", s, new_record ? std::vector{a, b} : std::vector{b});
              read_company(s);
              break;
            case Event::deletion_1:
              remapped(a);
              break;
            case Event::deletion_2:
              remapped(b);
              break;
            case Event::survivor:
              read_company(s);
              break;
            case Event::contact_1:
              read_contact(a, s);
              break;
            case Event::contact_2:
              read_contact(b, s);
              break;
          }
          for (auto steps = random_->next() % 3; steps > 0; --steps) step();
        }
        drain();
        ASSERT_THAT(assembly_.violations, IsEmpty());
        const std::string account = assembly_.holder(false, "company-" + s);
        ASSERT_FALSE(account.empty());
        for (const std::string& id : {a, b}) {
          ASSERT_EQ(assembly_.holder(false, "company-" + id), account);
          const std::string contact = assembly_.holder(true, "contact-" + id);
          ASSERT_FALSE(contact.empty());
          ASSERT_EQ(assembly_.items.at(contact).company, account);
        }
        if (rule == OnDelete::remove) {
          ASSERT_EQ(assembly_.accounts(), 1U);
        }
        ASSERT_EQ(count(NoticeState::open), 0);
        ASSERT_EQ(count(NoticeState::dead), 0);
      }
    }
  }
}

}  // namespace
}  // namespace assembly_sync::delivery
