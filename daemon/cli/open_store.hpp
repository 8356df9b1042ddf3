// The store as a verb finds it that asks or orders something beside a running daemon.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::cli {

struct OpenedStore {
  std::unique_ptr<store::Store> store;
  std::string path;
  /// Nothing when the file has problems: what is in force stands in the store.
  std::shared_ptr<const config::Config> config;

  /// Why nothing can be about this source; nothing = it is configured, or something came from it.
  std::optional<std::string> unknown(const core::SourceName& source) const;
  /// A daemon is there to carry an order out.
  bool is_served() const { return store::Store::is_held(path); }
};

/// Opens it without its lock, also when the configuration file has problems by now, which are then
/// told. The error is the exit code; why is told already.
tl::expected<OpenedStore, int> open_store(const Context& context, core::Clock& clock);

}  // namespace assembly_sync::cli
