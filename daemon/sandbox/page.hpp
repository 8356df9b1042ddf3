// Pages of the list endpoints: `limit` and `offset` in, `has_next_page` and `next_cursor` out
// (A25-A28, I18-I20). Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/value.hpp"

namespace assembly_sync::sandbox {

struct Page {
  std::size_t limit = 100;
  std::size_t offset = 0;
};

/// `{"NAME":{"data":[…],"has_next_page":…,"next_cursor":…}}`; show(item) makes an element.
/// `next_cursor` is the next offset, null on the last page.
template <class Items, class Show>
core::Value page_of(const std::string& name, const Items& items, Page page, Show&& show) {
  const std::size_t first = std::min(page.offset, items.size());
  const std::size_t last = first + std::min(page.limit, items.size() - first);
  core::Value::List data;
  data.reserve(last - first);
  for (std::size_t i = first; i < last; ++i) data.push_back(show(items[i]));
  const bool more = last < items.size();
  core::Value list = core::Value::object();
  list.set("data", std::move(data));
  list.set("has_next_page", more);
  list.set("next_cursor", more ? core::Value(static_cast<std::uint64_t>(last)) : core::Value());
  return core::Value::object({{name, std::move(list)}});
}

}  // namespace assembly_sync::sandbox
