// Pages of the list endpoints: `limit` and `offset` in, `has_next_page` and `next_cursor` out
// (A25-A28, I18-I20). Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/value.hpp"
#include "daemon/sandbox/switches.hpp"

namespace assembly_sync::sandbox {

/// What the switches decide about every page.
struct PageStyle {
  std::size_t cap = 1000;  // I19
  NextCursor next_cursor = NextCursor::offset;
};

struct Page {
  std::size_t limit = 100;
  std::size_t offset = 0;
};

/// Sets `next_cursor`, or leaves it out (I20).
inline void set_next_cursor(core::Value& list, NextCursor style, bool more, std::size_t next) {
  if (style == NextCursor::absent) return;
  core::Value cursor;
  if (more && style != NextCursor::null) cursor = static_cast<std::uint64_t>(next);
  if (!more && style == NextCursor::zero) cursor = 0;
  list.set("next_cursor", std::move(cursor));
}

/// `{"NAME":{"data":[…],"has_next_page":…,"next_cursor":…}}`; show(item) makes an element.
template <class Items, class Show>
core::Value page_of(const std::string& name, const Items& items, Page page, PageStyle style,
                    Show&& show) {
  const std::size_t first = std::min(page.offset, items.size());
  const std::size_t last = first + std::min({page.limit, style.cap, items.size() - first});
  core::Value::List data;
  data.reserve(last - first);
  for (std::size_t i = first; i < last; ++i) data.push_back(show(items[i]));
  const bool more = last < items.size();
  core::Value list = core::Value::object();
  list.set("data", std::move(data));
  list.set("has_next_page", more);
  set_next_cursor(list, style.next_cursor, more, last);
  return core::Value::object({{name, std::move(list)}});
}

}  // namespace assembly_sync::sandbox
