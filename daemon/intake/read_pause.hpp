// How long a source is left alone after a reading that failed. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "connectors/connector.hpp"

namespace assembly_sync::intake {

/// `failures`: how often it failed before in a row.
inline std::chrono::milliseconds pause_after(const connectors::ReadError& error, int failures) {
  using namespace std::chrono_literals;
  using Kind = connectors::ReadError::Kind;
  const auto backoff = std::chrono::milliseconds(
      std::min<std::int64_t>(300'000, std::int64_t{1000} << std::min(failures, 9)));
  switch (error.kind) {
    case Kind::throttled:
      return error.retry_after.value_or(10s);
    case Kind::unauthorized:
      return std::max<std::chrono::milliseconds>(backoff, 30s);
    case Kind::transient:
      return std::max(backoff, error.retry_after.value_or(0ms));
    case Kind::rejected:
      return backoff;
  }
  return backoff;
}

}  // namespace assembly_sync::intake
