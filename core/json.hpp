// JSON text <-> Value, with the guards every caller needs: bytes, depth, strict UTF-8, whole input.
// The only place that knows the JSON library. Errors name the position, never the content (I11).
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/limits.hpp"
#include "core/result.hpp"
#include "core/value.hpp"

namespace assembly_sync::core {

struct JsonLimits {
  std::size_t bytes = limits::kJsonDocumentBytes;
  std::size_t depth = limits::kJsonDepth;
};

/// "invalid JSON at line 1, column 14", "JSON nested deeper than 64", "JSON larger than N bytes".
Result<Value> parse_json(std::string_view text, JsonLimits limits = {});

/// Compact, members sorted; `1.0` stays `1.0`. Bytes that are not UTF-8 become U+FFFD.
std::string dump_json(const Value& value);
/// Two spaces of indentation, for people.
std::string dump_json_pretty(const Value& value);

}  // namespace assembly_sync::core
