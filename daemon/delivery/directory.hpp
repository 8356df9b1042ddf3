// Directory refresh: reads what Assembly holds, 100 a call, through the budget, so that the program
// compares before it writes (reading is a hundred times cheaper) and makes nothing that is there.
// Kept in the store with its age. Thread-safe; one refresh at a time.
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>

#include "core/clock.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/delivery/budget.hpp"
#include "daemon/delivery/labels.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::delivery {

/// Whether both lists were read completely within the last `oldest`.
bool directory_is_fresh(const store::View& view, std::chrono::milliseconds oldest,
                        std::int64_t now_ms);

/// An entry of the directory as read in a list or by itself.
store::DirectoryEntry directory_entry(assembly::Collection collection,
                                      const assembly::AccountView& seen, std::int64_t as_of_ms);

class DirectoryReader {
 public:
  DirectoryReader(const assembly::Client& client, Budget& budget, Labels& labels,
                  store::Store& store, core::Clock& clock, telemetry::Log& log);

  /// Who asks for the lists.
  struct Order {
    core::Lane lane = core::Lane::audit;
    std::optional<store::RowId> run{};  // for which the calls are counted
  };

  /// Reads both lists when they are older than `oldest`. What the program believes present and the
  /// lists do not show is asked for by itself, some of it (pages shift while they are read), and
  /// forgotten when it is gone. Waits out throttling and failures. False when stopped.
  bool refresh(std::chrono::milliseconds oldest, const Order& order, const std::stop_token& stop);

 private:
  enum class Read : std::uint8_t { complete, incomplete, stopped };
  /// `beginning`: the lane of the first page. Until a directory was read once every live creation
  /// costs a look, so then its beginning, which is often all of it, goes first.
  Read read_list(assembly::Collection collection, std::int64_t as_of_ms, const Order& order,
                 core::Lane beginning, const std::stop_token& stop);
  bool check_unlisted(std::int64_t as_of_ms, const Order& order, const std::stop_token& stop);
  bool check(const store::Entity& entity, std::int64_t as_of_ms, const Order& order,
             const std::stop_token& stop);
  void gone(const store::Entity& entity);
  /// Waits after a failed call; false = stopped.
  bool wait_out(const assembly::Outcome& failure, int failures, const std::stop_token& stop);
  std::int64_t now_ms() const { return core::to_ms(clock_.wall_now()); }

  std::mutex reading_;
  const assembly::Client& client_;
  Budget& budget_;
  Labels& labels_;
  store::Store& store_;
  core::Clock& clock_;
  telemetry::Log& log_;
};

}  // namespace assembly_sync::delivery
