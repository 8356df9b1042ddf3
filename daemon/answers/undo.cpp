// Taking an order to try again back.
#include <algorithm>

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

constexpr int kChunk = static_cast<int>(core::limits::kBulkRowsPerTransaction);
constexpr const char* kWithdrawn = "the order to try it again was taken back";

class Undoing {
 public:
  Undoing(store::PersonOrder order, std::int64_t now_ms)
      : order_(std::move(order)), now_ms_(now_ms) {}

  void take_back(Tx& tx, const Notice& row) {
    const auto changes = tx.ordered_changes(row.id, order_.id);
    if (std::any_of(changes.begin(), changes.end(),
                    [](const OrderedChange& one) { return one.in_flight; })) {
      ++under_way_;
      return;
    }
    if (!changes.empty() && took_other_news(tx, row, changes)) {
      ++other_news_;
      return;
    }
    for (const OrderedChange& one : changes) {
      tx.unlink(row.id, one.change.id);
      withdraw(tx, one);
    }
    restore_doubts(tx, row.id);
    tx.put_back_notice(row.id);
    ++undone_;
  }

  void finish(Tx& tx) const {
    if (under_way_ + other_news_ == 0) tx.order_undone(order_.id, now_ms_);
  }

  Value document() const {
    return Value::object({{"order", order_.id},
                          {"what", order_.what},
                          {"given_at", time_value(order_.given_ms)},
                          {"undone", undone_},
                          {"under_way", under_way_},
                          {"other_news", other_news_}});
  }

 private:
  /// The order's change replaced another one in the outbox, whose notice ended as superseded.
  bool took_other_news(const Tx& tx, const Notice& row,
                       const std::vector<OrderedChange>& changes) const {
    if (tx.took_other_news(row.ref, order_)) return true;
    for (const OrderedChange& one : changes) {
      for (const store::Contribution& part : tx.contributions(one.change.entity)) {
        if (part.record != row.ref && tx.took_other_news(part.record, order_)) return true;
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
  const std::int64_t now_ms_;
  std::int64_t undone_ = 0;
  std::int64_t under_way_ = 0;
  std::int64_t other_news_ = 0;
};

}  // namespace

Value undo(store::Store& store, NoticeState state, std::optional<RowId> id, std::int64_t now_ms) {
  const auto order = store.read([&](const store::View& view) { return view.order(state, id); });
  if (!order) return {};
  Undoing undoing(*order, now_ms);
  RowId last = 0;
  for (bool more = true; more;) {
    store.write(store::Urgency::bulk, [&](Tx& tx) {
      const auto rows = tx.ordered_open(order->id, last, kChunk);
      more = !rows.empty();
      for (const Notice& row : rows) {
        last = row.id;
        undoing.take_back(tx, row);
      }
      if (!more) undoing.finish(tx);
    });
  }
  Value done = undoing.document();
  done.set("state", store::to_text(state));
  return done;
}

std::string undo_text(const Value& done) {
  const NoticeState state = done.text_or("state") == "held" ? NoticeState::held : NoticeState::dead;
  const auto number = [&](const char* name) { return done.at(name).as_int(); };
  std::string text = "order " + std::to_string(number("order")) + " of " +
                     when_text(done.at("given_at")) + " (" + done.text_or("what") + "): ";
  text += count_waiting(number("undone"), state) + " put back as before\n";
  if (number("under_way") > 0) {
    text += std::to_string(number("under_way")) +
            " had a call under way, which finishes; the same command again takes back what it "
            "leaves open\n";
  }
  if (number("other_news") > 0) {
    text += std::to_string(number("other_news")) +
            " are sent all the same: newer news of their records went into the same change\n";
  }
  if (number("undone") + number("under_way") + number("other_news") == 0) {
    text += "nothing of it was open any more: what was sent stays sent\n";
  }
  return text;
}

}  // namespace assembly_sync::answers
