// Secrets for tests, without environment, files and service manager. Every value holds the word
// kMark, so that a test can tell whether one of them came out anywhere. Constant; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "daemon/config/config.hpp"

namespace assembly_sync::config {

inline constexpr const char* kMark = "s3cr3t";

class FakeSecrets final : public SecretProvider {
 public:
  std::optional<std::string> environment(const std::string& name) const override {
    static const std::map<std::string, std::string> kVariables = {
        {"KEY", "s3cr3t-key"},
        {"TOKEN", "s3cr3t-token"},
        {"ASSEMBLY_API_KEY", "s3cr3t-key"},
        {"HUBSPOT_TOKEN", "s3cr3t-token"},
        {"HUBSPOT_CLIENT_SECRET", "s3cr3t-client"},
        {"PRODUCT_SECRET", "whsec_s3cr3tzz"},
        {"EMPTY", ""},
        {"URL", "https://s3cr3t.test/"},
        {"LINES", "s3cr3t\nsecond"},
        {"YAML", "s3cr3t: {a: [1"},
    };
    const auto found = kVariables.find(name);
    return found == kVariables.end() ? std::nullopt : std::optional(found->second);
  }

  core::Result<std::string> file(const std::string& path) const override {
    if (path == "/etc/app/key") return "s3cr3t-file\n";
    if (path == "/etc/app/credentials/own") return "s3cr3t-own\n";
    if (path == "/run/key") return "s3cr3t-run\r\n\r\n";
    if (path == "/etc/app/empty") return "\n";
    return core::fail("a file that does not exist");
  }

  core::Result<std::string> credential(const std::string& name) const override {
    if (name == "api-key") return "s3cr3t-credential\n";
    return core::fail("no credential of that name");
  }
};

}  // namespace assembly_sync::config
