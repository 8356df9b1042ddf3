// Taking an order to try again back.
#include <algorithm>
#include <limits>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/orders.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/sync/parents.hpp"
#include "daemon/sync/reconcile.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::Notice;
using store::NoticeState;
using store::OrderedChange;
using store::RowId;
using store::Tx;
using store::View;

constexpr int kChunk = static_cast<int>(core::limits::kBulkRowsPerTransaction);
constexpr int kOrdersShown = 10;
/// Of each order shown; a page must not take seconds.
constexpr std::int64_t kMostCounted = 10'000;
constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
constexpr const char* kWithdrawn = "the order to try it again was taken back";

class Undoing {
 public:
  Undoing(store::PersonOrder order, const store::OrderCount& before, std::int64_t now_ms)
      : order_(std::move(order)), before_(before), now_ms_(now_ms) {}

  void only_judge(const View& view, const Notice& row) {
    judge(view, row, view.ordered_changes(row.id, order_.id));
  }

  void take_back(Tx& tx, const Notice& row) {
    const auto changes = tx.ordered_changes(row.id, order_.id);
    if (!judge(tx, row, changes)) return;
    for (const OrderedChange& one : changes) {
      tx.unlink(row.id, one.change.id);
      withdraw(tx, one);
    }
    restore_doubts(tx, row.id);
    tx.put_back_notice(row.id);
  }

  void finish(Tx& tx) const {
    if (under_way_ + other_news_ == 0) tx.order_undone(order_.id, now_ms_);
  }

  Value document(bool dry_run) const {
    return Value::object({{"order", order_.id},
                          {"what", order_.what},
                          {"given_at", time_value(order_.given_ms)},
                          {"undone", undone_},
                          {"under_way", under_way_},
                          {"other_news", other_news_},
                          {"ended", before_.records - before_.open - before_.again},
                          {"failed_again", before_.again},
                          {"dry_run", dry_run}});
  }

 private:
  /// What would become of the notice that waits for these changes; true: it stands as before.
  bool judge(const View& view, const Notice& row, const std::vector<OrderedChange>& changes) {
    if (std::any_of(changes.begin(), changes.end(),
                    [](const OrderedChange& one) { return one.in_flight; })) {
      ++under_way_;
      return false;
    }
    if (!changes.empty() && took_other_news(view, row, changes)) {
      ++other_news_;
      return false;
    }
    ++undone_;
    return true;
  }

  /// The order's change replaced another one in the outbox, whose notice ended as superseded.
  bool took_other_news(const View& view, const Notice& row,
                       const std::vector<OrderedChange>& changes) const {
    if (view.took_other_news(row.ref, order_)) return true;
    for (const OrderedChange& one : changes) {
      for (const store::Contribution& part : view.contributions(one.change.entity)) {
        if (part.record != row.ref && view.took_other_news(part.record, order_)) return true;
      }
    }
    return false;
  }

  /// Unless it was there before the order, or somebody else waits for it too.
  void withdraw(Tx& tx, const OrderedChange& one) const {
    const bool its_own =
        one.change.created_ms >= order_.given_ms && !one.shared && !tx.has_notices(one.change.id);
    if (!its_own) return;
    sync::withdraw(tx, one.change, kWithdrawn, now_ms_);
    const auto entity = tx.entity(one.change.entity);
    if (entity && !entity->present && !tx.pending_of(entity->id) && !tx.in_flight_of(entity->id)) {
      sync::orphan_children(
          tx, *entity,
          "its " + std::string(core::to_text(entity->kind)) + " is not sent: " + kWithdrawn,
          now_ms_);
    }
  }

  void restore_doubts(Tx& tx, RowId notice) const {
    for (const store::SetAsideDoubt& doubt : tx.doubts_set_aside(notice)) {
      auto log = tx.entity(doubt.entity);
      const bool untried = log && !log->present && !log->doubtful && !log->known &&
                           !tx.in_flight_of(log->id) && !tx.pending_of(log->id);
      if (!untried) continue;
      log->doubtful = true;
      log->known = doubt.known;
      tx.update_entity(*log);
    }
  }

  const store::PersonOrder order_;
  const store::OrderCount before_;
  const std::int64_t now_ms_;
  std::int64_t undone_ = 0;
  std::int64_t under_way_ = 0;
  std::int64_t other_news_ = 0;
};

/// The order with this id, else the last of which something is on its way, else the last.
std::optional<store::PersonOrder> find_order(const View& view, NoticeState state,
                                             std::optional<RowId> id) {
  if (!id) id = view.unfinished_order(state);
  if (id) return view.order(state, *id);
  const auto last = view.orders(state, 1);
  return last.empty() ? std::nullopt : std::optional(last.front());
}

}  // namespace

Value undo(store::Store& store, NoticeState state, std::optional<RowId> id, bool dry_run,
           std::int64_t now_ms) {
  store::OrderCount before;
  const auto order = store.read([&](const View& view) {
    const auto found = find_order(view, state, id);
    if (found) before = view.became_of(found->id, kAll);
    return found;
  });
  if (!order) return {};
  Undoing undoing(*order, before, now_ms);
  RowId last = 0;
  for (bool more = true; more;) {
    const auto chunk = [&](const View& view, const auto& each) {
      const auto rows = view.ordered_open(order->id, last, kChunk);
      more = !rows.empty();
      for (const Notice& row : rows) {
        last = row.id;
        each(row);
      }
    };
    if (dry_run) {
      store.read([&](const View& view) {
        chunk(view, [&](const Notice& row) { undoing.only_judge(view, row); });
      });
      continue;
    }
    store.write(store::Urgency::bulk, [&](Tx& tx) {
      chunk(tx, [&](const Notice& row) { undoing.take_back(tx, row); });
      if (!more) undoing.finish(tx);
    });
  }
  Value done = undoing.document(dry_run);
  done.set("state", store::to_text(state));
  return done;
}

Value orders(const View& view, NoticeState state) {
  Value out = Value::list();
  for (const store::PersonOrder& order : view.orders(state, kOrdersShown)) {
    const store::OrderCount became = view.became_of(order.id, kMostCounted);
    out.as_list().push_back(Value::object({{"order", order.id},
                                           {"what", order.what},
                                           {"given_at", time_value(order.given_ms)},
                                           {"undone_at", time_value(order.undone_ms)},
                                           {"counted_all", became.all},
                                           {"open", became.open},
                                           {"ended", became.records - became.open - became.again},
                                           {"failed_again", became.again}}));
  }
  return out;
}

std::string order_text(const Value& order) {
  std::string text = "order " + std::to_string(order.at("order").as_int()) + " of " +
                     when_text(order.at("given_at")) + " (" + order.text_or("what") + ')';
  const auto part = [&](const char* name, const char* words) {
    if (const std::int64_t count = order.at(name).as_int(); count > 0) {
      text += (text.back() == ')' ? ": " : ", ") + std::to_string(count) + words;
    }
  };
  part("open", " still on their way");
  part("ended", " came to their end");
  part("failed_again", " failed again");
  if (order.at("counted_all") == Value(false)) text += ", of the first that were looked at";
  return text;
}

std::string undo_text(const Value& done) {
  const NoticeState state = done.text_or("state") == "held" ? NoticeState::held : NoticeState::dead;
  const bool dry = done.at("dry_run") == Value(true);
  const auto number = [&](const char* name) { return done.at(name).as_int(); };
  const auto several = [&](const char* name) { return std::to_string(number(name)); };
  std::string text = "order " + several("order") + " of " + when_text(done.at("given_at")) + " (" +
                     done.text_or("what") + "): ";
  text += count_waiting(number("undone"), state) +
          (dry ? " would be put back as before\n" : " put back as before\n");
  if (number("under_way") > 0) {
    text += several("under_way") +
            " with a call under way, which finishes; the same command again takes back what it "
            "leaves open\n";
  }
  if (number("other_news") > 0) {
    text += several("other_news") +
            " go on all the same: newer news of their records went into the same change\n";
  }
  if (number("ended") > 0) {
    text += several("ended") + " had come to their end before: what was sent stays sent\n";
  }
  if (number("failed_again") > 0) {
    text += several("failed_again") + " had failed again before: they stand as before anyway\n";
  }
  if (number("undone") + number("under_way") + number("other_news") == 0) {
    text += "nothing of it is on its way any more\n";
  }
  return text;
}

}  // namespace assembly_sync::answers
