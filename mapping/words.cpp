#include "mapping/words.hpp"

#include <algorithm>

#include "core/problem.hpp"

namespace assembly_sync::mapping {

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = core::nearest(word, candidates);
  return near.empty() ? "" : ", did you mean `" + near + "`?";
}

std::string either(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view joint = i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    out.append(joint).append(words[i]);
  }
  return out;
}

std::string listed(const std::vector<std::string>& words) {
  constexpr std::size_t kMost = 24;
  std::string out;
  for (std::size_t i = 0; i < std::min(words.size(), kMost); ++i) {
    if (i > 0) out += ", ";
    out += words[i];
  }
  return words.size() > kMost ? out + ", …" : out;
}

}  // namespace assembly_sync::mapping
