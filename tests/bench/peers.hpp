// The Node programs that the daemon is compared with (tests/bench/peers).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/program.hpp"

namespace assembly_sync::bench {

/// `node SCRIPT ARGUMENTS…`; the program says "listening …" once it is ready.
inline Program::Order peer_order(const Folder& folder, std::vector<std::string> command,
                                 std::map<std::string, std::string> environment = {}) {
  std::string name = "peer";
  for (const std::string& word : command) name += '-' + word.substr(word.rfind('/') + 1);
  command.front() = std::string(ASSEMBLY_SYNC_PEERS) + '/' + command.front();
  command.insert(command.begin(), "node");
  return {std::move(command), std::move(environment), folder / (name + ".log")};
}

}  // namespace assembly_sync::bench
