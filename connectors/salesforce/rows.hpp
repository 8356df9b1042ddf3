// Rows of a query, page by page: told apart by nothing but what Salesforce says of the end, with
// the columns that did not fit the first URL put to them, and without the fields that it refuses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/salesforce/client.hpp"
#include "connectors/salesforce/selection.hpp"
#include "connectors/salesforce/shape.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::salesforce {

struct Rows {
  std::vector<core::Value> rows;
  std::int64_t total = 0;    // of the whole query
  std::string next;          // path of the next page; empty = that was all
  std::string last_id{};     // of the last row as Salesforce sent them, also when it was left out
  std::int64_t last_ms = 0;  // its Selection::stamp
  Selection selection{};     // with which they were asked for
};

/// Reads the rows of one object. Made for one read and thrown away. Not thread-safe.
class RowReader {
 public:
  /// Whether rows in the recycle bin are wanted, too.
  enum class Scope : std::uint8_t { living, all };

  /// All arguments must outlive the reader.
  RowReader(const Client& client, Shapes& shapes, const Object& object, const Paths& wanted,
            std::vector<std::string>& warnings)
      : client_(client), shapes_(shapes), object_(object), wanted_(wanted), warnings_(warnings) {}

  /// What is selected, as of now.
  Answer<Selection> selection();

  /// The first page. A field that Salesforce refuses is left out, with a warning.
  Answer<Rows> first(Scope scope, const std::string& condition, const std::string& order);
  /// A page that another one named, whose selection had this mark. Where another selection holds by
  /// now, that page is of no use: a column that was not asked for would look empty.
  Answer<Rows> next(const std::string& path, const std::string& mark);
  /// All rows that `condition` selects.
  Answer<Rows> every(Scope scope, const std::string& condition);

 private:
  Answer<Rows> ask(const std::string& path) const;
  Answer<Rows> completed(Rows rows, const Selection& selection);
  std::optional<Failure> add_chunk(const std::vector<Column>& columns, Rows& rows) const;
  bool leave_out(const Failure& refusal, const Selection& selection);

  const Client& client_;
  Shapes& shapes_;
  const Object& object_;
  const Paths& wanted_;
  std::vector<std::string>& warnings_;
};

/// The path of a query.
std::string query_path(const Client& client, RowReader::Scope scope, const std::string& soql);

/// True when a page's cursor is no longer good, be it that Salesforce has forgotten it or that
/// other columns are wanted, so that the query has to begin anew.
bool is_lost_cursor(const Failure& failure);

}  // namespace assembly_sync::connectors::salesforce
