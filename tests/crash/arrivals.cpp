#include "tests/crash/arrivals.hpp"

#include <algorithm>
#include <optional>

#include "core/json.hpp"
#include "tests/crash/traffic.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::JournalEntry;

constexpr std::string_view kCompany = "hubspot-company-";
constexpr std::string_view kContact = "hubspot-contact-";

std::string number(const JournalEntry& entry) {
  return "request " + std::to_string(entry.number);
}

std::string key_of(const JournalEntry& entry) {
  constexpr std::string_view kQuery = "source_specific_id=";
  const auto at = entry.target.find(kQuery);
  return at == std::string::npos ? std::string() : entry.target.substr(at + kQuery.size());
}

/// Where each entity stands after the writes so far.
class Order {
 public:
  Order(const std::vector<Value>& accounts,
        const std::map<std::string, std::vector<std::string>>& companies)
      : companies_(companies) {
    for (const Value& account : accounts) {
      const Value& keys = account.at("source_specific_ids");
      if (keys.is_list() && !keys.as_list().empty()) {
        key_of_account_[account.text_or("id")] = keys.as_list().front().as_string();
      }
    }
  }

  void write(const JournalEntry& entry) {
    const std::string key = key_of(entry);
    const auto body = core::parse_json(entry.body);
    if (!body) {
      wrong_.push_back(number(entry) + ": no JSON");
    } else if (key.starts_with(kCompany)) {
      if (const Value& value = body->at("contract_value"); value.is_number()) {
        step(entry, key, "version", value.as_double());
      }
    } else if (key.starts_with(kContact)) {
      if (const auto version = version_in_title(body->text_or("role"))) {
        step(entry, key, "version", static_cast<double>(*version));
      }
      move(entry, key, *body);
    } else {
      wrong_.push_back(number(entry) + ": not an upsert by key");
    }
  }
  std::vector<std::string> wrong() { return std::move(wrong_); }

 private:
  void step(const JournalEntry& entry, const std::string& key, const std::string& what,
            double value) {
    const auto [at, is_first] = reached_.emplace(key + ' ' + what, value);
    if (is_first) return;
    if (value < at->second) wrong_.push_back(number(entry) + ": " + key + ", older " + what);
    at->second = std::max(at->second, value);
  }

  void move(const JournalEntry& entry, const std::string& key, const Value& body) {
    std::string company = body.text_or("company_source_specific_id");
    if (company.empty()) company = key_of_account_[body.text_or("company_id")];
    const auto had = companies_.find(key.substr(kContact.size()));
    if (had == companies_.end() || !company.starts_with(kCompany)) {
      wrong_.push_back(number(entry) + ": " + key + ", unknown company");
      return;
    }
    const auto place =
        std::find(had->second.begin(), had->second.end(), company.substr(kCompany.size()));
    if (place == had->second.end()) {
      wrong_.push_back(number(entry) + ": " + key + ", a company it never had");
      return;
    }
    step(entry, key, "company", static_cast<double>(place - had->second.begin()));
  }

  const std::map<std::string, std::vector<std::string>>& companies_;
  std::map<std::string, std::string> key_of_account_;
  std::map<std::string, double> reached_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> steps_back(
    const std::vector<JournalEntry>& journal, const std::vector<Value>& accounts,
    const std::map<std::string, std::vector<std::string>>& companies_of_contacts) {
  std::vector<const JournalEntry*> writes;
  for (const JournalEntry& entry : journal) {
    if (entry.method == "PUT" && entry.processed && entry.status < 300) writes.push_back(&entry);
  }
  std::sort(writes.begin(), writes.end(),
            [](const JournalEntry* a, const JournalEntry* b) { return a->number < b->number; });
  Order order(accounts, companies_of_contacts);
  for (const JournalEntry* entry : writes) order.write(*entry);
  return order.wrong();
}

std::vector<std::string> refused_requests(const std::vector<JournalEntry>& journal) {
  std::vector<std::string> refused;
  for (const JournalEntry& entry : journal) {
    // A question may be answered with no: a creation looks first whether the account is there.
    const bool no = entry.method == "GET" && entry.status == 404;
    if (!no && entry.status >= 400 && entry.status < 500 && entry.status != 429) {
      refused.push_back(number(entry) + ": " + entry.method + ' ' + entry.target + " answered " +
                        std::to_string(entry.status));
    }
  }
  return refused;
}

std::vector<std::string> twice(const std::vector<Value>& items) {
  std::map<std::string, int> seen;
  for (const Value& item : items) {
    if (const std::string domain = item.text_or("domain"); !domain.empty()) ++seen[domain];
    const Value& keys = item.at("source_specific_ids");
    if (!keys.is_list()) continue;
    for (const Value& key : keys.as_list()) ++seen[key.as_string()];
  }
  std::vector<std::string> more;
  for (const auto& [name, times] : seen) {
    if (times > 1) more.push_back(name + " is there " + std::to_string(times) + " times");
  }
  return more;
}

}  // namespace assembly_sync::test
