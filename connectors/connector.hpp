// Connector: the code for one type of CRM. Bytes in, records out. Passive: it owns no thread, no
// store and no clock; whoever calls it brings the transport and the time. One instance per
// configured source. Thread-safe: all methods may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalogue.hpp"
#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/ids.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace assembly_sync::connectors {

/// A webhook as received; header names in any case.
struct WebhookRequest {
  std::string method;
  std::string url;  // the public URL as the sender knows it: listen.public_url + path and query
  std::vector<core::HttpHeader> headers;
  std::string_view body;
};

/// Why a webhook is not believed; for the quarantine and the log. No secret in `reason`.
struct Verification {
  bool ok = false;
  std::string reason{};  // "signature v3 does not match", "timestamp older than 5 minutes"
  /// The sender's name of a believed delivery, the same when it is sent again; empty = it has none.
  std::string delivery{};
};

/// What a sender of webhooks wants to read in the answer that its webhook was taken.
struct Acknowledgement {
  std::string content_type{};  // empty = the status is enough
  std::string body{};
};

/// A webhook's body as it was kept in the inbox.
struct Received {
  std::string_view body;
  core::ObjectName object{};  // that the address named (/hooks/SOURCE/OBJECT); empty = none
};

/// Why reading from the CRM failed; closed set.
struct ReadError {
  enum class Kind : std::uint8_t {
    transient,     // try again after a pause: 5xx, time-out, locked
    throttled,     // the CRM's rate limit: wait retry_after
    unauthorized,  // credential refused: stop, tell, try again seldom
    rejected,      // will not work however often: 400, 403 for a missing scope
    not_yet,  // nothing is wrong: the source prepares what was asked for, or its `rate` is kept
  };
  Kind kind = Kind::transient;
  std::optional<std::chrono::milliseconds> retry_after;
  std::string reason;  // status and the CRM's error category; no record value
};

constexpr std::string_view to_text(ReadError::Kind kind) {
  constexpr std::string_view kNames[] = {"transient", "throttled", "unauthorized", "rejected",
                                         "not_yet"};
  return kNames[static_cast<int>(kind)];
}

template <class T>
using ReadResult = tl::expected<T, ReadError>;

/// What one batch read found. Every asked id is in exactly one of the two, unless it `stopped`.
struct BatchRead {
  std::vector<core::Record> records;  // a merged id's record carries the survivor's id
  struct Missing {
    core::RecordId id;
    bool archived = false;  // found in the recycle bin: a second sign of deletion
  };
  std::vector<Missing> missing;
  /// Asked id -> the id under which the CRM now knows it.
  std::vector<std::pair<core::RecordId, core::RecordId>> remapped;
  /// Why some ids were not read, in neither of the two: what was read before them counts.
  std::optional<ReadError> stopped{};
  std::vector<std::string> warnings{};  // as Page's
};

/// One page of a full listing.
struct Page {
  std::vector<core::Record> records;
  std::optional<std::string> next;  // cursor of the next page; nothing = the listing is complete
  /// Rows that could not be read, each "line 17: expected 5 fields, got 4"; the others go on.
  std::vector<std::string> bad_rows;
  /// What an operator should know and that holds up nothing: "field Tier__c can't be read and was
  /// left out". No record value.
  std::vector<std::string> warnings{};
  /// When the rows were as they are here, where that was before this page was asked for (a list
  /// that the source had prepared); nothing = just now.
  std::optional<core::WallTime> as_of{};
};

/// One page of what a source says has changed.
struct Changes {
  /// With their record where the source gave it. A deletion without one is confirmed by read(); a
  /// source that can't be asked gives the record as far as it knows it, see core::Notice.
  std::vector<core::Notice> notices;
  std::string next;   // cursor after this page
  bool more = false;  // another page can be had now; false = all is read as of this moment
  std::vector<std::string> bad_rows{};  // as Page's
  std::vector<std::string> warnings{};  // as Page's
};

/// Which of an object's values are wanted: derived from the mapping's paths.
using Paths = std::set<std::vector<std::string>>;

class HookKeeper;

class Connector {
 public:
  virtual ~Connector() = default;

  /// The objects that can be read, in the order a full listing should take them (parents first).
  virtual std::vector<core::ObjectName> objects() const = 0;
  /// First words a mapping's path may have for this object; nothing = any.
  virtual std::optional<std::set<std::string>> roots(const core::ObjectName& object) const = 0;

  /// True when this source sends webhooks.
  virtual bool takes_webhooks() const = 0;
  /// True when the sender signs the address, so that it must be known (listen.public_url).
  virtual bool verifies_url() const { return takes_webhooks(); }
  /// True when /hooks/SOURCE/OBJECT is an address of its own for each object.
  virtual bool takes_object_webhooks() const { return false; }
  /// True for a header that holds the secret itself: it is never kept.
  virtual bool is_credential([[maybe_unused]] std::string_view header) const { return false; }
  virtual Verification verify(const WebhookRequest& request, core::WallTime now) const = 0;
  /// The CRM's list of subscriptions for webhooks, see hooks.hpp; nullptr = it can't be kept from
  /// here. Belongs to the connector.
  virtual const HookKeeper* hooks() const { return nullptr; }
  /// Body -> one notice an event, in order. An event of a kind or object that is not ours becomes a
  /// notice with ignore_reason, one of ours that can't be used a notice with dead_reason. Fails
  /// when the body is not what this source sends.
  virtual core::Result<std::vector<core::Notice>> decode(const Received& received) const = 0;

  /// The answer to a webhook that is durable.
  virtual Acknowledgement acknowledgement() const { return {}; }

  /// True when read() and list() bring only the wanted values: a mapping that wants more than the
  /// one before needs a new reading.
  virtual bool reads_only_wanted() const { return false; }

  /// True when whatever is read shows the record as it is at that moment, and nothing else tells of
  /// it: then a later reading counts, whatever version it bears.
  virtual bool shows_present_state() const { return false; }

  /// True when records must be fetched by id after a notice (thin webhooks). Else its notices carry
  /// their record.
  virtual bool reads_by_id() const = 0;
  /// Largest number of ids for read().
  virtual std::size_t batch_size() const = 0;
  /// Reads records by id, with at most two calls per 100 ids when nothing is missing.
  virtual ReadResult<BatchRead> read(const core::ObjectName& object,
                                     const std::vector<core::RecordId>& ids, const Paths& wanted,
                                     core::HttpTransport& transport, core::WallTime now) const = 0;

  /// True when all records of an object can be listed.
  virtual bool lists_objects() const { return true; }
  /// The page after `cursor` (nothing = the first page).
  virtual ReadResult<Page> list(const core::ObjectName& object,
                                const std::optional<std::string>& cursor, const Paths& wanted,
                                core::HttpTransport& transport, core::WallTime now) const = 0;

  /// A text that stays the same as long as a full listing would bring the same; nothing = can't be
  /// told without one.
  virtual std::optional<std::string> fingerprint(
      [[maybe_unused]] const core::ObjectName& object) const {
    return std::nullopt;
  }

  /// True when the source can be asked what changed since a moment; else changes are found by
  /// listing all.
  virtual bool finds_changes([[maybe_unused]] const core::ObjectName& object) const {
    return false;
  }
  /// The cursor from which changes() brings all that changed at `since` or later.
  virtual std::string changes_since(const core::ObjectName& object, core::WallTime since) const;
  /// What changed after `cursor`. Rows that become visible late, equal times and records that move
  /// while pages are read are the connector's to handle: a record may come again, none is left out.
  /// What a cursor holds is the connector's own; a cursor it can't read is an error of kind
  /// rejected. Time that passes between two pages shows in `now` only.
  virtual ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor,
                                      const Paths& wanted, core::HttpTransport& transport,
                                      core::WallTime now) const;

  /// Where a record holds the fields that describe() tells of (Catalogue::root: `properties`, or
  /// empty for the record itself); nothing when this source says nowhere what its records hold.
  virtual std::optional<std::string> catalogue_root() const { return std::nullopt; }
  /// What the records of an object hold, as the source says it now. Rejected where there is no
  /// catalogue.
  virtual ReadResult<core::Catalogue> describe(const core::ObjectName& object,
                                               core::HttpTransport& transport,
                                               core::WallTime now) const;
};

}  // namespace assembly_sync::connectors
