#include "connectors/rest/pages.hpp"

#include <algorithm>

#include "connectors/read_error.hpp"
#include "connectors/rest/address.hpp"

namespace assembly_sync::connectors::rest {
namespace {

using Scheme = PagesSpec::Scheme;

/// Neither null nor false nor empty.
bool says_something(const std::optional<core::JsonView>& value) {
  if (!value) return false;
  switch (value->kind()) {
    case core::JsonKind::null:
    case core::JsonKind::list:
    case core::JsonKind::object:
      return false;
    case core::JsonKind::boolean:
      return value->as_bool();
    case core::JsonKind::text:
      return !value->as_text().empty();
    default:
      return true;
  }
}

/// A relative address is so to the page that gave it.
std::string address_of(const PageFacts& facts, std::string address) {
  if (address.empty() || facts.path.empty()) return address;
  return resolve(facts.path, address);
}

tl::unexpected<ReadError> does_not_advance(const PageState& state, const std::string& why) {
  return tl::unexpected(
      rejected("the listing does not advance: page " + std::to_string(state.read + 1) + ' ' + why));
}

/// True when what was said about the end of the listing says that this is it.
bool is_last(const PagesSpec& pages, const PageState& next, const PageFacts& facts) {
  if (pages.more && !says_something(facts.body ? pages.more->find(*facts.body) : std::nullopt)) {
    return true;
  }
  const bool counts = pages.scheme == Scheme::offset || pages.scheme == Scheme::page ||
                      pages.scheme == Scheme::keyset;
  if (!counts) return false;
  if (facts.rows == 0 && !pages.more) return true;
  const auto rows = static_cast<std::int64_t>(facts.rows);
  if (pages.short_page_ends && rows < pages.limit) return true;
  const auto total = pages.total && facts.body ? pages.total->find(*facts.body) : std::nullopt;
  // A negative total is a way to say that nothing was counted.
  return total && total->kind() == core::JsonKind::integer && total->as_int() >= 0 &&
         next.position >= pages.first + total->as_int();
}

}  // namespace

PageState PageState::first(const PagesSpec& pages) {
  PageState state;
  state.position = pages.first;
  if (!pages.start.empty()) state.cursor = core::Value(pages.start);
  return state;
}

core::Value PageState::to_value() const {
  core::Value value = core::Value::object({{"read", read}, {"position", position}});
  if (cursor) value.set("cursor", *cursor);
  if (!address.empty()) value.set("address", address);
  if (!mark.empty()) value.set("mark", mark);
  return value;
}

std::optional<PageState> PageState::from_value(const core::Value& value) {
  if (!value.at("read").is_int() || !value.at("position").is_int()) return std::nullopt;
  PageState state;
  state.read = value.at("read").as_int();
  state.position = value.at("position").as_int();
  if (const core::Value* cursor = value.find("cursor")) state.cursor = *cursor;
  state.address = value.text_or("address");
  state.mark = value.text_or("mark");
  return state;
}

void PageState::give(const PagesSpec& pages, Given& given) const {
  if (pages.limit > 0) given["limit"] = core::Value(pages.limit);
  if (cursor) given["cursor"] = *cursor;
  if (pages.scheme == Scheme::offset) given["offset"] = core::Value(position);
  // Behind a page's token the number would be refused.
  if (pages.scheme == Scheme::page && !cursor) given["page"] = core::Value(position);
}

ReadResult<std::optional<PageState>> next_page(const PagesSpec& pages, const PageState& state,
                                               const PageFacts& facts) {
  PageState next;
  next.read = state.read + 1;
  next.mark = facts.mark;
  next.position = state.position;
  switch (pages.scheme) {
    case Scheme::none:
      return std::nullopt;
    case Scheme::offset:
      // By what came: some APIs give fewer rows than they were asked for.
      next.position += static_cast<std::int64_t>(facts.rows);
      break;
    case Scheme::page:
      next.position += 1;
      if (pages.token && facts.body) {
        const auto token = pages.token->find(*facts.body);
        if (says_something(token)) next.cursor = token->to_value();
      }
      break;
    case Scheme::cursor: {
      const auto value = facts.body ? pages.value->find(*facts.body) : std::nullopt;
      if (!says_something(value)) return std::nullopt;
      next.cursor = value->to_value();
      break;
    }
    case Scheme::keyset: {
      const auto value = facts.last ? pages.value->find(*facts.last) : std::nullopt;
      if (says_something(value)) next.cursor = value->to_value();
      break;
    }
    case Scheme::next_url: {
      const auto value = facts.body ? pages.value->find(*facts.body) : std::nullopt;
      if (!says_something(value) || value->kind() != core::JsonKind::text) return std::nullopt;
      next.address = address_of(facts, std::string(value->as_text()));
      break;
    }
    case Scheme::link:
      next.address = address_of(facts, next_link(facts.headers));
      if (next.address.empty()) return std::nullopt;
      break;
  }
  if (is_last(pages, next, facts)) return std::nullopt;
  if (facts.rows == 0 && (pages.scheme == Scheme::keyset || !facts.body)) return std::nullopt;
  if (pages.scheme == Scheme::keyset && !next.cursor) {
    // Without it the first page would come again.
    return does_not_advance(state, "shows no row with a value at " + pages.value->text());
  }
  if (next.cursor && next.cursor == state.cursor) {
    return does_not_advance(state, "gives the same cursor as the one before");
  }
  if (!next.address.empty() && next.address == state.address) {
    return does_not_advance(state, "gives its own address as that of the next one");
  }
  if (!facts.mark.empty() && facts.mark == state.mark) {
    return does_not_advance(state, "shows the same rows as the one before");
  }
  if (next.read >= pages.most) {
    return does_not_advance(state, "is the last of the " + std::to_string(pages.most) +
                                       " that `most` allows, and there is another");
  }
  return next;
}

}  // namespace assembly_sync::connectors::rest
