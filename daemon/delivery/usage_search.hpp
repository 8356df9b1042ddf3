// Search: whether a usage log that was perhaps stored is there. Looks for our event id in
// Assembly's list, newest first (A161): jumps ahead while pages are newer than the event, then
// reads page after page until the event's own time is passed. Pages may shift while they are read
// (Q16), so each has to join the one before. Where the list does not show metadata, logs of that
// time are read one by one. Decides nothing by guessing: what can't be told is said so.
//
// Owner makes the calls: one for each take_…(). Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "daemon/assembly/reading.hpp"

namespace assembly_sync::delivery {

class UsageSearch {
 public:
  /// `timestamp`: of the log as it was sent; nothing = all logs are read.
  UsageSearch(std::string event_id, std::optional<core::WallTime> timestamp);

  enum class Verdict : std::uint8_t {
    more,      // make the next call
    found,     // it is there: log()
    absent,    // surely not there
    untold,    // the answers don't show it
    unsteady,  // the list changes too fast to be read: try again later
  };

  /// The next call reads this log; nothing = the page at offset().
  std::optional<core::AssemblyId> log_to_read() const;
  std::size_t offset() const { return offset_; }
  static constexpr std::size_t kPage = 100;  // the documented default (A160)

  Verdict take_page(const assembly::UsagePage& page);
  /// Nothing: there is no such log any more.
  Verdict take_log(const std::optional<assembly::UsageLog>& log);

  const core::AssemblyId& log() const { return log_; }

 private:
  enum class Age : std::uint8_t { newer, near, older };
  Age age_of(const assembly::UsageLog& log) const;
  bool is_ours(const assembly::UsageLog& log) const;
  bool examine(const assembly::UsagePage& page);
  bool joins(const assembly::UsagePage& page) const;
  /// Reading may begin at this page; else the offset was moved on.
  bool arrived(const assembly::UsagePage& page);
  void jump();
  Verdict start_again();
  Verdict end_of_pages();

  std::string event_id_;
  std::optional<core::WallTime> timestamp_;
  core::AssemblyId log_;
  std::size_t offset_ = 0;
  std::size_t pages_ = 0;
  int restarts_ = 0;
  // Jumping: the event's place is between these offsets.
  std::size_t newer_ = 0;
  std::optional<std::size_t> older_;
  std::size_t step_ = kPage;
  // Reading: every log from the event's time on has been seen up to this one.
  bool reading_ = false;
  std::optional<core::AssemblyId> last_;
  bool read_ = false;        // to the end
  bool unreadable_ = false;  // there were logs without an id
  // Logs of the event's time whose metadata the list does not show.
  std::deque<core::AssemblyId> suspects_;
  std::set<core::AssemblyId> suspected_;
};

}  // namespace assembly_sync::delivery
