#include "connectors/hubspot/window.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/records.hpp"
#include "connectors/read_error.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::Value;
using Way = Place::Way;

constexpr int kSearchPage = 200;
constexpr int kListPage = 100;
/// HubSpot answers 400 to a search that begins at or reaches beyond this row.
constexpr std::int64_t kSearchReach = 10'000;
constexpr std::string_view kIdProperty = "hs_object_id";

Value filter(std::string_view property, const char* op, std::string value) {
  return Value::object({{"propertyName", property}, {"operator", op}, {"value", std::move(value)}});
}

Value search_body(const core::ObjectName& object, const Window& window, const Place& place) {
  const std::string_view modified = modified_property(object);
  const bool by_time = place.way == Way::by_time;
  Value::List filters;
  if (by_time) {
    filters.push_back(filter(modified, "GTE", std::to_string(place.ms)));
    filters.push_back(filter(modified, "LT", std::to_string(window.to)));
  } else {
    filters.push_back(filter(modified, "EQ", std::to_string(place.ms)));
    filters.push_back(filter(kIdProperty, "GT", place.id.empty() ? "0" : place.id));
  }
  Value group = Value::object({{"filters", Value::list(std::move(filters))}});
  Value sort = Value::object(
      {{"propertyName", by_time ? modified : kIdProperty}, {"direction", "ASCENDING"}});
  Value body = Value::object({{"filterGroups", Value::list({std::move(group)})},
                              {"sorts", Value::list({std::move(sort)})},
                              {"properties", Value::list({kIdProperty, modified, kMergedProperty})},
                              {"limit", kSearchPage}});
  if (!place.after.empty()) body.set("after", place.after);
  return body;
}

/// The property that the search filters and sorts by, else `updatedAt`.
std::int64_t modified_ms(const core::ObjectName& object, const Value& envelope) {
  for (const std::string& text : {envelope.at("properties").text_or(modified_property(object)),
                                  envelope.text_or("updatedAt")}) {
    if (const auto ms = parse_time_ms(text)) return *ms;
  }
  return 0;
}

/// An answer's rows and the cursor behind them.
struct Rows {
  std::vector<ChangedRow> rows;
  std::string after;  // empty = none follows
  std::size_t without_id = 0;
};

ReadResult<Rows> rows_of(const core::ObjectName& object, const Value& answer) {
  if (!answer.at("results").is_list()) {
    return tl::unexpected(transient("HubSpot's list of changes has no results"));
  }
  Rows out;
  for (const Value& envelope : answer.at("results").as_list()) {
    ChangedRow row;
    row.id = id_text(envelope.at("id"));
    if (row.id.empty()) {
      ++out.without_id;
      continue;
    }
    row.modified_ms = modified_ms(object, envelope);
    row.merged = merged_ids(envelope);
    out.rows.push_back(std::move(row));
  }
  // The only sign of the end: a short or even empty page may have a next one.
  out.after = id_text(answer.at("paging").at("next").at("after"));
  return out;
}

std::optional<std::int64_t> offset_of(const std::string& after) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), offset);
  if (error != std::errc{} || end != after.data() + after.size()) return std::nullopt;
  return offset;
}

Place all_listed() {
  return {.way = Way::listing, .ms = 0};
}

bool times_ascend(const std::vector<ChangedRow>& rows, std::int64_t from) {
  return std::all_of(rows.begin(), rows.end(), [&](const ChangedRow& row) {
    return row.modified_ms >= std::exchange(from, row.modified_ms);
  });
}

/// By number: whether HubSpot sorts ids as numbers or as texts is disputed.
bool ids_ascend(const std::vector<ChangedRow>& rows, std::string last) {
  return std::all_of(rows.begin(), rows.end(), [&](const ChangedRow& row) {
    return last.empty() ? (last = row.id, true) : smaller_id(std::exchange(last, row.id), row.id);
  });
}

/// The place behind a page without rows that is not the last one.
ReadResult<Place> behind_empty(const Place& place, const std::string& after) {
  const auto offset = offset_of(after);
  const std::int64_t before = offset_of(place.after).value_or(0);
  if (!offset || *offset <= before) {
    return tl::unexpected(transient("HubSpot's search does not advance"));
  }
  if (*offset + kSearchPage > kSearchReach) return all_listed();
  Place next = place;
  next.after = after;
  return next;
}

ReadResult<std::optional<Place>> behind(const Window& window, const Place& place,
                                        const Rows& page) {
  if (!page.after.empty() && page.rows.empty()) {
    auto next = behind_empty(place, page.after);
    if (!next) return tl::unexpected(std::move(next.error()));
    return std::move(*next);
  }
  if (place.way == Way::by_id) {
    if (!page.after.empty()) {
      return Place{.way = Way::by_id, .ms = place.ms, .id = page.rows.back().id};
    }
    if (place.ms + 1 >= window.to) return std::nullopt;
    return Place{.way = Way::by_time, .ms = place.ms + 1};
  }
  if (page.after.empty()) return std::nullopt;
  const std::int64_t last = page.rows.back().modified_ms;
  if (last >= window.to) return std::nullopt;
  // All of the page lies in one millisecond: it may hold more rows than a query reaches.
  if (last == place.ms) return Place{.way = Way::by_id, .ms = last};
  return Place{.way = Way::by_time, .ms = last};
}

void drop_outside(std::vector<ChangedRow>& rows, const Window& window) {
  std::erase_if(rows, [&](const ChangedRow& row) {
    return row.modified_ms != 0 && (row.modified_ms < window.from || row.modified_ms >= window.to);
  });
}

WindowPage page_of(Rows rows, const Window& window, std::optional<Place> next) {
  WindowPage page;
  page.rows = std::move(rows.rows);
  drop_outside(page.rows, window);
  page.next = std::move(next);
  if (rows.without_id != 0) {
    page.bad_rows.push_back(std::to_string(rows.without_id) + " records of a page have no id");
  }
  return page;
}

ReadResult<WindowPage> search(const Client& client, const core::ObjectName& object,
                              const Window& window, const Place& place) {
  const auto answer = client.post("/crm/v3/objects/" + object.str() + "/search",
                                  search_body(object, window, place));
  if (!answer) return tl::unexpected(answer.error());
  auto rows = rows_of(object, *answer);
  if (!rows) return tl::unexpected(std::move(rows.error()));
  const bool sorted = place.way == Way::by_time ? times_ascend(rows->rows, place.ms)
                                                : ids_ascend(rows->rows, place.id);
  if (!sorted) {
    WindowPage page = page_of(std::move(*rows), window, all_listed());
    page.warnings.push_back("HubSpot's search of " + object.str() +
                            " did not keep its order; all are listed instead");
    return page;
  }
  auto next = behind(window, place, *rows);
  if (!next) return tl::unexpected(std::move(next.error()));
  return page_of(std::move(*rows), window, std::move(*next));
}

ReadResult<WindowPage> list(const Client& client, const core::ObjectName& object,
                            const Window& window, const Place& place) {
  std::string path = "/crm/v3/objects/" + object.str() + "?limit=" + std::to_string(kListPage) +
                     "&archived=false&properties=" + std::string(kIdProperty) + ',' +
                     std::string(modified_property(object)) + ',' + std::string(kMergedProperty);
  if (!place.after.empty()) path += "&after=" + core::percent_encode(place.after);
  const auto answer = client.get(path);
  if (!answer) return tl::unexpected(answer.error());
  auto rows = rows_of(object, *answer);
  if (!rows) return tl::unexpected(std::move(rows.error()));
  if (!rows->after.empty() && rows->after == place.after) {
    return tl::unexpected(transient("HubSpot's listing does not advance"));
  }
  std::optional<Place> next;
  if (!rows->after.empty()) next = Place{.way = Way::listing, .ms = 0, .after = rows->after};
  return page_of(std::move(*rows), window, std::move(next));
}

}  // namespace

ReadResult<WindowPage> read_window(const Client& client, const core::ObjectName& object,
                                   const Window& window, const Place& place) {
  return place.way == Way::listing ? list(client, object, window, place)
                                   : search(client, object, window, place);
}

}  // namespace assembly_sync::connectors::hubspot
