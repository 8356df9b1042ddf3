#include "connectors/salesforce/reader.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/records.hpp"
#include "connectors/salesforce/rollups.hpp"
#include "connectors/salesforce/soql.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

/// A survivor may have been merged away itself.
constexpr int kMostMerges = 5;

}  // namespace

struct Reader::Found {
  std::optional<Selection> selection;              // of the rows
  std::map<std::string, core::Value> living;       // normal rows
  std::map<std::string, std::string> merged_into;  // loser -> survivor
  std::set<std::string> deleted;

  bool knows(const std::string& id) const {
    return living.contains(id) || merged_into.contains(id) || deleted.contains(id);
  }
};

Answer<std::vector<core::Record>> Reader::records_of(std::vector<core::Value> rows,
                                                     const Selection& selection) {
  if (selection.rollups && !rows.empty()) {
    std::vector<std::string> accounts;
    for (const core::Value& row : rows) accounts.push_back(row.text_or("Id"));
    auto rollups = read_rollups(client_, accounts, warnings_);
    if (!rollups) return tl::unexpected(rollups.error());
    for (core::Value& row : rows) {
      row.set(std::string(kRollups), std::move((*rollups)[row.text_or("Id")]));
    }
  }
  std::vector<core::Record> records;
  for (const core::Value& row : rows) {
    if (auto record = make_record(source_, object_, selection, row)) {
      records.push_back(std::move(*record));
    }
  }
  return records;
}

std::optional<Failure> Reader::read_batch(const std::vector<std::string>& ids, Found& found) {
  for (std::size_t begin = 0; begin < ids.size(); begin += kBatchIds) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<std::string> batch(
        first, first + static_cast<std::ptrdiff_t>(std::min(kBatchIds, ids.size() - begin)));
    auto rows = rows_.every(RowReader::Scope::all, id_in("Id", batch));
    if (!rows) return rows.error();
    for (const core::Value& raw : rows->rows) {
      core::Value row = normal_row(raw, rows->selection.all());
      const std::string id = row.text_or("Id");
      if (row.at("IsDeleted") != core::Value(true)) {
        found.living.emplace(id, std::move(row));
      } else if (auto survivor = to_18(row.text_or("MasterRecordId"))) {
        found.merged_into.emplace(id, std::move(*survivor));
      } else {
        found.deleted.insert(id);
      }
    }
    found.selection = std::move(rows->selection);
  }
  return std::nullopt;
}

void Reader::tell(std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings_) {
    if (shapes_.tell_once(object_.api_name, warning)) warnings.push_back(warning);
  }
}

ReadResult<BatchRead> Reader::by_ids(const std::vector<core::RecordId>& asked) {
  std::map<core::RecordId, std::string> ids;  // asked -> in the 18-character form
  std::vector<std::string> open;
  BatchRead out;
  for (const core::RecordId& id : asked) {
    if (ids.contains(id)) continue;
    const auto known = to_18(id.str());
    // Anything else can't be a record, and must not get into a query.
    if (!known) {
      out.missing.push_back({.id = id});
      continue;
    }
    ids.emplace(id, *known);
    if (std::find(open.begin(), open.end(), *known) == open.end()) open.push_back(*known);
  }
  Found found;
  for (int merges = 0; merges <= kMostMerges && !open.empty(); ++merges) {
    if (auto failed = read_batch(open, found)) return tl::unexpected(std::move(failed->error));
    open.clear();
    for (const auto& [loser, survivor] : found.merged_into) {
      if (!found.knows(survivor)) open.push_back(survivor);
    }
  }
  std::set<std::string> used;
  for (const auto& [id, known] : ids) {
    std::string survivor = known;
    for (int merges = 0; merges <= kMostMerges && found.merged_into.contains(survivor); ++merges) {
      survivor = found.merged_into[survivor];
    }
    if (!found.living.contains(survivor)) {
      const bool archived = found.deleted.contains(survivor) || survivor != known;
      out.missing.push_back({.id = id, .archived = archived});
      continue;
    }
    used.insert(survivor);
    if (survivor != id.str()) out.remapped.emplace_back(id, core::RecordId(survivor));
  }
  if (!found.selection) return out;  // nothing was an id
  std::vector<core::Value> rows;
  for (const std::string& id : used) rows.push_back(std::move(found.living[id]));
  auto records = records_of(std::move(rows), *found.selection);
  if (!records) return tl::unexpected(std::move(records.error().error));
  out.records = std::move(*records);
  tell(out.warnings);
  return out;
}

}  // namespace assembly_sync::connectors::salesforce
