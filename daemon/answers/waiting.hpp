// Dead letters and held notices: what failed, why, and what is known of one of them.
//
//   Value list = waiting(view, {.filter = {.state = NoticeState::dead}});
//   out << waiting_text(list);
//
// Read only; thread-safe. The documents hold the admin's own data (`show`), never a secret.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

struct WaitingQuery {
  store::WaitingFilter filter{};
  /// The id after which the page begins; of a notice that waits no more nothing is shown.
  std::optional<store::RowId> after{};
  int limit = 20;
  /// Of what was tried again is told what failed then or later, unless the filter says since when.
  std::int64_t tried_since_ms = 0;
};

/// How long back that is when nobody says otherwise.
inline constexpr std::int64_t kTriedWithinMs = 24LL * 3600 * 1000;

/// {state, total, counted, counted_all, groups[{reason, source, object, count, example, id,
/// last_at}], items[{id, source, object, record, kind, event, reason, at, received_at}], next,
/// tried_again[{reason, source, object, count, open, last_at}], orders[]}. `tried_again`: what
/// failed and was tried again since, so that a retry hides no failure. Of very many the reasons are
/// those of the latest (`counted_all` false). `next`: the id for the page after this one; null =
/// there is none.
core::Value waiting(const store::View& view, const WaitingQuery& query);
std::string waiting_text(const core::Value& list);

/// What today's mapping would send of a record, as a list of {mapping, result, to, key, fields{NAME
/// {from, to}}} or {mapping, result, reason}, where `result` is intent or how its notice would end;
/// null when that can't be told. Asks nobody.
using WouldSend = std::function<core::Value(const store::View&, const core::RecordRef&)>;

/// All that is known of a notice that is dead or held, or was: {notice, receipt, record, entities[
/// {to, key, assembly_id, present, in_doubt, deliveries[]}], would_send, ordered, next_steps[]}.
/// Null when there is no such notice.
core::Value waiting_one(const store::View& view, store::RowId id, const WouldSend& would_send);
std::string waiting_one_text(const core::Value& one);

/// The verb about notices in this state: `dead` or `holds`.
std::string verb_of(store::NoticeState state);
/// `3 dead letters`, `1 held usage log`
std::string count_waiting(std::int64_t count, store::NoticeState state);

}  // namespace assembly_sync::answers
