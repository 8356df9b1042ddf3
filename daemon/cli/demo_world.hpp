// The demo's world: a local Assembly, a sample CRM and the daemon in one process, on a store of its
// own that goes when it goes. Not thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "daemon/app.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "daemon/sandbox/sandbox.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::cli {

class DemoWorld {
 public:
  DemoWorld(core::Clock& clock, core::Random& random, std::size_t companies, std::size_t contacts);
  ~DemoWorld();

  core::Clock& clock() { return clock_; }
  std::string crm_url() const { return crm_.url(); }
  std::string assembly_url() const { return assembly_.url(); }
  std::string webhook_url() const { return app_->webhook_url(); }
  std::string admin_url() const { return app_->admin_url(); }
  /// Lets one into the console.
  const std::string& console_token() const { return console_token_; }

  void order_backfill();
  bool backfill_done() const;
  std::string progress_line() const;
  std::optional<double> progress_share() const;

  /// Changes a random record and delivers the CRM's webhook; says what, without values.
  std::string change_something();
  /// Waits until nothing is open or pending; how long it took, nothing when `at_most` was too
  /// short.
  std::optional<std::chrono::milliseconds> wait_until_settled(std::chrono::milliseconds at_most);

  struct Comparison {
    std::size_t companies = 0, companies_right = 0;
    std::size_t contacts = 0, contacts_right = 0;
    std::uint64_t calls = 0, refused = 0, busiest_second = 0;
    std::vector<std::string> differences;  // the first few
    bool all_right() const {
      return companies == companies_right && contacts == contacts_right && refused == 0;
    }
  };
  /// Every record of the CRM, mapped here and now, against what the sandbox holds.
  Comparison compare() const;

 private:
  store::Run run() const;
  void deliver(const std::vector<core::Value>& events);

  core::Clock& clock_;
  core::Random& random_;
  const std::string console_token_;
  std::filesystem::path folder_;
  telemetry::Log log_;
  sandbox::Sandbox assembly_;
  sandbox::SampleCrm crm_;
  http::PooledTransport transport_;
  std::unique_ptr<app::App> app_;
  store::RowId run_ = 0;
};

}  // namespace assembly_sync::cli
