#include "daemon/console/auth.hpp"

#include <algorithm>
#include <utility>

namespace assembly_sync::console {

Auth::Auth(const core::Clock& clock, std::function<std::string()> new_secret)
    : clock_(clock), new_secret_(std::move(new_secret)) {}

void Auth::set_token(const core::Secret& token) {
  const std::lock_guard lock(mutex_);
  if (token_.same_as(token)) return;
  token_ = token;
  sessions_.clear();
}

Auth::Answer Auth::try_token(std::string_view token, const std::string& from) {
  const std::lock_guard lock(mutex_);
  Tries& tries = tries_of(from);
  tries.left = left_of(tries);
  tries.as_of = clock_.steady_now();
  if (!tries.last_wrong.empty() && core::equal_constant_time(token, tries.last_wrong.reveal())) {
    return Answer::wrong;
  }
  if (tries.left < 1) return Answer::too_many;
  if (!token_.empty() && core::equal_constant_time(token, token_.reveal())) return Answer::right;
  tries.left -= 1;
  tries.last_wrong = core::Secret(std::string(token));
  return Answer::wrong;
}

Session Auth::begin() {
  const std::lock_guard lock(mutex_);
  forget_expired();
  if (sessions_.size() >= kSessions) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                     [](const Live& a, const Live& b) { return a.used < b.used; }));
  }
  const core::SteadyTime now = clock_.steady_now();
  sessions_.push_back({{new_secret_(), new_secret_()}, now, now, {}});
  return sessions_.back().session;
}

std::optional<Session> Auth::find(std::string_view id) {
  const std::lock_guard lock(mutex_);
  forget_expired();
  std::optional<Session> found;
  for (Live& live : sessions_) {  // all of them, so that the time tells nothing
    if (!core::equal_constant_time(live.session.id, id)) continue;
    live.used = clock_.steady_now();
    found = live.session;
  }
  return found;
}

void Auth::end(std::string_view id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_,
                [&](const Live& live) { return core::equal_constant_time(live.session.id, id); });
}

void Auth::tell(std::string_view id, std::string text) {
  const std::lock_guard lock(mutex_);
  for (Live& live : sessions_) {
    if (core::equal_constant_time(live.session.id, id)) live.told = std::move(text);
  }
}

std::string Auth::take_told(std::string_view id) {
  const std::lock_guard lock(mutex_);
  for (Live& live : sessions_) {
    if (core::equal_constant_time(live.session.id, id)) return std::exchange(live.told, {});
  }
  return {};
}

Auth::Tries& Auth::tries_of(const std::string& from) {
  if (const auto known = tries_.find(from); known != tries_.end()) return known->second;
  if (tries_.size() >= kAddresses) {
    std::erase_if(tries_, [this](const auto& one) { return left_of(one.second) >= kTries; });
  }
  const bool full = tries_.size() >= kAddresses;
  return tries_.try_emplace(full ? "" : from, Tries{kTries, clock_.steady_now(), {}}).first->second;
}

double Auth::left_of(const Tries& tries) const {
  const std::chrono::duration<double> passed = clock_.steady_now() - tries.as_of;
  return std::min<double>(kTries, tries.left + passed / kTryAgain);
}

void Auth::forget_expired() {
  const core::SteadyTime now = clock_.steady_now();
  std::erase_if(sessions_, [&](const Live& live) {
    return now - live.used > kSessionIdle || now - live.begun > kSessionLongest;
  });
}

}  // namespace assembly_sync::console
