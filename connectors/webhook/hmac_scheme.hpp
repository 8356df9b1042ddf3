// Webhooks that are proven by an HMAC of the body in a header: what most senders do, each in their
// own spelling. The spelling is data, so that a sender nobody thought of is a few lines of
// configuration (`scheme: hmac`) and a known one a row of a table.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/crypto.hpp"
#include "connectors/timestamp.hpp"
#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::webhook {

struct HmacSpelling {
  enum class SignatureEncoding : std::uint8_t {
    hex,
    base64,
    base64_id_hex,  // base64 of `ID:` and hex; the ID is the hook's and proves nothing
    base64_id_raw,  // base64 of `ID:` and the digest
  };
  enum class SecretEncoding : std::uint8_t { text, hex, base64 };

  std::string header;  // where the signature stands
  std::string prefix{};
  /// `t=1700000000,v1=…`: the names of signature and timestamp inside the header.
  std::string signature_key{};
  std::string timestamp_key{};
  HashAlgorithm algorithm = HashAlgorithm::sha256;
  SignatureEncoding encoding = SignatureEncoding::hex;
  SecretEncoding secret_encoding = SecretEncoding::text;
  /// What is signed, with {body}, {timestamp}, {id}, {url} and {method}.
  std::string content = "{body}";
  std::string timestamp_header{};
  TimestampUnit timestamp_unit = TimestampUnit::seconds;
  std::chrono::seconds tolerance{300};
  std::string id_header{};
};

/// Believes what one of the spellings proves, the first whose header is there.
std::unique_ptr<Verifier> make_hmac(std::vector<HmacSpelling> spellings,
                                    const std::vector<core::Secret>& secrets,
                                    std::vector<SettingProblem>& problems);

/// The spelling that `scheme: hmac` describes.
HmacSpelling read_spelling(const VerifySettings& settings, std::vector<SettingProblem>& problems);
/// The settings that read_spelling() knows.
std::vector<Setting> spelling_settings();

}  // namespace assembly_sync::connectors::webhook
