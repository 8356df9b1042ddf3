// What the local Assembly saw during the crash test, judged from its journal alone: the order of
// states, the refused requests, and things that are there twice. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::test {

/// The writes after which an account or contact was older than before (I4), in words.
std::vector<std::string> steps_back(
    const std::vector<sandbox::JournalEntry>& journal, const std::vector<core::Value>& accounts,
    const std::map<std::string, std::vector<std::string>>& companies_of_contacts);

/// The requests answered with a 4xx other than 429, in words. A contact that came before its
/// company is one of them (I5).
std::vector<std::string> refused_requests(const std::vector<sandbox::JournalEntry>& journal);

/// Source-specific IDs and domains (e-mail addresses) that more than one item has.
std::vector<std::string> twice(const std::vector<core::Value>& items);

}  // namespace assembly_sync::test
