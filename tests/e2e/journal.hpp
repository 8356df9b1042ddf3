// What the local Assembly's journal says about the caller: pace and order. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::test {

/// Most requests that arrived within any one second.
std::size_t busiest_second(const std::vector<sandbox::JournalEntry>& journal);

/// Keys of contacts whose first write that took effect arrived before `latency_us` had passed since
/// their company's: before the company's answer can have been read.
std::vector<std::string> contacts_before_companies(
    const std::vector<sandbox::JournalEntry>& journal, const sandbox::Sandbox& assembly,
    std::int64_t latency_us);

}  // namespace assembly_sync::test
