// How far a round of changes was read, and its text: `LOW:TOP:STAGE:TIME:KEY`. A value type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assembly_sync::connectors::sql {

struct Cursor {
  enum class Stage : char { begin = 'b', dated = 'd', undated = 'u' };

  std::int64_t low_us = 0;  // µs since the epoch
  std::int64_t top_us = 0;  // not known before the round begins
  Stage stage = Stage::begin;
  std::int64_t after_us = 0;               // time of the last row read
  std::optional<std::string> after_key{};  // and its id; nothing = none was read

  std::string text() const;
  static std::optional<Cursor> parse(std::string_view text);
};

}  // namespace assembly_sync::connectors::sql
