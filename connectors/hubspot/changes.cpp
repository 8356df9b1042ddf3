#include "connectors/hubspot/changes.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "connectors/hubspot/associations.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/records.hpp"
#include "connectors/read_error.hpp"
#include "core/http.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using Stage = Pass::Stage;
using namespace std::chrono_literals;

constexpr std::int64_t ms(std::chrono::milliseconds span) {
  return span.count();
}

/// A change can be searched for only some time after it was made, and HubSpot names no bound. So
/// each window begins before the end of the last one, and about once an hour far before: what is
/// seen an hour late is found for certain.
constexpr std::int64_t kOverlap = ms(5min);
constexpr std::int64_t kDeepOverlap = ms(130min);
constexpr std::int64_t kDeepEvery = ms(60min);

/// The recycle bin is in no order but the ids', so that it is read whole: the larger, the less
/// often. What is asked of it is when its records came there.
constexpr std::int64_t kBinOverlap = ms(10min);
constexpr std::int64_t kBinPerPage = ms(20s);
constexpr std::int64_t kBinLeast = ms(5min);
constexpr std::int64_t kBinMost = ms(60min);

bool bin_is_due(const ChangeCursor& cursor, std::int64_t now) {
  if (!cursor.bin_ms || *cursor.bin_ms > now) return true;
  return now - *cursor.bin_ms >= std::clamp(cursor.bin_pages * kBinPerPage, kBinLeast, kBinMost);
}

void begin_pass(ChangeCursor& cursor, std::int64_t now) {
  Window window{std::min(cursor.read_to_ms, now), now};
  if (!cursor.deep_ms) {
    cursor.deep_ms = now;  // the first window has nothing before it
  } else if (now - *cursor.deep_ms >= kDeepEvery || *cursor.deep_ms > now) {
    window.from -= kDeepOverlap;
    cursor.deep_ms = now;
  } else {
    window.from -= kOverlap;
  }
  window.from = std::max<std::int64_t>(window.from, 0);
  Pass pass;
  pass.window = window;
  pass.place = first_place(window);
  cursor.pass = std::move(pass);
}

Changes page_of(const ChangeCursor& cursor, std::vector<core::Notice> notices) {
  Changes changes;
  changes.notices = std::move(notices);
  changes.more = cursor.pass.has_value();
  changes.next = to_text(cursor);
  return changes;
}

/// When a record of the recycle bin came there; 0 when it can't be told.
std::int64_t archived_ms(const core::Value& envelope) {
  for (const char* name : {"archivedAt", "updatedAt"}) {
    if (const auto at = parse_time_ms(envelope.text_or(name))) return *at;
  }
  return 0;
}

}  // namespace

core::Notice ChangeReader::notice(const std::string& id, const char* event,
                                  std::int64_t at_ms) const {
  core::Notice notice;
  notice.ref = {source_, object_, core::RecordId(id)};
  notice.event = event;
  notice.occurred_at_ms = at_ms;
  return notice;
}

/// The stages come in their order; those that are not due are left out.
void ChangeReader::end_stage(ChangeCursor& cursor, core::WallTime now) const {
  Pass& pass = *cursor.pass;
  if (pass.stage == Stage::records && with_deals_) {
    pass.stage = Stage::deals;
    pass.place = first_place(pass.window);
    return;
  }
  if (pass.stage != Stage::recycle_bin && bin_is_due(cursor, core::to_ms(now))) {
    pass.stage = Stage::recycle_bin;
    pass.place = {};
    return;
  }
  if (pass.stage == Stage::recycle_bin) {
    cursor.bin_ms = pass.window.to;
    cursor.bin_pages = pass.pages;
  }
  cursor.read_to_ms = pass.window.to;
  cursor.pass.reset();
}

ReadResult<Changes> ChangeReader::page(ChangeCursor cursor, core::WallTime now) const {
  if (!cursor.pass) begin_pass(cursor, core::to_ms(now));
  switch (cursor.pass->stage) {
    case Stage::records:
      return records_page(std::move(cursor), now);
    case Stage::deals:
      return deals_page(std::move(cursor), now);
    case Stage::recycle_bin:
      return recycle_bin_page(std::move(cursor));
  }
  return Changes{};
}

/// The records come from a read by id, as after a webhook: a search may answer what was true a
/// moment ago. A row that is not there any more is told without a record, and one that can't be
/// read whole as well: reading it by its id says why, and holds up no other.
ReadResult<std::vector<core::Notice>> ChangeReader::notices_of(
    const std::vector<ChangedRow>& rows) const {
  std::vector<std::string> ids;
  for (const ChangedRow& row : rows) {
    if (std::find(ids.begin(), ids.end(), row.id) == ids.end()) ids.push_back(row.id);
  }
  auto records = reader_.present(ids);
  if (!records) return tl::unexpected(std::move(records.error()));
  std::map<std::string, core::Record> by_id;
  for (core::Record& record : *records) by_id[record.ref.id.str()] = std::move(record);

  std::vector<core::Notice> notices;
  std::set<std::string> told;
  for (const ChangedRow& row : rows) {
    if (!told.insert(row.id).second) continue;
    core::Notice one = notice(row.id, "search", row.modified_ms);
    if (!row.merged.empty()) {
      one.kind = core::NoticeKind::merged;
      one.merged_ids = {row.merged.begin(), row.merged.end()};
    }
    if (const auto found = by_id.find(row.id); found != by_id.end()) {
      one.record = std::move(found->second);
    }
    notices.push_back(std::move(one));
  }
  return notices;
}

ReadResult<Changes> ChangeReader::records_page(ChangeCursor cursor, core::WallTime now) const {
  Pass& pass = *cursor.pass;
  auto page = read_window(client_, object_, pass.window, pass.place);
  if (!page) return tl::unexpected(std::move(page.error()));
  auto notices = notices_of(page->rows);
  if (!notices) return tl::unexpected(std::move(notices.error()));
  if (page->next) {
    pass.place = std::move(*page->next);
  } else {
    end_stage(cursor, now);
  }
  Changes changes = page_of(cursor, std::move(*notices));
  changes.bad_rows = std::move(page->bad_rows);
  changes.warnings = std::move(page->warnings);
  return changes;
}

ReadResult<Changes> ChangeReader::recycle_bin_page(ChangeCursor cursor) const {
  Pass& pass = *cursor.pass;
  std::string path = "/crm/v3/objects/" + object_.str() + "?limit=" + std::to_string(kBatchIds) +
                     "&archived=true&properties=hs_object_id," + std::string(kMergedProperty);
  if (!pass.after.empty()) path += "&after=" + core::percent_encode(pass.after);
  const auto answer = client_.get(path);
  if (!answer) return tl::unexpected(answer.error());
  const std::string after = id_text(answer->at("paging").at("next").at("after"));
  if (!answer->at("results").is_list() || (!after.empty() && after == pass.after)) {
    return tl::unexpected(transient("HubSpot's list of archived records can't be read"));
  }
  const std::int64_t from = cursor.bin_ms.value_or(pass.window.from) - kBinOverlap;
  std::vector<core::Notice> notices;
  for (const core::Value& envelope : answer->at("results").as_list()) {
    const std::string id = id_text(envelope.at("id"));
    const std::int64_t at = archived_ms(envelope);
    if (id.empty() || (at != 0 && at < from)) continue;
    // Nobody else tells of a merge whose survivor was archived before it was seen.
    std::vector<std::string> gone = merged_ids(envelope);
    gone.push_back(id);
    for (const std::string& one : gone) {
      notices.push_back(notice(one, "archived", at));
      notices.back().kind = core::NoticeKind::deleted;
    }
  }
  ++pass.pages;
  pass.after = after;
  if (after.empty()) end_stage(cursor, core::from_ms(pass.window.to));
  return page_of(cursor, std::move(notices));
}

/// A deal is part of the records of its companies, which are told without their records: read by id
/// once, however many of their deals changed.
ReadResult<Changes> ChangeReader::deals_page(ChangeCursor cursor, core::WallTime now) const {
  static const core::ObjectName kDealObject{kDeals};
  Pass& pass = *cursor.pass;
  auto page = read_window(client_, kDealObject, pass.window, pass.place);
  if (!page) return tl::unexpected(std::move(page.error()));
  std::map<std::string, std::int64_t> changed_ms;
  for (const ChangedRow& row : page->rows) changed_ms[row.id] = row.modified_ms;
  std::vector<std::string> ids;
  for (const auto& [id, at] : changed_ms) ids.push_back(id);
  const auto companies = read_associations(client_, kDeals, kCompanies, ids);
  if (!companies) return tl::unexpected(companies.error());
  std::map<std::string, std::int64_t> concerned;
  for (const auto& [deal, associated] : companies->of) {
    for (const std::string& company : associated.ids) {
      concerned[company] = std::max(concerned[company], changed_ms[deal]);
    }
  }
  std::vector<core::Notice> notices;
  for (const auto& [company, at] : concerned) notices.push_back(notice(company, "deal", at));
  if (page->next) {
    pass.place = std::move(*page->next);
  } else {
    end_stage(cursor, now);
  }
  Changes changes = page_of(cursor, std::move(notices));
  changes.bad_rows = std::move(page->bad_rows);
  for (const auto& [deal, word] : companies->refused) {
    changes.bad_rows.push_back(refusal_text(kDeals, deal, "associations", word));
  }
  changes.warnings = std::move(page->warnings);
  return changes;
}

}  // namespace assembly_sync::connectors::hubspot
