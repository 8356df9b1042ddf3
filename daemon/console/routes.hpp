// Which path asks for which document, and which POST gives which order. A page and its /api twin
// are one row. Not thread-safe while rows are added; then constant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/value.hpp"
#include "daemon/console/page.hpp"

namespace assembly_sync::console {

/// Why there is no document, or why an order was not followed.
struct Refusal {
  int status = 404;
  std::string reason;  // a sentence without its full stop
};
using Answer = tl::expected<core::Value, Refusal>;
/// 404
Answer missing(const std::string& what);
/// A whole number and nothing else; nothing for any other text.
std::optional<std::int64_t> number_of_text(std::string_view text);
/// The number that a word of the path is.
std::optional<std::int64_t> number_in(const Visit& visit, std::size_t word);

/// `dead/*` is the page /dead/ID and the document /api/dead/ID.
struct Question {
  std::string_view path;
  std::function<Answer(const Visit&)> ask;
  std::function<Page(const core::Value&, const Visit&)> show;
};

/// A POST. The answer is {done: what came of it, in words, go: the page to show next, …}; with
/// `show` it is a page itself.
struct Order {
  std::string_view path;
  std::function<Answer(const Visit&)> follow;
  std::function<Page(const core::Value&, const Visit&)> show{};
};

/// What the `*` of the pattern stand for; nothing when the path is another. Both without the
/// leading `/`.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

}  // namespace assembly_sync::console
