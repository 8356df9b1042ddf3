#include "connectors/salesforce/rollups.hpp"

#include <algorithm>

#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/records.hpp"
#include "connectors/salesforce/rows.hpp"
#include "connectors/salesforce/soql.hpp"
#include "core/clock.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

constexpr const char* kWonAmount = "won_amount";
constexpr const char* kRenewalDate = "renewal_date";
constexpr std::size_t kDateLength = 10;  // 2026-01-31

/// One group for what is won and one for the open renewals of each account. LIKE minds no case. A
/// renewal that is overdue is no next one, or it would be for ever. `today`: in UTC, whatever the
/// zone of the integration user, in which Salesforce's own TODAY is.
std::string rollup_query(const std::vector<std::string>& accounts, bool with_renewals,
                         const std::string& today) {
  const std::string renewals =
      "(IsWon = true OR (IsClosed = false AND Type LIKE '%renewal%' AND CloseDate >= " + today +
      "))";
  return "SELECT AccountId, IsWon, SUM(Amount) amount, MIN(CloseDate) closing FROM Opportunity "
         "WHERE " +
         (with_renewals ? renewals : std::string("IsWon = true")) + " AND " +
         id_in("AccountId", accounts) + " GROUP BY AccountId, IsWon";
}

core::Value empty_rollup() {
  return core::Value::object({{kWonAmount, 0}, {kRenewalDate, nullptr}});
}

/// Adds the groups of one answer.
void collect(const core::Value& answer, std::map<std::string, core::Value>& rollups) {
  for (const core::Value& group : answer.at("records").as_list()) {
    const auto account = to_18(group.text_or("AccountId"));
    const auto rollup = account ? rollups.find(*account) : rollups.end();
    if (rollup == rollups.end()) continue;
    if (group.at("IsWon") == core::Value(true)) {
      if (group.at("amount").is_number()) {
        rollup->second.set(kWonAmount, normal_number(group.at("amount")));
      }
    } else if (group.at("closing").is_string()) {
      rollup->second.set(kRenewalDate, group.at("closing"));
    }
  }
}

bool hides_something(const Failure& failed) {
  return failed.code == "INVALID_FIELD" || failed.code == "INVALID_TYPE";
}

}  // namespace

Answer<std::map<std::string, core::Value>> read_rollups(const Client& client,
                                                        const std::vector<std::string>& accounts,
                                                        std::vector<std::string>& warnings) {
  std::map<std::string, core::Value> rollups;
  for (const std::string& account : accounts) rollups.emplace(account, empty_rollup());
  const std::string today = core::format_utc(client.now()).substr(0, kDateLength);
  bool with_renewals = true;
  for (std::size_t begin = 0; begin < accounts.size(); begin += kBatchIds) {
    const auto first = accounts.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<std::string> batch(
        first, first + static_cast<std::ptrdiff_t>(std::min(kBatchIds, accounts.size() - begin)));
    const auto ask = [&] {
      return client.get(
          query_path(client, RowReader::Scope::living, rollup_query(batch, with_renewals, today)));
    };
    auto answer = ask();
    if (!answer && answer.error().code == "INVALID_FIELD" && with_renewals) {
      with_renewals = false;
      answer = ask();
      if (answer) {
        warnings.emplace_back(
            "opportunities.renewal_date is left out: the integration user may not see the type of "
            "opportunities");
      }
    }
    if (!answer && hides_something(answer.error())) {
      warnings.emplace_back(
          "opportunities.won_amount and opportunities.renewal_date are left out: the integration "
          "user may not see the amounts of opportunities");
      for (auto& [account, rollup] : rollups) rollup = core::Value();
      return rollups;
    }
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->at("records").is_list()) {
      return tl::unexpected(
          failure(ReadError::Kind::transient, "Salesforce's sums of opportunities are not whole"));
    }
    collect(*answer, rollups);
  }
  return rollups;
}

}  // namespace assembly_sync::connectors::salesforce
