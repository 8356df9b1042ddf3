// Arena: memory of one expression's evaluation. Small evaluations never leave the block that lies
// inside the arena; what is taken is bounded (I9). Not thread-safe: one per evaluation.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "core/limits.hpp"

namespace assembly_sync::mapping {

class Arena {
 public:
  /// All texts and lists that one expression makes, together.
  static constexpr std::size_t kLimit = 256 * core::limits::kProducedTextBytes;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Memory until release(); nullptr when the limit is reached.
  void* take(std::size_t bytes) {
    if (bytes > kLimit - used_) return nullptr;
    used_ += bytes;
    return memory_.allocate(bytes, alignof(std::max_align_t));
  }
  void release() {
    if (used_ == 0) return;
    used_ = 0;
    memory_.release();
  }

 private:
  alignas(std::max_align_t) std::byte block_[8192];  // uninitialised on purpose
  std::pmr::monotonic_buffer_resource memory_{block_, sizeof block_};
  std::size_t used_ = 0;
};

}  // namespace assembly_sync::mapping
