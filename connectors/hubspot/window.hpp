// Which records changed in a span of time, asked of HubSpot's search a page at a time, whatever its
// bounds: 10,000 rows a query, any number of rows in one millisecond, and rows that leave the
// result while it is read. Pure but for the transport behind the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/client.hpp"
#include "core/ids.hpp"

namespace assembly_sync::connectors::hubspot {

/// Changed at `from` or later and before `to`; ms since the epoch.
struct Window {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// Where in a window the next page begins. Every query begins anew at the last time or id that was
/// seen instead of at a number of rows: a row that changes while pages are read leaves the result,
/// and all rows behind it move up by one, so that a page by number would leave one out.
struct Place {
  enum class Way : std::uint8_t {
    by_time,  // rows from `ms` on, by time
    by_id,    // the rows of the one millisecond `ms`, behind `id`: more than fit a page
    listing,  // all records page by page, those outside the window dropped
  };
  Way way = Way::by_time;
  std::int64_t ms = 0;
  std::string id{};     // by_id; empty = from the first
  std::string after{};  // HubSpot's cursor in the query; empty = its first page
};

struct ChangedRow {
  std::string id;
  std::int64_t modified_ms = 0;     // 0 when it can't be read
  std::vector<std::string> merged;  // the records that went into this one, whenever that was
};

struct WindowPage {
  std::vector<ChangedRow> rows;
  std::optional<Place> next;  // nothing = the window has been read
  std::vector<std::string> bad_rows;
  std::vector<std::string> warnings;
};

/// Where to begin.
inline Place first_place(const Window& window) {
  return {.way = Place::Way::by_time, .ms = window.from};
}

/// One page, one call. A row may come twice, none of the window is left out.
ReadResult<WindowPage> read_window(const Client& client, const core::ObjectName& object,
                                   const Window& window, const Place& place);

}  // namespace assembly_sync::connectors::hubspot
