#include "daemon/console/routes.hpp"

#include <charconv>

namespace assembly_sync::console {

Answer missing(const std::string& what) {
  return tl::unexpected(Refusal{404, what});
}

std::optional<std::int64_t> number_of_text(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> number_in(const Visit& visit, std::size_t word) {
  return number_of_text(visit.words.at(word));
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> words;
  while (true) {
    const auto pattern_end = pattern.find('/');
    const auto path_end = path.find('/');
    const std::string_view wanted = pattern.substr(0, pattern_end);
    const std::string_view word = path.substr(0, path_end);
    if (wanted == "*") {
      if (word.empty()) return std::nullopt;
      words.emplace_back(word);
    } else if (wanted != word) {
      return std::nullopt;
    }
    const bool pattern_ends = pattern_end == std::string_view::npos;
    if (pattern_ends != (path_end == std::string_view::npos)) return std::nullopt;
    if (pattern_ends) return words;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

}  // namespace assembly_sync::console
