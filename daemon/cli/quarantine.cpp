#include "daemon/answers/quarantine.hpp"

#include <ostream>

#include "core/clock.hpp"
#include "daemon/answer_ports.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_store.hpp"
#include "daemon/cli/waiting_verb.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;
using Act = WaitingOptions::Act;

int complain(const Context& context, int code, const std::string& what) {
  context.streams.err << "assembly-sync quarantine: " << what << '\n';
  return code;
}

int show(const Context& context, const store::Store& store, const Chosen& chosen) {
  if (chosen.ids.empty()) return complain(context, kUsage, "show: expected ids, as `list` shows");
  int code = kDone;
  for (const store::RowId id : chosen.ids) {
    const Value one =
        store.read([&](const store::View& view) { return answers::quarantined_one(view, id); });
    if (one.is_null()) {
      code = complain(
          context, kNeedsHuman,
          "no webhook " + std::to_string(id) + ": `quarantine list` shows the ids that are there");
    } else {
      print(context, one, answers::quarantined_one_text);
    }
  }
  return code;
}

int retry(const Context& context, const OpenedStore& opened,
          const answers::QuarantineOrder& order) {
  if (!opened.config) {
    load_or_explain(context);
    return kConfiguration;
  }
  const Value done =
      answers::quarantine_retry(*opened.store, order, app::recheck_of(opened.config));
  const bool served = opened.is_served();
  print(context, done,
        [&](const Value& document) { return answers::quarantine_retry_text(document, served); });
  const bool all = done.at("refused").as_int() == 0 && done.at("not_there").as_list().empty();
  return all ? kDone : kNeedsHuman;
}

}  // namespace

int quarantine(const Context& context, const WaitingOptions& options) {
  core::SystemClock clock;
  const auto chosen = choose(context, "quarantine", options, clock.wall_now());
  if (!chosen) return kUsage;
  if (chosen->object) {
    return complain(
        context, kUsage,
        "expected a SOURCE, got " + options.what.front() + ": what it is about was not read");
  }
  auto opened = open_store(context, clock);
  if (!opened) return opened.error();
  answers::QuarantineOrder order;
  order.query.source = chosen->source;
  order.query.reason = options.reason;
  order.query.since_ms = chosen->since_ms;
  order.query.after = options.after;
  order.query.limit = static_cast<int>(options.limit);
  order.ids = chosen->ids;
  order.accept = options.accept;
  order.dry_run = options.dry_run;
  if (options.act == Act::list) {
    print(context, opened->store->read([&](const store::View& view) {
      return answers::quarantine(view, order.query);
    }),
          answers::quarantine_text);
    return kDone;
  }
  if (options.act == Act::show) return show(context, *opened->store, *chosen);
  const bool retries = options.act == Act::retry;
  if (!says_which(context, retries ? "quarantine retry" : "quarantine drop", options, *chosen)) {
    return kUsage;
  }
  if (retries) return retry(context, *opened, order);
  const Value done = answers::quarantine_drop(*opened->store, order);
  print(context, done, answers::quarantine_drop_text);
  return done.at("not_there").as_list().empty() ? kDone : kNeedsHuman;
}

}  // namespace assembly_sync::cli
