#include "connectors/csv/csv_reader.hpp"

#include <algorithm>
#include <array>

#include "core/limits.hpp"

namespace assembly_sync::connectors::csv {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

/// Length of the UTF-8 sequence at the front of `text`; 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  struct Form {
    unsigned char first_from, first_to;    // range of the first byte
    unsigned char second_from, second_to;  // of the second: keeps out overlong forms, surrogates
    std::size_t length;
  };
  constexpr std::array<Form, 8> kForms = {{{0xC2, 0xDF, 0x80, 0xBF, 2},
                                           {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                           {0xE1, 0xEC, 0x80, 0xBF, 3},
                                           {0xED, 0xED, 0x80, 0x9F, 3},
                                           {0xEE, 0xEF, 0x80, 0xBF, 3},
                                           {0xF0, 0xF0, 0x90, 0xBF, 4},
                                           {0xF1, 0xF3, 0x80, 0xBF, 4},
                                           {0xF4, 0xF4, 0x80, 0x8F, 4}}};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (const Form& form : kForms) {
    if (byte(0) < form.first_from || byte(0) > form.first_to) continue;
    if (text.size() < form.length) return 0;
    if (byte(1) < form.second_from || byte(1) > form.second_to) return 0;
    for (std::size_t i = 2; i < form.length; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    return form.length;
  }
  return 0;
}

}  // namespace

struct CsvReader::Scan {
  std::size_t index = 0;        // of the next byte, counted from the row's first
  std::uint64_t new_lines = 0;  // passed so far
  std::string problem;
};

bool CsvReader::fill() {
  if (begin_ >= kChunkBytes) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  return input_.read(buffer_);
}

bool CsvReader::has(std::size_t index) {
  return begin_ + index < buffer_.size() || fill();
}

void CsvReader::consume(std::size_t bytes) {
  position_.offset += input_.bytes_of(std::string_view(buffer_).substr(begin_, bytes));
  begin_ += bytes;
}

/// Bytes of the line ending at `index`: 1 or 2; 0 when there is none. A carriage return counts as
/// one only before a line feed or the end of the text.
std::size_t CsvReader::line_end(std::size_t index) {
  if (at(index) == '\n') return 1;
  if (at(index) != '\r') return 0;
  if (!has(index + 1)) return 1;
  return at(index + 1) == '\n' ? 2 : 0;
}

/// Passes the rest of the current line, in pieces, for it may be longer than any row may be.
void CsvReader::skip_line() {
  while (has(0)) {
    const std::size_t found = buffer_.find('\n', begin_);
    if (found != std::string::npos) {
      consume(found + 1 - begin_);
      ++position_.line;
      return;
    }
    consume(buffer_.size() - begin_);
  }
}

/// Text in quotes; a pair of quotes stands for one.
bool CsvReader::read_quoted(Scan& scan, std::string& field) {
  for (++scan.index;; ++scan.index) {
    if (scan.index > core::limits::kCsvRowBytes) return true;  // read_row() reports it
    if (!has(scan.index)) {
      scan.problem = "a quote is never closed";
      return false;
    }
    const char c = at(scan.index);
    if (c == '"') {
      ++scan.index;
      if (!has(scan.index) || at(scan.index) != '"') break;
    }
    if (c == '\n') ++scan.new_lines;
    field += c;
  }
  if (has(scan.index) && at(scan.index) != delimiter_ && line_end(scan.index) == 0) {
    scan.problem = "text follows a closing quote";
    return false;
  }
  return true;
}

bool CsvReader::read_plain(Scan& scan, std::string& field) {
  for (; has(scan.index) && scan.index <= core::limits::kCsvRowBytes; ++scan.index) {
    const char c = at(scan.index);
    if (c == delimiter_ || line_end(scan.index) != 0) return true;
    if (c == '"') {
      scan.problem = "a quote inside a field that does not begin with one";
      return false;
    }
    field += c;
  }
  return true;
}

bool CsvReader::read_field(Scan& scan, std::string& field) {
  field.clear();
  const bool quoted = has(scan.index) && at(scan.index) == '"';
  return quoted ? read_quoted(scan, field) : read_plain(scan, field);
}

/// Reads the row at the front of the buffer up to and with its line ending.
bool CsvReader::read_row(Scan& scan, std::vector<std::string>& fields) {
  std::size_t count = 0;
  for (;; ++scan.index) {  // over the delimiter
    if (count == core::limits::kCsvColumns) {
      scan.problem = "more than " + std::to_string(core::limits::kCsvColumns) + " fields";
      return false;
    }
    if (fields.size() == count) fields.emplace_back();
    if (!read_field(scan, fields[count])) return false;
    ++count;
    if (scan.index > core::limits::kCsvRowBytes) {
      scan.problem = "longer than " + std::to_string(core::limits::kCsvRowBytes) + " bytes";
      return false;
    }
    if (!has(scan.index) || at(scan.index) != delimiter_) break;
  }
  fields.resize(count);
  if (has(scan.index)) {
    if (buffer_[begin_ + scan.index] == '\r' && has(scan.index + 1)) ++scan.index;
    if (at(scan.index) == '\n') ++scan.new_lines;
    ++scan.index;
  }
  return true;
}

bool CsvReader::next(Row& row) {
  while (has(0) && line_end(0) != 0) skip_line();
  if (!has(0)) return false;
  row.line = position_.line;
  Scan scan;
  if (!read_row(scan, row.fields)) {
    row.problem = std::move(scan.problem);
    skip_line();
    return true;
  }
  const bool readable = is_utf8(std::string_view(buffer_).substr(begin_, scan.index));
  row.problem = readable ? "" : "not UTF-8 (is `encoding` another one?)";
  consume(scan.index);
  position_.line += scan.new_lines;
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto ascii_end =
        std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
    text.remove_prefix(static_cast<std::size_t>(ascii_end - text.begin()));
    if (text.empty()) break;
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace assembly_sync::connectors::csv
