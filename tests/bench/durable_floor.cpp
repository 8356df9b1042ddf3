#include "tests/bench/durable_floor.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "core/clock.hpp"

namespace assembly_sync::bench {
namespace {

class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    check(sqlite3_open(file.c_str(), &handle_));
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE inbox (id INTEGER PRIMARY KEY, at INTEGER, body BLOB)");
    check(sqlite3_prepare_v2(handle_, "INSERT INTO inbox (at, body) VALUES (?, ?)", -1, &insert_,
                             nullptr));
  }
  ~Database() {
    sqlite3_finalize(insert_);
    sqlite3_close(handle_);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql) { check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr)); }
  void insert(std::int64_t at, const std::string& body) {
    sqlite3_bind_int64(insert_, 1, at);
    sqlite3_bind_blob64(insert_, 2, body.data(), body.size(), SQLITE_STATIC);
    if (sqlite3_step(insert_) != SQLITE_DONE) check(SQLITE_ERROR);
    sqlite3_reset(insert_);
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(handle_));
  }

  sqlite3* handle_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

/// The rows that wait for the next commit, each with the semaphore its producer sleeps on.
class Queue {
 public:
  void push(std::binary_semaphore& done) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&done);
    }
    some_.notify_one();
  }
  std::vector<std::binary_semaphore*> take(const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [&] { return stop || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }
  void wake() { some_.notify_all(); }

 private:
  std::mutex mutex_;
  std::condition_variable some_;
  std::vector<std::binary_semaphore*> waiting_;  // guarded by mutex_
};

}  // namespace

double durable_floor(const std::filesystem::path& file, int producers, std::chrono::seconds span) {
  Database database(file);
  const std::string body(1024, 'x');
  Queue queue;
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> rows{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < producers; ++i) {
    threads.emplace_back([&] {
      std::binary_semaphore done{0};
      while (!stop) {
        queue.push(done);
        done.acquire();
      }
    });
  }
  core::SystemClock clock;
  const auto start = clock.steady_now();
  const auto end = start + span;
  auto now = start;
  while (now < end) {
    const auto group = queue.take(stop);
    database.run("BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < group.size(); ++i) database.insert(1, body);
    database.run("COMMIT");
    for (std::binary_semaphore* done : group) done->release();
    rows += static_cast<std::int64_t>(group.size());
    now = clock.steady_now();
  }
  stop = true;
  // Whoever pushed before it saw the end still waits.
  std::jthread release([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      queue.wake();
      for (std::binary_semaphore* done : queue.take(stop)) done->release();
      clock.sleep_for(std::chrono::milliseconds{1}, {});
    }
  });
  threads.clear();
  return static_cast<double>(rows) / std::chrono::duration<double>(now - start).count();
}

}  // namespace assembly_sync::bench
