// Which TCP connections to a local port were seen, looked up in the kernel's table. Also those that
// ended between two looks: they stay in the table for a minute. Not thread-safe.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace assembly_sync::bench {

class ConnectionCount {
 public:
  /// `url` is http://127.0.0.1:PORT
  explicit ConnectionCount(const std::string& url);
  void look();
  std::size_t seen() const { return local_ports_.size(); }

 private:
  std::string remote_;  // as the table writes it
  std::set<std::string> local_ports_;
};

}  // namespace assembly_sync::bench
