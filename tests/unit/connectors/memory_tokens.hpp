// A TokenKeeper in memory, which can be told to fail. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/token_keeper.hpp"

namespace assembly_sync::test {

class MemoryTokens final : public core::TokenKeeper {
 public:
  std::optional<core::Secret> find(const std::string& name) const override {
    const auto found = kept.find(name);
    if (found == kept.end()) return std::nullopt;
    return core::Secret(found->second);
  }

  void keep(const std::string& name, const core::Secret& token) override {
    if (fails) throw std::runtime_error("no space left on device");
    kept[name] = std::string(token.reveal());
  }

  std::map<std::string, std::string> kept;
  bool fails = false;
};

}  // namespace assembly_sync::test
