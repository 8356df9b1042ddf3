// What an account's opportunities add up to: values that its own record does not hold.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/client.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::salesforce {

inline constexpr std::string_view kAccounts = "accounts";
/// The member of an account's record that holds them.
inline constexpr std::string_view kRollups = "opportunities";

/// By the id of the account, for each of `accounts`: `won_amount`, the sum over the opportunities
/// that are won (0 without any; in an org with several currencies Salesforce converts it to the
/// org's own), and `renewal_date`, the earliest closing date, today or later, of an open
/// opportunity whose type has the word renewal in it. One call for each 200 accounts.
Answer<std::map<std::string, core::Value>> read_rollups(const Client& client,
                                                        const std::vector<std::string>& accounts,
                                                        std::vector<std::string>& warnings);

}  // namespace assembly_sync::connectors::salesforce
