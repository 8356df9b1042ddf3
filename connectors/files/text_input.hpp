// The text of a file as UTF-8, in chunks, whatever its encoding, together with what a piece of that
// text took in the file, so that a place in the text is a place in the file. Not thread-safe.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace assembly_sync::connectors::files {

enum class Encoding : std::uint8_t { utf8, latin1, windows1252, utf16_le, utf16_be };

/// As written in the configuration; the first one is the default.
const std::vector<std::string>& encoding_names();
/// `utf-16` is little-endian until a mark says otherwise. Nothing for any other name.
std::optional<Encoding> encoding_of(std::string_view name);

/// How the text of a file begins.
struct Opening {
  Encoding encoding = Encoding::utf8;
  std::uint64_t bytes = 0;  // of the byte order mark
};

/// Looks at the byte order mark at the front of `in`. Fails when it belongs to another encoding
/// than the configured one: "expected UTF-8, got UTF-16: …".
core::Result<Opening> opening_of(std::istream& in, Encoding configured);

class TextInput {
 public:
  /// `in` must outlive this and must stand at a character's beginning.
  TextInput(std::istream& in, Encoding encoding) : in_(in), encoding_(encoding) {}

  /// Appends the next chunk; false when nothing is left. UTF-8 is passed on as it is, valid or not;
  /// what is no character in another encoding becomes U+FFFD.
  bool read(std::string& to);

  /// Bytes that `text`, which came from read(), takes in the file.
  std::uint64_t bytes_of(std::string_view text) const;

 private:
  void decode_single_bytes(std::string_view raw, std::string& to) const;
  void decode_utf16(std::string_view raw, std::string& to);

  std::istream& in_;
  const Encoding encoding_;
  std::string rest_;  // of a chunk that ended inside a character
};

/// True when the text of `in` ends with a line feed, or is empty. Moves the place in `in`.
bool ends_line(std::istream& in, Encoding encoding);

}  // namespace assembly_sync::connectors::files
