// What may be written: bodies are checked before they cost an event, and the forms that the
// documentation leaves open are made the one it shows. Reasons name attributes, never values. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/assembly/endpoints.hpp"

namespace assembly_sync::assembly {

/// Why the body of an update or upsert must not be sent, or nothing: a type that does not exist
/// (A8), an attribute of the other type (A20-A22, I25), several companies (I24), a value both added
/// and removed (I27), a number that JSON can't say.
std::optional<std::string> body_refusal(Collection collection, const core::Value::Object& body);

/// The same for a create, which also needs `type`, `name` and `domain` (A13-A15), or `name`,
/// `domain` and exactly one company (A66-A68).
std::optional<std::string> create_refusal(Collection collection, const core::Value::Object& body);

/// Nothing but numbers that JSON can say, at any depth.
std::optional<std::string> number_refusal(const core::Value::Object& body);

/// `2025-03-20T15:30:00Z`: UTC, whole seconds (cut), as the documentation shows it (Q14).
std::string usage_timestamp(core::WallTime time);

enum class UsageBody : std::uint8_t { whole, changes };
/// The body of a usage log as it may be sent, or why not. The timestamp may be any RFC 3339 text
/// and is rewritten (Q14); `value` is a finite number (Q13). `whole` also needs timestamp, type,
/// content and attribute, and a value for the two metrics (A147-A152).
tl::expected<core::Value::Object, std::string> usage_body(UsageBody kind, core::Value::Object body);

}  // namespace assembly_sync::assembly
