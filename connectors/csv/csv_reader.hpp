// Rows of a CSV text (RFC 4180, with any delimiter), read as a stream: memory is bounded by one
// row, and reading can go on later from the position of any row. Lines may end in LF or CRLF, empty
// lines are no rows. A malformed row is reported, and reading goes on at the line below the one it
// began in, so that an unclosed quote costs one row and not the rest of the file. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/file_connector.hpp"
#include "connectors/files/text_input.hpp"

namespace assembly_sync::connectors::csv {

using files::Position;

struct CsvFormat {
  char delimiter = ',';
  files::Encoding encoding = files::Encoding::utf8;
};

struct Row {
  std::uint64_t line = 0;  // the one it begins in
  std::vector<std::string> fields;
  std::string problem;  // why it can't be read: "a quote is never closed"; empty = well-formed
};

class CsvReader {
 public:
  /// `in` must outlive the reader and must stand at `start`.
  CsvReader(std::istream& in, Position start, CsvFormat format = {})
      : input_(in, format.encoding), delimiter_(format.delimiter), position_(start) {}

  /// Reads the next row into `row`, whose memory is used again. False at the end of the text.
  bool next(Row& row);

  /// Where the next row, or an empty line before it, begins.
  Position position() const { return position_; }
  /// True when nothing follows the rows read so far, not even an empty line.
  bool at_end() { return !has(0); }

 private:
  struct Scan;  // a walk over one row

  bool has(std::size_t index);
  char at(std::size_t index) const { return buffer_[begin_ + index]; }
  bool fill();
  void consume(std::size_t bytes);
  void skip_line();
  std::size_t line_end(std::size_t index);
  bool read_field(Scan& scan, std::string& field);
  bool read_plain(Scan& scan, std::string& field);
  bool read_quoted(Scan& scan, std::string& field);
  bool read_row(Scan& scan, std::vector<std::string>& fields);

  files::TextInput input_;
  const char delimiter_;
  Position position_;  // of buffer_[begin_]
  std::string buffer_;
  std::size_t begin_ = 0;
};

/// True when `text` is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

}  // namespace assembly_sync::connectors::csv
