// What a fuzz target is: one function that takes any bytes. libFuzzer calls it by `./dev fuzz`, and
// replay.cpp with the stored corpus as a test of every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace assembly_sync::fuzz {

/// Ends the process, which is how a fuzzer learns of a mistake.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace assembly_sync::fuzz
