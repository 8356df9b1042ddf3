// What can become of one call to Assembly: a closed set, so that whoever delivers decides every
// case. Value types; thread-safe as any value.
//
// `reason` is short, ours, and may be logged. `detail` is the server's own words, which may repeat
// values that were sent: for the dead letter's page, never for a log, a metric or an error (I11).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <tl/expected.hpp>

#include "core/ids.hpp"

namespace assembly_sync::assembly {

/// The call had its effect.
struct Delivered {
  /// Of what was created or changed (A23, A50, A55, A135). Empty when the answer held none; then
  /// the id has to be read by key. Empty after a removal.
  core::AssemblyId id;
  int status = 0;  // of the answer; 0 = there was no call, or a look showed it
};

/// 429: not processed (Q3); no attempt was spent.
struct Throttled {
  std::optional<std::chrono::milliseconds> retry_after;  // 0 … 24 h, when the answer said so (Q2)
};

/// Worth repeating as it is: either surely without effect (not reached), or answered with a
/// passing trouble (408, 425, 5xx, a redirect) on a call that may be repeated (Q33).
struct Transient {
  std::string reason;
  std::optional<std::chrono::milliseconds> retry_after;
  bool may_have_had_effect = false;  // a write that was answered 408 or 5xx
};

/// Refused: repeating it changes nothing.
struct Rejected {
  enum class Kind : std::uint8_t {
    invalid,
    not_found,
    already_exists
  };               // by status and text (I13)
  int status = 0;  // 0: refused here, nothing was sent
  Kind kind = Kind::invalid;
  std::string reason;
  std::string detail;  // at most 200 bytes
};

/// May have had its effect or not: broken off, timed out, answered unreadably, or a POST answered
/// with a 5xx (Q33).
struct Ambiguous {
  std::string reason;
  bool may_be_at_work = false;  // a time-out, ours or a gateway's: its effect may be yet to come
};

/// 401 or 403: the key, not the call (Q31).
struct Unauthorized {
  int status = 401;
};

using Outcome = std::variant<Delivered, Throttled, Transient, Rejected, Ambiguous, Unauthorized>;

/// Why nothing was read. Reading changes nothing, so no failure of it is ambiguous: what broke off
/// is transient.
using Failure = std::variant<Throttled, Transient, Rejected, Unauthorized>;

template <class T>
using Answer = tl::expected<T, Failure>;

}  // namespace assembly_sync::assembly
