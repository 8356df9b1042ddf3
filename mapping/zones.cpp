#include "mapping/zones.hpp"

#include <chrono>
#include <exception>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <date/tz.h>

#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kDayMs = 86'400'000;
/// The database lists the changes of clocks one by one up to 2037.
constexpr int kLastListedYear = 2036;

std::int64_t first_day(int year) {
  return date::sys_days{date::year{year} / date::January / 1}.time_since_epoch().count();
}

/// Later changes follow the calendar, so they are those of a listed year that has the same one.
Instant in_listed_years(Instant when) {
  const auto year = static_cast<int>(parts_of(when).year);
  if (year <= kLastListedYear) return when;
  const auto calendar = [](int y) {
    const auto weekday = (first_day(y) % 7 + 7) % 7;
    return std::pair(weekday, date::year{y}.is_leap());
  };
  int like = kLastListedYear;
  while (calendar(like) != calendar(year)) --like;  // 28 years hold every calendar
  return {when.ms - (first_day(year) - first_day(like)) * kDayMs};
}

class SystemZone final : public Zone {
 public:
  explicit SystemZone(const date::time_zone& zone) : zone_(zone) {
    static_cast<void>(offset_ms({0}));  // reads the zone's file
  }

  std::int64_t offset_ms(Instant moment) const override {
    const Instant listed = in_listed_years(moment);
    const auto at = date::floor<seconds>(date::sys_time<milliseconds>{milliseconds{listed.ms}});
    return milliseconds{zone_.get_info(at).offset}.count();
  }

  Instant moment_of(Instant local) const override {
    const Instant listed = in_listed_years(local);
    const auto at = date::floor<seconds>(date::local_time<milliseconds>{milliseconds{listed.ms}});
    // Before a gap and at the first of two equal times the clocks still run as before.
    const auto offset = zone_.get_info(at).first.offset;
    return {local.ms - milliseconds{offset}.count()};
  }

 private:
  const date::time_zone& zone_;
};

std::string unknown_zone(std::string_view name) {
  std::vector<std::string> known;
  for (const date::time_zone& zone : date::get_tzdb().zones) known.emplace_back(zone.name());
  return "expected the name of a time zone such as \"Europe/Berlin\", got another text" +
         did_you_mean(std::string(name), known);
}

}  // namespace

tl::expected<const Zone*, std::string> find_zone(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, SystemZone, std::less<>> zones;  // guarded by mutex
  const std::lock_guard lock(mutex);
  if (const auto found = zones.find(name); found != zones.end()) return &found->second;
  try {
    const date::time_zone* const zone = date::locate_zone(std::string(name));
    return &zones.try_emplace(std::string(name), *zone).first->second;
  } catch (const std::exception&) {  // the library has no other way to say that there is none
  }
  try {
    return tl::unexpected(unknown_zone(name));
  } catch (const std::exception&) {
    return tl::unexpected(
        std::string("expected the system's time zones (Debian's package tzdata), got none"));
  }
}

}  // namespace assembly_sync::mapping
