// What a person has to look at, worked out of a status document: the problems that the console and
// the verb `status` put first. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/value.hpp"

namespace assembly_sync::answers {

struct Need {
  /// `stopped`: nothing works on the store. `waits`: sources are told to wait. `stale`: what waits
  /// to be sent waits too long. `source`: one can't be read. `removed`: of one taken out of the
  /// configuration something waits. `doubted`: records did not show. `key`: Assembly refuses the
  /// API key. `dead`, `held`, `quarantine`: some are there. `config`: a newer configuration was
  /// refused.
  enum class Kind : std::uint8_t {
    stopped,
    waits,
    stale,
    source,
    removed,
    doubted,
    key,
    dead,
    held,
    quarantine,
    config
  };
  Kind kind = Kind::source;
  std::string text;    // a sentence without its full stop
  std::string since;   // as the status says it; empty = not known
  std::string verb{};  // that shows more of it at a shell; empty = none
};

/// The most urgent first: what stops everything, then what stops a source, then single records.
std::vector<Need> needs(const core::Value& status);

}  // namespace assembly_sync::answers
