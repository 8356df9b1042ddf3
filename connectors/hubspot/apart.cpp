#include "connectors/hubspot/apart.hpp"

#include <iterator>
#include <utility>

#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

/// Answers that are not whole: enough to find three odd records among a thousand.
constexpr int kMostRefusals = 32;

}  // namespace

ReadResult<Refused> read_apart(const std::vector<std::string>& ids, const std::string& what,
                               const AskFor& ask) {
  Refused refused;
  int refusals = 0;
  std::vector<std::vector<std::string>> open;
  if (!ids.empty()) open.push_back(ids);
  while (!open.empty()) {
    const std::vector<std::string> part = std::move(open.back());
    open.pop_back();
    const auto word = ask(part);
    if (!word) return tl::unexpected(word.error());
    if (!*word) continue;
    if (part.size() == 1) {
      refused.emplace(part.front(), **word);
    } else {
      const auto middle = std::next(part.begin(), static_cast<std::ptrdiff_t>(part.size() / 2));
      open.emplace_back(middle, part.end());
      open.emplace_back(part.begin(), middle);
    }
    const bool all = ids.size() > 1 && refused.size() == ids.size();
    if (all || ++refusals > kMostRefusals) {
      return tl::unexpected(
          transient("HubSpot answered only a part of " + what + " (" + **word + ')'));
    }
  }
  return refused;
}

std::string refusal_text(std::string_view object, const std::string& id, std::string_view part,
                         const std::string& word) {
  std::string one(object == kCompanies ? "company" : object.substr(0, object.size() - 1));
  one += ' ' + id + ": its " + std::string(part) + " can't be read: HubSpot says " + word;
  return one;
}

std::string word_of(const core::Value& error) {
  std::string word = code_word(error, "category");
  return word.empty() ? "an error without a category" : word;
}

}  // namespace assembly_sync::connectors::hubspot
