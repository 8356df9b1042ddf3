#include "daemon/sandbox/control.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace assembly_sync::sandbox {
namespace {

constexpr std::pair<std::string_view, Fault::Kind> kKinds[] = {
    {"status", Fault::Kind::status},           {"drop_before", Fault::Kind::drop_before},
    {"drop_after", Fault::Kind::drop_after},   {"truncated", Fault::Kind::truncated},
    {"malformed", Fault::Kind::malformed},     {"delay", Fault::Kind::delay},
    {"key_revoked", Fault::Kind::key_revoked},
};

bool read_text(const std::string& name, const core::Value& value, Fault& fault) {
  if (!value.is_string()) return false;
  const std::string& text = value.as_string();
  if (name == "retry_after")
    fault.retry_after = text;
  else if (name == "method")
    fault.method = text;
  else if (name == "path_contains")
    fault.path_contains = text;
  else
    return false;
  return true;
}

bool read_number(const std::string& name, const core::Value& value, Fault& fault) {
  constexpr std::int64_t kMost = 1'000'000'000;
  if (!value.is_int() || value.as_int() < 0 || value.as_int() > kMost) return false;
  const auto number = static_cast<int>(value.as_int());
  if (name == "status" && number >= 100 && number <= 599)
    fault.status = number;
  else if (name == "delay_ms")
    fault.delay = std::chrono::milliseconds{number};
  else if (name == "count")
    fault.count = number;
  else
    return false;
  return true;
}

}  // namespace

core::Result<Fault> fault_from(const core::Value& body) {
  if (!body.is_object()) return core::fail("expected an object");
  Fault fault;
  bool has_kind = false;
  for (const auto& [name, value] : body.as_object()) {
    if (name == "kind") {
      for (const auto& [text, kind] : kKinds) {
        if (!value.is_string() || value.as_string() != text) continue;
        fault.kind = kind;
        has_kind = true;
      }
    } else if (!read_text(name, value, fault) && !read_number(name, value, fault)) {
      return core::fail("unknown or unusable member: " + name);
    }
  }
  if (!has_kind) {
    return core::fail(
        "kind must be one of status, drop_before, drop_after, truncated, malformed, delay, "
        "key_revoked");
  }
  return fault;
}

core::Value to_value(const Sandbox::Stats& stats) {
  return core::Value::object({{"requests", stats.requests},
                              {"refused", stats.refused},
                              {"writes", stats.writes},
                              {"busiest_second", stats.busiest_second}});
}

core::Value to_value(const std::vector<JournalEntry>& entries) {
  core::Value::List out;
  out.reserve(entries.size());
  for (const JournalEntry& entry : entries) {
    out.push_back(core::Value::object({{"number", entry.number},
                                       {"arrived_us", entry.arrived_us},
                                       {"method", entry.method},
                                       {"target", entry.target},
                                       {"body", entry.body},
                                       {"status", entry.status},
                                       {"processed", entry.processed}}));
  }
  return core::Value::object({{"entries", core::Value(std::move(out))}});
}

}  // namespace assembly_sync::sandbox
