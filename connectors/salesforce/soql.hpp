// Texts of Salesforce's query language. Nothing but ids, times and names that Salesforce itself
// described ever stands in one. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/selection.hpp"

namespace assembly_sync::connectors::salesforce {

/// Most ids in one condition; with the longest list of columns the URL stays below 9 KB.
inline constexpr std::size_t kBatchIds = 200;

/// `SELECT Id, Name FROM Account` and, where they are not empty, WHERE and ORDER BY.
std::string soql(const std::vector<Column>& columns, const std::string& api_name,
                 const std::string& condition, const std::string& order = {});
/// `Id IN ('001…','001…')`
std::string id_in(std::string_view field, const std::vector<std::string>& ids);
/// `2026-01-01T10:00:00Z`, with milliseconds only where there are some.
std::string soql_time(std::int64_t ms);
/// For the parameter `q` of a URL.
std::string encoded(const std::string& soql);

}  // namespace assembly_sync::connectors::salesforce
