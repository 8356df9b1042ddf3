// Tables, made in one place so that all of them can be read on a phone: there a row becomes a card,
// in which each cell has the name of its column before it. Pure; thread-safe.
//
//   rows.push_back({head_cell(name), prose_cell(reason), time_of(at, visit)});
//   table("Dead letters", {"Name", "Reason", "When"}, rows)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/console/html.hpp"

namespace assembly_sync::console {

/// What stands in a row under one head; texts and pieces become one by themselves.
struct Cell {
  enum class Look { plain, number, prose, quiet, head };

  Cell(Markup piece, Look how = Look::plain) : content(std::move(piece)), look(how) {}
  Cell(const std::string& plain) : content(text(plain)) {}
  Cell(const char* plain) : content(text(plain)) {}

  Markup content;
  Look look = Look::plain;
};
using Row = std::vector<Cell>;
using Rows = std::vector<Row>;

/// That all others of the row are about.
template <class... Parts>
Cell head_cell(const Parts&... parts) {
  return {join(parts...), Cell::Look::head};
}
/// A sentence, which gets the room that others leave.
template <class... Parts>
Cell prose_cell(const Parts&... parts) {
  return {join(parts...), Cell::Look::prose};
}
inline Cell number_cell(const std::string& number) {
  return {text(number), Cell::Look::number};
}
inline Cell quiet_cell(std::string_view words) {
  return {text(words), Cell::Look::quiet};
}

/// A table in a frame that scrolls sideways by itself. `caption` is for those who can't see it.
/// Throws std::logic_error for a row with another number of cells than there are heads.
Markup table(std::string_view caption, const std::vector<std::string>& heads, const Rows& rows);

}  // namespace assembly_sync::console
