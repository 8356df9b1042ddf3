// The store: all state of the program in one SQLite file. Everything that must survive is here;
// queues between threads are its tables.
//
//   auto store = Store::open(path, clock);
//   store->write(Urgency::live, [&](Tx& tx) { tx.add_receipt(...); });   // durable when it returns
//   auto totals = store->read([](const View& view) { return view.totals(); });
//
// One writer thread commits whatever waits in one transaction (group commit, synchronous=FULL);
// readers run beside it on connections of their own. Readers must not do I/O inside read(): an open
// snapshot stops the write-ahead log from being reset. No header shows a type of the database, so
// that another engine can stand behind the same words.
//
// Thread-safe: every method may be called from any thread. Throws StoreError when the disk or the
// file is broken.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/signal.hpp"
#include "daemon/store/types.hpp"

namespace assembly_sync::store {

struct Connection;  // the database, known to this folder only

/// The disk or the file is broken; the text names the operation.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The disk or the file, not what was to be written: the same works later, or never.
class DiskError : public StoreError {
 public:
  using StoreError::StoreError;
};

/// Read access to one consistent state.
class View {
 public:
  explicit View(Connection& connection) : connection_(connection) {}

  // -- inbox and notices
  std::vector<Receipt> receipts_to_decode(const SourceName& source, int limit) const;
  /// A delivery of that name with that very body is among the receipts that are kept.
  bool has_receipt(const SourceName& source, std::string_view delivery,
                   std::string_view body) const;
  /// Notices of `source` whose record is to be read now, all of one object, best lane first.
  std::vector<OpenNotice> notices_to_resolve(const SourceName& source, std::int64_t now_ms,
                                             int limit) const;
  /// A notice about this record is open and its reading still to come.
  bool awaits_reading(const RecordRef& ref) const;
  std::vector<DeadNotice> dead_notices(int limit) const;

  // -- mirror, entities, outbox
  std::optional<MirroredRecord> record(const RecordRef& ref) const;
  /// The next rows of the mirror after `row` (0 = from the start), in a fixed order.
  std::vector<MirrorRow> mirror_after(RowId row, int limit) const;
  /// Nothing when it was never said.
  std::optional<MirrorPaths> mirror_paths(const SourceName& source, const ObjectName& object) const;
  /// Records of that object are there whose reading began before `read_ms`. Looks at all of them.
  bool mirrors_older(const SourceName& source, const ObjectName& object,
                     std::int64_t read_ms) const;
  std::optional<Entity> entity(RowId id) const;
  std::optional<Entity> entity(EntityKind kind, const Key& key) const;
  /// One that wants this domain (lower case), a present one first.
  std::optional<Entity> entity_by_domain(EntityKind kind, const std::string& domain) const;
  /// The entity that stands for this account or contact.
  std::optional<Entity> entity_by_assembly_id(const AssemblyId& id) const;
  /// Those whose own record it is; see fed_by() for those it only feeds.
  std::vector<Entity> entities_of(const RecordRef& ref) const;
  /// Of these the ones that are not in Assembly and went into no other.
  std::vector<Entity> absent_entities_of(const RecordRef& ref) const;
  /// Contacts whose company it is, usage logs that are about it.
  std::vector<Entity> children_of(RowId parent) const;
  /// There are some, or a contact still sits in its account in Assembly (`leaving`).
  bool has_children(RowId parent) const;
  /// Entities whose records were merged away into this one's.
  std::vector<Entity> merged_into(RowId survivor) const;
  /// What the records of a shared entity want, in the order of their mappings.
  std::vector<Contribution> contributions(RowId entity) const;
  /// Shared entities that this record feeds.
  std::vector<RowId> fed_by(const RecordRef& ref) const;
  /// The record that this one was merged into, through any number of merges; nothing when none is
  /// known.
  std::optional<RecordRef> survivor_of(const RecordRef& ref) const;
  /// Records known to be merged into this one, through any number of merges, in the order in which
  /// the source named them.
  std::vector<RecordRef> losers_of(const RecordRef& ref) const;
  /// When the record was seen to be merged away, or its data erased; nothing when it was not.
  std::optional<std::int64_t> merged_ms(const RecordRef& ref) const;
  std::optional<std::int64_t> erased_ms(const RecordRef& ref) const;
  std::optional<Change> pending_of(RowId entity) const;
  std::optional<Change> in_flight_of(RowId entity) const;
  /// The outbox holds something, pending or in flight.
  bool has_changes() const;
  /// Some notice ends with this change.
  bool has_notices(RowId change) const;
  /// The lane of the change that claim() would take at `now_ms`; nothing when there is none.
  std::optional<Lane> best_lane(std::int64_t now_ms) const;
  /// When the next pending change becomes due that isn't yet; nothing when there is none.
  std::optional<std::int64_t> next_due_ms(std::int64_t now_ms) const;

  // -- where values came from (lineage.cpp)
  /// Of one entity, the newest first; those before `before`, where it is not 0.
  std::vector<LineageEntry> lineage(RowId entity, RowId before, int limit) const;
  /// Attempts for one entity, the newest first.
  std::vector<DeliveryRecord> deliveries(RowId entity, int limit) const;
  /// About one record, the newest first.
  std::vector<Notice> notices_of(const RecordRef& ref, int limit) const;
  /// Those that end with this change, the newest first.
  std::vector<Notice> notices_of_change(RowId change, int limit) const;
  /// What the records are expected under, by which they are mapped again: `key:…`, `domain:…`.
  std::vector<std::string> awaited_by(const RecordRef& ref) const;
  /// The reading that the mirror holds; nothing when it holds none.
  std::optional<core::RecordVersion> record_version(const RecordRef& ref) const;
  /// `name` in small letters. By `holds` all names are looked at.
  std::vector<Entity> entities_named(const std::string& name, NameMatch match, int limit) const;
  std::vector<Entity> entities_of_domain(EntityKind kind, const std::string& domain,
                                         int limit) const;

  // -- runs, cursors, directory, labels, catalogues
  std::optional<std::string> cursor(const std::string& stream) const;
  std::optional<Run> run(RowId id) const;
  std::vector<Run> unfinished_runs() const;
  /// The newest first.
  std::vector<Run> latest_runs(int limit) const;
  /// Why records of a run became dead letters, the most frequent reason first.
  std::vector<RunProblem> run_problems(RowId run, int limit) const;
  /// Entities with row ids above `after`, at most `upto`, that are believed present, that no list
  /// read since `as_of_ms` shows, and that no call has confirmed since.
  std::vector<Entity> unlisted(RowId after, RowId upto, std::int64_t as_of_ms) const;
  RowId last_entity() const;
  std::vector<DirectoryEntry> directory_by_key(EntityKind kind, const Key& key) const;
  std::vector<DirectoryEntry> directory_by_domain(EntityKind kind, const std::string& domain) const;
  std::vector<Label> labels() const;
  std::vector<LabelName> label_names() const;
  std::optional<StoredCatalogue> catalogue(const SourceName& source,
                                           const ObjectName& object) const;

  // -- complete passes (passes.cpp)
  /// The one under way that `run` makes, or the daemon (nothing).
  std::optional<Pass> open_pass(const SourceName& source, const ObjectName& object,
                                std::optional<RowId> run) const;
  /// The last that ended.
  /// How many records of the object the mirror holds. Looks at all of them.
  std::int64_t present_records(const SourceName& source, const ObjectName& object) const;
  /// When the record of the object was read whose last reading is the oldest; nothing = there is
  /// none.
  std::optional<std::int64_t> oldest_reading(const SourceName& source,
                                             const ObjectName& object) const;
  std::optional<Pass> last_pass(const SourceName& source, const ObjectName& object) const;
  /// The last of each object of a source, of those that ended.
  std::vector<Pass> ended_passes(const SourceName& source) const;
  /// The same with `present` and `absent` as they are now. Looks at all records of the object.
  Pass counted(Pass pass) const;
  /// Records of the mirror that the pass did not show, nor anything since it began: the next after
  /// `pass.taken`, in the order of their ids.
  std::vector<RecordId> absent(const Pass& pass, int limit) const;
  /// Those of a run that ended.
  std::vector<Pass> passes_of(RowId run) const;

  // -- overview
  Totals totals() const;
  SourceActivity activity(const SourceName& source) const;
  /// Nothing when the program was never away.
  std::optional<CatchUp> catch_up(const SourceName& source) const;
  /// Notices of this source whose record is still to be read or mapped, at most `limit`.
  std::int64_t unresolved(const SourceName& source, std::int64_t limit) const;
  /// Every source that was ever heard of.
  std::vector<SourceName> sources_heard() const;
  /// A body or a notice of this source waits to be worked on.
  bool waits(const SourceName& source) const;
  /// The one in force; nothing before the first.
  std::optional<ConfigVersion> config_version() const;
  /// All that are kept, the newest first.
  std::vector<ConfigVersion> config_versions() const;
  /// The files of a version as record_config() got them; nothing when it is not kept.
  std::optional<std::string> config_files(RowId version) const;
  std::string note(const std::string& name) const;
  /// When the daemon last wrote that it is alive; nothing = never.
  std::optional<std::int64_t> alive_ms() const;
  /// Since when Assembly refuses the API key for this; nothing = it takes it, as far as is known.
  std::optional<std::int64_t> key_refused_ms(KeyUse use) const;

  // -- what waits for a person (waiting.cpp, quarantine.cpp)
  /// The latest first, from `after` on.
  std::vector<Notice> waiting(const WaitingFilter& filter, const std::optional<WaitingPlace>& after,
                              int limit) const;
  /// Their reasons; looks at `most` of them, the latest.
  WaitingGroups waiting_groups(const WaitingFilter& filter, std::int64_t most) const;
  std::optional<Notice> notice(RowId id) const;
  std::optional<ReceiptHead> receipt_head(RowId id) const;
  /// It is dead or held.
  bool waits_for_person(RowId notice) const;
  /// About dead or about held notices.
  std::optional<PersonOrder> order(NoticeState state, RowId id) const;
  /// The last `most` orders about notices in that state, the newest first.
  std::vector<PersonOrder> orders(NoticeState state, int most) const;
  /// The last of which a notice is open.
  std::optional<RowId> unfinished_order(NoticeState state) const;
  /// What became of the notices that an order opened; counts `most` of them.
  OrderCount became_of(RowId order, std::int64_t most) const;
  /// Notices that waited for a person, as the filter says, and don't any more, by the reason for
  /// which they waited: the most frequent first, at most 20. Looks at `most`, the latest.
  std::vector<TriedAgain> tried_again(const WaitingFilter& filter, std::int64_t most) const;
  /// The order that opened this notice last, with how it stood before.
  std::optional<std::pair<PersonOrder, std::string>> order_of(RowId notice) const;
  /// Notices that an order opened and that are open still, after `after`, in the order of ids.
  std::vector<Notice> ordered_open(RowId order, RowId after, int limit) const;
  /// An order said that this usage log is to be sent although it may be in Assembly.
  bool doubt_set_aside(RowId entity) const;
  std::vector<OrderedChange> ordered_changes(RowId notice, RowId order) const;
  /// After the order came other news of this record, which its change took along.
  bool took_other_news(const RecordRef& ref, const PersonOrder& order) const;
  /// The newest first, those with ids below `below` (0 = all).
  std::vector<QuarantineRow> quarantined(const std::optional<SourceName>& source,
                                         const std::string& reason,
                                         std::optional<std::int64_t> since_ms, RowId below,
                                         int limit) const;
  /// With headers and body.
  std::optional<QuarantineRow> quarantined(RowId id) const;

  // -- what happened of late (tail.cpp)
  /// After all that there is; where notices are is the caller's to say.
  TailPlace tail_end() const;
  TailPlace tail_since(std::int64_t since_ms) const;
  /// In the order of their ids, without their bodies.
  std::vector<ReceiptHead> receipts_after(RowId after, int limit) const;
  std::vector<ToldDelivery> deliveries_after(RowId after, int limit) const;
  /// Those that came to their end after that one, until `until_ms`, in the order of their ends.
  std::vector<EndedNotice> ended_after(std::int64_t after_ms, RowId after, std::int64_t until_ms,
                                       int limit) const;

  // -- room (room.cpp)
  std::optional<OldestChange> oldest_change() const;
  /// In the file, without content.
  std::int64_t free_pages() const;

 protected:
  Connection& connection_;
};

/// Write access inside one transaction. All or nothing together with everything else that the
/// function given to write() does.
class Tx : public View {
 public:
  using View::View;

  // -- inbox
  /// `object`: that the address named. `delivery`: the sender's name of it; empty = none.
  RowId add_receipt(const SourceName& source, std::int64_t received_ms, std::string_view body,
                    const ObjectName& object = {}, std::string_view delivery = {});
  /// The receipt was turned into `notices` notices, or could not be (`error`).
  void settle_receipt(RowId id, std::int64_t notices, const std::optional<std::string>& error);
  /// Keeps at most limits::kQuarantineRows and kQuarantineBytes; the oldest go first.
  void quarantine(const QuarantinedWebhook& webhook);

  // -- notices
  /// Open, its record to be read.
  RowId add_notice(const NewNotice& notice);
  /// Open, to be mapped again from the mirror.
  RowId add_mirror_notice(const NewNotice& notice);
  /// Open, its record read and planned: it waits for the changes it is linked to next.
  RowId add_planned_notice(const NewNotice& notice);
  /// Ends older open notices that still wait to read the same record: one reading answers them all.
  /// A deletion or erasure among them is not forgotten: the newer notice becomes one.
  void supersede_unread(const RecordRef& ref, RowId newer, std::int64_t now_ms);
  /// When nothing is left to do for its record as planned (delivered, unchanged, filtered), or that
  /// failed too, dead letters about it from before end as superseded: a record has one at most.
  void finish_notice(RowId id, NoticeState state, const std::string& reason, std::int64_t now_ms);
  /// The same for one whose record was mapped and compared now.
  void finish_planned(RowId id, NoticeState state, const std::string& reason, std::int64_t now_ms);
  /// The record was planned; the notice now waits for the changes it is linked to.
  void await_changes(RowId notice, std::int64_t planned_ms);
  void link(RowId notice, RowId change);
  /// Try reading again later.
  void postpone_notice(RowId id, std::int64_t due_ms, bool counts_as_attempt,
                       const std::string& why);
  /// Open again, to be mapped from the mirror at `due_ms`: something is under way that its planning
  /// must wait for. Counts as an attempt.
  void map_later(RowId id, std::int64_t due_ms, const std::string& why);
  /// The same, but its record is to be read.
  void read_later(RowId id, std::int64_t due_ms, const std::string& why);
  /// A notice that ended in the moment it arose: counted, not stored (backfill rows by the
  /// million). Dead letters of its record end as by finish_planned().
  void count_notice(NoticeState state, const RecordRef& ref, std::optional<RowId> run,
                    std::int64_t now_ms);

  // -- mirror
  /// Stores a reading that began at `read_ms`. False when the mirror already holds a newer version,
  /// or the same one read later (an association may change without moving the version); nothing
  /// changes then.
  bool put_record(const core::Record& record, std::int64_t read_ms, std::int64_t now_ms,
                  const Shown& shown = Shown());
  /// A complete pass shows the record as the mirror holds it.
  void mark_seen(const RecordRef& ref, RowId pass, std::int64_t read_ms);
  void mark_record(const RecordRef& ref, RecordState state, std::int64_t read_ms);
  void clear_mirror_paths();
  void set_mirror_paths(const SourceName& source, const ObjectName& object,
                        const MirrorPaths& paths);

  // -- entities
  Entity ensure_entity(EntityKind kind, const Key& key);
  void update_entity(const Entity& entity);
  /// Adds or replaces what one record wants of a shared entity.
  void put_contribution(RowId entity, const Contribution& contribution);
  /// What mappings of other names want of shared entities is forgotten.
  void keep_contributions_of(const std::vector<std::string>& mappings);
  void remove_contribution(RowId entity, const std::string& mapping, const RecordRef& ref);
  /// The entity goes by another key from now on; its old one must be free.
  void rename_entity(RowId entity, const Key& key);
  /// `loser` was merged into `survivor`, of the same object. A record merged into itself says
  /// nothing.
  /// `place`: among those that the source named together.
  void put_merge(const RecordRef& loser, const RecordId& survivor, int place, std::int64_t now_ms);
  /// The source shows the record on its own again.
  void remove_merge(const RecordRef& loser);
  /// What other records than `except` want of `from` they want of `to` from now on.
  void move_contributions(RowId from, RowId to, const RecordRef& except);
  /// Records without their parent: mapped again when it appears.
  void add_orphan(const std::string& parent, const RecordRef& ref);
  std::vector<RecordRef> take_orphans(const std::string& parent);

  // -- outbox
  /// Makes `change` the entity's one pending change; an older pending one is replaced and its
  /// notices end as superseded. Returns its id.
  RowId put_change(Change change, std::int64_t now_ms);
  /// Another wanted state for a pending change, which keeps its place and its notices; its entity's
  /// present parent becomes the one it waits for.
  void revise_change(RowId change, const std::string& wanted);
  /// Sets why a pending change waits.
  void set_wait(RowId change, Wait wait);
  /// Pending changes that wait for this entity as parent.
  std::vector<Change> waiting_children(RowId parent) const;
  /// The parent is not there any more: its children's pending changes wait for it again.
  void hold_children(RowId parent);
  /// Takes the next change whose parent is present and whose entity is idle, best lane first.
  std::optional<Claim> claim(std::int64_t now_ms, const std::string& lease);
  /// Whether the claim is still held by `lease` (it may have been taken back after a crash).
  bool holds_claim(RowId change, const std::string& lease) const;
  /// The change is done for good: its notices end, the row goes.
  void close_change(RowId change, NoticeState state, const std::string& reason,
                    std::int64_t now_ms);
  /// Back to pending. When a newer pending change exists, this one ends as superseded instead and
  /// the newer one takes over attempts and due time.
  void return_change(RowId change, Lane lane, std::int64_t due_ms, int attempts,
                     std::int64_t now_ms);
  /// Claims whose lease ran out, or all (`everyone`, at start: their process is dead).
  std::vector<Change> expired_claims(std::int64_t now_ms, bool everyone) const;
  void add_delivery(const DeliveryRecord& delivery);

  // -- where values came from (lineage.cpp)
  void add_lineage(const LineageEntry& entry);
  /// What is known of where its values came from is forgotten.
  void erase_lineage(RowId entity);
  void clear_lineage();

  // -- privacy (erase.cpp)
  /// The source erased the record's data: its local copy goes, and what receipts, notices and
  /// deliveries say about it. What stays: ids, times, states, and that it was erased.
  void erase_record(const RecordRef& ref, std::int64_t now_ms);
  /// The source shows the record again.
  void remove_erasure(const RecordRef& ref);
  /// The raw body of a settled receipt.
  void erase_receipt_body(RowId receipt);
  /// What a list said of this account or contact, but its id and keys.
  void erase_directory(EntityKind kind, const AssemblyId& id);

  // -- runs, cursors, directory, labels, catalogues
  void set_cursor(const std::string& stream, const std::string& value);
  void clear_cursor(const std::string& stream);
  RowId add_run(const Run& run);
  void update_run(RowId id, RunState state, const std::string& error, std::int64_t now_ms);
  void add_run_progress(RowId id, std::int64_t records, std::int64_t bad_rows);
  /// Calls that are no delivery of a change: lists and labels.
  void count_calls(std::int64_t calls, std::optional<RowId> run);
  void put_directory(const DirectoryEntry& entry);
  /// It was seen to be gone, whatever the list said when it was read.
  void forget_directory(EntityKind kind, const AssemblyId& id);
  /// Entries of that kind older than `as_of_ms` are gone from Assembly's list.
  void prune_directory(EntityKind kind, std::int64_t as_of_ms);
  void replace_labels(const std::vector<Label>& labels);
  void put_label(const Label& label);
  void put_label_name(const LabelName& name);
  void put_catalogue(const SourceName& source, const ObjectName& object,
                     const StoredCatalogue& catalogue);

  // -- complete passes
  RowId begin_pass(const Pass& pass);
  void add_pass_progress(RowId pass, std::int64_t records, std::int64_t bad_rows);
  /// All of it was shown and counted: which of the absent have their notices.
  void put_taken(const Pass& pass, const std::string& taken);
  /// It is complete; the ended ones before it, and those of runs that failed, are forgotten.
  void end_pass(const Pass& pass, std::int64_t now_ms);
  /// It will not be completed.
  void drop_pass(RowId pass);
  /// Passes over other objects than these (SOURCE.OBJECT) are forgotten.
  void keep_passes_of(const std::vector<std::string>& streams);

  // -- overview
  void touch_source(const SourceName& source, bool webhook, std::int64_t now_ms);
  /// The program was away from `from_ms` to `to_ms`. Forgets the time before, unless that was not
  /// caught up on.
  void begin_catch_up(const SourceName& source, std::int64_t from_ms, std::int64_t to_ms);
  void add_catch_up(const SourceName& source, std::int64_t polled, std::int64_t late_webhooks);
  void end_catch_up(const SourceName& source, std::int64_t now_ms);
  /// Reading this object failed; the first of several in a row says since when.
  /// `kind`: as connectors::ReadError's; empty = not known.
  void source_error(const SourceName& source, const ObjectName& object, const std::string& error,
                    std::int64_t now_ms, std::string_view kind = {});
  /// The object can be read again.
  void clear_source_error(const SourceName& source, const ObjectName& object);
  void count_refused();
  /// The configuration with this hash is in force from now on: a new version, unless it is the one
  /// that was in force already. `files`: its text, kept for limits::kConfigVersions versions.
  ConfigVersion record_config(const std::string& hash, const std::string& files,
                              std::int64_t now_ms);
  void set_note(const std::string& name, const std::string& value);
  void set_alive(std::int64_t now_ms);
  /// Calls of one use tell nothing of the other: a key may read and not write.
  void set_key_refused(KeyUse use, std::optional<std::int64_t> since_ms);

  // -- orders of a person (orders.cpp, quarantine.cpp)
  /// Keeps the last kPersonOrders; what older ones opened can't be taken back any more.
  RowId add_order(NoticeState state, const std::string& what, std::int64_t now_ms);
  /// A dead or held notice is open again, its record to be read. False when it is neither.
  bool reopen_notice(RowId id, RowId order, std::int64_t now_ms);
  /// Remembers what was in doubt when the notice was opened.
  void set_doubt_aside(RowId notice, const SetAsideDoubt& doubt);
  std::vector<SetAsideDoubt> doubts_set_aside(RowId notice) const;
  /// An open notice stands again as it did before the order.
  void put_back_notice(RowId id);
  void unlink(RowId notice, RowId change);
  void order_undone(RowId order, std::int64_t now_ms);
  /// A person accepts the loss: a dead or held notice ends as ignored. False when it is neither.
  bool drop_notice(RowId id, std::int64_t now_ms);
  /// It leaves the quarantine. False when it is not there.
  bool remove_quarantined(RowId id);

  // -- room (room.cpp)
  /// Deletes settled rows beyond the limits, at most `rows` of each kind at a time; returns how
  /// many.
  std::int64_t sweep(std::int64_t now_ms, int rows, const Retention& keep = {});
  /// Gives pages without content back to the disk, a few hundred at a time. Only a file that was
  /// made so can do it (auto_vacuum).
  void give_back_pages();
  /// The write-ahead log goes into the file and is cut off after this commit.
  void cut_log();
  /// The wall clock was set back by `by_ms`, and it is `now_ms` by it: what is due at a time that
  /// was meant by the old one is due when it was meant to be.
  void clock_set_back(std::int64_t by_ms, std::int64_t now_ms);

 private:
  void finish(RowId id, NoticeState state, const std::string& reason,
              std::optional<std::int64_t> planned_ms, std::int64_t now_ms);
};

/// Who goes first at the writer: a webhook before a page of a backfill. What is `calm`, such as a
/// settled delivery that nobody waits for, shares the commit of another that comes within a few
/// hundredths of a second, if there is one: a commit costs more than what is in it.
enum class Urgency : std::uint8_t { live, calm, bulk };

struct StoreOptions {
  bool exclusive = true;  // take the lock: this process receives and drains
  /// Told of each commit, and of each that failed, on the writer's thread: must be quick and must
  /// not throw.
  std::function<void(const Committed&)> observer{};
};

/// Why a store can't be opened.
struct OpenError {
  enum class Kind : std::uint8_t { busy, too_new, broken };
  Kind kind = Kind::broken;
  std::string message;
};

class Store {
 public:
  /// Creates the file (mode 0600) and applies missing migrations. `too_new`: the file was written
  /// by a newer version of the program. `busy`: another process holds the lock.
  static tl::expected<std::unique_ptr<Store>, OpenError> open(const std::string& path,
                                                              core::Clock& clock,
                                                              StoreOptions options = {});
  /// A process holds its lock: a daemon, or a backfill of its own.
  static bool is_held(const std::string& path);
  ~Store();

  /// Runs `work` in a transaction and returns when it is durable. What `work` throws undoes its
  /// writes and is thrown here.
  void write(Urgency urgency, const std::function<void(Tx&)>& work);
  /// The same without waiting, for what can fail only when the disk or the file is broken, such as
  /// an append: what `work` throws undoes the whole group. `done` is called on the writer's thread
  /// after the commit (with what was thrown, else nullptr) and must be quick.
  void write_async(Urgency urgency, std::function<void(Tx&)> work,
                   std::function<void(std::exception_ptr)> done);

  template <class Work>
  std::invoke_result_t<Work, const View&> read(Work&& work) const {
    const Lease lease(*this);
    return work(View(lease.connection()));
  }

  /// Raised after a commit that may have given the dispatcher or a resolver something to do.
  core::Signal& outbox_changed();
  core::Signal& inbox_changed();

  const std::string& path() const;

  // -- room (room.cpp)
  /// What is there already and is only mapped again goes on however much waits for a person: it is
  /// what ends the dead letters of a rule that was mended.
  enum class Bringing { more, known_records };
  /// Nothing is at its limit, the disk has room and takes what is written: whoever brings more may
  /// go on (I12).
  bool has_room(Bringing what = Bringing::more) const;
  /// Said by whoever watches the disk.
  void set_disk_low(bool low);
  bool disk_low() const;
  /// The last commit failed.
  bool failing() const;
  Sizes sizes() const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  /// A reader connection for the time of one read().
  class Lease {
   public:
    explicit Lease(const Store& store);
    ~Lease();
    Connection& connection() const { return *connection_; }

   private:
    const Store& store_;
    std::unique_ptr<Connection> connection_;
  };
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::store
