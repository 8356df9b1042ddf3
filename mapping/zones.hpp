// Time zones by name, from the system's database. It is read once, when an expression that names a
// zone is compiled; using a zone afterwards neither reads files nor asks for the time (I9).
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mapping/dates.hpp"

namespace assembly_sync::mapping {

class Zone {
 public:
  virtual ~Zone() = default;

  /// Milliseconds to add to UTC at that moment.
  virtual std::int64_t offset_ms(Instant moment) const = 0;
  /// The moment at which the zone's clocks show `local` (milliseconds, as if it were UTC). A time
  /// that the clocks skip moves on by what they skip; of one that they show twice it is the first.
  virtual Instant moment_of(Instant local) const = 0;
};

/// Zones live as long as the program. The error is "expected …, got …", with a near name.
tl::expected<const Zone*, std::string> find_zone(std::string_view name);

}  // namespace assembly_sync::mapping
