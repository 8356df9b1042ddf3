#include "tests/e2e/journal.hpp"

#include <algorithm>
#include <map>

namespace assembly_sync::test {
namespace {

/// The first successful upsert of each key -> when it arrived.
std::map<std::string, std::int64_t> first_upserts(
    const std::vector<sandbox::JournalEntry>& journal) {
  constexpr std::string_view kParameter = "?source_specific_id=";
  std::map<std::string, std::int64_t> first;
  for (const sandbox::JournalEntry& entry : journal) {
    const auto at = entry.target.find(kParameter);
    if (entry.method != "PUT" || entry.status >= 300 || at == std::string::npos) continue;
    first.try_emplace(entry.target.substr(at + kParameter.size()), entry.arrived_us);
  }
  return first;
}

std::map<std::string, std::string> keys_by_id(const std::vector<core::Value>& items) {
  std::map<std::string, std::string> keys;
  for (const core::Value& item : items) {
    keys[item.text_or("id")] = item.at("source_specific_ids").as_list().at(0).as_string();
  }
  return keys;
}

}  // namespace

std::size_t busiest_second(const std::vector<sandbox::JournalEntry>& journal) {
  std::vector<std::int64_t> arrivals;
  arrivals.reserve(journal.size());
  for (const sandbox::JournalEntry& entry : journal) arrivals.push_back(entry.arrived_us);
  std::sort(arrivals.begin(), arrivals.end());
  std::size_t most = 0;
  std::size_t begin = 0;
  for (std::size_t end = 0; end < arrivals.size(); ++end) {
    while (arrivals[end] - arrivals[begin] >= 1'000'000) ++begin;
    most = std::max(most, end - begin + 1);
  }
  return most;
}

std::vector<std::string> contacts_before_companies(
    const std::vector<sandbox::JournalEntry>& journal, const sandbox::Sandbox& assembly,
    std::int64_t latency_us) {
  const auto arrived = first_upserts(journal);
  const auto accounts = keys_by_id(assembly.accounts());
  std::vector<std::string> early;
  for (const core::Value& contact : assembly.contacts()) {
    const std::string key = contact.at("source_specific_ids").as_list().at(0).as_string();
    const auto company = accounts.find(contact.text_or("company_id"));
    const auto sent = arrived.find(key);
    const auto parent = company == accounts.end() ? arrived.end() : arrived.find(company->second);
    if (sent == arrived.end() || parent == arrived.end() ||
        sent->second < parent->second + latency_us) {
      early.push_back(key);
    }
  }
  return early;
}

}  // namespace assembly_sync::test
