#include "daemon/sandbox/recorder.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::sandbox {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

void record(Recorder& recorder, std::int64_t now_us, std::string body = {}) {
  JournalEntry entry;
  entry.number = recorder.arrive(now_us);
  entry.method = "PUT";
  entry.body = std::move(body);
  entry.processed = true;
  recorder.finish(std::move(entry), false);
}

TEST(Recorder, TheBusiestSecondIsTheMostOfAnyWindowWhereverItLies) {
  Recorder recorder;
  for (const std::int64_t at : {900'000, 950'000, 1'050'000, 1'899'999}) record(recorder, at);
  EXPECT_EQ(recorder.stats().busiest_second, 4U);
  record(recorder, 1'900'000);
  EXPECT_EQ(recorder.stats().busiest_second, 4U);
  record(recorder, 10 * kSecond);
  EXPECT_EQ(recorder.stats().busiest_second, 4U);
  EXPECT_EQ(recorder.stats().requests, 6U);
  EXPECT_EQ(recorder.stats().writes, 6U);
}

TEST(Recorder, TheJournalKeepsTheNewestEntries) {
  Recorder recorder;
  for (int i = 0; i < 200'010; ++i) record(recorder, i * kSecond);
  EXPECT_EQ(recorder.journal().size(), 200'000U);
  EXPECT_EQ(recorder.journal().front().number, 11U);
  EXPECT_EQ(recorder.after(200'008, 10).size(), 2U);
  EXPECT_EQ(recorder.after(0, 3).front().number, 11U);
  EXPECT_EQ(recorder.after(0, 3).size(), 3U);
}

TEST(Recorder, HeavyBodiesPushOutOldEntriesToo) {
  Recorder recorder;
  const std::string megabyte(1024 * 1024, 'x');
  for (int i = 0; i < 150; ++i) record(recorder, i * kSecond, megabyte);
  EXPECT_EQ(recorder.journal().size(), 128U);
}

}  // namespace
}  // namespace assembly_sync::sandbox
