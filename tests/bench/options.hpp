// What the benchmark was asked to do, and where its helpers are. Constant after start.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

namespace assembly_sync::bench {

struct Options {
  std::set<std::string> only;  // parts; empty = all
  bool quick = false;          // a smoke run: figures mean nothing
  int rounds = 5;
  std::chrono::seconds load{2};     // one contender in one round
  std::chrono::seconds budget{60};  // --minutes
  std::int64_t rows = 0;            // --rows: of the backlogs; 0 = each part's default

  std::filesystem::path daemon;     // assembly-sync
  std::filesystem::path self;       // this program, for work in a process of its own
  std::filesystem::path slowfsync;  // the LD_PRELOAD library
  std::filesystem::path data;       // a folder on the disk that is measured

  bool wants(const std::string& part) const { return only.empty() || only.contains(part); }
};

}  // namespace assembly_sync::bench
