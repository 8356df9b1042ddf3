#include "connectors/sql/cursor.hpp"

#include <charconv>

namespace assembly_sync::connectors::sql {
namespace {

/// Takes what stands before the next colon, and both off `text`.
std::optional<std::string_view> take(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view word = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  return word;
}

bool take_number(std::string_view& text, std::int64_t& number) {
  const auto word = take(text);
  if (!word) return false;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), number);
  return error == std::errc{} && end == word->data() + word->size();
}

}  // namespace

std::string Cursor::text() const {
  return std::to_string(low_us) + ':' + std::to_string(top_us) + ':' + static_cast<char>(stage) +
         ':' + std::to_string(after_us) + ':' + (after_key ? '=' + *after_key : std::string());
}

std::optional<Cursor> Cursor::parse(std::string_view text) {
  Cursor cursor;
  if (!take_number(text, cursor.low_us) || !take_number(text, cursor.top_us)) return std::nullopt;
  const auto stage = take(text);
  if (!stage || (stage != "b" && stage != "d" && stage != "u")) return std::nullopt;
  cursor.stage = static_cast<Stage>(stage->front());
  if (!take_number(text, cursor.after_us)) return std::nullopt;
  if (text.empty()) return cursor;
  if (text.front() != '=') return std::nullopt;
  cursor.after_key = text.substr(1);
  return cursor;
}

}  // namespace assembly_sync::connectors::sql
