#include "daemon/store/store.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <sys/stat.h>

#include "core/file_owner.hpp"
#include "daemon/store/lock_file.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

/// How many waiting operations one transaction takes: bounds the time the write lock is held.
constexpr std::size_t kGroup = 512;

/// Where a commit takes long, those whom it answered are waited for before the next one: at most so
/// much of a commit's time, so that they do not fall into two groups that take turns. Below the
/// least there is nothing to be gained.
constexpr int kLingerShare = 20;
constexpr std::chrono::microseconds kLeastLinger{100};

/// How long a calm operation waits for another one's commit: at 30 calls a second the next claim
/// comes within that.
constexpr std::chrono::milliseconds kCalm{35};

struct Operation {
  std::function<void(Tx&)> work;
  std::function<void(std::exception_ptr)> done;
  /// What it throws undoes its own writes only. Costs a copy of every page it is first to write.
  bool isolated = true;
};

void configure(Connection& connection) {
  // Before anything is written: only a new file takes it, and to another it would be a write. Space
  // that is freed can then be given back to the disk in small steps.
  bool is_new = false;
  {
    Statement pages(connection, "PRAGMA page_count");
    is_new = pages.step() && pages.integer(0) == 0;
  }
  if (is_new) connection.run("PRAGMA auto_vacuum = INCREMENTAL");
  connection.run("PRAGMA journal_mode = WAL");
  // Stated explicitly: re-opening a WAL file may otherwise fall back to NORMAL, which loses commits
  // on power failure (I1).
  connection.run("PRAGMA synchronous = FULL");
  connection.run("PRAGMA foreign_keys = ON");
  connection.run("PRAGMA wal_autocheckpoint = 1000");
  connection.run("PRAGMA journal_size_limit = 8388608");
  connection.run("PRAGMA cache_size = -4096");
  connection.run("PRAGMA temp_store = MEMORY");
  // What is deleted or replaced is overwritten: an erased person's data must not lie on in free
  // space.
  connection.run("PRAGMA secure_delete = ON");
}

}  // namespace

class Store::Impl {
 public:
  Impl(std::string path, std::unique_ptr<LockFile> lock, std::unique_ptr<Connection> writer,
       std::function<void(const Committed&)> observer)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        writer_(std::move(writer)),
        observer_(std::move(observer)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~Impl() {
    thread_.request_stop();
    waiting_.notify_all();
    thread_.join();
  }

  void enqueue(Urgency urgency, Operation operation) {
    {
      const std::lock_guard lock(mutex_);
      if (urgency == Urgency::calm && calm_.empty()) {
        calm_until_ = std::chrono::steady_clock::now() + kCalm;
      }
      queue_of(urgency).push_back(std::move(operation));
    }
    waiting_.notify_one();
  }

  std::unique_ptr<Connection> take_reader() {
    {
      const std::lock_guard lock(readers_mutex_);
      if (!readers_.empty()) {
        auto reader = std::move(readers_.back());
        readers_.pop_back();
        return reader;
      }
    }
    auto reader = std::make_unique<Connection>(path_, true);
    reader->run("PRAGMA cache_size = -2048");
    return reader;
  }
  void give_reader(std::unique_ptr<Connection> reader) {
    const std::lock_guard lock(readers_mutex_);
    readers_.push_back(std::move(reader));
  }

  const std::string path_;
  core::Signal outbox_changed_;
  core::Signal inbox_changed_;
  std::atomic<bool> disk_low_{false};
  std::atomic<bool> failing_{false};

 private:
  void run(const std::stop_token& stop) {
    while (true) {
      std::vector<Operation> group = next_group(stop);
      if (group.empty()) return;
      commit(group);
    }
  }

  std::deque<Operation>& queue_of(Urgency urgency) {
    if (urgency == Urgency::calm) return calm_;
    return urgency == Urgency::live ? live_ : bulk_;
  }

  /// Until something must be committed now, or the end.
  void await_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    const auto now = [&] { return !live_.empty() || !bulk_.empty(); };
    waiting_.wait(lock, stop, [&] { return now() || !calm_.empty(); });
    if (!now() && !calm_.empty()) waiting_.wait_until(lock, stop, calm_until_, now);
  }

  /// Everything urgent that waits, plus one bulk operation: so a bulk page is never held back for
  /// good, and never delays a webhook by more than itself. Empty = stopped and nothing left.
  std::vector<Operation> next_group(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    await_work(lock, stop);
    if (const auto linger = commit_time_ / kLingerShare; linger >= kLeastLinger && !live_.empty()) {
      const std::size_t everyone = live_.size() + last_group_;
      waiting_.wait_for(lock, stop, linger, [&] { return live_.size() >= everyone; });
    }
    std::vector<Operation> group;
    for (std::deque<Operation>* queue : {&live_, &calm_}) {
      while (!queue->empty() && group.size() < kGroup) {
        group.push_back(std::move(queue->front()));
        queue->pop_front();
      }
    }
    if (!bulk_.empty()) {
      group.push_back(std::move(bulk_.front()));
      bulk_.pop_front();
    }
    return group;
  }

  void commit(std::vector<Operation>& group) {
    std::vector<std::exception_ptr> failures(group.size());
    Pending pending;
    const auto start = std::chrono::steady_clock::now();
    try {
      run_kept("BEGIN IMMEDIATE");
      writer_->rare = Rare{};
      for (std::size_t i = 0; i < group.size(); ++i) failures[i] = apply(group[i]);
      flush_counters();
      run_kept("COMMIT");
      pending = std::move(writer_->pending);
      failing_ = false;
    } catch (...) {
      sqlite3_exec(writer_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
      for (auto& failure : failures) {
        if (!failure) failure = std::current_exception();
      }
      pending.done.failed = true;
      failing_ = true;
    }
    writer_->pending = Pending{};
    const auto took = std::chrono::steady_clock::now() - start;
    commit_time_ += (took - commit_time_) / 8;
    if (observer_) {
      pending.done.operations = group.size();
      pending.done.took = took;
      observer_(pending.done);
    }
    last_group_ = group.size() > 1 ? group.size() : 0;  // alone: nobody to wait for
    if (pending.outbox) outbox_changed_.raise();
    if (pending.inbox) inbox_changed_.raise();
    empty_log_ = empty_log_ || pending.erased;
    if (empty_log_) empty_log_ = !empty_log();
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i].done) group[i].done(failures[i]);
    }
  }

  /// Moves the write-ahead log into the file and cuts it off. False while a reader is in the way:
  /// the next commit tries again, nobody waits for it.
  bool empty_log() {
    sqlite3_busy_timeout(writer_->handle, 0);
    const int code = sqlite3_wal_checkpoint_v2(writer_->handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                               nullptr, nullptr);
    sqlite3_busy_timeout(writer_->handle, kBusyMs);
    return code == SQLITE_OK;
  }

  /// One operation inside the group.
  std::exception_ptr apply(const Operation& operation) {
    if (!operation.isolated) {
      Tx tx(*writer_);
      operation.work(tx);
      return nullptr;
    }
    Pending others = std::exchange(writer_->pending, Pending{});
    run_kept("SAVEPOINT one");
    try {
      Tx tx(*writer_);
      operation.work(tx);
      run_kept("RELEASE one");
      writer_->pending.add(others);
      return nullptr;
    } catch (...) {
      const std::exception_ptr failure = std::current_exception();
      run_kept("ROLLBACK TO one");
      writer_->rare = Rare{};
      run_kept("RELEASE one");
      writer_->pending = std::move(others);
      return failure;
    }
  }

  /// Frames of every operation: compiling them anew would cost as much as a small operation.
  void run_kept(const char* sql) { Statement(*writer_, sql).run(); }

  void flush_counters() {
    for (const auto& [name, by] : writer_->pending.counters) {
      if (by == 0) continue;
      Statement(*writer_,
                "INSERT INTO counter (name, value) VALUES (?1, ?2) "
                "ON CONFLICT (name) DO UPDATE SET value = value + ?2")
          .bind(name, by)
          .run();
    }
    for (const auto& [what, by] : writer_->pending.ended) {
      Statement(*writer_, run_finished_sql(what.second)).bind(what.first, 0, by).run();
    }
  }

  // Constant after construction; its own exclusion between processes.
  std::unique_ptr<LockFile> lock_;
  // Only the writer's thread.
  std::unique_ptr<Connection> writer_;
  const std::function<void(const Committed&)> observer_;
  std::chrono::nanoseconds commit_time_{0};  // of late, on average
  std::size_t last_group_ = 0;               // operations that the last commit answered
  bool empty_log_ = false;                   // it may hold what was erased

  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;  // guarded by readers_mutex_

  std::mutex mutex_;
  std::condition_variable_any waiting_;
  std::deque<Operation> calm_;                        // guarded by mutex_
  std::chrono::steady_clock::time_point calm_until_;  // guarded by mutex_
  std::deque<Operation> live_;                        // guarded by mutex_
  std::deque<Operation> bulk_;                        // guarded by mutex_
  std::jthread thread_;                               // last: ends before what it uses
};

tl::expected<std::unique_ptr<Store>, OpenError> Store::open(const std::string& path,
                                                            core::Clock& /*clock*/,
                                                            StoreOptions options) {
  try {
    std::unique_ptr<LockFile> lock;
    if (options.exclusive) {
      lock = LockFile::take(path);
      if (!lock) {
        return tl::unexpected(
            OpenError{OpenError::Kind::busy, "another assembly-sync process is using " + path});
      }
    }
    const mode_t before = umask(0077);     // the file holds customer data
    core::make_for_owner_of_folder(path);  // SQLite gives its other files the same owner
    auto writer = std::make_unique<Connection>(path, false);
    configure(*writer);
    umask(before);
    if (auto error = migrate(*writer, options.exclusive)) return tl::unexpected(std::move(*error));
    return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(
        path, std::move(lock), std::move(writer), std::move(options.observer))));
  } catch (const StoreError& error) {
    return tl::unexpected(OpenError{OpenError::Kind::broken, path + ": " + error.what()});
  }
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

void Store::write(Urgency urgency, const std::function<void(Tx&)>& work) {
  std::promise<void> promise;
  auto durable = promise.get_future();
  impl_->enqueue(urgency, {work,
                           [&promise](const std::exception_ptr& failure) {
                             if (failure) {
                               promise.set_exception(failure);
                             } else {
                               promise.set_value();
                             }
                           },
                           true});
  durable.get();
}

void Store::write_async(Urgency urgency, std::function<void(Tx&)> work,
                        std::function<void(std::exception_ptr)> done) {
  impl_->enqueue(urgency, {std::move(work), std::move(done), false});
}

core::Signal& Store::outbox_changed() {
  return impl_->outbox_changed_;
}
core::Signal& Store::inbox_changed() {
  return impl_->inbox_changed_;
}
const std::string& Store::path() const {
  return impl_->path_;
}

void Store::set_disk_low(bool low) {
  impl_->disk_low_ = low;
}
bool Store::disk_low() const {
  return impl_->disk_low_;
}
bool Store::failing() const {
  return impl_->failing_;
}

Store::Lease::Lease(const Store& store) : store_(store), connection_(store.impl_->take_reader()) {
  connection_->run("BEGIN");
  connection_->rare = Rare{};
}
Store::Lease::~Lease() {
  sqlite3_exec(connection_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
  store_.impl_->give_reader(std::move(connection_));
}

}  // namespace assembly_sync::store
