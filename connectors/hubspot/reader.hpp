// Reading companies and contacts through HubSpot's API: by id and page by page. Made for one read
// and thrown away. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/hubspot/client.hpp"
#include "connectors/hubspot/related.hpp"

namespace assembly_sync::connectors::hubspot {

/// Most ids that HubSpot takes in one batch read, and most rows it gives on one page.
inline constexpr std::size_t kBatchIds = 100;
/// HubSpot refuses URLs somewhere between 8 and 16 KB; proxies on the way may do so earlier.
inline constexpr std::size_t kUrlBytes = 6000;

class Reader {
 public:
  /// All references must outlive the reader.
  Reader(const Client& client, const RelatedReader& related, const core::SourceName& source,
         const core::ObjectName& object, const Paths& wanted);

  /// See Connector::read(). One call per 100 ids, those of RelatedReader for what the mapping uses
  /// besides, and one or two for each id that the batch did not find.
  ReadResult<BatchRead> by_ids(const std::vector<core::RecordId>& ids) const;

  /// Those of `ids` (each once) that are there under the very id and can be read whole: a merged or
  /// archived one is left out. One call per 100 ids and those of RelatedReader.
  ReadResult<std::vector<core::Record>> present(const std::vector<std::string>& ids) const;

  /// See Connector::list(). One call, those of RelatedReader, and one more when the mapping wants
  /// more properties than a URL can hold.
  ReadResult<Page> page(const std::optional<std::string>& cursor) const;

 private:
  using Envelopes = std::vector<core::Value>;
  using Failure = std::optional<ReadError>;
  struct Found;  // what a read by id has gathered so far
  struct Records {
    std::vector<core::Record> records;
    std::map<std::string, std::string> refused;  // AllRelated's
  };

  ReadResult<Envelopes> batch_read(const std::vector<std::string>& ids) const;
  ReadResult<core::Value> find_one(const std::string& id) const;
  Failure read_chunk(const std::vector<std::string>& ids, Found& found) const;
  Failure resolve_missing(const std::string& id, Found& found) const;
  ReadResult<Records> make_records(const Envelopes& envelopes) const;

  std::string record_path(const std::string& id, std::string_view properties) const;
  std::string list_path(const std::optional<std::string>& cursor,
                        std::string_view properties) const;

  const Client& client_;
  const RelatedReader& related_;
  const core::SourceName& source_;
  const core::ObjectName& object_;
  std::string objects_path_;             // /crm/v3/objects/companies
  std::vector<std::string> properties_;  // what the mapping needs
  std::string properties_parameter_;     // the same for a URL
};

}  // namespace assembly_sync::connectors::hubspot
