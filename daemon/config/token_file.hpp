// The refresh tokens that sources replace while they are used, in one file beside the store
// (`<store.path>.tokens`, JSON, for the owner only). Each write goes to a new file that takes the
// place of the old one when it is durable. Thread-safe, and safe beside other processes with the
// same store: what they keep is seen at once and not lost.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/token_keeper.hpp"

namespace assembly_sync::config {

class TokenFile final : public core::TokenKeeper {
 public:
  /// Touches no file before something is asked for.
  explicit TokenFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Throws std::runtime_error when there is a file that can't be read.
  std::optional<core::Secret> find(const std::string& name) const override;
  /// Throws as find() does, too: a file that can't be understood is not overwritten.
  void keep(const std::string& name, const core::Secret& token) override;

 private:
  const std::filesystem::path path_;
};

/// Where the tokens of the store at `store_path` are.
std::filesystem::path token_file_of(const std::string& store_path);

}  // namespace assembly_sync::config
