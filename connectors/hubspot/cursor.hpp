// How far the changes of an object have been read: the text that is kept between two pages. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "connectors/hubspot/window.hpp"
#include "core/result.hpp"

namespace assembly_sync::connectors::hubspot {

/// One reading of all that changed in a window, from its first page to its last.
struct Pass {
  enum class Stage : std::uint8_t {
    records,      // the object's own records
    deals,        // deals, whose companies are read again
    recycle_bin,  // what was archived
  };
  Stage stage = Stage::records;
  Window window;
  Place place;             // records, deals
  std::string after;       // recycle_bin: HubSpot's cursor
  std::int64_t pages = 0;  // recycle_bin: read so far
};

struct ChangeCursor {
  std::int64_t read_to_ms = 0;  // what changed before has been read, as far as it could be seen
  /// When a window last reached far back; nothing = no window has been read.
  std::optional<std::int64_t> deep_ms{};
  std::optional<std::int64_t> bin_ms{};  // when the recycle bin was last begun to be read
  std::int64_t bin_pages = 0;            // how many pages it had
  std::optional<Pass> pass{};            // under way
};

std::string to_text(const ChangeCursor& cursor);
/// Fails for every text that to_text() did not write.
core::Result<ChangeCursor> parse_cursor(const std::string& text);

}  // namespace assembly_sync::connectors::hubspot
