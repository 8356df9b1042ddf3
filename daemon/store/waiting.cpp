// Notices that wait for a person, and what is known of each: for who asks what failed.
#include <algorithm>
#include <limits>

#include "core/text.hpp"
#include "daemon/store/notice_rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();

// The words about the states are those of the index, which serves only who repeats them.
#define WHICH_WAIT                                                                             \
  "WHERE n.state IN ('dead', 'held') AND n.state = ?1 AND n.finished_ms >= ?2 AND "            \
  "n.finished_ms < ?3 AND (n.finished_ms, n.id) < (?4, ?5) AND (?6 IS NULL OR n.object = ?6) " \
  "AND (?7 = '' OR instr(lower(n.reason), ?7) > 0) "
#define LATEST_FIRST "ORDER BY n.finished_ms DESC, n.id DESC LIMIT ?8"
#define OF_ALL "FROM notice n INDEXED BY notice_waiting " WHICH_WAIT LATEST_FIRST
#define OF_SOURCE \
  "FROM notice n INDEXED BY notice_waiting_of " WHICH_WAIT "AND n.source = ?9 " LATEST_FIRST

#define GROUPED(rows)                                                                          \
  "SELECT reason, source, object, count(*), max(id), max(finished_ms), sum(count(*)) OVER () " \
  "FROM (SELECT n.reason, n.source, n.object, n.id, n.finished_ms " rows                       \
  ") GROUP BY reason, source, object ORDER BY count(*) DESC, max(id) DESC LIMIT 20"

constexpr const char* kOfAll = "SELECT " NOTICE_COLUMNS " " OF_ALL;
constexpr const char* kOfSource = "SELECT " NOTICE_COLUMNS " " OF_SOURCE;
constexpr const char* kGroupsOfAll = GROUPED(OF_ALL);
constexpr const char* kGroupsOfSource = GROUPED(OF_SOURCE);
constexpr const char* kNoticeById = "SELECT " NOTICE_COLUMNS " FROM notice n WHERE n.id = ?1";
constexpr const char* kOrderedOpen =
    "SELECT " NOTICE_COLUMNS
    " FROM ordered o JOIN notice n ON n.id = o.notice WHERE o.person_order = ?1 AND o.notice > ?2 "
    "AND n.state = 'open' ORDER BY o.notice LIMIT ?3";

/// Binds what WHICH_WAIT asks for.
void bind_filter(Statement& query, const WaitingFilter& filter,
                 const std::optional<WaitingPlace>& after, std::int64_t limit) {
  const auto place = after.value_or(WaitingPlace{kEver, kEver});
  // The index takes its bound from this one: else a late page would begin at the first.
  const std::int64_t before_ms =
      std::min(filter.before_ms.value_or(kEver), after ? after->finished_ms + 1 : kEver);
  const auto bind_all = [&](const auto&... more) {
    query.bind(to_text(filter.state), filter.since_ms.value_or(0), before_ms, place.finished_ms,
               place.id, filter.object, core::lower_ascii(filter.reason), limit, more...);
  };
  if (filter.source) {
    bind_all(*filter.source);
  } else {
    bind_all();
  }
}

}  // namespace

std::vector<Notice> View::waiting(const WaitingFilter& filter,
                                  const std::optional<WaitingPlace>& after, int limit) const {
  Statement query(connection_, filter.source ? kOfSource : kOfAll);
  bind_filter(query, filter, after, limit);
  return read_notices(query);
}

WaitingGroups View::waiting_groups(const WaitingFilter& filter, std::int64_t most) const {
  WaitingGroups found;
  {
    Statement query(connection_, filter.source ? kGroupsOfSource : kGroupsOfAll);
    bind_filter(query, filter, std::nullopt, most);
    while (query.step()) {
      WaitingGroup group;
      group.reason = query.text(0);
      group.source = SourceName(query.text(1));
      group.object = ObjectName(query.text(2));
      group.count = query.integer(3);
      group.latest = query.integer(4);
      group.last_ms = query.integer(5);
      found.counted = query.integer(6);
      found.groups.push_back(std::move(group));
    }
  }
  for (WaitingGroup& group : found.groups) {
    if (const auto latest = notice(group.latest)) group.example = latest->ref.id;
  }
  return found;
}

std::optional<Notice> View::notice(RowId id) const {
  Statement query(connection_, kNoticeById);
  query.bind(id);
  auto rows = read_notices(query);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::vector<Notice> View::ordered_open(RowId order, RowId after, int limit) const {
  Statement query(connection_, kOrderedOpen);
  query.bind(order, after, limit);
  return read_notices(query);
}

std::optional<ReceiptHead> View::receipt_head(RowId id) const {
  Statement query(connection_,
                  "SELECT id, source, object, delivery, state, coalesce(error, ''), received_ms, "
                  "coalesce(length(CAST(body AS BLOB)), 0), notices FROM receipt WHERE id = ?1");
  query.bind(id);
  if (!query.step()) return std::nullopt;
  ReceiptHead head;
  head.id = query.integer(0);
  head.source = SourceName(query.text(1));
  head.object = ObjectName(query.text(2));
  head.delivery = query.text(3);
  head.state = query.text(4);
  head.error = query.text(5);
  head.received_ms = query.integer(6);
  head.bytes = query.integer(7);
  head.notices = query.integer(8);
  return head;
}

}  // namespace assembly_sync::store
