#include "connectors/salesforce/rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/soql.hpp"
#include "core/calendar.hpp"
#include "core/text.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

constexpr std::size_t kMostRefusedFields = 50;
/// In the place of a code of Salesforce's, which are in capitals.
constexpr const char* kOtherColumns = "other columns";

/// The members of `from` go into `to`; objects in both are put together.
void merge(core::Value& to, const core::Value& from) {
  for (const auto& [name, value] : from.as_object()) {
    const core::Value* present = to.find(name);
    if (present != nullptr && present->is_object() && value.is_object()) {
      core::Value both = *present;
      merge(both, value);
      to.set(name, std::move(both));
    } else {
      to.set(name, value);
    }
  }
}

/// The name in `No such column 'Tier__c' on entity 'Account'` or `Didn't understand relationship
/// 'Owner__r' in field path`: the first in quotes.
std::string quoted_name(const std::string& message) {
  for (const std::string_view before : {"No such column '", "relationship '", "field '"}) {
    const std::size_t at = message.find(before);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + before.size();
    return message.substr(begin, message.find('\'', begin) - begin);
  }
  return {};
}

}  // namespace

std::string query_path(const Client& client, RowReader::Scope scope, const std::string& soql) {
  return client.data_path() + (scope == RowReader::Scope::all ? "/queryAll?q=" : "/query?q=") +
         encoded(soql);
}

bool is_lost_cursor(const Failure& failure) {
  return failure.code == "INVALID_QUERY_LOCATOR" || failure.code == "NOT_FOUND" ||
         failure.code == kOtherColumns;
}

Answer<Selection> RowReader::selection() {
  return select(object_, wanted_, shapes_, client_, warnings_);
}

Answer<Rows> RowReader::ask(const std::string& path) const {
  const auto answer = client_.get(path);
  if (!answer) return tl::unexpected(answer.error());
  const core::Value& records = answer->at("records");
  const std::string next = answer->text_or("nextRecordsUrl");
  const bool done = answer->at("done") != core::Value(false);
  // Nothing but a path of this API is followed with the token.
  if (!records.is_list() || (!done && !next.starts_with("/services/data/"))) {
    return tl::unexpected(
        failure(ReadError::Kind::transient, "Salesforce's answer to a query is not whole"));
  }
  Rows rows;
  rows.rows = records.as_list();
  if (const core::Value& total = answer->at("totalSize"); total.is_int()) {
    rows.total = total.as_int();
  }
  if (!done) rows.next = next;
  return rows;
}

Answer<Rows> RowReader::first(Scope scope, const std::string& condition, const std::string& order) {
  bool described_anew = false;
  for (std::size_t refused = 0;; ++refused) {
    const auto selected = selection();
    if (!selected) return tl::unexpected(selected.error());
    auto rows = ask(query_path(client_, scope,
                               soql(selected->chunks.front(), object_.api_name, condition, order)));
    if (rows) rows = completed(std::move(*rows), *selected);
    if (rows) return rows;
    if (rows.error().code != "INVALID_FIELD" || refused >= kMostRefusedFields) return rows;
    if (leave_out(rows.error(), *selected)) continue;
    if (std::exchange(described_anew, true)) return rows;
    shapes_.forget(object_.api_name);  // what it was told no longer holds
  }
}

Answer<Rows> RowReader::next(const std::string& path, const std::string& mark) {
  const auto selected = selection();
  if (!selected) return tl::unexpected(selected.error());
  if (selected->mark() != mark) {
    Failure other = failure(ReadError::Kind::transient,
                            "other fields of " + object_.api_name +
                                " are to be read than those that the query began with");
    other.code = kOtherColumns;
    return tl::unexpected(std::move(other));
  }
  auto rows = ask(path);
  if (!rows) return rows;
  return completed(std::move(*rows), *selected);
}

Answer<Rows> RowReader::every(Scope scope, const std::string& condition) {
  auto all = first(scope, condition, {});
  while (all && !all->next.empty()) {
    auto page = next(all->next, all->selection.mark());
    if (!page) return page;
    std::move(page->rows.begin(), page->rows.end(), std::back_inserter(all->rows));
    all->next = std::move(page->next);
  }
  return all;
}

/// True when the refused field is left out from now on, of which every selection warns.
bool RowReader::leave_out(const Failure& refusal, const Selection& selection) {
  const std::string name = quoted_name(refusal.message);
  if (name.empty()) return false;
  for (const Column& column : selection.all()) {
    const bool named = std::any_of(column.path.begin(), column.path.end(), [&](const auto& step) {
      return core::equal_ignoring_case(step, name);
    });
    const bool needed = column.text == "Id" || column.text == selection.stamp;
    if (!named || needed) continue;
    shapes_.drop(object_.api_name, column.text);
    return true;
  }
  return false;
}

Answer<Rows> RowReader::completed(Rows rows, const Selection& selection) {
  if (!rows.rows.empty()) {
    rows.last_id = rows.rows.back().text_or("Id");
    rows.last_ms = core::parse_calendar_ms(rows.rows.back().text_or(selection.stamp)).value_or(0);
  }
  for (std::size_t i = 1; i < selection.chunks.size(); ++i) {
    if (auto failed = add_chunk(selection.chunks[i], rows)) return tl::unexpected(*failed);
  }
  rows.selection = selection;
  return rows;
}

/// A row that is gone meanwhile is left out: it would look as if its fields were empty.
std::optional<Failure> RowReader::add_chunk(const std::vector<Column>& columns, Rows& rows) const {
  std::map<std::string, core::Value> parts;
  for (std::size_t begin = 0; begin < rows.rows.size(); begin += kBatchIds) {
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < std::min(rows.rows.size(), begin + kBatchIds); ++i) {
      if (auto id = to_18(rows.rows[i].text_or("Id"))) ids.push_back(std::move(*id));
    }
    if (ids.empty()) continue;
    auto page =
        ask(query_path(client_, Scope::all, soql(columns, object_.api_name, id_in("Id", ids))));
    while (page) {
      for (core::Value& row : page->rows) parts[row.text_or("Id")] = std::move(row);
      if (page->next.empty()) break;
      page = ask(page->next);
    }
    if (!page) return page.error();
  }
  std::vector<core::Value> whole;
  for (core::Value& row : rows.rows) {
    const auto part = parts.find(row.text_or("Id"));
    if (part == parts.end()) continue;
    merge(row, part->second);
    whole.push_back(std::move(row));
  }
  rows.rows = std::move(whole);
  return std::nullopt;
}

}  // namespace assembly_sync::connectors::salesforce
