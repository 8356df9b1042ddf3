// TokenKeeper: the port behind which tokens outlive the process that a source replaces while it is
// used (OAuth's rotating refresh tokens). The implementation over a file is daemon/config; tests
// may keep them in memory. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "core/secret.hpp"

namespace assembly_sync::core {

class TokenKeeper {
 public:
  virtual ~TokenKeeper() = default;
  /// The token last kept under `name`; nothing when there is none.
  virtual std::optional<Secret> find(const std::string& name) const = 0;
  /// Durable when it returns. Throws std::runtime_error when it can't be kept.
  virtual void keep(const std::string& name, const Secret& token) = 0;
};

}  // namespace assembly_sync::core
