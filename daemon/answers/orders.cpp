#include "daemon/answers/orders.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::Notice;
using store::NoticeState;
using store::RowId;
using store::Tx;
using store::View;

constexpr int kChunk = static_cast<int>(core::limits::kBulkRowsPerTransaction);
/// At the limit of open notices every webhook is refused: an order stops half-way to it.
constexpr std::int64_t kMostOpen = static_cast<std::int64_t>(core::limits::kOpenNotices) / 2;
constexpr std::size_t kExamples = 20;
constexpr std::size_t kIdsNamed = 3;

/// The notices of an order, chunk by chunk.
class Chunks {
 public:
  Chunks(const OrderScope& scope, std::int64_t now_ms) : scope_(scope), filter_(scope.filter) {
    // What fails while the order is carried out is not taken a second time.
    filter_.before_ms = std::min(filter_.before_ms.value_or(now_ms + 1), now_ms + 1);
  }

  /// Empty = that was all.
  std::vector<Notice> next(const View& view) {
    return scope_.ids.empty() ? next_filtered(view) : next_named(view);
  }
  /// Ids that were named and do not wait for a person.
  Value not_waiting() const { return Value::list(not_waiting_); }

 private:
  std::vector<Notice> next_filtered(const View& view) {
    auto rows = view.waiting(filter_, place_, kChunk);
    if (!rows.empty()) place_ = store::WaitingPlace{*rows.back().finished_ms, rows.back().id};
    return rows;
  }

  std::vector<Notice> next_named(const View& view) {
    std::vector<Notice> rows;
    while (named_ < scope_.ids.size() && static_cast<int>(rows.size()) < kChunk) {
      const RowId id = scope_.ids[named_++];
      auto row = view.notice(id);
      if (row && row->state == filter_.state) {
        rows.push_back(std::move(*row));
      } else {
        not_waiting_.emplace_back(id);
      }
    }
    return rows;
  }

  const OrderScope& scope_;
  store::WaitingFilter filter_;
  std::optional<store::WaitingPlace> place_;
  std::size_t named_ = 0;
  Value::List not_waiting_;
};

std::string words_of(const char* verb, const OrderScope& scope, const RetryOptions& options) {
  const store::WaitingFilter& filter = scope.filter;
  std::string text = verb_of(filter.state) + ' ' + verb;
  if (!scope.ids.empty()) {
    for (std::size_t i = 0; i < scope.ids.size() && i < kIdsNamed; ++i) {
      text += ' ' + std::to_string(scope.ids[i]);
    }
    if (scope.ids.size() > kIdsNamed) {
      text += " and " + std::to_string(scope.ids.size() - kIdsNamed) + " more";
    }
  } else {
    if (filter.source) text += ' ' + filter.source->str();
    if (filter.object) text += '.' + filter.object->str();
    if (!filter.reason.empty()) text += " with a reason";
    if (filter.since_ms) text += " since " + when_text(time_value(filter.since_ms));
    if (!filter.source && filter.reason.empty() && !filter.since_ms) text += " --all";
  }
  return text + (options.send_again ? " --send-again" : "");
}

/// Why this one can't be mapped again; empty = it can.
std::string unable(const View& view, const Notice& row, const ReadsOf& reads) {
  switch (reads(row.ref.source)) {
    case Reads::by_id:
      return {};
    case Reads::not_configured:
      return "source " + row.ref.source.str() + " is not in the configuration";
    case Reads::from_mirror:
      break;
  }
  if (view.record(row.ref)) return {};
  return "the source can't be asked for a record, and none is kept: have it sent again, or drop it";
}

/// Usage logs of the record of which nobody can say whether they are in Assembly are taken for not
/// sent, and what was in doubt is remembered.
void set_doubts_aside(Tx& tx, const Notice& row) {
  for (store::Entity& log : tx.entities_of(row.ref)) {
    const bool stands =
        sync::in_doubt(log) && log.known && !tx.pending_of(log.id) && !tx.in_flight_of(log.id);
    if (!stands) continue;
    tx.set_doubt_aside(row.id, {log.id, *log.known});
    log.doubtful = false;
    log.known.reset();
    tx.update_entity(log);
  }
}

/// An order to try again, on its way.
class Retrying {
 public:
  Retrying(const OrderScope& scope, const ReadsOf& reads, const RetryOptions& options,
           std::int64_t now_ms)
      : scope_(scope), reads_(reads), options_(options), now_ms_(now_ms) {}

  /// In a transaction of their own.
  void open(Tx& tx, const std::vector<Notice>& rows) {
    for (const Notice& row : rows) {
      if (!is_able(tx, row)) continue;
      if (!order_) {
        order_ = tx.add_order(scope_.filter.state, words_of("retry", scope_, options_), now_ms_);
      }
      if (!tx.reopen_notice(row.id, *order_, now_ms_)) continue;
      if (options_.send_again) set_doubts_aside(tx, row);
      ++retried_;
    }
  }
  void only_count(const View& view, const std::vector<Notice>& rows) {
    for (const Notice& row : rows) retried_ += is_able(view, row) ? 1 : 0;
  }

  Value document(bool full, Value not_waiting) const {
    return Value::object({{"state", store::to_text(scope_.filter.state)},
                          {"order", order_ ? Value(*order_) : Value()},
                          {"matching", retried_ + unable_},
                          {"retried", retried_},
                          {"unable", unable_},
                          {"unable_examples", Value::list(examples_)},
                          {"not_waiting", std::move(not_waiting)},
                          {"full", full},
                          {"send_again", options_.send_again},
                          {"dry_run", options_.dry_run}});
  }

 private:
  bool is_able(const View& view, const Notice& row) {
    const std::string why = unable(view, row, reads_);
    if (why.empty()) return true;
    ++unable_;
    if (examples_.size() < kExamples) {
      examples_.push_back(Value::object({{"id", row.id},
                                         {"source", row.ref.source.str()},
                                         {"object", row.ref.object.str()},
                                         {"record", row.ref.id.str()},
                                         {"why", why}}));
    }
    return false;
  }

  const OrderScope& scope_;
  const ReadsOf& reads_;
  const RetryOptions& options_;
  const std::int64_t now_ms_;
  std::optional<RowId> order_;
  std::int64_t retried_ = 0;
  std::int64_t unable_ = 0;
  Value::List examples_;
};

bool is_full(const View& view) {
  return view.totals().notices[static_cast<std::size_t>(NoticeState::open)] >= kMostOpen;
}

std::string not_waiting_text(const Value& done) {
  const auto& ids = done.at("not_waiting").as_list();
  if (ids.empty()) return {};
  std::string text;
  for (const Value& id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id.as_int());
  return "no " + std::string(done.text_or("state") == "held" ? "held notice" : "dead letter") +
         " with the id " + text + ": it may have come to its end meanwhile, or never been there\n";
}

NoticeState state_of(const Value& document) {
  return document.text_or("state") == "held" ? NoticeState::held : NoticeState::dead;
}

}  // namespace

Value retry(store::Store& store, const OrderScope& scope, const ReadsOf& reads,
            const RetryOptions& options, std::int64_t now_ms) {
  Chunks chunks(scope, now_ms);
  Retrying retrying(scope, reads, options, now_ms);
  bool full = false;
  while (!full) {
    const auto rows = store.read([&](const View& view) {
      full = is_full(view);
      return full ? std::vector<Notice>() : chunks.next(view);
    });
    if (rows.empty()) break;
    if (options.dry_run) {
      store.read([&](const View& view) { retrying.only_count(view, rows); });
    } else {
      store.write(store::Urgency::bulk, [&](Tx& tx) { retrying.open(tx, rows); });
    }
  }
  return retrying.document(full, chunks.not_waiting());
}

std::string retry_text(const Value& done, bool running) {
  const NoticeState state = state_of(done);
  const bool dry = done.at("dry_run") == Value(true);
  const std::int64_t retried = done.at("retried").as_int();
  std::string text = not_waiting_text(done);
  for (const Value& one : done.at("unable_examples").as_list()) {
    text += "left as it is: " + std::to_string(one.at("id").as_int()) + ", " +
            one.text_or("source") + '.' + one.text_or("object") + ' ' + one.text_or("record") +
            ": " + one.text_or("why") + '\n';
  }
  const auto shown = static_cast<std::int64_t>(done.at("unable_examples").as_list().size());
  if (const std::int64_t rest = done.at("unable").as_int() - shown; rest > 0) {
    text += "and " + std::to_string(rest) + " more that can't be mapped again\n";
  }
  if (dry) return text + count_waiting(retried, state) + " would be tried again\n";
  text += count_waiting(retried, state) + (retried == 1 ? " is" : " are") + " tried again";
  if (retried == 0) return text + '\n';
  text += ", with what the CRM says now and the mapping that is in force";
  text += " (order " + std::to_string(done.at("order").as_int()) + ")\n";
  if (state == NoticeState::held) {
    text += done.at("send_again") == Value(true)
                ? "they are sent without a look, as you ordered: one that is in Assembly already "
                  "counts twice there\n"
                : "each is looked for in Assembly first; one that still can't be told is held "
                  "again. --send-again sends without a look\n";
  }
  if (done.at("full") == Value(true)) {
    text +=
        "so much is open now that the rest stays for later: order it again when `assembly-sync "
        "status` shows that this is done\n";
  }
  if (!running) {
    text += "no daemon is running: it is done when `assembly-sync run` is started\n";
  }
  text +=
      "take it back, as far as it is not sent: assembly-sync " + verb_of(state) + " retry --undo\n";
  return text;
}

Value drop(store::Store& store, const OrderScope& scope, bool dry_run, std::int64_t now_ms) {
  Chunks chunks(scope, now_ms);
  std::int64_t matching = 0;
  std::int64_t dropped = 0;
  while (true) {
    const auto rows = store.read([&](const View& view) { return chunks.next(view); });
    matching += static_cast<std::int64_t>(rows.size());
    if (rows.empty()) break;
    if (dry_run) continue;
    store.write(store::Urgency::bulk, [&](Tx& tx) {
      for (const Notice& row : rows) dropped += tx.drop_notice(row.id, now_ms) ? 1 : 0;
    });
  }
  return Value::object({{"state", store::to_text(scope.filter.state)},
                        {"matching", matching},
                        {"dropped", dropped},
                        {"not_waiting", chunks.not_waiting()},
                        {"dry_run", dry_run}});
}

std::string drop_text(const Value& done) {
  const NoticeState state = state_of(done);
  const std::string text = not_waiting_text(done);
  if (done.at("dry_run") == Value(true)) {
    return text + count_waiting(done.at("matching").as_int(), state) + " would be dropped\n";
  }
  return text + count_waiting(done.at("dropped").as_int(), state) +
         " dropped: counted as ignored from now on\n";
}

}  // namespace assembly_sync::answers
