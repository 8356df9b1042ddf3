// Functions that make one text of anything: digests and JSON.
#include <array>

#include <openssl/sha.h>

#include "core/json.hpp"
#include "core/limits.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/numbers.hpp"

namespace assembly_sync::mapping {
namespace {

using Digest = std::array<char, 2 * SHA256_DIGEST_LENGTH>;

Digest sha256_of(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
  Digest out{};
  char* to = out.data();
  for (const unsigned char byte : bytes) {
    *to++ = kHex[byte >> 4U];
    *to++ = kHex[byte & 15U];
  }
  return out;
}

Datum sha256(Call& call) {
  const auto text = call.scalar_text(call[0]);
  if (!text) return {};
  const Digest digest = sha256_of(*text);
  return call.keep({digest.data(), digest.size()});
}

Datum short_hash(Call& call) {
  constexpr std::int64_t kUsual = 12;
  const auto text = call.scalar_text(call[0]);
  if (!text) return {};
  const auto length = call.size() > 1 ? whole_number(call[1]) : std::optional(kUsual);
  const Digest digest = sha256_of(*text);
  if (!length || *length < 8 || *length > static_cast<std::int64_t>(digest.size())) {
    return call.fail("expected a length of 8 to 64, got another number");
  }
  return call.keep({digest.data(), static_cast<std::size_t>(*length)});
}

/// Writes until the text gets too long, so that a large part of a record costs no more than that.
class JsonWriter {
 public:
  bool full() const { return text_.size() > core::limits::kProducedTextBytes; }
  const std::string& text() const { return text_; }

  void write(const Datum& value) {
    if (full()) return;
    if (value.is_items()) {
      text_ += '[';
      for (std::size_t i = 0; i < value.as_items().size; ++i) {
        separate(i == 0);
        write(value.as_items().data[i]);
      }
      text_ += ']';
    } else if (value.is_list() || value.is_object()) {
      write(value.as_view());
    } else if (value.is_text() && value.as_text().size() > core::limits::kProducedTextBytes) {
      text_.append(core::limits::kProducedTextBytes + 1, ' ');  // is refused
    } else if (value.is_double()) {
      text_ += number_text(value);
    } else {
      text_ += core::dump_json(value.to_value());
    }
  }

 private:
  void separate(bool first) {
    if (!first) text_ += ',';
  }
  void write(const core::JsonView& view) {
    bool first = true;
    if (view.kind() == core::JsonKind::list) {
      text_ += '[';
      view.for_each([&](const core::JsonView& item) {
        if (full()) return;
        separate(first);
        first = false;
        write(Datum(item));
      });
      text_ += ']';
    } else {
      text_ += '{';
      view.for_each_member([&](std::string_view name, const core::JsonView& item) {
        if (full()) return;
        separate(first);
        first = false;
        write(Datum(name));
        text_ += ':';
        write(Datum(item));
      });
      text_ += '}';
    }
  }

  std::string text_;
};

Datum json(Call& call) {
  JsonWriter writer;
  writer.write(call[0]);
  return call.keep(writer.text());
}

}  // namespace

std::vector<Function> digest_functions() {
  using P = Parameter;
  constexpr Subject kSubject = Subject::digest;
  return {
      {"sha256",
       kSubject,
       {{"value", kScalar}},
       kText,
       "The SHA-256 of the text, as 64 hexadecimal digits. A number or true/false is written as "
       "to_text does first.",
       {{"lower(mail) | sha256", R"({"mail": "Ada@acme.test"})",
         R"("3ba15ffe92f621bb26c812374e3b4fb028530673341ecfd7e2d07ebacb1987d7")"}},
       sha256},
      {"short_hash",
       kSubject,
       {{"value", kScalar}, {"length", kNumber, P::kOptional}},
       kText,
       "The first digits of sha256: 12, or 8 to 64. 12 digits are enough to tell millions apart.",
       {{"short_hash(a)", R"({"a": "acme"})", R"("822b33ad87c1")"}},
       short_hash},
      {"json",
       kSubject,
       {{"value", kAny}},
       kText,
       "The value as compact JSON text, members in the record's order.",
       {{"json(a)", R"({"a": {"x": [1, 2.0, "é", null]}})", R"("{\"x\":[1,2,\"é\",null]}")"}},
       json},
  };
}

}  // namespace assembly_sync::mapping
