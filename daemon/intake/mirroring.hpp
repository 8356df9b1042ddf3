// Mirroring: what a source says of a record, taken into the mirror in the caller's transaction, and
// the notice that follows from it. Said by a poll or a complete pass here; a webhook's record takes
// the same two steps in the resolver. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/record.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

/// The circumstances of a reading that nobody announced.
struct Reading {
  core::SourceName source;
  store::Lane lane = store::Lane::live;
  std::string event;  // of the notices, where the source names none: "poll", "sweep"
  std::int64_t begun_ms = 0;
  std::int64_t now_ms = 0;
  store::Shown shown{};
  bool catches_up = false;  // on the time in which the program was not there
};

/// The moment at which the rows of a page were so: that at which its reading began, or before.
std::int64_t as_of(const connectors::Page& page, std::int64_t begun_ms);

/// Takes in what a poll or a complete pass shows. What the mirror holds already, or newer, is no
/// notice. A record that came with its notice is mapped from the mirror next; of one without, the
/// record is read by id.
void take_in(store::Tx& tx, const core::Notice& notice, const Reading& reading);

/// A record that is deleted: keeps what the mirror knows of it and, where the source gives no
/// version, is of the newest one. False when the mirror holds something newer.
bool mirror_deletion(store::Tx& tx, core::Record record, std::int64_t now_ms);

/// The source says that `merged` went into `survivor`, in this order. Acted on when the survivor is
/// planned.
void note_merges(store::Tx& tx, const core::RecordRef& survivor,
                 const std::vector<core::RecordId>& merged, std::int64_t now_ms);

/// Says in the log what of a reading could not be used, and what an operator should know.
void tell_rows(telemetry::Log& log, const core::SourceName& source, const core::ObjectName& object,
               const std::vector<std::string>& bad_rows, const std::vector<std::string>& warnings);

/// The record, and those it hangs on, as of this source.
core::Record of_source(core::Record record, const core::SourceName& source);

}  // namespace assembly_sync::intake
