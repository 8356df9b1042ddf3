// Reading one object of a REST source: page by page, what changed, and by id. Made for one read and
// thrown away. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/rest/client.hpp"
#include "connectors/rest/pages.hpp"
#include "connectors/rest/rows.hpp"
#include "connectors/rest/spec.hpp"

namespace assembly_sync::connectors::rest {

class Reader {
 public:
  /// All arguments must outlive the reader.
  Reader(const SourceSpec& source, const ObjectSpec& object, const Client& client,
         const Paths& wanted);

  /// See Connector: list(), changes() and read().
  ReadResult<Page> page(const std::optional<std::string>& cursor) const;
  ReadResult<Changes> changes(const std::string& cursor) const;
  ReadResult<BatchRead> by_ids(const std::vector<core::RecordId>& ids) const;

 private:
  struct Items;    // of one answer
  struct Fetched;  // one page as it came
  struct Pass;     // what a cursor of changes() holds
  struct Found;    // what changes() makes of one page

  ReadResult<Fetched> fetch(const StreamSpec& stream, const PageState& state,
                            std::optional<core::WallTime> since) const;
  ReadResult<Items> items_of(const Answer& answer, const Path& path) const;
  Given fields() const;

  core::WallTime asked_since(const Pass& pass) const;
  void add_rows(const Fetched& fetched, const Pass& pass, Found& found) const;
  void add_events(const Fetched& fetched, Found& found) const;
  void add_deletions(const Fetched& fetched, Found& found) const;
  ReadResult<Changes> restarted(const Pass& pass, const ReadError& why) const;

  ReadResult<Answer> ask_for(const Given& given) const;
  std::optional<ReadError> read_one(const core::RecordId& id, BatchRead& out) const;
  std::optional<ReadError> read_several(const std::vector<core::RecordId>& ids,
                                        BatchRead& out) const;

  const SourceSpec& source_;
  const ObjectSpec& object_;
  const Client& client_;
  const Rows rows_;
  std::vector<std::string> fields_;  // {fields}
};

/// The cursor from which changes() begins.
std::string first_cursor(core::WallTime since);

}  // namespace assembly_sync::connectors::rest
