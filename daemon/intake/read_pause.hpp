// How long a source is left alone after a reading that failed. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "connectors/connector.hpp"

namespace assembly_sync::intake {

/// Doubles from 1 s to five minutes.
inline std::chrono::milliseconds backoff_after(int failures) {
  return std::chrono::milliseconds(
      std::min<std::int64_t>(300'000, std::int64_t{1000} << std::min(failures, 9)));
}

/// `failures`: how often it failed before in a row.
inline std::chrono::milliseconds pause_after(const connectors::ReadError& error, int failures) {
  using namespace std::chrono_literals;
  using Kind = connectors::ReadError::Kind;
  const auto backoff = backoff_after(failures);
  switch (error.kind) {
    case Kind::throttled:
      // Never less than the backoff: a moment that is over by this machine's clock, or no time at
      // all, must not become a storm of questions to whoever asked for fewer.
      return std::max(backoff, error.retry_after.value_or(10s));
    case Kind::unauthorized:
      return std::max<std::chrono::milliseconds>(backoff, 30s);
    case Kind::not_yet:
      return error.retry_after.value_or(10s);
    case Kind::transient:
      return std::max(backoff, error.retry_after.value_or(0ms));
    case Kind::rejected:
      return backoff;
  }
  return backoff;
}

}  // namespace assembly_sync::intake
