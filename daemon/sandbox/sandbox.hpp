// A local Assembly for demo, rehearsal and tests: the documented API in memory, with the 30/s limit
// and faults on request. Runs on 127.0.0.1 only. What the documentation leaves open is a switch
// (switches.hpp). Thread-safe.
//
// The effect of a request takes place when it arrives, in order of arrival; latency and delays hold
// back the answer only, so a caller that gives up waiting has still had its effect. Each request
// counts, whatever its method and answer (I22), and is judged on its time of arrival.
//
// Out of process the same is had over HTTP, without a key and uncounted: GET /_sandbox/stats,
// /_sandbox/journal?since=N, /_sandbox/accounts, /_sandbox/contacts, /_sandbox/labels,
// /_sandbox/usage, /_sandbox/switches; POST /_sandbox/faults (a Fault as JSON), /_sandbox/switches
// {"NAME":"VALUE",…}, /_sandbox/key {"revoked":bool}, /_sandbox/reset (back to the first moment).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/sandbox/switches.hpp"

namespace assembly_sync::sandbox {

enum class LimiterKind : std::uint8_t { sliding, fixed, bucket };

struct SandboxOptions {
  std::uint16_t port = 0;       // 0 = chosen by the system
  double rate_per_second = 30;  // 0 = no limit
  LimiterKind limiter = LimiterKind::sliding;
  double bucket_burst = 30;  // limiter bucket
  std::chrono::milliseconds latency{0};
  std::chrono::milliseconds latency_jitter{0};  // +- around latency, seeded
  std::uint64_t seed = 1;
  std::string api_key =
      "sandbox-key";  // any other key is answered 401 (A2); empty = any key passes
  Switches switches;
};

/// One request as the sandbox saw it.
struct JournalEntry {
  std::uint64_t number = 0;     // from 1, in order of arrival
  std::int64_t arrived_us = 0;  // steady time, microseconds
  std::string method;
  std::string target;  // path and query
  std::string body;
  int status = 0;          // answered; 0 = connection dropped on purpose
  bool processed = false;  // its effect took place
};

/// A fault for coming requests: consumed `count` times, in order of arrival of matching requests.
struct Fault {
  enum class Kind : std::uint8_t {
    status,       // answer `status`, no effect
    drop_before,  // close without effect
    drop_after,   // take effect, close without answer
    truncated,    // take effect, cut the answer off
    malformed,    // take effect, answer broken JSON
    delay,        // answer `delay` later
    key_revoked,  // from this request on the key is no longer known
  };
  Kind kind = Kind::status;
  int status = 500;
  std::string retry_after;  // sent as Retry-After when not empty
  std::chrono::milliseconds delay{0};
  std::string method;         // empty = any
  std::string path_contains;  // empty = any
  int count = 1;
};

class Sandbox {
 public:
  /// Listens at once. Throws std::runtime_error when the port is taken.
  Sandbox(SandboxOptions options, core::Clock& clock);
  ~Sandbox();

  std::string url() const;
  void add_fault(Fault fault);
  /// Revoked: every call is answered 401 until set back.
  void set_key_revoked(bool revoked);
  /// From the next request on; what is stored stays.
  void set_switches(const Switches& switches);
  /// Back to the first moment: nothing stored, no fault, nothing counted, `switches` as given.
  void reset(const Switches& switches);

  /// What it holds, for comparing: accounts and contacts as objects with `id`, attributes as
  /// written, `additional_properties`, `source_specific_ids`, `tags`; contacts with `company_id`.
  std::vector<core::Value> accounts() const;
  std::vector<core::Value> contacts() const;
  /// Labels: {id,type,name,color,description?}.
  std::vector<core::Value> labels() const;
  /// Usage logs, newest timestamp first: attributes as written with `id` and, when tied to an item,
  /// `account_id` or `contact_id`.
  std::vector<core::Value> usage() const;

  /// The newest 200,000 entries at most.
  std::vector<JournalEntry> journal() const;
  void clear_journal();
  struct Stats {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;         // 429s
    std::uint64_t writes = 0;          // POST, PUT, DELETE that took effect
    std::uint64_t busiest_second = 0;  // most requests in any one-second window
  };
  Stats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::sandbox
