// The parts of `doctor`: each looks at one thing and says how it is, and what to do about it. No
// secret is in any text.
#pragma once

#include <string>
#include <vector>

#include "core/clock.hpp"
#include "daemon/cli/cli.hpp"

namespace assembly_sync::cli {

struct Check {
  enum class Level : std::uint8_t { ok, warn, bad };
  std::string name;
  Level level = Level::ok;
  std::string found;
  std::string todo{};  // what to do; empty when all is well
};
using Checks = std::vector<Check>;

/// What lies on this machine: files, folders, space, the store, the daemon.
void check_machine(const config::LoadResult& loaded, core::Clock& clock, Checks& checks);

/// What the network brings: names, certificates, the clocks of others, credentials, subscriptions
/// for webhooks, our own listeners.
void check_network(const config::Config& config, core::Clock& clock, Checks& checks);

}  // namespace assembly_sync::cli
