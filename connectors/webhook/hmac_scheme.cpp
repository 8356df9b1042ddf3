#include "connectors/webhook/hmac_scheme.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/http.hpp"
#include "core/problem.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

using Encoding = HmacSpelling::SignatureEncoding;

enum class Part : std::uint8_t { literal, body, timestamp, id, url, method };

struct Piece {
  Part part = Part::literal;
  std::string text{};  // literal
};

constexpr std::pair<std::string_view, Part> kParts[] = {{"body", Part::body},
                                                        {"timestamp", Part::timestamp},
                                                        {"id", Part::id},
                                                        {"url", Part::url},
                                                        {"method", Part::method}};

/// `{timestamp}.{body}` in pieces. An unknown word in braces stands for itself here;
/// check_content() has told it.
std::vector<Piece> parse_content(std::string_view content) {
  std::vector<Piece> pieces;
  while (!content.empty()) {
    std::size_t taken = 0;
    for (const auto& [name, part] : kParts) {
      const std::string word = '{' + std::string(name) + '}';
      if (!content.starts_with(word)) continue;
      pieces.push_back({part});
      taken = word.size();
    }
    if (taken == 0) {
      if (pieces.empty() || pieces.back().part != Part::literal) pieces.push_back({});
      pieces.back().text += content.front();
      taken = 1;
    }
    content.remove_prefix(taken);
  }
  return pieces;
}

bool uses(const std::vector<Piece>& pieces, Part part) {
  return std::any_of(pieces.begin(), pieces.end(),
                     [&](const Piece& piece) { return piece.part == part; });
}

/// The values of `key` in `t=1700000000,v1=abc,v1=def`.
std::vector<std::string_view> values_of(std::string_view header, std::string_view key) {
  std::vector<std::string_view> values;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(key) && pair.substr(key.size()).starts_with('=')) {
      values.push_back(pair.substr(key.size() + 1));
    }
  }
  return values;
}

/// The digest that a signature's text stands for; nothing when it is malformed.
std::optional<std::string> decode_signature(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::hex) return from_hex(text);
  auto bytes = from_base64(text);
  if (!bytes || encoding == Encoding::base64) return bytes;
  const std::size_t colon = bytes->find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(*bytes).substr(colon + 1);
  return encoding == Encoding::base64_id_hex ? from_hex(rest) : std::optional<std::string>(rest);
}

/// One spelling, ready to be used.
class Spelling {
 public:
  explicit Spelling(HmacSpelling spelling)
      : spelling_(std::move(spelling)), pieces_(parse_content(spelling_.content)) {}

  const std::string& header() const { return spelling_.header; }
  bool signs_url() const { return uses(pieces_, Part::url); }

  Verification verify(const WebhookRequest& request, std::string_view header, core::WallTime now,
                      const std::vector<core::Secret>& keys) const {
    const auto timestamp = timestamp_of(request, header);
    if (uses(pieces_, Part::timestamp)) {
      if (!timestamp) return refused("no timestamp");
      auto problem =
          timestamp_problem(*timestamp, spelling_.timestamp_unit, spelling_.tolerance, now);
      if (!problem.empty()) return refused(std::move(problem));
    }
    const auto id = core::find_header(request.headers, spelling_.id_header);
    if (uses(pieces_, Part::id) && !id) return refused("no " + spelling_.id_header);

    const std::string content = content_of(request, timestamp.value_or(""), id.value_or(""));
    const auto signatures = signatures_of(header);
    for (const core::Secret& key : keys) {
      const std::string expected = hmac(spelling_.algorithm, key.reveal(), content);
      for (const std::string& signature : signatures) {
        if (core::equal_constant_time(expected, signature)) return accepted();
      }
    }
    return refused("signature does not match");
  }

 private:
  std::optional<std::string_view> timestamp_of(const WebhookRequest& request,
                                               std::string_view header) const {
    if (spelling_.timestamp_key.empty()) {
      return core::find_header(request.headers, spelling_.timestamp_header);
    }
    // Of two only one could have been signed.
    const auto values = values_of(header, spelling_.timestamp_key);
    if (values.size() != 1) return std::nullopt;
    return values.front();
  }

  std::vector<std::string> signatures_of(std::string_view header) const {
    const auto texts = spelling_.signature_key.empty() ? std::vector<std::string_view>{header}
                                                       : values_of(header, spelling_.signature_key);
    std::vector<std::string> signatures;
    for (std::string_view text : texts) {
      if (!text.starts_with(spelling_.prefix)) continue;
      text.remove_prefix(spelling_.prefix.size());
      if (auto bytes = decode_signature(text, spelling_.encoding)) {
        signatures.push_back(std::move(*bytes));
      }
    }
    return signatures;
  }

  std::string content_of(const WebhookRequest& request, std::string_view timestamp,
                         std::string_view id) const {
    std::string content;
    for (const Piece& piece : pieces_) {
      switch (piece.part) {
        case Part::literal:
          content += piece.text;
          break;
        case Part::body:
          content += request.body;
          break;
        case Part::timestamp:
          content += timestamp;
          break;
        case Part::id:
          content += id;
          break;
        case Part::url:
          content += request.url;
          break;
        case Part::method:
          content += request.method;
          break;
      }
    }
    return content;
  }

  HmacSpelling spelling_;
  std::vector<Piece> pieces_;
};

class HmacVerifier final : public Verifier {
 public:
  HmacVerifier(std::vector<HmacSpelling> spellings, std::vector<core::Secret> keys)
      : keys_(std::move(keys)) {
    for (HmacSpelling& spelling : spellings) spellings_.emplace_back(std::move(spelling));
  }

  bool verifies_url() const override {
    return std::any_of(spellings_.begin(), spellings_.end(),
                       [](const Spelling& spelling) { return spelling.signs_url(); });
  }

  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    for (const Spelling& spelling : spellings_) {
      if (const auto header = core::find_header(request.headers, spelling.header())) {
        return spelling.verify(request, *header, now, keys_);
      }
    }
    return refused("no signature: " + spellings_.front().header() + " is missing");
  }

 private:
  std::vector<Spelling> spellings_;
  const std::vector<core::Secret> keys_;
};

std::optional<std::string> decode_secret(std::string_view text,
                                         HmacSpelling::SecretEncoding encoding) {
  switch (encoding) {
    case HmacSpelling::SecretEncoding::text:
      return std::string(text);
    case HmacSpelling::SecretEncoding::hex:
      return from_hex(text);
    case HmacSpelling::SecretEncoding::base64:
      return from_base64(text);
  }
  return std::nullopt;
}

/// What is wrong with the words in braces.
void check_content(const HmacSpelling& spelling, std::vector<SettingProblem>& problems) {
  const auto add = [&](std::string message) {
    problems.push_back({{"verify", "content"}, std::move(message)});
  };
  std::vector<std::string> known;
  for (const auto& [name, part] : kParts) known.emplace_back(name);
  const std::string& content = spelling.content;
  for (auto open = content.find('{'); open != std::string::npos;
       open = content.find('{', open + 1)) {
    const auto close = content.find('}', open);
    if (close == std::string::npos) break;  // a lone brace stands for itself
    const std::string word = content.substr(open + 1, close - open - 1);
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string near = core::nearest(word, known);
    add("expected {body}, {timestamp}, {id}, {url} or {method}, got another word in braces" +
        (near.empty() ? std::string() : ": did you mean {" + near + "}?"));
    return;
  }
  const auto pieces = parse_content(content);
  const bool has_timestamp = !spelling.timestamp_header.empty() || !spelling.timestamp_key.empty();
  if (!uses(pieces, Part::body)) {
    add("expected {body} in it, because nothing else proves the body, got none");
  }
  if (uses(pieces, Part::timestamp) && !has_timestamp) {
    add("expected timestamp_header or timestamp_key beside {timestamp}, got neither");
  }
  if (!uses(pieces, Part::timestamp) && has_timestamp) {
    add("expected {timestamp} in it, because a timestamp that is not signed proves nothing, got "
        "none");
  }
  if (uses(pieces, Part::id) && spelling.id_header.empty()) {
    add("expected id_header beside {id}, got none");
  }
}

}  // namespace

std::unique_ptr<Verifier> make_hmac(std::vector<HmacSpelling> spellings,
                                    const std::vector<core::Secret>& secrets,
                                    std::vector<SettingProblem>& problems) {
  const HmacSpelling::SecretEncoding encoding = spellings.front().secret_encoding;
  std::vector<core::Secret> keys;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    auto key = decode_secret(secrets[i].reveal(), encoding);
    if (key && !key->empty()) {
      keys.emplace_back(std::move(*key));
    } else {
      problems.push_back(secret_problem(
          i, encoding == HmacSpelling::SecretEncoding::hex ? "hex digits" : "base64"));
    }
  }
  return std::make_unique<HmacVerifier>(std::move(spellings), std::move(keys));
}

std::vector<Setting> spelling_settings() {
  using Kind = Setting::Kind;
  const auto text = [](std::string name) { return Setting{.name = std::move(name)}; };
  const auto choice = [](std::string name, std::vector<std::string> choices) {
    std::string first = choices.front();
    return Setting{.name = std::move(name),
                   .kind = Kind::choice,
                   .default_value = std::move(first),
                   .choices = std::move(choices)};
  };
  return {
      {.name = "header", .required = true},
      text("prefix"),
      choice("algorithm", {"sha256", "sha1", "sha512"}),
      choice("encoding", {"hex", "base64"}),
      choice("secret_encoding", {"text", "hex", "base64"}),
      {.name = "content", .default_value = "{body}"},
      text("timestamp_header"),
      choice("timestamp_unit", {"s", "ms"}),
      text("id_header"),
      text("signature_key"),
      text("timestamp_key"),
  };
}

HmacSpelling read_spelling(const VerifySettings& settings, std::vector<SettingProblem>& problems) {
  HmacSpelling out;
  out.header = text_of(settings, "header");
  out.prefix = text_of(settings, "prefix");
  out.signature_key = text_of(settings, "signature_key");
  out.timestamp_key = text_of(settings, "timestamp_key");
  const std::string algorithm = text_of(settings, "algorithm");
  if (algorithm == "sha1") out.algorithm = HashAlgorithm::sha1;
  if (algorithm == "sha512") out.algorithm = HashAlgorithm::sha512;
  if (text_of(settings, "encoding") == "base64") out.encoding = Encoding::base64;
  const std::string secret_encoding = text_of(settings, "secret_encoding");
  if (secret_encoding == "hex") out.secret_encoding = HmacSpelling::SecretEncoding::hex;
  if (secret_encoding == "base64") out.secret_encoding = HmacSpelling::SecretEncoding::base64;
  out.content = text_of(settings, "content");
  out.timestamp_header = text_of(settings, "timestamp_header");
  if (text_of(settings, "timestamp_unit") == "ms") out.timestamp_unit = TimestampUnit::milliseconds;
  out.id_header = text_of(settings, "id_header");
  check_content(out, problems);
  if (!out.timestamp_key.empty() && out.signature_key.empty()) {
    problems.push_back({{"verify", "timestamp_key"}, "expected signature_key beside it, got none"});
  }
  if (!out.timestamp_key.empty() && !out.timestamp_header.empty()) {
    problems.push_back({{"verify", "timestamp_key"},
                        "expected one place for the timestamp, got timestamp_header too"});
  }
  return out;
}

}  // namespace assembly_sync::connectors::webhook
