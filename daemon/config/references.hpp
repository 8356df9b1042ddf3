// References in settings: ${env:NAME}, ${file:PATH}, ${credential:NAME}. They are resolved in
// values that were parsed already, so nothing they hold can change the file's structure, and no
// message ever shows what they hold. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::config {

/// True for ${KIND:NAME} of a right form and nothing else, whatever it gives.
bool is_reference(const std::string& written);

class References {
 public:
  /// Relative paths of ${file:…} are relative to `folder`. `credentials` is the folder of secrets
  /// that the units hand to the service: where a person calls a verb, nobody hands over anything,
  /// and it is read itself.
  References(std::filesystem::path folder, std::filesystem::path credentials,
             const SecretProvider& provider);

  /// The value of a secret setting: one reference and nothing else. Trailing line ends are cut off;
  /// an empty value, or one of several lines, is an error. Errors have the form
  /// "expected …, got …" and never show what was written in place of a reference.
  core::Result<core::Secret> secret(const std::string& written) const;

  struct Text {
    std::string value;
    bool referenced = false;  // holds what a reference gave: not to be shown
  };
  /// The value of an ordinary setting, in which references may stand anywhere.
  core::Result<Text> text(const std::string& written) const;

 private:
  core::Result<std::string> resolve(const std::string& reference) const;
  core::Result<std::string> credential(const std::string& name) const;

  const std::filesystem::path folder_;
  const std::filesystem::path credentials_;
  const SecretProvider& provider_;
};

}  // namespace assembly_sync::config
