// Whether a webhook comes from its sender: the schemes that `verify.scheme` may name. A scheme is a
// row of the table in verify.cpp; most are one of the few ways to prove a body with other names.
// Every scheme looks at the raw bytes, compares in constant time, and believes a body that any of
// its secrets proves, so that secrets can be changed without a gap. Constant; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::webhook {

class Verifier {
 public:
  virtual ~Verifier() = default;
  virtual Verification verify(const WebhookRequest& request, core::WallTime now) const = 0;
  /// The address is part of what is signed.
  virtual bool verifies_url() const { return false; }
  /// A header that holds the secret itself.
  virtual bool is_credential([[maybe_unused]] std::string_view header) const { return false; }
};

/// The schemes with their settings, for the registry.
std::vector<Setting::Variant> schemes();

/// Problems are appended with their path inside the source's block; nullptr when there is one.
std::unique_ptr<Verifier> make_verifier(const VerifySettings& settings,
                                        std::vector<SettingProblem>& problems);

// -- for the files of the schemes

inline Verification accepted(std::string delivery = {}) {
  return {.ok = true, .delivery = std::move(delivery)};
}
inline Verification refused(std::string reason) {
  return {.ok = false, .reason = std::move(reason)};
}

/// Empty when it was not written and has no default.
inline std::string text_of(const VerifySettings& settings, const std::string& name) {
  const auto found = settings.texts.find(name);
  return found == settings.texts.end() ? std::string() : found->second;
}

/// About the secret of that index.
inline SettingProblem secret_problem(std::size_t index, std::string_view expected) {
  return {{"verify", "secrets", '[' + std::to_string(index) + ']'},
          "expected " + std::string(expected) + ", got a secret of another form"};
}

}  // namespace assembly_sync::connectors::webhook
