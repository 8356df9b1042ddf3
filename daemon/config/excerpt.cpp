#include "daemon/config/excerpt.hpp"

#include <algorithm>
#include <cstdint>

#include "daemon/config/secret_lines.hpp"

namespace assembly_sync::config {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kMostCharacters = 100;  // of a line
constexpr std::size_t kBeforeMark = 70;       // of a longer one, where the mark stands far right

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

struct Character {
  std::string_view bytes;
  std::uint32_t code = 0;
};

/// Bytes that are no UTF-8 are characters of their own, and none that may be printed.
std::vector<Character> characters_of(std::string_view line) {
  std::vector<Character> out;
  while (!line.empty()) {
    const auto first = static_cast<unsigned char>(line[0]);
    const std::size_t wanted = first < 0x80   ? 1
                               : first < 0xC0 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                                              : 4;
    std::uint32_t code = wanted < 2 ? first : first & (0xFFU >> (wanted + 1));
    bool whole = wanted > 0 && wanted <= line.size();
    for (std::size_t i = 1; whole && i < wanted; ++i) {
      const auto next = static_cast<unsigned char>(line[i]);
      whole = (next & 0xC0) == 0x80;
      code = code << 6 | (next & 0x3FU);
    }
    const std::size_t size = whole ? wanted : 1;
    out.push_back({line.substr(0, size), whole ? code : 0});
    line.remove_prefix(size);
  }
  return out;
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], std::uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

/// What moves the cursor in other ways than by one column: nothing of it is printed as it is.
bool is_control(std::uint32_t code) {
  constexpr Range kControls[] = {{0x00, 0x08},     {0x0A, 0x1F},     {0x7F, 0x9F},
                                 {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069},
                                 {0xFEFF, 0xFEFF}};
  return is_in(kControls, code);
}

/// Columns of a terminal.
std::size_t width_of(std::uint32_t code) {
  constexpr Range kNone[] = {{0x0300, 0x036F}, {0xFE00, 0xFE0F}};
  constexpr Range kTwo[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
                            {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                            {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};
  return is_in(kNone, code) ? 0 : is_in(kTwo, code) ? 2 : 1;
}

/// A line as it is printed, and the blanks below it up to the mark.
struct Printed {
  std::string line;
  std::string below;
};

Printed printed(std::string_view line, std::size_t column) {
  std::vector<Character> all = characters_of(line);
  const std::size_t mark = std::min(column == 0 ? 0 : column - 1, all.size());
  const std::size_t from =
      all.size() > kMostCharacters && mark > kBeforeMark ? mark - kBeforeMark : 0;
  const std::size_t to = std::min(all.size(), from + kMostCharacters);
  Printed out;
  if (from > 0) out = {std::string(kEllipsis), " "};
  for (std::size_t i = from; i < to; ++i) {
    const bool hidden = is_control(all[i].code);
    out.line += hidden ? "·" : all[i].bytes;
    if (i >= mark) continue;
    // A tab in both lines leads to the same column, wherever the terminal has its stops.
    out.below += all[i].code == '\t' ? "\t" : std::string(hidden ? 1 : width_of(all[i].code), ' ');
  }
  if (to < all.size()) out.line += kEllipsis;
  return out;
}

std::string visible(const std::vector<std::string_view>& lines, std::size_t index) {
  const std::size_t secret = secret_begin(lines, index);
  std::string line(lines[index].substr(0, secret));
  if (secret == std::string_view::npos) return line;
  const std::size_t written = line.find_last_not_of(' ');
  if (written != std::string::npos) line = line.substr(0, written + 1) + ' ';
  return line + std::string(kEllipsis);
}

/// The line's number in front, and the mark below it.
std::string excerpt(std::string_view text, int line, int column) {
  const auto lines = lines_of(text);
  if (line < 1 || static_cast<std::size_t>(line) > lines.size()) return "";
  const auto [shown, below] =
      printed(visible(lines, static_cast<std::size_t>(line) - 1), static_cast<std::size_t>(column));
  const std::string number = std::to_string(line);
  constexpr std::size_t kNumberWidth = 5;
  const std::string margin(std::max(kNumberWidth, number.size()), ' ');
  return margin.substr(number.size()) + number + " | " + shown + '\n' + margin + " | " + below +
         "^\n";
}

}  // namespace

std::string without_secrets(std::string_view text) {
  const auto lines = lines_of(text);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) out += visible(lines, i) + '\n';
  return out;
}

std::string explained(const core::Problem& problem, const std::vector<ConfigFile>& files) {
  std::string out = core::to_text(problem) + '\n';
  const auto file = std::find_if(files.begin(), files.end(), [&](const ConfigFile& candidate) {
    return candidate.path == problem.file;
  });
  if (file != files.end()) out += excerpt(file->text, problem.line, problem.column);
  if (!problem.hint.empty()) out += "      = " + problem.hint + '\n';
  return out;
}

}  // namespace assembly_sync::config
