// Walking through a listing page by page: where the next page is and when there is none. A state is
// what has to be known between two pages; it lies in the cursor that the caller keeps. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/rest/client.hpp"
#include "connectors/rest/spec.hpp"
#include "core/json_view.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::rest {

struct PageState {
  std::int64_t read = 0;              // pages so far
  std::int64_t position = 0;          // {offset} or {page}
  std::optional<core::Value> cursor;  // {cursor}
  std::string address;                // of the next page, see Client::ask()
  std::string mark;                   // of the last page's rows, to see whether it advances

  static PageState first(const PagesSpec& pages);
  core::Value to_value() const;
  /// Nothing when it is none that to_value() made.
  static std::optional<PageState> from_value(const core::Value& value);

  /// Adds the variables that ask for this page.
  void give(const PagesSpec& pages, Given& given) const;
};

/// What one page showed.
struct PageFacts {
  std::size_t rows = 0;                // with those that are null
  std::string mark;                    // of its first and last row; empty = it has none
  std::optional<core::JsonView> body;  // nothing when the answer had none
  std::optional<core::JsonView> last;  // row
  const std::vector<core::HttpHeader>& headers;
  std::string_view path{};  // of the address that was asked; empty = whoever asks knows it
};

/// The page after; nothing = that was the last one. An error, kind rejected, when the listing does
/// not advance or has more pages than it may.
ReadResult<std::optional<PageState>> next_page(const PagesSpec& pages, const PageState& state,
                                               const PageFacts& facts);

}  // namespace assembly_sync::connectors::rest
