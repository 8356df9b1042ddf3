// What changed in an object: windows of HubSpot's search with an overlap, deals for the companies
// they belong to, and the recycle bin. Made for one page and thrown away. Not thread-safe.
#pragma once

#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/cursor.hpp"
#include "connectors/hubspot/reader.hpp"

namespace assembly_sync::connectors::hubspot {

class ChangeReader {
 public:
  /// `with_deals`: companies whose records hold what their deals add up to. All references must
  /// outlive the reader.
  ChangeReader(const Client& client, const Reader& reader, const core::SourceName& source,
               const core::ObjectName& object, bool with_deals)
      : client_(client),
        reader_(reader),
        source_(source),
        object_(object),
        with_deals_(with_deals) {}

  /// See Connector::changes(). One call for what changed and those of Reader::present() for the
  /// records.
  ReadResult<Changes> page(ChangeCursor cursor, core::WallTime now) const;

 private:
  ReadResult<Changes> records_page(ChangeCursor cursor, core::WallTime now) const;
  ReadResult<Changes> deals_page(ChangeCursor cursor, core::WallTime now) const;
  ReadResult<Changes> recycle_bin_page(ChangeCursor cursor) const;
  ReadResult<std::vector<core::Notice>> notices_of(const std::vector<ChangedRow>& rows) const;
  core::Notice notice(const std::string& id, const char* event, std::int64_t at_ms) const;
  void end_stage(ChangeCursor& cursor, core::WallTime now) const;

  const Client& client_;
  const Reader& reader_;
  const core::SourceName& source_;
  const core::ObjectName& object_;
  bool with_deals_;
};

}  // namespace assembly_sync::connectors::hubspot
