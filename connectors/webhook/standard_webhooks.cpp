#include "connectors/webhook/standard_webhooks.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "connectors/crypto.hpp"
#include "connectors/timestamp.hpp"
#include "core/http.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kPublicKeyPrefix = "whpk_";
constexpr std::string_view kSymmetric = "v1";
constexpr std::string_view kAsymmetric = "v1a";
/// Checking an ed25519 signature is dear, and anybody may send a header full of them.
constexpr std::size_t kMostSignatures = 20;

struct Names {
  std::string_view id, timestamp, signature;
};
constexpr std::array<Names, 2> kNames = {{
    {"webhook-id", "webhook-timestamp", "webhook-signature"},
    {"svix-id", "svix-timestamp", "svix-signature"},
}};

struct Signature {
  std::string_view label;
  std::string bytes;
};

/// `v1,BASE64 v1a,BASE64`: those that can be read; whatever else stands there proves nothing.
std::vector<Signature> parse_signatures(std::string_view header) {
  std::vector<Signature> signatures;
  while (!header.empty() && signatures.size() < kMostSignatures) {
    const std::size_t end = std::min(header.find(' '), header.size());
    const std::string_view word = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t comma = word.find(',');
    if (comma == std::string_view::npos) continue;
    const std::string_view label = word.substr(0, comma);
    if (label != kSymmetric && label != kAsymmetric) continue;
    auto bytes = from_base64(word.substr(comma + 1));
    if (bytes && !bytes->empty()) signatures.push_back({label, std::move(*bytes)});
  }
  return signatures;
}

class StandardWebhooks final : public Verifier {
 public:
  StandardWebhooks(std::vector<core::Secret> secrets, std::vector<core::Secret> public_keys,
                   std::chrono::seconds tolerance)
      : secrets_(std::move(secrets)), public_keys_(std::move(public_keys)), tolerance_(tolerance) {}

  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    for (const Names& names : kNames) {
      const auto id = core::find_header(request.headers, names.id);
      const auto timestamp = core::find_header(request.headers, names.timestamp);
      const auto signature = core::find_header(request.headers, names.signature);
      if (!id || id->empty() || !timestamp || !signature) continue;
      auto problem = timestamp_problem(*timestamp, TimestampUnit::seconds, tolerance_, now);
      if (!problem.empty()) return refused(std::move(problem));
      std::string content(*id);
      content.append(".").append(*timestamp).append(".").append(request.body);
      if (is_signed(content, parse_signatures(*signature))) return accepted(std::string(*id));
      return refused("signature does not match");
    }
    return refused("no signature: webhook-id, webhook-timestamp or webhook-signature is missing");
  }

 private:
  bool is_signed(std::string_view content, const std::vector<Signature>& signatures) const {
    for (const core::Secret& secret : secrets_) {
      const std::string expected = hmac(HashAlgorithm::sha256, secret.reveal(), content);
      for (const Signature& signature : signatures) {
        if (signature.label == kSymmetric && core::equal_constant_time(expected, signature.bytes)) {
          return true;
        }
      }
    }
    for (const core::Secret& key : public_keys_) {
      for (const Signature& signature : signatures) {
        if (signature.label == kAsymmetric &&
            is_ed25519_signature(key.reveal(), content, signature.bytes)) {
          return true;
        }
      }
    }
    return false;
  }

  const std::vector<core::Secret> secrets_;
  const std::vector<core::Secret> public_keys_;
  const std::chrono::seconds tolerance_;
};

}  // namespace

std::unique_ptr<Verifier> make_standard_webhooks(const std::vector<core::Secret>& secrets,
                                                 std::chrono::seconds tolerance,
                                                 std::vector<SettingProblem>& problems) {
  std::vector<core::Secret> public_keys;
  std::vector<core::Secret> symmetric;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    std::string_view text = secrets[i].reveal();
    const bool is_public = text.starts_with(kPublicKeyPrefix);
    const std::string_view prefix = is_public ? kPublicKeyPrefix : kSecretPrefix;
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    auto key = from_base64(text);
    if (!key || key->empty() || (is_public && key->size() != kEd25519KeyBytes)) {
      problems.push_back(secret_problem(
          i, "whsec_ and base64, or a public key of whpk_ and the base64 of 32 bytes"));
      continue;
    }
    (is_public ? public_keys : symmetric).emplace_back(std::move(*key));
  }
  return std::make_unique<StandardWebhooks>(std::move(symmetric), std::move(public_keys),
                                            tolerance);
}

}  // namespace assembly_sync::connectors::webhook
