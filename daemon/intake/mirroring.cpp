#include "daemon/intake/mirroring.hpp"

#include <algorithm>

#include "daemon/sync/merges.hpp"

namespace assembly_sync::intake {
namespace {

using core::NoticeKind;
using store::MirroredRecord;
using store::RecordState;

store::NewNotice notice_of(const core::Notice& notice, const Reading& reading) {
  store::NewNotice row;
  row.ref = {reading.source, notice.ref.object, notice.ref.id};
  row.kind = notice.kind;
  row.lane = reading.lane;
  row.event = notice.event.empty() ? reading.event : notice.event;
  row.occurred_ms = notice.occurred_at_ms;
  row.received_ms = reading.now_ms;
  return row;
}

/// A source names its merges again and again.
std::vector<core::RecordId> news_of(const store::Tx& tx, const store::NewNotice& row,
                                    std::vector<core::RecordId> merged) {
  std::erase_if(merged, [&](const core::RecordId& id) {
    return tx.survivor_of({row.ref.source, row.ref.object, id}).has_value();
  });
  return merged;
}

bool holds(const std::optional<MirroredRecord>& mirrored, const core::Record& record,
           const Reading& reading) {
  return mirrored && mirrored->state == RecordState::present &&
         (mirrored->version == record.version || reading.shown.is_truth) &&
         mirrored->json == record.json && mirrored->related == record.related;
}

/// True when the mirror holds it now and did not before.
bool mirror_reading(store::Tx& tx, const core::Record& record, const Reading& reading) {
  if (holds(tx.record(record.ref), record, reading)) {
    if (reading.shown.pass != 0) tx.mark_seen(record.ref, reading.shown.pass, reading.begun_ms);
    return false;
  }
  sync::Occasion occasion;
  occasion.record = record.ref;
  occasion.now_ms = reading.now_ms;
  occasion.read_ms = reading.begun_ms;
  if (sync::outdated(tx, occasion)) return false;
  if (tx.put_record(record, reading.begun_ms, reading.now_ms, reading.shown)) return true;
  if (reading.shown.pass != 0) tx.mark_seen(record.ref, reading.shown.pass, reading.begun_ms);
  return false;
}

/// A word without the record: it is read by id, unless what it says is known.
bool ask(store::Tx& tx, const store::NewNotice& row, bool merges) {
  const auto mirrored = tx.record(row.ref);
  const bool there = mirrored && mirrored->state == RecordState::present;
  if (row.kind == NoticeKind::deleted && !there) return false;
  if (row.kind == NoticeKind::merged && !merges) return false;
  tx.supersede_unread(row.ref, tx.add_notice(row), row.received_ms);
  return true;
}

bool take(store::Tx& tx, const core::Notice& notice, const Reading& reading) {
  const store::NewNotice row = notice_of(notice, reading);
  if (notice.ignore_reason) return false;
  if (notice.dead_reason) {
    tx.finish_notice(tx.add_notice(row), store::NoticeState::dead, *notice.dead_reason,
                     reading.now_ms);
    return true;
  }
  const auto merged = news_of(tx, row, notice.merged_ids);
  note_merges(tx, row.ref, merged, reading.now_ms);
  if (!notice.record) return ask(tx, row, !merged.empty());
  const core::Record record = of_source(*notice.record, reading.source);
  bool news = false;
  if (notice.kind == NoticeKind::deleted) {
    const auto mirrored = tx.record(row.ref);
    news = mirrored && mirrored->state == RecordState::present &&
           mirror_deletion(tx, record, reading.now_ms);
  } else {
    news = mirror_reading(tx, record, reading);
  }
  if (!news && merged.empty()) return false;
  tx.add_mirror_notice(row);
  return true;
}

}  // namespace

void tell_rows(telemetry::Log& log, const core::SourceName& source, const core::ObjectName& object,
               const std::vector<std::string>& bad_rows, const std::vector<std::string>& warnings) {
  for (const std::string& row : bad_rows) {
    log.warn("bad_row", {{"source", source.str()}, {"row", row}});
  }
  for (const std::string& warning : warnings) {
    log.warn("source_warning", {{"object", source.str() + '.' + object.str()}, {"what", warning}});
  }
}

std::int64_t as_of(const connectors::Page& page, std::int64_t begun_ms) {
  return page.as_of ? std::min(begun_ms, core::to_ms(*page.as_of)) : begun_ms;
}

void take_in(store::Tx& tx, const core::Notice& notice, const Reading& reading) {
  if (take(tx, notice, reading) && reading.catches_up) tx.add_catch_up(reading.source, 1, 0);
}

bool mirror_deletion(store::Tx& tx, core::Record record, std::int64_t now_ms) {
  if (const auto mirrored = tx.record(record.ref)) {
    record.json = mirrored->json;
    if (record.version == 0) record.version = mirrored->version;
  }
  if (!tx.put_record(record, now_ms, now_ms)) return false;
  tx.mark_record(record.ref, RecordState::deleted, now_ms);
  return true;
}

void note_merges(store::Tx& tx, const core::RecordRef& survivor,
                 const std::vector<core::RecordId>& merged, std::int64_t now_ms) {
  int place = 0;
  for (const core::RecordId& id : merged) {
    sync::note_merge(tx, {survivor.source, survivor.object, id}, survivor.id, ++place, now_ms);
  }
}

core::Record of_source(core::Record record, const core::SourceName& source) {
  record.ref.source = source;
  for (core::RecordRef& ref : record.related) ref.source = source;
  return record;
}

}  // namespace assembly_sync::intake
