// Rows of the store as plain structs, in the words of ARCHITECTURE.md. Times are ms since the
// epoch.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/intent.hpp"
#include "core/limits.hpp"
#include "core/record.hpp"

namespace assembly_sync::store {

using core::AssemblyId;
using core::EntityKind;
using core::Key;
using core::Lane;
using core::NoticeKind;
using core::ObjectName;
using core::OnDelete;
using core::RecordId;
using core::RecordRef;
using core::SourceName;

using RowId = std::int64_t;

/// `open` until its one final state (I2).
enum class NoticeState : std::uint8_t {
  open,
  delivered,
  unchanged,
  filtered,
  superseded,
  orphaned,
  held,
  dead,
  ignored
};
inline constexpr int kNoticeStateCount = 9;
constexpr std::string_view to_text(NoticeState state) {
  constexpr std::string_view kNames[] = {"open",     "delivered",  "unchanged",
                                         "filtered", "superseded", "orphaned",
                                         "held",     "dead",       "ignored"};
  return kNames[static_cast<int>(state)];
}

/// A webhook body as received.
struct Receipt {
  RowId id = 0;
  SourceName source;
  std::int64_t received_ms = 0;
  std::string body;
  ObjectName object;  // that the address named; empty = none
};

/// A webhook that failed verification or could not be read; kept for a human, bounded.
struct QuarantinedWebhook {
  SourceName source;
  std::int64_t received_ms = 0;
  std::string reason;
  std::string headers;  // names and values, one a line; authorisation headers left out
  std::string body;
  std::string path{};  // by which it came, without the query; empty = not known
};

struct NewNotice {
  std::optional<RowId> receipt;
  std::optional<RowId> run;
  RecordRef ref;
  NoticeKind kind = NoticeKind::upserted;
  Lane lane = Lane::live;
  std::string event;
  std::int64_t occurred_ms = 0;
  std::int64_t received_ms = 0;
};

/// An open notice whose record is to be read (or, with `from_mirror`, mapped again as it is).
struct OpenNotice {
  RowId id = 0;
  RecordRef ref;
  NoticeKind kind = NoticeKind::upserted;
  Lane lane = Lane::live;
  std::optional<RowId> run;
  bool from_mirror = false;
  int attempts = 0;
  std::int64_t received_ms = 0;
};

/// Of two notices about one record: which says more about its end. Sources do not keep the order of
/// their events, so a word of deletion is remembered until the record was read.
constexpr NoticeKind stronger_sign(NoticeKind a, NoticeKind b) {
  const auto rank = [](NoticeKind kind) {
    return kind == NoticeKind::erased ? 2 : kind == NoticeKind::deleted ? 1 : 0;
  };
  return rank(b) > rank(a) ? b : a;
}

enum class RecordState : std::uint8_t { present, deleted, merged };

struct MirroredRecord {
  core::RecordVersion version = 0;
  RecordState state = RecordState::present;
  std::string json;
  std::int64_t read_ms = 0;        // when its reading began
  std::vector<RecordRef> related;  // as core::Record's

  bool operator==(const MirroredRecord&) const = default;
};

/// A row of the mirror, for reading all of it.
struct MirrorRow {
  RowId row = 0;
  RecordRef ref;
  MirroredRecord record;
};

/// One Assembly account or contact that is looked after.
struct Entity {
  RowId id = 0;
  EntityKind kind = EntityKind::company;
  Key key;
  std::optional<AssemblyId> assembly_id;
  /// Assembly has confirmed it, and nothing since says it is gone.
  bool present = false;
  /// Last confirmed state as JSON (see sync/state.hpp); nothing = never confirmed.
  std::optional<std::string> known;
  /// An attempt went unanswered: `known` may be older than Assembly.
  bool doubtful = false;
  std::optional<RowId> parent;
  /// The record it comes from; of an awaited parent, the record it is expected from.
  std::optional<RecordRef> record;
  OnDelete on_delete = OnDelete::ignore;
  std::string domain;   // lower case, as last wanted; empty when none
  std::string name;     // the same
  std::string mapping;  // that made it of `record`; empty = awaited only, nothing made it yet
  int position = 0;     // of that mapping in the configuration
  /// Several records feed it: what each wants stands in contributions().
  bool shared = false;
  /// Set when its record was merged away: the entity that has its account or its key now.
  std::optional<RowId> merged_into;
  /// A contact's former company, in whose account it still sits in Assembly.
  std::optional<RowId> leaving;

  friend bool operator==(const Entity&, const Entity&) = default;
};

/// What one record wants, under one mapping, of an entity that several feed.
struct Contribution {
  std::string mapping;
  RecordRef record;
  int position = 0;       // of the mapping in the configuration
  bool enriches = false;  // it has no key of its own for the entity (core::Match)
  OnDelete on_delete = OnDelete::ignore;
  std::string wanted;  // JSON (sync/state.hpp)
};

enum class Action : std::uint8_t { upsert, remove };
/// Why a pending change can't go yet.
enum class Wait : std::uint8_t { nothing, parent, entity };

struct Change {
  RowId id = 0;
  RowId entity = 0;
  Action action = Action::upsert;
  Lane lane = Lane::live;
  std::int64_t due_ms = 0;
  int attempts = 0;
  std::string wanted;  // JSON (sync/state.hpp)
  std::string mapping;
  std::int64_t created_ms = 0;
  Wait wait = Wait::nothing;
  std::string origin{};  // whose word it is: JSON (sync/origin.hpp)
};

/// A change taken for delivery together with its entity, as of that moment.
struct Claim {
  Change change;
  Entity entity;
  std::optional<AssemblyId> parent_id;
  std::optional<Key> parent_key;
  std::string lease;  // proves at settling that the claim is still ours
};

/// One attempt, for the history.
struct DeliveryRecord {
  RowId change = 0;
  RowId entity = 0;
  int attempt = 0;
  Lane lane = Lane::live;
  std::string method;
  std::string path;  // without query: a key is the admin's text
  int status = 0;
  std::string outcome;
  std::string reason;
  std::int64_t started_ms = 0;
  std::int64_t duration_ms = 0;
};

/// What one delivered change told Assembly.
struct LineageEntry {
  RowId id = 0;
  RowId entity = 0;
  RowId change = 0;
  std::int64_t at_ms = 0;
  int attempt = 0;
  std::string method;
  std::string path;    // as DeliveryRecord's
  std::string origin;  // JSON (sync/origin.hpp)
  std::string sets;    // JSON (sync/lineage.hpp)
  // Of the newest notice that asked for it, when there was one:
  std::optional<RowId> receipt;
  std::optional<RowId> run;
  std::string event;
  std::optional<std::int64_t> received_ms;
};

/// How entities are found by name.
enum class NameMatch : std::uint8_t { begins, holds };

enum class RunState : std::uint8_t { requested, reading, draining, done, failed, cancelled };
constexpr std::string_view to_text(RunState state) {
  constexpr std::string_view kNames[] = {"requested", "reading", "draining",
                                         "done",      "failed",  "cancelled"};
  return kNames[static_cast<int>(state)];
}

/// One execution of a backfill: its order, how far it read, and what became of the records.
struct Run {
  RowId id = 0;
  std::string what;  // "hubspot.companies,hubspot.contacts": what is to be read, in order
  RunState state = RunState::requested;
  std::optional<std::int64_t> since_ms;
  std::optional<std::int64_t> limit;
  /// What its complete passes do not show is gone, however much it is.
  bool accept_shrink = false;
  std::int64_t created_ms = 0;
  std::int64_t finished_ms = 0;
  std::string error;
  std::int64_t records = 0;  // read so far
  std::int64_t open = 0;     // notices not yet final
  std::int64_t bad_rows = 0;
  std::int64_t calls = 0;                                // Assembly calls made for it
  std::array<std::int64_t, kNoticeStateCount> finals{};  // by NoticeState

  /// In `what` before any streams: all that the mirror holds is mapped again.
  static constexpr std::string_view kMirror = "mirror";
  /// Ordered by a configuration with another mapping.
  bool is_remap() const { return what.starts_with(kMirror); }
};

/// What Assembly's lists say exists.
struct DirectoryEntry {
  EntityKind kind =
      EntityKind::company;  // company for accounts of either type, contact for contacts
  AssemblyId id;
  std::string domain;
  std::vector<Key> keys;
  std::string attributes;  // JSON as read
  std::int64_t as_of_ms = 0;
};

struct Label {
  AssemblyId id;
  std::string type;
  std::string name;
};

/// The name by which the mapping knows a label, whatever it is called in Assembly by now.
struct LabelName {
  std::string type;
  std::string name;
  AssemblyId id;
};

/// For `status`, metrics and health: all from counters, no table is counted.
struct Totals {
  std::array<std::int64_t, kNoticeStateCount> notices{};
  std::array<std::int64_t, core::kLaneCount> pending{};  // by lane
  std::int64_t in_flight = 0;
  std::int64_t receipts_waiting = 0;
  std::int64_t quarantined = 0;
  std::int64_t refused = 0;           // 429s ever
  std::int64_t calls = 0;             // Assembly calls ever
  std::int64_t notices_received = 0;  // ever; the sum of `notices`, counted apart (I2)
  // Rows that are kept for a while after their end:
  std::int64_t kept_receipts = 0;
  std::int64_t kept_receipt_bytes = 0;
  std::int64_t kept_notices = 0;
  std::int64_t kept_deliveries = 0;
  std::int64_t lineage_bytes = 0;
};

/// How long what is settled is kept; beside it stand the limits of core/limits.hpp.
struct Retention {
  int receipts_days = 7;
  int notices_days = 7;
  int deliveries_days = 7;
  int quarantine_days = 30;
  int lineage_days = static_cast<int>(core::limits::kLineageAge.count());
  std::int64_t lineage_bytes = static_cast<std::int64_t>(core::limits::kLineageBytes);
};

/// What the file takes.
struct Sizes {
  std::int64_t bytes = 0;
  std::int64_t log_bytes = 0;   // of the write-ahead log
  std::int64_t free_bytes = 0;  // in the file, without content: used next
};

/// The change of live and retry lane that waits for the longest and could go.
struct OldestChange {
  Lane lane = Lane::live;
  std::int64_t created_ms = 0;
  int attempts = 0;
};

/// What a commit made durable, or failed to: for whoever measures.
struct Committed {
  std::size_t operations = 0;
  std::chrono::nanoseconds took{0};
  bool failed = false;  // nothing of it was stored
  struct Delivered {
    Lane lane = Lane::live;  // of the notice
    std::int64_t waited_ms = 0;
  };
  std::vector<Delivered> delivered;  // notices that ended so
  struct Attempt {
    Lane lane = Lane::live;  // of the change
    std::string outcome;
    std::int64_t duration_ms = 0;
  };
  std::vector<Attempt> attempts;
  struct Reading {
    SourceName source;
    std::string trouble;  // empty = it went well
  };
  std::vector<Reading> readings;
  std::vector<SourceName> passes;  // complete ones that ended
  std::vector<RunState> runs;      // that ended

  void add(const Committed& more);
};

/// What sources fill, each with a limit at which they must wait (I12).
enum class Backlog {
  receipts,
  notices,
  changes,
  for_a_person,  // dead letters and held usage logs
};
/// The one that is at its limit; of several the one that the program works off by itself.
std::optional<Backlog> full_backlog(const Totals& totals);

struct SourceActivity {
  std::optional<std::int64_t> last_webhook_ms;
  std::optional<std::int64_t> last_poll_ms;
  std::optional<std::int64_t> last_error_ms;
  std::string last_error;
  std::string last_error_kind;  // as connectors::ReadError's; empty = not known
};

/// What a source said that the records of an object hold.
struct StoredCatalogue {
  std::string body;  // JSON of a core::Catalogue
  std::int64_t read_ms = 0;
};

struct ConfigVersion {
  RowId version = 0;
  std::string hash;
  std::int64_t loaded_ms = 0;
};

/// Which of an object's values the mirror holds: records read at or after `since_ms` hold all of
/// `paths`.
struct MirrorPaths {
  std::string paths;  // one path a line, in order
  std::int64_t since_ms = 0;
};

/// A complete pass over an object of a source, under way or ended.
struct Pass {
  RowId id = 0;  // grows: of two passes the later has the larger one
  SourceName source;
  ObjectName object;
  std::optional<RowId> run;  // that makes it; nothing = the daemon on its own
  std::int64_t begun_ms = 0;
  std::string fingerprint;    // as the connector gave it when the pass began
  std::int64_t records = 0;   // shown so far
  std::int64_t bad_rows = 0;  // that could not be read, so that nothing is known of their records
  std::optional<std::int64_t> ended_ms;
  // At its end, of the records that the mirror held when it began:
  std::int64_t present = 0;  // all
  std::int64_t absent = 0;   // those that it did not show
  bool shrunk = false;       // so many that a person must say whether they are gone
  /// The last absent record that has its notice; nothing = it is not decided yet whether any gets
  /// one.
  std::optional<std::string> taken{};

  /// What it did not show may be gone, but is not taken for that.
  bool is_doubted() const { return absent > 0 && (shrunk || bad_rows > 0); }
};

/// What Assembly is called for.
enum class KeyUse : std::uint8_t { lists, changes };

/// What shows a record.
struct Shown {
  RowId pass = 0;  // the complete pass; 0 = none
  /// Nothing else tells of the object: what is shown later is so, whatever version it bears.
  bool is_truth = false;
};

/// When the program was last not there to hear of a source, and what it found of that time since.
struct CatchUp {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
  std::int64_t polled = 0;              // changes that asking the source brought
  std::int64_t late_webhooks = 0;       // events of that time that were told afterwards
  std::optional<std::int64_t> done_ms;  // the source was asked for all of it
};

/// A reason for which records of a run became dead letters.
struct RunProblem {
  std::string reason;
  std::int64_t records = 0;
  RecordRef example;
};

/// A notice as it stands.
struct Notice {
  RowId id = 0;
  std::optional<RowId> receipt;
  std::optional<RowId> run;
  RecordRef ref;
  NoticeKind kind = NoticeKind::upserted;
  Lane lane = Lane::live;
  std::string event;
  std::int64_t occurred_ms = 0;
  std::int64_t received_ms = 0;
  NoticeState state = NoticeState::open;
  std::string stage;   // open: read, mirror or send
  std::string reason;  // open: why it was put off, if it was
  int attempts = 0;
  std::int64_t due_ms = 0;
  std::optional<std::int64_t> finished_ms;
};

/// A notice that needs a human.
struct DeadNotice {
  RowId id = 0;
  RecordRef ref;
  std::string reason;
  std::int64_t finished_ms = 0;
};

// -- what waits for a person, and what persons ordered (waiting.cpp, orders.cpp)

/// Which of the notices that wait for a person: dead letters or held ones.
struct WaitingFilter {
  NoticeState state = NoticeState::dead;  // or held
  std::optional<SourceName> source{};
  std::optional<ObjectName> object{};
  std::string reason{};  // a part of it, whatever the case of its letters; empty = any
  std::optional<std::int64_t> since_ms{};   // ended then or later
  std::optional<std::int64_t> before_ms{};  // ended earlier
};

/// Where in their list, the latest first, the next begin.
struct WaitingPlace {
  std::int64_t finished_ms = 0;
  RowId id = 0;
};

/// Those of one object that ended for the same reason.
struct WaitingGroup {
  std::string reason;
  SourceName source;
  ObjectName object;
  std::int64_t count = 0;
  RowId latest = 0;
  RecordId example;
  std::int64_t last_ms = 0;
};

struct WaitingGroups {
  std::vector<WaitingGroup> groups;  // the largest first
  std::int64_t counted = 0;          // of the latest, as many as were to be looked at
};

/// A receipt without its body.
struct ReceiptHead {
  RowId id = 0;
  SourceName source;
  ObjectName object;
  std::string delivery;
  std::string state;  // received, decoded, undecodable
  std::string error;
  std::int64_t received_ms = 0;
  std::int64_t bytes = 0;  // 0 = its body is not kept any more
  std::int64_t notices = 0;
};

/// What a person ordered.
struct PersonOrder {
  RowId id = 0;
  std::string what;  // in words
  std::int64_t given_ms = 0;
  std::optional<std::int64_t> undone_ms;
};

/// What became of the notices that an order opened last.
struct OrderCount {
  bool all = true;  // else of some: it opened too many to be counted at once
  std::int64_t records = 0;
  std::int64_t open = 0;   // still on their way
  std::int64_t again = 0;  // dead or held once more
};

/// Notices that waited for a person for one reason, and were tried again since.
struct TriedAgain {
  std::string reason;  // for which they waited
  SourceName source;
  ObjectName object;
  std::int64_t count = 0;
  std::int64_t open = 0;  // still on their way
  std::int64_t last_ms = 0;
};

/// A change that an ordered notice waits for.
struct OrderedChange {
  Change change;
  bool in_flight = false;
  bool shared = false;  // with a notice that did not come of the order
};

/// A usage log whose doubt an order set aside.
struct SetAsideDoubt {
  RowId entity = 0;
  std::string known;
};

/// A row of the quarantine.
struct QuarantineRow {
  RowId id = 0;
  QuarantinedWebhook webhook;  // in lists without headers and body
  std::int64_t bytes = 0;      // of its body
};

// -- what happened of late (tail.cpp)

/// How far it was told.
struct TailPlace {
  RowId receipt = 0;
  RowId delivery = 0;
  std::int64_t ended_ms = 0;  // of the last notice told, and its id
  RowId notice = 0;
};

struct EndedNotice {
  RowId id = 0;
  RecordRef ref;
  std::string state;
  std::string reason;
  std::int64_t finished_ms = 0;
};

/// A delivery with what it was about; its change's and entity's ids are left out.
struct ToldDelivery {
  RowId id = 0;
  DeliveryRecord delivery;
  EntityKind kind = EntityKind::company;
  Key key;
  RecordRef record;  // empty where the entity has none
};

}  // namespace assembly_sync::store
