// `dead` and `holds`: what failed, trying it again, taking that back, accepting the loss.
#include "daemon/answers/waiting.hpp"

#include <ostream>

#include "core/clock.hpp"
#include "daemon/answer_ports.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_store.hpp"
#include "daemon/cli/verb_catalogues.hpp"
#include "daemon/cli/waiting_verb.hpp"

namespace assembly_sync::cli {
namespace {

using core::Value;
using store::NoticeState;
using Act = WaitingOptions::Act;

class Waiting {
 public:
  Waiting(const Context& context, NoticeState state, const WaitingOptions& options)
      : context_(context), state_(state), verb_(answers::verb_of(state)), options_(options) {}

  int run() {
    chosen_ = choose(context_, verb_, options_, clock_.wall_now());
    if (!chosen_) return kUsage;
    auto opened = open_store(context_, clock_);
    if (!opened) return opened.error();
    if (chosen_->source) {
      if (const auto why = opened->unknown(*chosen_->source)) return complain(kUsage, *why);
    }
    switch (options_.act) {
      case Act::list:
        return list(*opened->store);
      case Act::show:
        return show(*opened);
      case Act::retry:
        return options_.undo ? undo(*opened->store) : retry(*opened);
      case Act::drop:
        return drop(*opened->store);
    }
    return kUsage;
  }

 private:
  std::int64_t now_ms() const { return core::to_ms(clock_.wall_now()); }

  answers::OrderScope scope() const {
    return {{.state = state_,
             .source = chosen_->source,
             .object = chosen_->object,
             .reason = options_.reason,
             .since_ms = chosen_->since_ms},
            chosen_->ids};
  }

  int complain(int code, const std::string& what) const {
    context_.streams.err << "assembly-sync " << verb_ << ": " << what << '\n';
    return code;
  }

  int list(const store::Store& store) const {
    if (!chosen_->ids.empty()) return complain(kUsage, "list takes no ids; show does");
    answers::WaitingQuery query{.filter = scope().filter,
                                .limit = static_cast<int>(options_.limit),
                                .tried_since_ms = now_ms() - answers::kTriedWithinMs};
    if (options_.after > 0) query.after = options_.after;
    print(context_,
          store.read([&](const store::View& view) { return answers::waiting(view, query); }),
          answers::waiting_text);
    return kDone;
  }

  int show(const OpenedStore& opened) const {
    if (chosen_->ids.empty()) return complain(kUsage, "show: expected ids, as `list` shows them");
    VerbCatalogues verb(opened.store.get());
    answers::WouldSend would_send;
    if (opened.config) would_send = app::would_send_of(verb.mapper(*opened.config));
    int code = kDone;
    for (const store::RowId id : chosen_->ids) {
      const Value one = opened.store->read(
          [&](const store::View& view) { return answers::waiting_one(view, id, would_send); });
      if (one.is_null()) {
        code = complain(kNeedsHuman, "no notice " + std::to_string(id) + ": `" + verb_ +
                                         " list` shows the ids that are there");
      } else {
        print(context_, one, answers::waiting_one_text);
      }
    }
    return code;
  }

  int retry(const OpenedStore& opened) const {
    if (!says_which(context_, verb_ + " retry", options_, *chosen_)) return kUsage;
    if (!opened.config) {
      load_or_explain(context_);
      return kConfiguration;
    }
    const Value done =
        answers::retry(*opened.store, scope(), app::reads_of(opened.config),
                       {.send_again = options_.send_again, .dry_run = options_.dry_run}, now_ms());
    const bool served = opened.is_served();
    print(context_, done,
          [&](const Value& document) { return answers::retry_text(document, served); });
    const bool all_done =
        done.at("unable").as_int() == 0 && done.at("not_waiting").as_list().empty();
    return all_done ? kDone : kNeedsHuman;
  }

  int undo(store::Store& store) const {
    std::optional<store::RowId> order;
    if (options_.undo_order > 0) order = options_.undo_order;
    const Value done = answers::undo(store, state_, order, options_.dry_run, now_ms());
    if (done.is_null()) {
      return complain(kNeedsHuman, order ? "no order " + std::to_string(*order) + " of `" + verb_ +
                                               " retry` that could be taken back"
                                         : "nothing was ordered that could be taken back");
    }
    print(context_, done, answers::undo_text);
    return kDone;
  }

  int drop(store::Store& store) const {
    if (!says_which(context_, verb_ + " drop", options_, *chosen_)) return kUsage;
    const Value done = answers::drop(store, scope(), options_.dry_run, now_ms());
    print(context_, done, answers::drop_text);
    return done.at("not_waiting").as_list().empty() ? kDone : kNeedsHuman;
  }

  const Context& context_;
  const NoticeState state_;
  const std::string verb_;
  const WaitingOptions& options_;
  core::SystemClock clock_;
  std::optional<Chosen> chosen_;
};

}  // namespace

int dead(const Context& context, const WaitingOptions& options) {
  return Waiting(context, NoticeState::dead, options).run();
}

int holds(const Context& context, const WaitingOptions& options) {
  return Waiting(context, NoticeState::held, options).run();
}

}  // namespace assembly_sync::cli
