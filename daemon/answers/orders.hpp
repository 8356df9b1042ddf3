// What a person orders about dead letters and held notices: try again, take that back, accept the
// loss. Carried out a hundred notices a transaction, so that no webhook waits; what is interrupted
// is done as far as it came. Work beside a running daemon, which then does the rest. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

/// Which notices an order is about: these ids, or all that the filter lets through.
struct OrderScope {
  store::WaitingFilter filter{};
  std::vector<store::RowId> ids{};
};

/// Whence a source's record comes when it is to be mapped again.
enum class Reads : std::uint8_t {
  by_id,           // asked for
  from_mirror,     // can't be asked: as last received
  not_configured,  // the source is not in the configuration
};
using ReadsOf = std::function<Reads(const core::SourceName&)>;

struct RetryOptions {
  /// Usage logs of which it can't be told whether they are in Assembly are sent without a look: a
  /// person took it on himself that they may count twice (I6).
  bool send_again = false;
  bool dry_run = false;
};

/// Opens them again: their records are read anew (or taken from the mirror) and mapped with the
/// mapping that is in force. {state, order, matching, retried, unable, unable_examples[{id, source,
/// object, record, why}], not_waiting[id], full, send_again, dry_run}. `order`: for undo(); null
/// when nothing was done. `full`: so much is open that the rest was left for later.
core::Value retry(store::Store& store, const OrderScope& scope, const ReadsOf& reads,
                  const RetryOptions& options, std::int64_t now_ms);
/// `running`: a daemon is there to carry it out.
std::string retry_text(const core::Value& done, bool running);

/// Takes an order of retry() back (nothing = the last about notices in that state of which anything
/// is on its way): what it opened and has not come to its end stands again as before, its unsent
/// changes are withdrawn. Calls under way finish, and a change that took other news along is sent.
/// `dry_run`: only counts. {state, order, what, given_at, undone, under_way, other_news, ended,
/// failed_again, dry_run}; null when there is no such order.
core::Value undo(store::Store& store, store::NoticeState state, std::optional<store::RowId> order,
                 bool dry_run, std::int64_t now_ms);
std::string undo_text(const core::Value& done);

/// The last orders to try again, the newest first: [{order, what, given_at, undone_at,
/// counted_all, open, ended, failed_again}], where the last three count what became of the notices
/// (`counted_all` false: of some of them).
core::Value orders(const store::View& view, store::NoticeState state);
/// One of them: `order 3 of 2026-01-31 10:00:00Z (dead retry --all): 193 still on their way`
std::string order_text(const core::Value& order);

/// Ends them as ignored. {state, matching, dropped, not_waiting[id], dry_run}
core::Value drop(store::Store& store, const OrderScope& scope, bool dry_run, std::int64_t now_ms);
std::string drop_text(const core::Value& done);

}  // namespace assembly_sync::answers
