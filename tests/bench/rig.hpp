// One world for one measurement: a local Assembly and a local HubSpot inside this process, the real
// daemon beside it on a store of its own, and a CSV file for backlogs. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "daemon/sandbox/sandbox.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/program.hpp"

namespace assembly_sync::bench {

inline constexpr const char* kPublicUrl = "https://sync.example.test";
inline constexpr const char* kClientSecret = "bench-client-secret-48d1a0";

struct RigOptions {
  sandbox::SandboxOptions assembly{};
  double rate_per_second = 30;  // the daemon's budget
  std::string assembly_url{};   // empty = the sandbox itself
  std::map<std::string, std::string> environment{};
};

/// A row of the CSV source. Its key is random in order, as real keys are.
std::string csv_row(std::int64_t n, std::int64_t value);

class Rig {
 public:
  Rig(const Options& options, RigOptions rig = {});

  sandbox::Sandbox& assembly() { return assembly_; }
  sandbox::SampleCrm& crm() { return crm_; }
  core::HttpTransport& transport() { return transport_; }
  core::Clock& clock() { return clock_; }
  std::filesystem::path store() const { return folder_ / store_name_; }

  /// Rows 0 to `rows`; those below `changed` have another value than in any other file.
  void write_csv(std::int64_t rows, std::int64_t changed = 0);
  /// From the next start on another, empty store.
  void use_store(const std::string& name);

  Program& start();
  Program& daemon() { return *daemon_; }
  /// SIGTERM, and its end.
  void stop();
  /// kill -9.
  void kill();

  /// Orders a backfill from the CSV file and does not wait for it.
  void order_backfill();
  /// /api/status
  core::Value status();
  std::int64_t pending();
  /// Waits until the CSV file is read to its end, with all rows in the outbox.
  void await_backlog(std::int64_t rows);
  /// Follows an ordered backfill to the end of its file; rows per second from the first row on (the
  /// calls that list what Assembly holds come before it). `meanwhile` is called now and again.
  double reading_rate(std::int64_t rows, const std::function<void()>& meanwhile = {});
  /// Waits until nothing is received, open, pending or on its way.
  void await_settled();

  /// Posts a signed webhook with these events; false unless it was answered 200.
  bool deliver(const std::vector<core::Value>& events);
  core::HttpRequest webhook(const std::vector<core::Value>& events) const;
  std::string webhook_url() const { return webhook_url_; }

 private:
  void write_config() const;

  const Options& options_;
  const RigOptions rig_;
  core::SystemClock clock_;
  Folder folder_;
  sandbox::Sandbox assembly_;
  sandbox::SampleCrm crm_;
  http::PooledTransport transport_;
  std::string store_name_ = "store.db";
  std::unique_ptr<Program> daemon_;
  std::string webhook_url_;
  std::string admin_url_;
  int runs_ = 0;
};

}  // namespace assembly_sync::bench
