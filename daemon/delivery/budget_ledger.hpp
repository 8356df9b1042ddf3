// The ledger: when the last calls to Assembly started, in a small memory-mapped file beside the
// store. It outlives a killed process (the page stays with the kernel), so a quick restart can't
// put two windows' worth of calls into one second (I3), and `status` can read it from outside.
// Times are of CLOCK_MONOTONIC, valid until the machine restarts; the file knows its boot.
// One process writes (the holder of the store's lock); any may read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/clock.hpp"

namespace assembly_sync::delivery {

class BudgetLedger {
 public:
  /// Opens or creates the file; starts empty when it is damaged or from another boot: known by the
  /// boot's id or, where a sandbox hides that, by starts that lie in the future of `now`.
  static std::unique_ptr<BudgetLedger> open(const std::string& path, core::SteadyTime now);
  /// A ledger in memory only, for tests.
  static std::unique_ptr<BudgetLedger> in_memory();
  ~BudgetLedger();

  static constexpr std::size_t kSlots = 2048;

  void add(core::SteadyTime start);
  /// The start of the `back`-th last call (0 = the last); nothing recorded = the epoch's minimum.
  core::SteadyTime start_of(std::size_t back) const;
  /// Calls that started after `since`.
  std::size_t count_since(core::SteadyTime since) const;

 private:
  struct Page;
  BudgetLedger(Page* page, bool mapped);
  Page* page_;
  bool mapped_;
};

}  // namespace assembly_sync::delivery
