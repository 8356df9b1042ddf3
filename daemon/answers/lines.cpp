#include "daemon/answers/lines.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace assembly_sync::answers {
namespace {

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;  // UTF-8
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace

core::Value time_value(const std::optional<std::int64_t>& ms) {
  return ms ? core::Value(core::format_utc(core::from_ms(*ms))) : core::Value();
}

std::string when_text(const core::Value& time) {
  if (!time.is_string()) return "never";
  std::string text = time.as_string();
  if (text.size() < 20) return text;
  text.replace(10, 1, " ");
  return text.substr(0, 19) + 'Z';
}

std::string object_text(const core::SourceName& source, const core::ObjectName& object) {
  return source.str() + '.' + object.str();
}

std::string one_line(std::string_view text, std::size_t width) {
  std::string line;
  std::size_t characters = 0;
  for (const char byte : text) {
    if (begins_character(byte) && ++characters > width) {
      while (!line.empty() && !begins_character(line.back())) line.pop_back();
      if (!line.empty()) line.pop_back();
      return line + "…";
    }
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\n' || byte == '\r' || byte == '\t') {
      line += ' ';
    } else if (code < 0x20 || code == 0x7F) {
      line += '?';
    } else {
      line += byte;
    }
  }
  return line;
}

std::string shown(const core::Value& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? value.as_string() : core::dump_json(value);
}

std::string columns(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    text += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text += std::string(widths[i] - width_of(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace assembly_sync::answers
