#include "daemon/cli/times.hpp"

#include <ctime>

namespace assembly_sync::cli {

core::Result<std::optional<std::int64_t>> parse_time(const std::string& text) {
  if (text.empty()) return std::nullopt;
  for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), format, &parts);
    if (end == nullptr || *end != '\0') continue;
    std::tm normal = parts;
    const std::time_t seconds = timegm(&normal);
    if (normal.tm_mday != parts.tm_mday || normal.tm_mon != parts.tm_mon)
      break;  // e.g. 30 February
    return std::int64_t{seconds} * 1000;
  }
  return core::fail(
      "--since: expected a date like 2026-01-31 or a time like 2026-01-31T10:00:00Z, got " + text);
}

}  // namespace assembly_sync::cli
