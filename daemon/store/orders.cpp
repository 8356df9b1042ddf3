// What a person orders about notices that wait for one: open again, taken back, dropped. The sums
// move with each (I2).
#include <limits>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "daemon/store/sqlite.hpp"

namespace assembly_sync::store {
namespace {

constexpr const char* kOrderById =
    "SELECT id, what, given_ms, undone_ms FROM person_order WHERE state = ?1 AND id = ?2";

constexpr const char* kLatestOrders =
    "SELECT id, what, given_ms, undone_ms FROM person_order WHERE state = ?1 "
    "ORDER BY id DESC LIMIT ?2";
constexpr const char* kUnfinishedOrder =
    "SELECT p.id FROM person_order p WHERE p.state = ?1 AND EXISTS (SELECT 1 FROM ordered o JOIN "
    "notice n ON n.id = o.notice WHERE o.person_order = p.id AND n.state = 'open') ORDER BY p.id "
    "DESC LIMIT 1";
constexpr const char* kBecame =
    "SELECT count(*), coalesce(sum(n.state = 'open'), 0), coalesce(sum(n.state IN ('dead', "
    "'held')), 0) FROM (SELECT notice FROM ordered WHERE person_order = ?1 LIMIT ?2) o JOIN notice "
    "n ON n.id = o.notice";
constexpr const char* kTriedAgain =
    "SELECT o.reason, n.source, n.object, count(*), sum(n.state = 'open'), max(o.finished_ms) FROM "
    "(SELECT notice, reason, finished_ms FROM ordered INDEXED BY ordered_failed WHERE state = ?1 "
    "AND finished_ms >= ?2 AND finished_ms < ?3 ORDER BY finished_ms DESC LIMIT ?7) o "
    "JOIN notice n ON n.id = o.notice WHERE (?4 = '' OR n.source = ?4) AND (?5 = '' OR n.object = "
    "?5) AND (?6 = "
    "'' OR instr(lower(o.reason), ?6) > 0) AND n.state NOT IN ('dead', 'held') GROUP BY o.reason, "
    "n.source, n.object ORDER BY count(*) DESC LIMIT 20";

PersonOrder read_order(const Statement& row) {
  return {row.integer(0), row.text(1), row.integer(2), row.optional_integer(3)};
}

/// The run's sums after `moved` of its notices, final with `state`, are open again (-1: final once
/// more).
void reopen_in_run(Connection& connection, std::optional<RowId> run, const std::string& state,
                   std::int64_t moved) {
  if (!run) return;
  Statement(connection, state == "held"
                            ? "UPDATE run SET open = open + ?2, held = held - ?2 WHERE id = ?1"
                            : "UPDATE run SET open = open + ?2, dead = dead - ?2 WHERE id = ?1")
      .bind(*run, moved)
      .run();
}

}  // namespace

std::optional<PersonOrder> View::order(NoticeState state, RowId id) const {
  Statement query(connection_, kOrderById);
  query.bind(to_text(state), id);
  if (!query.step()) return std::nullopt;
  return read_order(query);
}

std::vector<PersonOrder> View::orders(NoticeState state, int most) const {
  Statement query(connection_, kLatestOrders);
  query.bind(to_text(state), most);
  std::vector<PersonOrder> orders;
  while (query.step()) orders.push_back(read_order(query));
  return orders;
}

std::optional<RowId> View::unfinished_order(NoticeState state) const {
  Statement query(connection_, kUnfinishedOrder);
  query.bind(to_text(state));
  if (!query.step()) return std::nullopt;
  return query.integer(0);
}

OrderCount View::became_of(RowId order, std::int64_t most) const {
  Statement query(connection_, kBecame);
  query.bind(order, most);
  query.step();
  OrderCount count;
  count.records = query.integer(0);
  count.open = query.integer(1);
  count.again = query.integer(2);
  count.all = count.records < most;
  return count;
}

std::vector<TriedAgain> View::tried_again(const WaitingFilter& filter, std::int64_t most) const {
  Statement query(connection_, kTriedAgain);
  const std::string source = filter.source ? filter.source->str() : "";
  const std::string object = filter.object ? filter.object->str() : "";
  query.bind(to_text(filter.state), filter.since_ms.value_or(0),
             filter.before_ms.value_or(std::numeric_limits<std::int64_t>::max()), source, object,
             core::lower_ascii(filter.reason), most);
  std::vector<TriedAgain> groups;
  while (query.step()) {
    groups.push_back({query.text(0), SourceName(query.text(1)), ObjectName(query.text(2)),
                      query.integer(3), query.integer(4), query.integer(5)});
  }
  return groups;
}

std::optional<std::pair<PersonOrder, std::string>> View::order_of(RowId notice) const {
  Statement query(connection_,
                  "SELECT p.id, p.what, p.given_ms, p.undone_ms, o.state || ': ' || o.reason FROM "
                  "ordered o JOIN person_order p ON p.id = o.person_order WHERE o.notice = ?1");
  query.bind(notice);
  if (!query.step()) return std::nullopt;
  return std::pair(read_order(query), query.text(4));
}

std::vector<OrderedChange> View::ordered_changes(RowId notice, RowId order) const {
  Statement query(
      connection_,
      "SELECT c.id, c.entity, c.action, c.lane, c.due_ms, c.attempts, c.wanted, c.mapping, "
      "c.created_ms, c.wait, c.state, EXISTS (SELECT 1 FROM notice_change l LEFT JOIN ordered o ON "
      "o.notice = l.notice WHERE l.change = c.id AND o.person_order IS NOT ?2) FROM notice_change "
      "n JOIN change c ON c.id = n.change WHERE n.notice = ?1");
  query.bind(notice, order);
  std::vector<OrderedChange> changes;
  while (query.step()) {
    OrderedChange one;
    one.change.id = query.integer(0);
    one.change.entity = query.integer(1);
    one.change.action = static_cast<Action>(query.integer(2));
    one.change.lane = static_cast<Lane>(query.integer(3));
    one.change.due_ms = query.integer(4);
    one.change.attempts = static_cast<int>(query.integer(5));
    one.change.wanted = query.text(6);
    one.change.mapping = query.text(7);
    one.change.created_ms = query.integer(8);
    one.change.wait = static_cast<Wait>(query.integer(9));
    one.in_flight = query.text(10) == "in_flight";
    one.shared = query.integer(11) != 0;
    changes.push_back(std::move(one));
  }
  return changes;
}

bool View::doubt_set_aside(RowId entity) const {
  Statement query(connection_, "SELECT 1 FROM ordered_doubt WHERE entity = ?1 LIMIT 1");
  query.bind(entity);
  return query.step();
}

bool View::took_other_news(const RecordRef& ref, const PersonOrder& order) const {
  Statement query(connection_,
                  "SELECT 1 FROM notice n LEFT JOIN ordered o ON o.notice = n.id WHERE n.source = "
                  "?1 AND n.object = ?2 AND n.record = ?3 AND n.state = 'superseded' AND "
                  "n.finished_ms >= ?4 AND o.person_order IS NOT ?5 LIMIT 1");
  query.bind(ref.source, ref.object, ref.id, order.given_ms, order.id);
  return query.step();
}

bool View::waits_for_person(RowId notice) const {
  Statement query(connection_, "SELECT 1 FROM notice WHERE id = ?1 AND state IN ('dead', 'held')");
  query.bind(notice);
  return query.step();
}

RowId Tx::add_order(NoticeState state, const std::string& what, std::int64_t now_ms) {
  Statement(connection_, "INSERT INTO person_order (state, what, given_ms) VALUES (?1, ?2, ?3)")
      .bind(to_text(state), what, now_ms)
      .run();
  const RowId id = connection_.last_id();
  Statement(connection_, "DELETE FROM person_order WHERE id <= ?1")
      .bind(id - static_cast<RowId>(core::limits::kPersonOrders))
      .run();
  return id;
}

bool Tx::reopen_notice(RowId id, RowId order, std::int64_t now_ms) {
  const auto before = notice(id);
  const bool waits =
      before && (before->state == NoticeState::dead || before->state == NoticeState::held);
  if (!waits) return false;
  const std::string state(to_text(before->state));
  Statement(connection_,
            "INSERT OR REPLACE INTO ordered (notice, person_order, state, reason, finished_ms, "
            "lane) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
      .bind(id, order, state, before->reason, before->finished_ms, static_cast<int>(before->lane))
      .run();
  Statement(connection_,
            "UPDATE notice SET state = 'open', stage = 'read', reason = NULL, finished_ms = NULL, "
            "attempts = 0, worst = 0, planned_ms = NULL, due_ms = ?2, lane = ?3 WHERE id = ?1")
      .bind(id, now_ms, static_cast<int>(Lane::retry))
      .run();
  connection_.count(state_counter(state), -1);
  connection_.count("notices.open", 1);
  reopen_in_run(connection_, before->run, state, 1);
  connection_.pending.inbox = true;
  return true;
}

void Tx::set_doubt_aside(RowId notice, const SetAsideDoubt& doubt) {
  Statement(connection_,
            "INSERT OR REPLACE INTO ordered_doubt (notice, entity, known) VALUES (?1, ?2, ?3)")
      .bind(notice, doubt.entity, doubt.known)
      .run();
}

std::vector<SetAsideDoubt> Tx::doubts_set_aside(RowId notice) const {
  Statement query(connection_, "SELECT entity, known FROM ordered_doubt WHERE notice = ?1");
  query.bind(notice);
  std::vector<SetAsideDoubt> doubts;
  while (query.step()) doubts.push_back({query.integer(0), query.text(1)});
  return doubts;
}

void Tx::put_back_notice(RowId id) {
  std::string state;
  std::optional<RowId> run;
  {
    Statement update(connection_,
                     "UPDATE notice SET state = o.state, stage = NULL, reason = o.reason, "
                     "finished_ms = o.finished_ms, lane = o.lane FROM ordered o WHERE o.notice = "
                     "notice.id AND notice.id = ?1 AND notice.state = 'open' RETURNING state, run");
    update.bind(id);
    if (!update.step()) return;
    state = update.text(0);
    run = update.optional_integer(1);
    update.run();
  }
  Statement(connection_, "DELETE FROM ordered WHERE notice = ?1").bind(id).run();
  Statement(connection_, "DELETE FROM ordered_doubt WHERE notice = ?1").bind(id).run();
  connection_.count("notices.open", -1);
  connection_.count(state_counter(state), 1);
  reopen_in_run(connection_, run, state, -1);
}

void Tx::unlink(RowId notice, RowId change) {
  Statement(connection_, "DELETE FROM notice_change WHERE change = ?1 AND notice = ?2")
      .bind(change, notice)
      .run();
}

void Tx::order_undone(RowId order, std::int64_t now_ms) {
  Statement(connection_, "UPDATE person_order SET undone_ms = ?2 WHERE id = ?1")
      .bind(order, now_ms)
      .run();
}

bool Tx::drop_notice(RowId id, std::int64_t now_ms) {
  const auto before = notice(id);
  const bool waits =
      before && (before->state == NoticeState::dead || before->state == NoticeState::held);
  if (!waits) return false;
  const std::string state(to_text(before->state));
  Statement(connection_,
            "UPDATE notice SET state = 'ignored', reason = ?2, finished_ms = ?3 WHERE id = ?1")
      .bind(id, "dropped by hand; was " + state + ": " + before->reason, now_ms)
      .run();
  count_waited(connection_, before->run, before->state, NoticeState::ignored);
  return true;
}

}  // namespace assembly_sync::store
