// The world around the program under test: a local Assembly and a local HubSpot inside the test,
// the program as a process, a folder for all it leaves behind. Not thread-safe, but the calls that
// only ask may be made beside a thread that sends.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "daemon/sandbox/sandbox.hpp"
#include "tests/e2e/daemon_process.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::test {

inline constexpr const char* kPublicUrl = "https://sync.example.test";
inline constexpr const char* kApiKey = "e2e-api-key-5c1f0d7be2";
inline constexpr const char* kAccessToken = "e2e-token-9a7d31c604";
inline constexpr const char* kClientSecret = "e2e-client-secret-3e8b2f";

struct WorldOptions {
  sandbox::SandboxOptions assembly{};  // its api_key is kApiKey
  bool labels = true;                  // tiers and tags are mapped
  std::string when{};                  // filter of companies; empty = all
  std::string sources{};               // further sources, as YAML indented by two
  std::string mappings{};              // further mappings, as YAML indented by two
  std::string on_delete{};             // of both mappings; empty = the default
  std::optional<int> poll_seconds{};   // of HubSpot; nothing = the default
  double rate_per_second = 30;
  int timeout_seconds = 30;
  sandbox::SampleCrmOptions crm{};  // its secrets are kAccessToken and kClientSecret
  Environment variables{};          // beside the usual ones
};

/// A finished verb.
struct Finished {
  std::optional<int> code;
  std::string out;
  std::string err;
};

class World {
 public:
  explicit World(WorldOptions options = {});

  sandbox::Sandbox& assembly() { return assembly_; }
  sandbox::SampleCrm& crm() { return crm_; }
  core::HttpTransport& transport() { return transport_; }
  const Environment& environment() const { return environment_; }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  std::filesystem::path config() const { return file("config.yaml"); }
  std::filesystem::path store() const { return file("store.db"); }
  /// From here on another, empty store.
  void use_store(const std::string& name);

  /// Starts the daemon, again after stop() or kill().
  DaemonProcess& start();
  DaemonProcess& daemon() { return *daemon_; }
  /// Runs a verb to its end, with `-c config.yaml`.
  Finished run(std::vector<std::string> arguments, const std::string& input = "");
  /// The same, still running.
  std::unique_ptr<Process> spawn(std::vector<std::string> arguments, const std::string& input = "");

  /// Sends what happened in the CRM since the last call; the status of the answer.
  int deliver_events();
  int deliver(const std::vector<core::Value>& events);
  /// The body of GET on the admin port.
  std::string admin(const std::string& path) const;
  /// /api/status
  core::Value status() const;
  std::int64_t notices(const std::string& state) const;
  /// Nothing is received, open, pending or on its way.
  bool settled() const;
  bool wait_settled(std::chrono::seconds at_most = std::chrono::seconds{90}) const;

  /// Each record of the CRM that Assembly does not hold exactly once and as mapped, and what is in
  /// Assembly beside them; in words without values. Empty = all is right.
  std::vector<std::string> wrong() const;
  /// The writes that took effect, in order of arrival.
  std::vector<sandbox::JournalEntry> writes() const;

 private:
  void write_config();

  const WorldOptions options_;
  TempDir folder_;
  core::SystemClock clock_;
  sandbox::Sandbox assembly_;
  sandbox::SampleCrm crm_;
  mutable http::PooledTransport transport_;
  Environment environment_;
  std::string store_name_ = "store.db";
  int processes_ = 0;
  std::unique_ptr<DaemonProcess> daemon_;
};

/// The JSON of a text; fails the test and gives null when it is none.
core::Value json(const std::string& text);
/// The only entry about `key`, with its position among `writes`; -1 when there is none.
int position_of(const std::vector<sandbox::JournalEntry>& writes, const std::string& key);
std::string company_key(const std::string& id);
std::string contact_key(const std::string& id);

}  // namespace assembly_sync::test
