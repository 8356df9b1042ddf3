#include "core/problem.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace assembly_sync::core {
namespace {

/// Letters to insert, drop, replace or swap with their neighbour: what slips of the pen are.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string to_text(const Problem& problem) {
  std::string out = problem.file;
  if (problem.line > 0) {
    out += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  }
  out += ": ";
  if (!problem.key.empty()) out += problem.key + ": ";
  return out + problem.message;
}

void sort_by_place(Problems& problems, const std::vector<std::string>& files) {
  std::map<std::string, std::size_t> order;
  for (const std::string& file : files) order.emplace(file, order.size());
  for (const Problem& problem : problems) order.emplace(problem.file, order.size());
  const auto place = [&](const Problem& problem) {
    return std::tuple(order.at(problem.file), problem.line, problem.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
}

namespace {

std::size_t common_begin(const std::string& a, const std::string& b) {
  std::size_t n = 0;
  while (n < std::min(a.size(), b.size()) && a[n] == b[n]) ++n;
  return n;
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    const bool begins_alike = distance == best_distance && !best.empty() &&
                              common_begin(word, candidate) > common_begin(word, best);
    if (distance < best_distance || begins_alike) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace assembly_sync::core
