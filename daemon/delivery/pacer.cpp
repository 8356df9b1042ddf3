#include "daemon/delivery/pacer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr double kLeastJitter = 0.0101;  // spacing 33.67 ms at 30/s: 99 % of the rate
constexpr double kMostJitter = 0.12;     // beyond it the spread is the server's work, not the way
constexpr double kUnknownJitter = 0.1;   // until kEnough responses are in
constexpr double kOwnJitter = 0.001;     // of our own waking up
constexpr std::size_t kEnough = 30;
constexpr std::size_t kResponses = 1800;  // a minute at 30/s
constexpr auto kCareful = 60s;            // after a 429
constexpr double kCarefulSlowdown = 0.05;

nanoseconds seconds(double s) {
  return nanoseconds(static_cast<std::int64_t>(s * 1e9));
}

}  // namespace

Pacer::Pacer(double rate_per_second, BudgetLedger& ledger)
    : rate_(rate_per_second),
      window_calls_(std::min<std::size_t>(
          BudgetLedger::kSlots / 2,
          static_cast<std::size_t>(std::max(1.0, std::floor(rate_per_second))))),
      window_(rate_per_second >= 1 ? nanoseconds(1s) : seconds(1 / rate_per_second)),
      ledger_(ledger),
      jitter_(kUnknownJitter) {
  scheduled_ = ledger_.start_of(0);  // of the process before this one
}

nanoseconds Pacer::interval(core::SteadyTime now) const {
  double spacing = (1 + jitter_) / rate_;
  if (now < careful_until_) {
    // Creeps back to the ordinary pace over the minute.
    const double left = std::chrono::duration<double>(careful_until_ - now).count() / 60.0;
    spacing *= 1 + kCarefulSlowdown * left;
  }
  return seconds(spacing);
}

core::SteadyTime Pacer::next_start(core::SteadyTime now) const {
  core::SteadyTime next = now;
  if (scheduled_ != core::SteadyTime::min()) next = std::max(next, scheduled_ + interval(now));
  next = std::max(next, paused_until_);
  // Our own starts: never more than a window's worth in any window, whatever the schedule says and
  // whoever of this store made them. Most of the jitter on top keeps that true where they arrive,
  // also while late wake-ups are made up for; the rest is room for those.
  const core::SteadyTime window_ago = ledger_.start_of(window_calls_ - 1);
  if (window_ago != core::SteadyTime::min()) {
    next = std::max(next, window_ago + window_ + 1ms + seconds(0.75 * jitter_));
  }
  return std::max(next, guarded(now));
}

core::SteadyTime Pacer::guarded(core::SteadyTime now) const {
  if (recent_.size() < window_calls_) return core::SteadyTime::min();
  const Call& before = recent_[recent_.size() - window_calls_];
  if (before.answer == core::SteadyTime::max()) return core::SteadyTime::min();
  const nanoseconds fastest = response_times_.size() < kEnough ? nanoseconds(0) : fastest_;
  nanoseconds late = before.answer - before.start - fastest;
  // A server that takes long over one request must not hold up all others; after a refusal nothing
  // is taken for granted.
  if (now >= careful_until_) late = std::min(late, seconds(kMostJitter));
  return before.start + window_ + late;
}

std::uint64_t Pacer::started(core::SteadyTime now) {
  ledger_.add(now);
  // On time: the schedule goes on from where it stood, so that late wake-ups (a busy machine) do
  // not add up to drift. Later than two intervals: there was nothing to send, the schedule starts
  // anew.
  const nanoseconds step = interval(now);
  const bool on_time =
      scheduled_ != core::SteadyTime::min() && now - (scheduled_ + step) < 2 * step;
  scheduled_ = on_time ? scheduled_ + step : now;
  recent_.push_back({now});
  if (recent_.size() > window_calls_ + 512) recent_.pop_front();
  return calls_++;
}

void Pacer::answered(std::uint64_t call, core::SteadyTime now) {
  const std::uint64_t oldest = calls_ - recent_.size();
  if (call < oldest) return;
  Call& known = recent_[call - oldest];
  known.answer = now;
  const nanoseconds response_time = now - known.start;
  fastest_ = response_times_.empty() ? response_time : std::min(fastest_, response_time);
  response_times_.push_back(response_time);
  if (response_times_.size() > kResponses) response_times_.pop_front();
  if (++learned_at_ >= kEnough) learn();
}

void Pacer::learn() {
  learned_at_ = 0;
  std::vector<nanoseconds> sorted(response_times_.begin(), response_times_.end());
  std::sort(sorted.begin(), sorted.end());
  fastest_ = sorted.front();
  // A response time is two ways; what bunches calls up is the spread of one. The slowest in a
  // thousand are left out: a pause of the server is not the way's jitter. The fewer are known, the
  // more the seen spread falls short of the real one.
  const nanoseconds slow = sorted[(sorted.size() - 1) * 999 / 1000];
  const double seen = std::chrono::duration<double>(slow - fastest_).count() / 2;
  const double spread = seen * (1 + 2 / std::sqrt(static_cast<double>(sorted.size()))) + kOwnJitter;
  jitter_ = std::clamp(spread, kLeastJitter, kMostJitter);
}

void Pacer::refused(core::SteadyTime now, core::SteadyTime resume) {
  paused_until_ = std::max(paused_until_, resume);
  careful_until_ = std::max(careful_until_, std::max(now, resume) + kCareful);
}

}  // namespace assembly_sync::delivery
