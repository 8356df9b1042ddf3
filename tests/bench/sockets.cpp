#include "tests/bench/sockets.hpp"

#include <cstdio>
#include <sstream>

#include "tests/bench/program.hpp"

namespace assembly_sync::bench {

ConnectionCount::ConnectionCount(const std::string& url) {
  char text[16];
  std::snprintf(text, sizeof text, ":%04X", std::stoi(url.substr(url.rfind(':') + 1)));
  remote_ = text;
}

void ConnectionCount::look() {
  std::istringstream table(read_file("/proc/net/tcp"));
  std::string line;
  std::getline(table, line);  // the heading
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string remote;
    fields >> number >> local >> remote;
    if (remote.ends_with(remote_)) local_ports_.insert(local);
  }
}

}  // namespace assembly_sync::bench
