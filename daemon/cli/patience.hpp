// What a verb does when a source says "later": it waits as the daemon would, but not for ever.
#pragma once

#include <chrono>
#include <ostream>
#include <string>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "daemon/intake/read_pause.hpp"

namespace assembly_sync::cli {

inline constexpr int kMostFailures = 5;                         // passing troubles in a row
inline constexpr auto kMostWaiting = std::chrono::minutes(30);  // for limits and preparations
inline constexpr auto kWorthSaying = std::chrono::seconds(3);

/// Whether asking again may help a person who is waiting for it. `waiting`: in all, with the pause
/// that would follow.
inline bool is_worth_waiting(const connectors::ReadError& error, int failures,
                             std::chrono::milliseconds waiting) {
  using Kind = connectors::ReadError::Kind;
  if (error.kind == Kind::transient) return failures < kMostFailures;
  return (error.kind == Kind::throttled || error.kind == Kind::not_yet) && waiting <= kMostWaiting;
}

/// The answer of `read`, a ReadResult, asked for again as long as `is_worth(error, failures,
/// waiting)`, see is_worth_waiting(); `tell(reason, pause)` before each pause.
template <class Read, class IsWorth, class Tell>
auto ask_again(core::Clock& clock, const Read& read, const IsWorth& is_worth, const Tell& tell) {
  std::chrono::milliseconds waited{0};
  for (int failures = 0;;) {
    auto answer = read();
    if (answer) return answer;
    const auto pause = intake::pause_after(answer.error(), failures);
    if (!is_worth(answer.error(), failures, waited + pause)) return answer;
    if (answer.error().kind != connectors::ReadError::Kind::not_yet) ++failures;
    tell(answer.error().reason, pause);
    clock.sleep_for(pause, {});
    waited += pause;
  }
}

/// Asks again while that may help. Says on `err` what it waits for, in the name of `who`
/// ("assembly-sync map: ").
template <class Read>
auto patiently(core::Clock& clock, std::ostream& err, const std::string& who, const Read& read) {
  std::string told;
  return ask_again(clock, read, is_worth_waiting,
                   [&](const std::string& reason, std::chrono::milliseconds pause) {
                     if (pause < kWorthSaying || told == reason) return;
                     told = reason;
                     err << who << reason << "; asks again in "
                         << std::chrono::ceil<std::chrono::seconds>(pause).count() << " s\n";
                   });
}

/// Waits for nothing but the rate that the configuration sets, and says nothing.
template <class Read>
auto within_rate(core::Clock& clock, const Read& read) {
  const auto is_rate = [](const connectors::ReadError& error, int failures, auto waiting) {
    return error.kind == connectors::ReadError::Kind::not_yet &&
           is_worth_waiting(error, failures, waiting);
  };
  return ask_again(clock, read, is_rate, [](const auto&, auto) {});
}

}  // namespace assembly_sync::cli
