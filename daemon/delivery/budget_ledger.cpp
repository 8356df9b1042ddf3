#include "daemon/delivery/budget_ledger.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_owner.hpp"

namespace assembly_sync::delivery {
namespace {

/// A reader took its `now` a moment before it opened the file; a start that the writer added since
/// is no sign of another boot.
constexpr auto kReaderLag = std::chrono::seconds{1};
constexpr std::uint64_t kMagic = 0x31676c6479736120;  // changes with the layout

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

struct BudgetLedger::Page {
  std::uint64_t magic;
  char boot[40];
  std::atomic<std::uint64_t> count;
  std::atomic<std::int64_t> starts[kSlots];  // ns of CLOCK_MONOTONIC, a ring
};

std::unique_ptr<BudgetLedger> BudgetLedger::open(const std::string& path, core::SteadyTime now) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot open the budget ledger " + path);
  core::give_to_owner_of_folder(fd, path);
  if (ftruncate(fd, sizeof(Page)) != 0) {
    close(fd);
    throw std::runtime_error("cannot size the budget ledger " + path);
  }
  void* memory = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) throw std::runtime_error("cannot map the budget ledger " + path);
  auto* page = static_cast<Page*>(memory);
  const std::string boot = boot_id();
  page->boot[sizeof page->boot - 1] = '\0';
  std::unique_ptr<BudgetLedger> ledger(new BudgetLedger(page, true));
  if (page->magic != kMagic || boot != page->boot || ledger->start_of(0) > now + kReaderLag) {
    std::memset(static_cast<void*>(page), 0, sizeof(Page));
    std::strncpy(page->boot, boot.c_str(), sizeof page->boot - 1);
    page->magic = kMagic;
  }
  return ledger;
}

std::unique_ptr<BudgetLedger> BudgetLedger::in_memory() {
  return std::unique_ptr<BudgetLedger>(new BudgetLedger(new Page{}, false));
}

BudgetLedger::BudgetLedger(Page* page, bool mapped) : page_(page), mapped_(mapped) {}

BudgetLedger::~BudgetLedger() {
  if (mapped_) {
    munmap(page_, sizeof(Page));
  } else {
    delete page_;
  }
}

void BudgetLedger::add(core::SteadyTime start) {
  const std::uint64_t count = page_->count.load(std::memory_order_relaxed);
  page_->starts[count % kSlots].store(start.time_since_epoch().count(), std::memory_order_relaxed);
  page_->count.store(count + 1, std::memory_order_release);
}

core::SteadyTime BudgetLedger::start_of(std::size_t back) const {
  const std::uint64_t count = page_->count.load(std::memory_order_acquire);
  if (back >= count || back >= kSlots) return core::SteadyTime::min();
  return core::SteadyTime{std::chrono::nanoseconds(
      page_->starts[(count - 1 - back) % kSlots].load(std::memory_order_relaxed))};
}

std::size_t BudgetLedger::count_since(core::SteadyTime since) const {
  std::size_t n = 0;
  while (n < kSlots && start_of(n) > since) ++n;
  return n;
}

}  // namespace assembly_sync::delivery
