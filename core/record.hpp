// A source record as read: its JSON text kept as it is (numbers exact, nothing re-written), plus
// what the pipeline needs to know without looking into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"

namespace assembly_sync::core {

/// Orders two readings of one record: the source's modification time (ms since the epoch), 0 where
/// the source has none. An older version never replaces a newer one.
using RecordVersion = std::int64_t;

struct Record {
  RecordRef ref;
  std::string json;  // one JSON object; roots are those the connector's schema names
  RecordVersion version = 0;
  /// Records this one hangs on (a contact's primary company): to be read when they are unknown.
  std::vector<RecordRef> related;
};

/// What a source said happened; `gone` = a full or single read did not find the record.
enum class NoticeKind : std::uint8_t { upserted, deleted, merged, erased };

constexpr std::string_view to_text(NoticeKind kind) {
  constexpr std::string_view kNames[] = {"upserted", "deleted", "merged", "erased"};
  return kNames[static_cast<int>(kind)];
}

/// "This source record may have changed." Thin, and then the record itself is read later, or with
/// the record as the source sent it.
struct Notice {
  RecordRef ref;
  NoticeKind kind = NoticeKind::upserted;
  std::int64_t occurred_at_ms = 0;           // the source's word; 0 when it says none
  std::vector<RecordId> merged_ids;          // kind merged: the records that went into `ref`
  std::string event;                         // the source's name of it, e.g. company.propertyChange
  std::optional<std::string> ignore_reason;  // set: nothing to do, and why (an unmapped object)
  std::optional<std::string> dead_reason;    // set: it can't be used, and why; a person must look
  /// Fat: the record itself. Kind deleted: as far as it is known; version 0 = the sender gave none.
  std::optional<Record> record;
};

}  // namespace assembly_sync::core
