#include "daemon/console/table.hpp"

#include <stdexcept>

namespace assembly_sync::console {
namespace {

const char* class_of(Cell::Look look) {
  switch (look) {
    case Cell::Look::number:
      return "number";
    case Cell::Look::prose:
      return "long";
    case Cell::Look::quiet:
      return "quiet";
    case Cell::Look::head:
    case Cell::Look::plain:
      break;
  }
  return nullptr;
}

// The roles are those that the elements have anyway: browsers forget them where a stylesheet shows
// a row as a block.
Markup cell_of(const Cell& cell, const std::string& head) {
  if (cell.look == Cell::Look::head) {
    return tag("th", {{"scope", "row"}, {"role", "rowheader"}}, cell.content);
  }
  Attributes attributes = {{"role", "cell"}, {"data-label", head}};
  if (const char* const name = class_of(cell.look)) attributes.push_back({"class", name});
  return tag("td", attributes, cell.content);
}

Markup row_of(const Row& row, const std::vector<std::string>& heads) {
  if (row.size() != heads.size()) throw std::logic_error("expected a cell for each head");
  Markup cells;
  for (std::size_t i = 0; i < row.size(); ++i) cells += cell_of(row[i], heads[i]);
  return tag("tr", {{"role", "row"}}, cells);
}

}  // namespace

Markup table(std::string_view caption, const std::vector<std::string>& heads, const Rows& rows) {
  Markup head;
  for (const std::string& one : heads) {
    head += tag("th", {{"scope", "col"}, {"role", "columnheader"}}, one);
  }
  Markup body;
  for (const Row& row : rows) body += row_of(row, heads);
  return tag("div",
             {{"class", "wide"}, {"tabindex", 0}, {"role", "region"}, {"aria-label", caption}},
             tag("table", {{"role", "table"}}, tag("caption", {{"class", "unseen"}}, caption),
                 tag("thead", {{"role", "rowgroup"}}, tag("tr", {{"role", "row"}}, head)),
                 tag("tbody", {{"role", "rowgroup"}}, body)));
}

}  // namespace assembly_sync::console
