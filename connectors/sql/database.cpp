#include "connectors/sql/database.hpp"

#include <algorithm>

namespace assembly_sync::connectors::sql {

tl::unexpected<ReadError> failure(ReadError::Kind kind, std::string reason) {
  return tl::unexpected(ReadError{.kind = kind, .retry_after = {}, .reason = std::move(reason)});
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

std::string as_table(const ObjectQuery& query) {
  std::string text = query.text;
  const std::size_t end = text.find_last_not_of(" \t\r\n;");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return "(" + text + "\n) AS q";  // on a line of its own: the query may end with a remark
}

tl::unexpected<ReadError> no_column(const ObjectQuery& query, const char* key,
                                    const std::string& column,
                                    const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& name : columns) list += (list.empty() ? "" : ", ") + name;
  return failure(ReadError::Kind::rejected, "objects." + query.name.str() + '.' + key +
                                                ": expected a column of the query, got \"" +
                                                column + "\"; it has: " + list);
}

std::optional<ReadError> column_problem(const ObjectQuery& query,
                                        const std::vector<std::string>& columns) {
  for (const auto& [key, column] :
       {std::pair("id", &query.id), {"updated", &query.updated}, {"deleted", &query.deleted}}) {
    if (column->empty()) continue;
    if (std::find(columns.begin(), columns.end(), *column) == columns.end()) {
      return no_column(query, key, *column, columns).value();
    }
  }
  for (auto at = columns.begin(); at != columns.end(); ++at) {
    if (std::find(columns.begin(), at, *at) == at) continue;
    return failure(ReadError::Kind::rejected, "objects." + query.name.str() +
                                                  ".query: expected each column once, got \"" +
                                                  *at + "\" twice; write: AS another_name")
        .value();
  }
  return std::nullopt;
}

}  // namespace assembly_sync::connectors::sql
