// What changed: rows by their modification time, opportunities on behalf of their accounts, and
// what left the recycle bin before it was seen there.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "connectors/read_error.hpp"
#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/kept.hpp"
#include "connectors/salesforce/reader.hpp"
#include "connectors/salesforce/records.hpp"
#include "connectors/salesforce/rollups.hpp"
#include "connectors/salesforce/soql.hpp"
#include "core/calendar.hpp"
#include "core/json.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

using namespace std::chrono_literals;
using Kind = ReadError::Kind;

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
/// A long transaction's rows become visible this long after the moment they are stamped with, so
/// every round looks back this far. Rows that were read before are no news to whoever keeps them.
constexpr std::int64_t kLookBack = 15 * kMinute;
/// How often is asked what left the recycle bin: seldom happens, and costs a request.
constexpr std::int64_t kDeletionsEvery = 15 * kMinute;
/// The log of deletions reaches back 15 days; asking for more is refused.
constexpr std::int64_t kDeletionLog = 15 * kDay - 10 * kMinute;
/// Thin notices that are remembered, so that they are not given again: the cursor holds them, so
/// there is a limit. Beyond it some are given again, which does no harm.
constexpr std::size_t kMostTold = 1000;

constexpr const char* kRowStage = "rows";
constexpr const char* kOpportunityStage = "opportunities";
constexpr const char* kDeletionStage = "deletions";

std::optional<std::string> wrong_stage(const core::Value& cursor) {
  const std::string stage = cursor.text_or("stage");
  if (stage == kRowStage || stage == kOpportunityStage || stage == kDeletionStage) {
    return std::nullopt;
  }
  return "expected rows, opportunities or deletions in stage, got " +
         (stage.empty() ? std::string("nothing") : std::string("another text"));
}

core::Notice notice_of(const core::SourceName& source, const Object& object, std::string id,
                       core::NoticeKind kind, std::int64_t at_ms, const char* event) {
  core::Notice notice;
  notice.ref = {source, object.name, core::RecordId(std::move(id))};
  notice.kind = kind;
  notice.occurred_at_ms = at_ms;
  notice.event = event;
  return notice;
}

/// `2026-01-01T10:00:00+00:00`, encoded; whole minutes, since Salesforce ignores seconds.
std::string url_time(std::int64_t ms) {
  std::string text = soql_time(ms);
  text.replace(text.size() - 1, 1, "+00:00");
  return core::percent_encode(text);
}

}  // namespace

/// A round of looking for changes goes from `begin` to `until` (when it began), in windows that end
/// at `to`, each read from (ms, id) on. Between two rounds `until` is 0.
struct Reader::Position {
  std::string stage = kRowStage;
  std::int64_t begin = 0;
  std::int64_t until = 0;
  std::int64_t to = 0;
  std::int64_t ms = 0;
  std::string id{};
  std::string next{};             // the page that Salesforce named
  std::string columns{};          // Selection::mark of its query, where that is of rows
  std::int64_t span = 0;          // longest window; 0 = a round is one window
  std::int64_t deletions_ms = 0;  // up to which the log of deletions was read
  std::set<std::string> told{};   // id@ms of the thin notices of the look-back; kMostTold at most

  std::string text() const {
    core::Value::List told_list(told.begin(), told.end());
    return core::dump_json(core::Value::object({{"stage", stage},
                                                {"begin", begin},
                                                {"until", until},
                                                {"to", to},
                                                {"ms", ms},
                                                {"id", id},
                                                {"next", next},
                                                {"columns", columns},
                                                {"span", span},
                                                {"deletions_ms", deletions_ms},
                                                {"told", core::Value::list(told_list)}}));
  }

  /// The error: what is wrong with it.
  static tl::expected<Position, std::string> of(const std::string& text) {
    const auto value = kept_object(text);
    if (!value) return tl::unexpected(value.error());
    for (const auto& wrong :
         {wrong_stage(*value), wrong_id(*value, "id"), wrong_path(*value, "next")}) {
      if (wrong) return tl::unexpected(*wrong);
    }
    Position at;
    at.stage = value->text_or("stage");
    at.id = value->text_or("id");
    at.next = value->text_or("next");
    at.columns = value->text_or("columns");
    const std::pair<const char*, std::int64_t*> numbers[] = {
        {"begin", &at.begin}, {"until", &at.until}, {"to", &at.to},
        {"ms", &at.ms},       {"span", &at.span},   {"deletions_ms", &at.deletions_ms}};
    for (const auto& [name, number] : numbers) {
      const core::Value& member = value->at(name);
      if (!member.is_int()) {
        return tl::unexpected(std::string("expected a whole number in ") + name + ", got " +
                              std::string(member.type_name()));
      }
      *number = member.as_int();
    }
    if (const core::Value& list = value->at("told"); list.is_list()) {
      for (const core::Value& one : list.as_list()) {
        if (one.is_string() && at.told.size() < kMostTold) at.told.insert(one.as_string());
      }
    }
    return at;
  }

  void begin_round(std::int64_t now_ms) {
    until = now_ms / kSecond * kSecond;
    begin_window(begin);
  }

  void begin_window(std::int64_t from) {
    ms = from;
    id.clear();
    next.clear();
    to = span > 0 ? std::min(until, from + span) : until;
  }

  /// True when the whole round is read.
  bool end_window() {
    if (to >= until) return true;
    span *= 2;  // it was halved for some crowded time; perhaps this one is not
    begin_window(to);
    return false;
  }

  void end_round() {
    const std::int64_t from = until - kLookBack;
    std::erase_if(told, [&](const std::string& one) {
      const auto stamp = one.find('@');
      return std::strtoll(one.c_str() + stamp + 1, nullptr, 10) < from;
    });
    stage = kRowStage;
    begin = std::max(begin, from);
    until = to = 0;
    begin_window(begin);
  }

  /// Rows after (ms, id) and before the window's end.
  std::string condition(const std::string& stamp) const {
    const std::string at = soql_time(ms);
    const std::string after = id.empty() ? stamp + " >= " + at
                                         : "((" + stamp + " = " + at + " AND Id > '" + id +
                                               "') OR " + stamp + " > " + at + ')';
    return after + " AND " + stamp + " < " + soql_time(to);
  }

  /// False when it was told before, as far as that is remembered.
  bool tell(const std::string& record, std::int64_t at_ms) {
    std::string one = record + '@' + std::to_string(at_ms);
    if (told.size() >= kMostTold) return !told.contains(one);
    return told.insert(std::move(one)).second;
  }
  bool has_told(const std::string& record) const {
    const auto found = told.lower_bound(record + '@');
    return found != told.end() && found->starts_with(record + '@');
  }
};

std::string cursor_since(core::WallTime since) {
  // Negative times are no times of Salesforce's.
  const std::int64_t ms = std::max<std::int64_t>(0, core::to_ms(since) / kSecond * kSecond);
  return core::dump_json(core::Value::object({{"stage", kRowStage},
                                              {"begin", ms},
                                              {"until", 0},
                                              {"to", 0},
                                              {"ms", ms},
                                              {"span", 0},
                                              {"deletions_ms", ms}}));
}

ReadResult<Changes> Reader::changes(const std::string& cursor) {
  auto at = Position::of(cursor);
  if (!at) {
    return tl::unexpected(rejected("the kept place among Salesforce's changes of " +
                                   object_.name.str() + ": " + at.error()));
  }
  if (at->until == 0) at->begin_round(core::to_ms(client_.now()));
  auto changes = step(std::move(*at));
  if (!changes) return tl::unexpected(std::move(changes.error().error));
  tell(changes->warnings);
  return std::move(*changes);
}

Answer<Changes> Reader::step(Position at) {
  if (at.stage == kRowStage) return row_step(std::move(at));
  if (at.stage == kOpportunityStage) return opportunity_step(std::move(at));
  return deletion_step(std::move(at));
}

/// A page of a window that can't be had as it was asked for, but in another way; nothing when the
/// failure stands.
std::optional<Changes> Reader::step_around(const Failure& failed, Position at) {
  Changes changes;
  changes.more = true;
  if (!at.next.empty() && is_lost_cursor(failed)) {
    at.next.clear();  // asked anew from (ms, id) on
    changes.next = at.text();
    return changes;
  }
  const std::int64_t half = (at.to - at.ms) / 2 / kSecond * kSecond;
  if (failed.code != "QUERY_TIMEOUT" || half < kSecond) return std::nullopt;
  at.next.clear();
  at.span = half;
  // From (ms, id) on: at least one later second must be in the window, or it would never end.
  at.to = at.ms / kSecond * kSecond + half + (at.id.empty() ? 0 : kSecond);
  changes.next = at.text();
  return changes;
}

Answer<std::vector<core::Notice>> Reader::notices_of(const Rows& rows, Position& at) {
  using core::NoticeKind;
  const Selection& selection = rows.selection;
  std::vector<core::Notice> notices;
  std::vector<core::Value> living;
  for (const core::Value& raw : rows.rows) {
    core::Value row = normal_row(raw, selection.all());
    const std::string id = row.text_or("Id");
    const std::int64_t stamp = version_of(selection, row);
    if (row.at("IsDeleted") != core::Value(true)) {
      living.push_back(std::move(row));
    } else if (!at.tell(id, stamp)) {
      continue;
    } else if (const auto survivor = to_18(row.text_or("MasterRecordId"))) {
      core::Notice merge =
          notice_of(source_, object_, *survivor, NoticeKind::merged, stamp, "merge");
      merge.merged_ids = {core::RecordId(id)};
      notices.push_back(std::move(merge));
    } else {
      notices.push_back(notice_of(source_, object_, id, NoticeKind::deleted, stamp, "delete"));
    }
  }
  auto records = records_of(std::move(living), selection);
  if (!records) return tl::unexpected(records.error());
  for (core::Record& record : *records) {
    core::Notice notice = notice_of(source_, object_, record.ref.id.str(), NoticeKind::upserted,
                                    record.version, "change");
    notice.record = std::move(record);
    notices.push_back(std::move(notice));
  }
  return notices;
}

Answer<Changes> Reader::row_step(Position at) {
  const auto planned = rows_.selection();
  if (!planned) return tl::unexpected(planned.error());
  if (planned->stamp.empty()) {
    return tl::unexpected(
        failure(Kind::rejected, "the records of " + object_.api_name +
                                    " have no time of modification that Salesforce can search by"));
  }
  const std::string& stamp = planned->stamp;
  auto rows = at.next.empty()
                  ? rows_.first(RowReader::Scope::all, at.condition(stamp), stamp + " ASC, Id ASC")
                  : rows_.next(at.next, at.columns);
  if (!rows) {
    if (auto around = step_around(rows.error(), at)) return std::move(*around);
    return tl::unexpected(rows.error());
  }
  Changes changes;
  auto notices = notices_of(*rows, at);
  if (!notices) return tl::unexpected(notices.error());
  changes.notices = std::move(*notices);
  changes.more = true;
  if (!rows->next.empty()) {
    at.next = rows->next;
    at.columns = rows->selection.mark();
    if (const auto last = to_18(rows->last_id); last && rows->last_ms >= at.ms) {
      at.ms = rows->last_ms;
      at.id = *last;
    }
  } else if (at.end_window()) {
    if (wants_rollups(object_, wanted_)) {
      at.stage = kOpportunityStage;
      at.begin_window(at.begin);
    } else if (rows->selection.replicateable && at.until - at.deletions_ms >= kDeletionsEvery) {
      at.stage = kDeletionStage;
    } else {
      at.end_round();
      changes.more = false;
    }
  }
  changes.next = at.text();
  return changes;
}

/// An account's derived values change with its opportunities, which its own record does not show.
Answer<Changes> Reader::opportunity_step(Position at) {
  const std::vector<Column> columns = {
      {.path = {"Id"}, .text = "Id", .form = Form::id},
      {.path = {"AccountId"}, .text = "AccountId", .form = Form::id},
      {.path = {"SystemModstamp"}, .text = "SystemModstamp", .form = Form::datetime}};
  const std::string path =
      at.next.empty() ? query_path(client_, RowReader::Scope::all,
                                   soql(columns, "Opportunity", at.condition("SystemModstamp"),
                                        "SystemModstamp ASC, Id ASC"))
                      : at.next;
  const auto answer = client_.get(path);
  Changes changes;
  changes.more = true;
  bool hidden = false;
  if (!answer) {
    if (auto around = step_around(answer.error(), at)) return std::move(*around);
    hidden = answer.error().code == "INVALID_TYPE" || answer.error().code == "INVALID_FIELD";
    if (!hidden) return tl::unexpected(answer.error());
    warnings_.emplace_back("changes of opportunities can't be seen by the integration user");
  }
  const std::string next = hidden ? std::string() : answer->text_or("nextRecordsUrl");
  const bool done = hidden || answer->at("done") != core::Value(false);
  if (!hidden &&
      (!answer->at("records").is_list() || (!done && !next.starts_with("/services/data/")))) {
    return tl::unexpected(failure(Kind::transient, "Salesforce's answer to a query is not whole"));
  }
  std::set<std::string> accounts;
  for (const core::Value& raw : hidden ? core::Value::List{} : answer->at("records").as_list()) {
    const core::Value row = normal_row(raw, columns);
    const std::int64_t ms = core::parse_calendar_ms(row.text_or("SystemModstamp")).value_or(at.ms);
    if (ms >= at.ms) {
      at.ms = ms;
      at.id = row.text_or("Id");
    }
    const std::string account = row.text_or("AccountId");
    if (account.empty() || !at.tell(row.text_or("Id"), ms)) continue;
    if (!accounts.insert(account).second) continue;
    changes.notices.push_back(
        notice_of(source_, object_, account, core::NoticeKind::upserted, ms, "opportunity"));
  }
  at.next = done ? std::string() : next;
  if (done && at.end_window()) at.stage = kDeletionStage;
  changes.next = at.text();
  return changes;
}

Answer<Changes> Reader::deletion_step(Position at) {
  Changes changes;
  const auto finish = [&]() -> Answer<Changes> {
    at.end_round();
    changes.next = at.text();
    return changes;
  };
  const auto selection = rows_.selection();
  if (!selection) return tl::unexpected(selection.error());
  const std::int64_t end = at.until / kMinute * kMinute;
  if (!selection->replicateable || end - at.deletions_ms < kDeletionsEvery) return finish();
  const std::int64_t wanted = at.deletions_ms / kMinute * kMinute;
  const std::int64_t start = std::max(wanted, end - kDeletionLog);
  const auto missed = [&](std::int64_t known_from_ms) {
    changes.warnings.push_back("Salesforce can't tell any more which records of " +
                               object_.name.str() + " were deleted for good between " +
                               soql_time(wanted) + " and " + soql_time(known_from_ms) +
                               ": the next complete pass will show it");
  };
  const auto answer = client_.get(client_.data_path() + "/sobjects/" + object_.api_name +
                                  "/deleted/?start=" + url_time(start) + "&end=" + url_time(end));
  if (!answer) {
    if (answer.error().code != "INVALID_REPLICATION_DATE") return tl::unexpected(answer.error());
    missed(end);
    at.deletions_ms = end;
    return finish();
  }
  const auto earliest = core::parse_calendar_ms(answer->text_or("earliestDateAvailable"));
  const std::int64_t known_from = std::max(start, earliest.value_or(start));
  // The first round begins at a complete pass, which has shown what was there.
  if (known_from > wanted) missed(known_from);
  const core::Value& deleted = answer->at("deletedRecords");
  for (const core::Value& one : deleted.is_list() ? deleted.as_list() : core::Value::List{}) {
    const auto id = to_18(one.text_or("id"));
    if (!id || at.has_told(*id)) continue;
    const auto ms = core::parse_calendar_ms(one.text_or("deletedDate"));
    changes.notices.push_back(notice_of(source_, object_, *id, core::NoticeKind::deleted,
                                        ms.value_or(0), "deleted for good"));
  }
  const auto covered = core::parse_calendar_ms(answer->text_or("latestDateCovered"));
  at.deletions_ms = std::max(at.deletions_ms, std::min(end, covered.value_or(end)));
  return finish();
}

}  // namespace assembly_sync::connectors::salesforce
