#include "daemon/delivery/usage_search.hpp"

#include <algorithm>

#include "core/intent.hpp"
#include "core/limits.hpp"
#include "core/time_text.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;
using assembly::UsageLog;
using assembly::UsagePage;

/// Times are sent in whole seconds (Q14); a server that rounds stays within this.
constexpr auto kSameTime = 1s;
/// Consecutive pages share so many logs, so that a few deletions hide nothing (Q16).
constexpr std::size_t kOverlap = 10;
constexpr int kMostRestarts = 5;

/// An empty one may be what a list that shows none looks like.
bool hides_metadata(const UsageLog& log) {
  return !log.metadata || !log.metadata->is_object() || log.metadata->as_object().empty();
}

std::size_t advance(std::size_t received) {
  if (received > 2 * kOverlap) return received - kOverlap;
  return std::max<std::size_t>(received, 2) - 1;
}

}  // namespace

UsageSearch::UsageSearch(std::string event_id, std::optional<core::WallTime> timestamp)
    : event_id_(std::move(event_id)), timestamp_(timestamp) {}

std::optional<core::AssemblyId> UsageSearch::log_to_read() const {
  // Only when the pages are through: a later one may show it without any further call.
  if (!read_ || suspects_.empty()) return std::nullopt;
  return suspects_.front();
}

UsageSearch::Age UsageSearch::age_of(const UsageLog& log) const {
  const auto time = core::parse_rfc3339(log.timestamp);
  if (!time || !timestamp_) return Age::near;
  if (*time > *timestamp_ + kSameTime) return Age::newer;
  return *time < *timestamp_ - kSameTime ? Age::older : Age::near;
}

bool UsageSearch::is_ours(const UsageLog& log) const {
  return log.metadata && log.metadata->text_or(core::kEventIdMember) == event_id_;
}

bool UsageSearch::examine(const UsagePage& page) {
  unreadable_ = unreadable_ || page.items.size() < page.received;
  for (const UsageLog& log : page.items) {
    if (is_ours(log)) {
      log_ = log.id;
      return true;
    }
    if (hides_metadata(log) && age_of(log) == Age::near && suspected_.insert(log.id).second) {
      suspects_.push_back(log.id);
    }
  }
  return false;
}

bool UsageSearch::joins(const UsagePage& page) const {
  if (last_) {
    return std::any_of(page.items.begin(), page.items.end(),
                       [&](const UsageLog& log) { return log.id == *last_; });
  }
  // The first page read: nothing of the event's time may lie before it.
  return offset_ == 0 || (!page.items.empty() && age_of(page.items.front()) == Age::newer);
}

bool UsageSearch::arrived(const UsagePage& page) {
  const bool begins_newer = !page.items.empty() && age_of(page.items.front()) == Age::newer;
  const bool all_newer = begins_newer && age_of(page.items.back()) == Age::newer;
  if (all_newer && page.has_next_page) {
    newer_ = offset_;
    jump();
    return false;
  }
  if (offset_ == 0 || begins_newer) return true;
  older_ = offset_;
  jump();
  return false;
}

void UsageSearch::jump() {
  if (!older_) {
    offset_ = newer_ + step_;
    step_ *= 2;
  } else if (*older_ > newer_ + kPage) {
    offset_ = newer_ + (*older_ - newer_) / 2;
  } else {
    offset_ = newer_;
    reading_ = true;
  }
}

UsageSearch::Verdict UsageSearch::start_again() {
  if (++restarts_ > kMostRestarts) return Verdict::unsteady;
  offset_ = 0;
  newer_ = 0;
  older_.reset();
  step_ = kPage;
  reading_ = false;
  last_.reset();
  return Verdict::more;
}

UsageSearch::Verdict UsageSearch::end_of_pages() {
  read_ = true;
  if (unreadable_) return Verdict::untold;
  return suspects_.empty() ? Verdict::absent : Verdict::more;
}

UsageSearch::Verdict UsageSearch::take_page(const UsagePage& page) {
  if (examine(page)) return Verdict::found;
  if (++pages_ > core::limits::kUsageSearchPages ||
      suspects_.size() > core::limits::kUsageSuspects) {
    return Verdict::untold;
  }
  if (!reading_ && !arrived(page)) return Verdict::more;
  if (!joins(page)) return start_again();
  reading_ = true;
  last_.reset();
  const bool passed = std::any_of(page.items.begin(), page.items.end(),
                                  [&](const UsageLog& log) { return age_of(log) == Age::older; });
  if (passed || !page.has_next_page || page.items.empty()) return end_of_pages();
  last_ = page.items.back().id;
  offset_ += advance(page.received);
  return Verdict::more;
}

UsageSearch::Verdict UsageSearch::take_log(const std::optional<UsageLog>& log) {
  if (log && is_ours(*log)) {
    log_ = suspects_.front();
    return Verdict::found;
  }
  // Not shown here either: then nothing ever tells it from ours.
  if (log && hides_metadata(*log)) return Verdict::untold;
  suspects_.pop_front();
  return suspects_.empty() ? Verdict::absent : Verdict::more;
}

}  // namespace assembly_sync::delivery
