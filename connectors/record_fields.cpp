#include "connectors/record_fields.hpp"

#include <charconv>

#include "core/calendar.hpp"
#include "core/http.hpp"

namespace assembly_sync::connectors {
namespace {

using core::JsonKind;
using core::JsonView;

/// Longer ones are no identifiers; the bound keeps them out of rows and pages.
constexpr std::size_t kIdBytes = 256;
constexpr std::size_t kLeastEpochDigits = 9;  // a shorter number in a text is more likely no time

}  // namespace

std::optional<std::string> scalar_text(JsonView value) {
  switch (value.kind()) {
    case JsonKind::text:
      return std::string(value.as_text());
    case JsonKind::integer:
      return std::to_string(value.as_int());
    case JsonKind::unsigned_integer:
      return std::to_string(value.as_uint());
    case JsonKind::boolean:
      return value.as_bool() ? "true" : "false";
    default:
      return std::nullopt;
  }
}

std::optional<core::RecordId> id_of(const std::optional<JsonView>& value) {
  if (!value || value->kind() == JsonKind::boolean) return std::nullopt;
  const auto text = scalar_text(*value);
  if (!text || text->empty() || text->size() > kIdBytes) return std::nullopt;
  return core::RecordId(*text);
}

std::optional<core::RecordVersion> version_of(std::string_view text) {
  if (const auto ms = core::parse_calendar_ms(text)) return ms;
  if (const auto ms = core::parse_http_date_ms(text)) return ms;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() < kLeastEpochDigits) {
    return std::nullopt;
  }
  return core::epoch_ms(number);
}

std::optional<core::RecordVersion> version_of(const std::optional<JsonView>& value) {
  if (!value) return std::nullopt;
  switch (value->kind()) {
    case JsonKind::integer:
    case JsonKind::unsigned_integer:
    case JsonKind::number:
      return core::epoch_ms(value->as_double());
    case JsonKind::text:
      return version_of(value->as_text());
    default:
      return std::nullopt;
  }
}

}  // namespace assembly_sync::connectors
