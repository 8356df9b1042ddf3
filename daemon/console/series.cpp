#include "daemon/console/series.hpp"

#include "daemon/console/page.hpp"

namespace assembly_sync::console {

using core::Value;

void Series::add(const Value& status, std::int64_t now_ms) {
  const Sample sample{now_ms, number_of(status.at("budget"), "used_last_second"),
                      number_of(status.at("outbox"), "pending"),
                      number_of(status.at("outbox"), "in_flight")};
  const std::lock_guard lock(mutex_);
  // A clock that was set back would draw the line backwards.
  if (!samples_.empty() && samples_.back().at_ms > now_ms) samples_.clear();
  samples_.push_back(sample);
  if (samples_.size() > kSamples) samples_.pop_front();
}

Value Series::samples() const {
  const std::lock_guard lock(mutex_);
  Value out = Value::list();
  for (const Sample& sample : samples_) {
    out.as_list().push_back(Value::object({{"at_ms", sample.at_ms},
                                           {"used", sample.used},
                                           {"pending", sample.pending},
                                           {"in_flight", sample.in_flight}}));
  }
  return out;
}

}  // namespace assembly_sync::console
