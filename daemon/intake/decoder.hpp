// Decoder: the first half of step 2 for one source. Takes received bodies apart into notices; a
// record that came with its notice is mapped and planned at once, the others are left to be read.
//
// Of one thread: its resolver's.
#pragma once

#include <memory>

namespace assembly_sync::intake {

struct ResolverParts;

class Decoder {
 public:
  /// `parts` must outlive it.
  explicit Decoder(const ResolverParts& parts);
  ~Decoder();

  /// Some of what waits. False when there was nothing to do.
  bool work();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::intake
