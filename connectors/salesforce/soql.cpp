#include "connectors/salesforce/soql.hpp"

#include "core/clock.hpp"
#include "core/http.hpp"

namespace assembly_sync::connectors::salesforce {

std::string soql(const std::vector<Column>& columns, const std::string& api_name,
                 const std::string& condition, const std::string& order) {
  std::string text = "SELECT ";
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : ",") + columns[i].text;
  text += " FROM " + api_name;
  if (!condition.empty()) text += " WHERE " + condition;
  if (!order.empty()) text += " ORDER BY " + order;
  return text;
}

std::string id_in(std::string_view field, const std::vector<std::string>& ids) {
  std::string text(field);
  text += " IN (";
  for (std::size_t i = 0; i < ids.size(); ++i) text += (i == 0 ? "'" : ",'") + ids[i] + '\'';
  return text + ')';
}

std::string soql_time(std::int64_t ms) {
  std::string text = core::format_utc(core::from_ms(ms));
  constexpr std::string_view kWholeSecond = ".000Z";
  if (text.ends_with(kWholeSecond)) text.replace(text.size() - kWholeSecond.size(), 5, "Z");
  return text;
}

std::string encoded(const std::string& soql) {
  return core::percent_encode(soql, "',():*");  // may stand in a query, and are many
}

}  // namespace assembly_sync::connectors::salesforce
