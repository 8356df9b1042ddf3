// PageReader: reads the pages of a listing one ahead: while a page is mapped and planned, the next
// one is on its way from the source. So a slow CRM and a busy store do not wait for each other, and
// never more than two pages are in memory. Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "connectors/connector.hpp"

namespace assembly_sync::intake {

using Cursor = std::optional<std::string>;  // nothing = from the beginning

class PageReader {
 public:
  using Read = std::function<connectors::ReadResult<connectors::Page>(const Cursor&)>;
  struct TimedPage {
    connectors::ReadResult<connectors::Page> page;
    std::int64_t begun_ms = 0;  // when its reading began
  };

  /// `read` is called from another thread, by one at a time. `now_ms`: wall clock.
  PageReader(Read read, std::function<std::int64_t()> now_ms)
      : read_(std::move(read)), now_ms_(std::move(now_ms)) {}

  /// The page at `cursor`.
  TimedPage at(const Cursor& cursor) {
    if (ahead_ && ahead_->cursor == cursor) {
      TimedPage page = ahead_->page.get();
      ahead_.reset();
      return page;
    }
    ahead_.reset();
    return read(cursor);
  }
  /// at(cursor) will be asked for soon.
  void begin(const Cursor& cursor) {
    ahead_.emplace(cursor, std::async(std::launch::async, [this, cursor] { return read(cursor); }));
  }

 private:
  struct Ahead {
    Ahead(Cursor at, std::future<TimedPage> coming)
        : cursor(std::move(at)), page(std::move(coming)) {}
    Cursor cursor;
    std::future<TimedPage> page;  // its end waits for the answer
  };

  TimedPage read(const Cursor& cursor) const {
    const std::int64_t begun_ms = now_ms_();
    return {read_(cursor), begun_ms};
  }

  const Read read_;
  const std::function<std::int64_t()> now_ms_;
  std::optional<Ahead> ahead_;
};

}  // namespace assembly_sync::intake
