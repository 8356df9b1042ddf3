// Sending: everything between the outbox and Assembly, built from one configuration: the client,
// the budget, labels, the directory, the dispatcher. A part of the composition root; a changed
// `assembly` or `labels` block replaces it while the store and the listeners stay.
//
// Owner: start() once, stop() once; the rest is thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

#include "daemon/config/config.hpp"
#include "daemon/store/store.hpp"
#include "daemon/surroundings.hpp"

namespace assembly_sync::delivery {
class BudgetLedger;
}

namespace assembly_sync::app {

class Sending {
 public:
  /// `ledger` is shared with other processes, and outlives this.
  Sending(const config::Config& config, Surroundings around, store::Store& store,
          delivery::BudgetLedger& ledger);
  ~Sending();

  /// `keeps_directory`: reads Assembly's lists by itself when they grow old; a one-shot process
  /// leaves it to its backfill.
  void start(bool keeps_directory);
  /// Lets calls under way finish for at most `grace`, cuts the rest off (they are settled as
  /// ambiguous), ends all threads.
  void stop(std::chrono::milliseconds grace);

  /// Before records of `run` are compared with the directory. False = stopped or not possible now.
  bool refresh_directory(store::RowId run, const std::stop_token& stop);
  std::size_t used_last_second() const;
  double pace_per_second() const;  // as learned; see Budget
  std::uint64_t heartbeat() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::app
