// The lines of a UTF-8 text, read as a stream: memory is bounded by one line, and reading can go on
// later from the position of any line. Lines end in LF or CRLF; blank ones are left out. Not
// thread-safe.
#pragma once

#include <istream>
#include <string>
#include <string_view>

#include "connectors/files/file_connector.hpp"
#include "connectors/files/text_input.hpp"
#include "core/limits.hpp"

namespace assembly_sync::connectors::ndjson {

/// A longer line is no record.
inline constexpr std::size_t kLineBytes = core::limits::kRecordBytes;

struct Line {
  std::uint64_t number = 0;  // from 1
  std::string_view text{};   // without its end; valid until the next call
  bool too_long = false;     // `text` is empty then
};

class LineReader {
 public:
  /// `in` must outlive the reader and must stand at `start`.
  LineReader(std::istream& in, files::Position start)
      : input_(in, files::Encoding::utf8), position_(start) {}

  /// False at the end of the text.
  bool next(Line& line);
  /// Where the next line begins.
  files::Position position() const { return position_; }
  /// True when nothing but blank lines follows.
  bool at_end();

 private:
  bool fill();
  void consume(std::size_t bytes);
  bool skip_blank();
  void skip_line();

  files::TextInput input_;
  files::Position position_;  // of buffer_[begin_]
  std::string buffer_;
  std::size_t begin_ = 0;
};

}  // namespace assembly_sync::connectors::ndjson
