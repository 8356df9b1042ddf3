// What waits for a person, and what persons order about it: dead letters, held notices, webhooks in
// quarantine.
#include "core/text.hpp"
#include "daemon/answers/orders.hpp"
#include "daemon/answers/quarantine.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/console/pages.hpp"
#include "daemon/console/site.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;
using store::NoticeState;

constexpr int kShown = 50;

/// The addresses of one state's pages and orders.
struct Paths {
  std::string_view list;
  std::string_view one;
  std::string_view retry;
  std::string_view retry_one;
  std::string_view drop;
  std::string_view drop_one;
  std::string_view undo;
};

constexpr std::int64_t kMsInHour = 3'600'000;
constexpr std::int64_t kMostHours = 24 * 366;

store::RowId id_in(const std::string& text) {
  return number_of_text(text).value_or(0);
}

/// A filter of texts as a page's address or a form has them.
template <class Get>
store::WaitingFilter filter_of(NoticeState state, const Get& get) {
  store::WaitingFilter filter{.state = state};
  if (const std::string source = get("source"); !source.empty()) {
    filter.source = core::SourceName(source);
  }
  if (const std::string object = get("object"); !object.empty()) {
    filter.object = core::ObjectName(object);
  }
  filter.reason = get("reason");
  return filter;
}

/// What an order is about: the one in the path, else all that the form's filter lets through.
core::Result<answers::OrderScope> scope_of(NoticeState state, const Visit& visit) {
  answers::OrderScope scope;
  scope.filter.state = state;
  if (!visit.words.empty()) {
    const auto id = number_in(visit, 0);
    if (!id) return core::fail("expected the number of a notice");
    scope.ids.push_back(*id);
    return scope;
  }
  scope.filter = filter_of(state, [&](std::string_view name) { return visit.field(name); });
  // Everything at once is not ordered by a form that came without its fields.
  if (scope.filter.reason.empty()) return core::fail("expected the reason of those that are meant");
  return scope;
}

Answer bad(const std::string& why) {
  return tl::unexpected(Refusal{400, why});
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Value done(Value document, const std::string& told, const std::string& go) {
  document.set("done", first_line(told));
  document.set("go", go);
  return document;
}

class Waiting {
 public:
  Waiting(const Ports& ports, NoticeState state, std::string path)
      : ports_(ports), state_(state), path_(std::move(path)) {}

  Answer list(const Visit& visit) const {
    answers::WaitingQuery query;
    query.filter = filter_of(state_, [&](std::string_view name) { return visit.parameter(name); });
    query.limit = kShown;
    query.tried_since_ms = now_ms(visit) - answers::kTriedWithinMs;
    if (const auto hours = id_in(visit.parameter("hours")); hours > 0 && hours <= kMostHours) {
      query.filter.since_ms = now_ms(visit) - hours * kMsInHour;
    }
    if (const auto after = id_in(visit.parameter("after")); after > 0) query.after = after;
    return ports_.store.read(
        [&](const store::View& view) { return answers::waiting(view, query); });
  }

  Answer one(const Visit& visit) const {
    const auto id = number_in(visit, 0);
    Value found;
    if (id) {
      found = ports_.store.read([&](const store::View& view) {
        return answers::waiting_one(view, *id, ports_.would_send);
      });
    }
    if (found.is_null()) return missing("there is no notice of this number, or it is not kept");
    return found;
  }

  Answer retry(const Visit& visit) const {
    const auto scope = scope_of(state_, visit);
    if (!scope) return bad(scope.error().message);
    answers::RetryOptions options;
    options.send_again = visit.field("send_again") == "true";
    Value document = answers::retry(ports_.store, *scope, ports_.reads_of, options, now_ms(visit));
    return done(document, answers::retry_text(document, true), back(visit));
  }

  Answer drop(const Visit& visit) const {
    const auto scope = scope_of(state_, visit);
    if (!scope) return bad(scope.error().message);
    Value document = answers::drop(ports_.store, *scope, false, now_ms(visit));
    return done(document, answers::drop_text(document), '/' + path_);
  }

  Answer undo(const Visit& visit) const {
    const store::RowId order = id_in(visit.field("order"));
    Value document =
        answers::undo(ports_.store, state_, order > 0 ? std::optional(order) : std::nullopt, false,
                      now_ms(visit));
    if (document.is_null()) return missing("there is no such order that could be taken back");
    return done(document, answers::undo_text(document), '/' + path_);
  }

 private:
  static std::int64_t now_ms(const Visit& visit) { return core::to_ms(visit.now); }
  std::string back(const Visit& visit) const {
    return visit.words.empty() ? '/' + path_ : path_to({path_, visit.words.front()});
  }

  const Ports& ports_;
  NoticeState state_;
  std::string path_;
};

class Quarantine {
 public:
  explicit Quarantine(const Ports& ports) : ports_(ports) {}

  Answer list(const Visit& visit) const {
    answers::QuarantineQuery query;
    query.limit = kShown;
    query.after = id_in(visit.parameter("after"));
    return ports_.store.read(
        [&](const store::View& view) { return answers::quarantine(view, query); });
  }

  Answer one(const Visit& visit) const {
    const auto id = number_in(visit, 0);
    Value found;
    if (id) {
      found = ports_.store.read(
          [&](const store::View& view) { return answers::quarantined_one(view, *id); });
    }
    if (found.is_null()) return missing("there is no webhook of this number in quarantine");
    return found;
  }

  Answer retry(const Visit& visit) const {
    Value document = answers::quarantine_retry(ports_.store, order_of(visit), ports_.recheck);
    return done(document, answers::quarantine_retry_text(document, true), "/quarantine");
  }

  Answer drop(const Visit& visit) const {
    Value document = answers::quarantine_drop(ports_.store, order_of(visit));
    return done(document, answers::quarantine_drop_text(document), "/quarantine");
  }

 private:
  static answers::QuarantineOrder order_of(const Visit& visit) {
    answers::QuarantineOrder order;
    order.accept = visit.field("accept") == "true";
    if (!visit.words.empty()) order.ids.push_back(number_in(visit, 0).value_or(-1));
    return order;
  }

  const Ports& ports_;
};

void add_state(Site& site, const Ports& ports, NoticeState state, const Paths& paths) {
  const Waiting waiting(ports, state, std::string(paths.list));
  site.questions.push_back(
      {paths.list, [waiting](const Visit& visit) { return waiting.list(visit); }, waiting_page});
  site.questions.push_back(
      {paths.one, [waiting](const Visit& visit) { return waiting.one(visit); }, waiting_one_page});
  for (const std::string_view path : {paths.retry, paths.retry_one}) {
    site.orders.push_back({path, [waiting](const Visit& visit) { return waiting.retry(visit); }});
  }
  for (const std::string_view path : {paths.drop, paths.drop_one}) {
    site.orders.push_back({path, [waiting](const Visit& visit) { return waiting.drop(visit); }});
  }
  site.orders.push_back(
      {paths.undo, [waiting](const Visit& visit) { return waiting.undo(visit); }});
}

}  // namespace

void add_waiting(Site& site, const Ports& ports) {
  add_state(
      site, ports, NoticeState::dead,
      {"dead", "dead/*", "dead/retry", "dead/*/retry", "dead/drop", "dead/*/drop", "dead/undo"});
  add_state(site, ports, NoticeState::held,
            {"holds", "holds/*", "holds/retry", "holds/*/retry", "holds/drop", "holds/*/drop",
             "holds/undo"});
  const Quarantine quarantine(ports);
  site.questions.push_back({"quarantine",
                            [quarantine](const Visit& visit) { return quarantine.list(visit); },
                            quarantine_page});
  site.questions.push_back({"quarantine/*",
                            [quarantine](const Visit& visit) { return quarantine.one(visit); },
                            quarantined_one_page});
  for (const std::string_view path : {"quarantine/retry", "quarantine/*/retry"}) {
    site.orders.push_back(
        {path, [quarantine](const Visit& visit) { return quarantine.retry(visit); }});
  }
  for (const std::string_view path : {"quarantine/drop", "quarantine/*/drop"}) {
    site.orders.push_back(
        {path, [quarantine](const Visit& visit) { return quarantine.drop(visit); }});
  }
}

}  // namespace assembly_sync::console
