#include "daemon/sandbox/recorder.hpp"

#include <algorithm>

namespace assembly_sync::sandbox {
namespace {

constexpr std::size_t kJournalEntries = 200'000;
constexpr std::size_t kJournalBytes = 128 * 1024 * 1024;

std::size_t weight(const JournalEntry& entry) {
  return entry.target.size() + entry.body.size();
}

}  // namespace

std::uint64_t Recorder::arrive(std::int64_t now_us) {
  last_second_.add(now_us);
  stats_.busiest_second =
      std::max<std::uint64_t>(stats_.busiest_second, last_second_.count(now_us));
  return ++stats_.requests;
}

void Recorder::finish(JournalEntry entry, bool refused) {
  if (refused) ++stats_.refused;
  if (entry.processed && entry.method != "GET") ++stats_.writes;
  bytes_ += weight(entry);
  entries_.push_back(std::move(entry));
  while (entries_.size() > kJournalEntries || bytes_ > kJournalBytes) {
    bytes_ -= weight(entries_.front());
    entries_.pop_front();
  }
}

std::vector<JournalEntry> Recorder::after(std::uint64_t number, std::size_t count) const {
  const auto first =
      std::upper_bound(entries_.begin(), entries_.end(), number,
                       [](std::uint64_t n, const JournalEntry& entry) { return n < entry.number; });
  const auto left = static_cast<std::size_t>(entries_.end() - first);
  return {first, first + static_cast<std::ptrdiff_t>(std::min(left, count))};
}

void Recorder::clear_journal() {
  entries_.clear();
  bytes_ = 0;
}

}  // namespace assembly_sync::sandbox
