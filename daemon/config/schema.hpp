// The configuration's JSON Schema, from the tables that the reader follows: what editors complete,
// explain and underline with. It accepts whatever the reader accepts; what can't be said in a
// schema (expressions, references, what holds between keys) only `check` tells. Thread-safe.
#pragma once

#include <string>

namespace assembly_sync::config {

/// As docs/config.schema.json holds it: draft-07, which yaml-language-server knows best. Its
/// definition `included` is for the files that `include` names.
std::string json_schema();

}  // namespace assembly_sync::config
