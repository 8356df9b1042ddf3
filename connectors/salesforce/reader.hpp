// Reading records of one object: by id, page by page, and what changed. Made for one read and
// thrown away. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/salesforce/client.hpp"
#include "connectors/salesforce/rows.hpp"
#include "connectors/salesforce/selection.hpp"
#include "connectors/salesforce/shape.hpp"

namespace assembly_sync::connectors::salesforce {

class Reader {
 public:
  /// All arguments must outlive the reader.
  Reader(const Client& client, Shapes& shapes, const core::SourceName& source, const Object& object,
         const Paths& wanted)
      : client_(client),
        shapes_(shapes),
        source_(source),
        object_(object),
        wanted_(wanted),
        rows_(client, shapes, object, wanted, warnings_) {}

  /// See Connector::read(). One query for each 200 ids, one more where records were merged.
  ReadResult<BatchRead> by_ids(const std::vector<core::RecordId>& ids);
  /// See Connector::list().
  ReadResult<Page> page(const std::optional<std::string>& cursor);
  /// See Connector::changes().
  ReadResult<Changes> changes(const std::string& cursor);

 private:
  struct Found;
  struct ListCursor;
  struct Position;

  std::optional<Failure> read_batch(const std::vector<std::string>& ids, Found& found);

  Answer<Page> list_step(const ListCursor& cursor);
  Answer<Page> rest_page(const ListCursor& cursor);
  Answer<Page> begin_job(const ListCursor& cursor);
  Answer<std::string> start_job(const Selection& selection, const std::string& condition);
  std::optional<Answer<Page>> await_job(const ListCursor& cursor);
  Answer<Page> bulk_page(const ListCursor& cursor);
  Answer<Page> page_of_csv(const core::HttpResponse& response, const Selection& selection,
                           const ListCursor& cursor);
  std::string job_path(const ListCursor& cursor) const;
  Page without_job(const ListCursor& cursor, const std::string& why);

  Answer<Changes> step(Position at);
  Answer<Changes> row_step(Position at);
  Answer<Changes> opportunity_step(Position at);
  Answer<Changes> deletion_step(Position at);
  Answer<std::vector<core::Notice>> notices_of(const Rows& rows, Position& at);
  std::optional<Changes> step_around(const Failure& failed, Position at);

  /// The records of normal rows, with their derived values.
  Answer<std::vector<core::Record>> records_of(std::vector<core::Value> rows,
                                               const Selection& selection);

  /// Adds to an answer that is given what of the warnings was not told before.
  void tell(std::vector<std::string>& warnings);

  const Client& client_;
  Shapes& shapes_;
  const core::SourceName& source_;
  const Object& object_;
  const Paths& wanted_;
  std::vector<std::string> warnings_;
  RowReader rows_;
};

/// The cursor from which changes() brings what changed at `since` or later.
std::string cursor_since(core::WallTime since);

}  // namespace assembly_sync::connectors::salesforce
