// A HubSpot of any number of companies and contacts that are made up when they are asked for, so
// that a million of them take no memory: list, batch read, single get, associations of contacts,
// and a search by time of change. Nothing in it changes. For measuring.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "daemon/http/server.hpp"

namespace assembly_sync::fakes {

class GeneratedHubspot {
 public:
  /// `records` contacts, and a company for each ten of them. Record N was changed N ms after
  /// `first_ms`.
  GeneratedHubspot(std::uint64_t records, std::int64_t first_ms);

  std::string url() const { return server_.url(); }
  /// Requests so far, by method and path; a single record's id is left out. Thread-safe.
  std::map<std::string, std::uint64_t> calls() const;

 private:
  http::Response answer(const http::Request& request) const;
  void count(const http::Request& request);

  const std::uint64_t records_;
  const std::int64_t first_ms_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> calls_;  // guarded by mutex_
  http::Server server_;                         // last: ends before what it uses
};

}  // namespace assembly_sync::fakes
