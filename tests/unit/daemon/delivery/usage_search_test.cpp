#include "daemon/delivery/usage_search.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "core/intent.hpp"

namespace assembly_sync::delivery {
namespace {

using assembly::UsageLog;
using core::AssemblyId;
using core::Value;
using Verdict = UsageSearch::Verdict;

constexpr std::int64_t kEpochMs = 1'767'225'600'000;
const std::string kOurs = "product.logins/17";

std::string timestamp(std::int64_t second) {
  return core::format_utc(core::from_ms(kEpochMs + second * 1000));
}

/// A list of usage logs as Assembly keeps it, newest first.
class List {
 public:
  /// A log of somebody else's at each of these seconds.
  explicit List(std::int64_t logs) {
    for (std::int64_t second = logs; second-- > 0;) logs_.push_back(other(second));
  }
  static UsageLog other(std::int64_t second) {
    UsageLog log;
    log.id = AssemblyId("log-" + std::to_string(second));
    log.timestamp = timestamp(second);
    log.metadata = Value::object({{std::string(core::kEventIdMember), "product.logins/1"}});
    return log;
  }
  /// Ours, as the first or last of its second.
  void add_ours(std::int64_t second, bool last = false) {
    UsageLog ours = other(second);
    ours.id = AssemblyId("ours");
    ours.metadata = Value::object({{std::string(core::kEventIdMember), kOurs}});
    const auto place = std::find_if(logs_.begin(), logs_.end(), [&](const UsageLog& log) {
      return last ? log.timestamp < ours.timestamp : log.timestamp <= ours.timestamp;
    });
    logs_.insert(place, ours);
  }
  void crowd(std::int64_t second, int logs) {
    const auto place = std::find_if(logs_.begin(), logs_.end(), [&](const UsageLog& log) {
      return log.timestamp <= timestamp(second);
    });
    std::vector<UsageLog> more;
    for (int i = 0; i < logs; ++i) {
      more.push_back(other(second));
      more.back().id = AssemblyId("crowd-" + std::to_string(i));
    }
    logs_.insert(place, more.begin(), more.end());
  }
  void add_newest() { logs_.insert(logs_.begin(), other(newest_++)); }
  void drop_newest() { logs_.erase(logs_.begin()); }
  void hide_metadata() { hidden_ = true; }
  void show_empty_metadata() { emptied_ = true; }
  void spoil_timestamps() { spoiled_ = true; }

  assembly::UsagePage page(std::size_t offset, std::size_t limit = UsageSearch::kPage) const {
    assembly::UsagePage page;
    for (std::size_t i = offset; i < std::min(offset + limit, logs_.size()); ++i) {
      page.items.push_back(logs_[i]);
      if (hidden_) page.items.back().metadata.reset();
      if (emptied_) page.items.back().metadata = Value::object();
      if (spoiled_) page.items.back().timestamp = "yesterday";
    }
    page.received = page.items.size();
    page.has_next_page = offset + limit < logs_.size();
    return page;
  }
  std::optional<UsageLog> log(const AssemblyId& id) const {
    const auto found =
        std::find_if(logs_.begin(), logs_.end(), [&](const UsageLog& one) { return one.id == id; });
    return found == logs_.end() ? std::nullopt : std::optional(*found);
  }

 private:
  std::vector<UsageLog> logs_;
  std::int64_t newest_ = 1'000'000;
  bool hidden_ = false;
  bool emptied_ = false;
  bool spoiled_ = false;
};

struct Result {
  Verdict verdict = Verdict::more;
  AssemblyId log;
  int calls = 0;
};

/// To the end; `between` happens after each call, `show` answers for a single log.
Result search(const List& list, std::int64_t second, const std::function<void()>& between = {},
              const std::function<std::optional<UsageLog>(const AssemblyId&)>& show = {},
              std::size_t limit = UsageSearch::kPage) {
  UsageSearch search(kOurs, core::from_ms(kEpochMs + second * 1000));
  Result result;
  while (result.verdict == Verdict::more && result.calls < 10'000) {
    ++result.calls;
    const auto single = search.log_to_read();
    if (single) {
      result.verdict = search.take_log(show ? show(*single) : list.log(*single));
    } else {
      result.verdict = search.take_page(list.page(search.offset(), limit));
    }
    if (between) between();
  }
  result.log = search.log();
  return result;
}

TEST(UsageSearch, AnEmptyListHoldsNothing) {
  EXPECT_EQ(search(List(0), 5).verdict, Verdict::absent);
}

TEST(UsageSearch, ANewLogIsFoundWithOneCall) {
  List list(1000);
  list.add_ours(999);
  const Result result = search(list, 999);
  EXPECT_EQ(result.verdict, Verdict::found);
  EXPECT_EQ(result.log, AssemblyId("ours"));
  EXPECT_EQ(result.calls, 1);
}

TEST(UsageSearch, Invariant6_ALogIsFoundWhereverItLies) {
  for (const std::int64_t logs : {1, 50, 99, 100, 101, 350, 1000, 4321}) {
    for (std::int64_t second = 0; second < logs; second += std::max<std::int64_t>(1, logs / 37)) {
      for (const bool last : {false, true}) {
        List list(logs);
        list.add_ours(second, last);
        const Result result = search(list, second);
        EXPECT_EQ(result.verdict, Verdict::found) << logs << " logs, second " << second;
        EXPECT_LE(result.calls, 16) << logs << " logs, second " << second;
      }
    }
  }
}

TEST(UsageSearch, WhatIsNotThereIsAbsentAfterFewCalls) {
  for (const std::int64_t second : {-5, 0, 1, 2500, 4999, 5005}) {
    const Result result = search(List(5000), second);
    EXPECT_EQ(result.verdict, Verdict::absent) << second;
    EXPECT_LE(result.calls, 16) << second;
  }
}

TEST(UsageSearch, Invariant6_ManyLogsOfTheSameSecondAreAllSeen) {
  List list(300);
  list.crowd(150, 450);  // more than several pages hold
  EXPECT_EQ(search(list, 150).verdict, Verdict::absent);
  list.add_ours(150, true);
  EXPECT_EQ(search(list, 150).verdict, Verdict::found);
}

TEST(UsageSearch, Invariant6_ALogIsFoundWhileOthersComeInAndGo) {
  for (const int come : {0, 1, 7, 60}) {
    for (const int go : {0, 1, 5, 30}) {
      for (const std::int64_t second : {3, 700, 1400}) {
        List list(2000);
        list.add_ours(second);
        int turn = 0;
        const Result result = search(list, second, [&] {
          if (++turn > 12) return;
          for (int i = 0; i < come; ++i) list.add_newest();
          for (int i = 0; i < go; ++i) list.drop_newest();
        });
        EXPECT_EQ(result.verdict, Verdict::found)
            << come << " come, " << go << " go, second " << second;
      }
    }
  }
}

TEST(UsageSearch, AListThatNeverHoldsStillIsNoAnswer) {
  List list(20'000);
  const Result result = search(list, 300, [&] {
    for (int i = 0; i < 95; ++i) list.drop_newest();
  });
  EXPECT_NE(result.verdict, Verdict::found);
  EXPECT_LE(result.calls, 400);
}

TEST(UsageSearch, PagesMayBeShorterThanWasAsked) {
  for (const std::size_t limit : {2u, 11u, 20u, 50u}) {
    List list(400);
    list.add_ours(13);
    EXPECT_EQ(search(list, 13, {}, {}, limit).verdict, Verdict::found) << limit;
    EXPECT_EQ(search(List(400), 13, {}, {}, limit).verdict, Verdict::absent) << limit;
  }
}

TEST(UsageSearch, TimesThatCantBeReadMakeItReadAll) {
  List list(1000);
  list.add_ours(1);
  list.spoil_timestamps();
  EXPECT_EQ(search(list, 1).verdict, Verdict::found);
  List none(1000);
  none.spoil_timestamps();
  const Result result = search(none, 1);
  EXPECT_EQ(result.verdict, Verdict::absent);
  EXPECT_GE(result.calls, 10);
}

TEST(UsageSearch, WhereTheListHidesMetadataTheLogsOfThatTimeAreReadOneByOne) {
  List list(1000);
  list.add_ours(500);
  list.hide_metadata();
  const Result result = search(list, 500);
  EXPECT_EQ(result.verdict, Verdict::found);
  EXPECT_EQ(result.log, AssemblyId("ours"));
  List others(1000);
  others.hide_metadata();
  EXPECT_EQ(search(others, 500).verdict, Verdict::absent) << "those of that time are others'";
}

TEST(UsageSearch, Invariant6_WhatNothingShowsIsNotTold) {
  List list(1000);
  list.add_ours(500);
  list.hide_metadata();
  const auto hidden = [&](const AssemblyId& id) {
    auto log = list.log(id);
    log->metadata.reset();
    return log;
  };
  EXPECT_EQ(search(list, 500, {}, hidden).verdict, Verdict::untold);
  List emptied(1000);
  emptied.show_empty_metadata();
  const auto empty = [&](const AssemblyId& id) {
    auto log = emptied.log(id);
    log->metadata = Value::object();
    return log;
  };
  EXPECT_EQ(search(emptied, 500, {}, empty).verdict, Verdict::untold);
}

TEST(UsageSearch, HiddenMetadataTellsEnoughWhenNoLogIsOfThatTime) {
  List list(1000);
  list.hide_metadata();
  EXPECT_EQ(search(list, 5000).verdict, Verdict::absent);
}

TEST(UsageSearch, ALogThatVanishedMeanwhileIsNotOurs) {
  List list(1000);
  list.hide_metadata();
  EXPECT_EQ(search(list, 500, {}, [](const AssemblyId&) { return std::nullopt; }).verdict,
            Verdict::absent);
}

TEST(UsageSearch, Invariant6_LogsWithoutIdsAreNoProofOfAbsence) {
  UsageSearch search(kOurs, core::from_ms(kEpochMs));
  assembly::UsagePage page;
  page.received = 3;
  EXPECT_EQ(search.take_page(page), Verdict::untold);
}

}  // namespace
}  // namespace assembly_sync::delivery
