#include "connectors/ndjson/line_reader.hpp"

#include <algorithm>

namespace assembly_sync::connectors::ndjson {

bool LineReader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  return input_.read(buffer_);
}

void LineReader::consume(std::size_t bytes) {
  const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
  position_.line += static_cast<std::uint64_t>(
      std::count(first, first + static_cast<std::ptrdiff_t>(bytes), '\n'));
  position_.offset += bytes;
  begin_ += bytes;
}

/// Passes blank lines; false at the end of the text.
bool LineReader::skip_blank() {
  for (;;) {
    const std::size_t found = buffer_.find_first_not_of(" \t\r\n", begin_);
    consume(std::min(found, buffer_.size()) - begin_);
    if (found != std::string::npos) return true;
    if (!fill()) return false;
  }
}

void LineReader::skip_line() {
  for (;;) {
    const std::size_t found = buffer_.find('\n', begin_);
    if (found != std::string::npos) return consume(found + 1 - begin_);
    consume(buffer_.size() - begin_);
    if (!fill()) return;
  }
}

bool LineReader::next(Line& line) {
  line = {};
  if (!skip_blank()) return false;
  line.number = position_.line;
  std::size_t searched = 0;  // bytes of the line that hold no end
  for (;;) {
    const std::size_t found = buffer_.find('\n', begin_ + searched);
    const std::size_t length = std::min(found, buffer_.size()) - begin_;
    if (length > kLineBytes) {
      line.too_long = true;
      skip_line();
      return true;
    }
    searched = length;
    if (found == std::string::npos && fill()) continue;
    line.text = std::string_view(buffer_).substr(begin_, length);
    while (line.text.ends_with('\r') || line.text.ends_with(' ')) line.text.remove_suffix(1);
    consume(length + (found == std::string::npos ? 0 : 1));
    return true;
  }
}

bool LineReader::at_end() {
  return !skip_blank();
}

}  // namespace assembly_sync::connectors::ndjson
