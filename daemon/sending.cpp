#include "daemon/sending.hpp"

#include <algorithm>
#include <thread>

#include "daemon/assembly/client.hpp"
#include "daemon/delivery/budget.hpp"
#include "daemon/delivery/directory.hpp"
#include "daemon/delivery/dispatcher.hpp"
#include "daemon/delivery/labels.hpp"
#include "daemon/http/client.hpp"

namespace assembly_sync::app {
namespace {

using namespace std::chrono_literals;

/// A directory younger than this is believed by a backfill.
constexpr auto kBackfillDirectoryAge = 1h;
/// So often the directory's age is looked at.
constexpr auto kDirectoryLook = 60s;
/// After lists that could not be read to their end.
constexpr auto kDirectoryRetry = 3600s;

}  // namespace

class Sending::Impl {
 public:
  Impl(const config::Config& config, Surroundings around, store::Store& store,
       delivery::BudgetLedger& ledger)
      : around_(around),
        store_(store),
        directory_age_(config.assembly.directory_age),
        transport_(around.clock),
        client_(transport_, around.clock,
                {config.assembly.base_url, config.assembly.api_key, config.assembly.timeout}),
        budget_(config.assembly.rate_per_second, ledger, around.clock),
        labels_({config.labels.create, config.labels.colors, config.labels.description}, client_,
                budget_, store, around.clock),
        directory_(client_, budget_, labels_, store, around.clock, around.log),
        dispatcher_({store, client_, budget_, labels_, around.clock, around.random, around.log,
                     directory_age_},
                    config.assembly.max_in_flight) {}

  void start(bool keeps_directory) {
    dispatcher_.start();
    if (!keeps_directory) return;
    directory_thread_ = std::jthread([this](const std::stop_token& stop) { keep_directory(stop); });
  }

  void stop(std::chrono::milliseconds grace) {
    directory_thread_.request_stop();
    if (!dispatcher_.stop(grace)) {
      around_.log.warn("calls_cut_off",
                       {{"what", "calls under way at the stop are settled as ambiguous"}});
    }
    transport_.shut_down();
    dispatcher_.join();
    if (directory_thread_.joinable()) directory_thread_.join();
  }

  bool refresh_directory(store::RowId run, const std::stop_token& stop) {
    return directory_.refresh(
        std::min<std::chrono::milliseconds>(kBackfillDirectoryAge, directory_age_),
        {core::Lane::backfill, run}, stop);
  }

  std::size_t used_last_second() const { return budget_.used_last_second(); }
  double pace_per_second() const { return budget_.pace_per_second(); }
  std::uint64_t heartbeat() const { return dispatcher_.heartbeat(); }

 private:
  void keep_directory(const std::stop_token& stop) {
    std::chrono::seconds pause = kDirectoryLook;
    do {
      try {
        directory_.refresh(directory_age_, {core::Lane::audit}, stop);
        const std::int64_t now_ms = core::to_ms(around_.clock.wall_now());
        const bool complete = store_.read([&](const store::View& view) {
          return delivery::directory_is_fresh(view, directory_age_, now_ms);
        });
        pause = complete ? kDirectoryLook : kDirectoryRetry;
      } catch (const std::exception& error) {
        around_.log.recurring("directory_failed", {{"error", error.what()}});
      }
    } while (around_.clock.sleep_for(pause, stop));
  }

  // In the order of need; destroyed in reverse.
  const Surroundings around_;
  store::Store& store_;
  const std::chrono::milliseconds directory_age_;
  http::PooledTransport transport_;
  assembly::Client client_;
  delivery::Budget budget_;
  delivery::Labels labels_;
  delivery::DirectoryReader directory_;
  delivery::Dispatcher dispatcher_;
  std::jthread directory_thread_;
};

Sending::Sending(const config::Config& config, Surroundings around, store::Store& store,
                 delivery::BudgetLedger& ledger)
    : impl_(std::make_unique<Impl>(config, around, store, ledger)) {}
Sending::~Sending() = default;
void Sending::start(bool keeps_directory) {
  impl_->start(keeps_directory);
}
void Sending::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}
bool Sending::refresh_directory(store::RowId run, const std::stop_token& stop) {
  return impl_->refresh_directory(run, stop);
}
std::size_t Sending::used_last_second() const {
  return impl_->used_last_second();
}
double Sending::pace_per_second() const {
  return impl_->pace_per_second();
}
std::uint64_t Sending::heartbeat() const {
  return impl_->heartbeat();
}

}  // namespace assembly_sync::app
