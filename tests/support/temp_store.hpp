// A real store in a temporary folder, for every test that needs one: no fake stands in for SQLite.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "daemon/store/store.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::test {

class TempStore {
 public:
  TempStore() : store_(open()) {}

  store::Store& operator*() { return *store_; }
  store::Store* operator->() { return store_.get(); }
  std::string path() const { return (folder_ / "store.db").string(); }
  ManualClock& clock() { return clock_; }
  /// As after a crash of the process that had it: closed and opened again.
  void reopen() {
    store_.reset();
    store_ = open();
  }
  void close() { store_.reset(); }

  template <class Work>
  void write(Work&& work) {
    store_->write(store::Urgency::live, std::forward<Work>(work));
  }
  template <class Work>
  auto read(Work&& work) {
    return store_->read(std::forward<Work>(work));
  }

 private:
  std::unique_ptr<store::Store> open() {
    auto opened = store::Store::open(path(), clock_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  TempDir folder_;
  ManualClock clock_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace assembly_sync::test
