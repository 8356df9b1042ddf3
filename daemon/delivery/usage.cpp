#include "daemon/delivery/usage.hpp"

#include <stdexcept>

#include "core/limits.hpp"
#include "core/time_text.hpp"
#include "daemon/delivery/outcome_text.hpp"
#include "daemon/delivery/settle.hpp"
#include "daemon/sync/usage.hpp"

namespace assembly_sync::delivery {
namespace {

using core::Value;
using store::Action;
using store::Claim;
using store::NoticeState;
using Verb = Request::Verb;
using Verdict = UsageSearch::Verdict;

Value::Object metadata_with_event_id(const store::Entity& log, const sync::State& wanted) {
  Value::Object metadata = wanted.metadata;
  metadata.insert_or_assign(std::string(core::kEventIdMember), log.key.str());
  return metadata;
}

std::optional<core::WallTime> time_of(const sync::State& sent) {
  const auto timestamp = sent.fields.find("timestamp");
  if (timestamp == sent.fields.end() || !timestamp->second.is_string()) return std::nullopt;
  return core::parse_rfc3339(timestamp->second.as_string());
}

void settle_found(store::Tx& tx, const Claim& claim, const core::AssemblyId& id,
                  std::int64_t now_ms) {
  store::Entity log = tx.entity(claim.entity.id).value();
  log.assembly_id = id;
  log.present = true;
  log.doubtful = false;
  tx.update_entity(log);
  Claim found = claim;
  found.entity = log;
  if (claim.change.action == Action::remove || !usage_remaining(found).empty()) {
    tx.return_change(claim.change.id, claim.change.lane, now_ms, 0, now_ms);
    return;
  }
  tx.close_change(claim.change.id, NoticeState::delivered,
                  "found in Assembly: an attempt without an answer had arrived", now_ms);
}

void settle_absent(store::Tx& tx, const Claim& claim, std::int64_t now_ms) {
  store::Entity log = tx.entity(claim.entity.id).value();
  log.doubtful = false;
  log.known.reset();
  tx.update_entity(log);
  if (claim.change.action == Action::remove) {
    tx.close_change(claim.change.id, NoticeState::ignored, "it never reached Assembly", now_ms);
    return;
  }
  const store::Change& change = claim.change;
  tx.return_change(change.id, change.lane, now_ms, change.attempts, now_ms);
}

assembly::Outcome untold(Request& request, std::string why) {
  request.look = Request::Look::untold;
  request.why = "it may be in Assembly already, which can't be told, so it is not sent again: " +
                std::move(why);
  return assembly::Delivered{};
}

}  // namespace

sync::Difference usage_remaining(const Claim& claim) {
  const sync::State wanted = sync::parse_state(claim.change.wanted);
  const store::Entity& log = claim.entity;
  if (!log.present) return sync::difference(nullptr, wanted);
  if (!wanted.update_on_change) return {};
  if (log.doubtful || !log.known) return sync::difference(nullptr, wanted);
  const sync::State known = sync::parse_state(*log.known);
  return sync::difference(&known, wanted);
}

Request usage_request(const Claim& claim, const sync::Difference& difference) {
  Request request;
  request.full = true;
  const store::Entity& log = claim.entity;
  const sync::State wanted = sync::parse_state(claim.change.wanted);
  request.about = wanted.about;
  if (sync::in_doubt(log)) {
    request.verb = Verb::look;
    request.about = log.known ? sync::parse_state(*log.known).about : std::nullopt;
    return request;
  }
  if (claim.change.action == Action::remove) {
    request.verb = Verb::remove_log;
    return request;
  }
  request.verb = log.present ? Verb::update_log : Verb::create_log;
  request.body = difference.fields;
  if (request.verb == Verb::create_log) {
    std::erase_if(request.body, [](const auto& member) { return member.second.is_null(); });
  }
  if (request.verb == Verb::create_log || difference.metadata) {
    request.body.insert_or_assign("metadata", metadata_with_event_id(log, wanted));
  }
  return request;
}

std::string refusal_text(const Request& request, const assembly::Rejected& rejected) {
  std::string text = rejected.reason;
  if (rejected.kind == assembly::Rejected::Kind::not_found) {
    text += request.verb == Verb::create_log ? ", what the usage log is about is not in Assembly"
                                             : ", the usage log is not in Assembly any more";
  }
  if (!rejected.detail.empty()) text += ": " + rejected.detail;
  return text;
}

void settle_look(store::Tx& tx, const Claim& claim, const Request& request,
                 const assembly::Delivered& seen, std::int64_t now_ms) {
  const store::Change& change = claim.change;
  switch (request.look) {
    case Request::Look::goes_on:
      tx.return_change(change.id, change.lane, now_ms, change.attempts, now_ms);
      return;
    case Request::Look::found:
      settle_found(tx, claim, seen.id, now_ms);
      return;
    case Request::Look::absent:
      settle_absent(tx, claim, now_ms);
      return;
    case Request::Look::untold:
      end_for_a_person(tx, claim, NoticeState::held, request.why, now_ms);
      return;
  }
}

struct UsageCalls::Search {
  UsageSearch logs;
  assembly::UsageTarget target;
};

UsageCalls::UsageCalls(const assembly::Client& client, const store::Store& store)
    : client_(client), store_(store) {}
UsageCalls::~UsageCalls() = default;

assembly::UsageTarget UsageCalls::target(const std::optional<core::About>& about) const {
  if (!about) return assembly::UsageTarget::organisation();
  const auto subject =
      store_.read([&](const store::View& view) { return view.entity(about->kind, about->key); });
  return assembly::UsageTarget::of(collection_of(about->kind),
                                   subject && subject->assembly_id
                                       ? assembly::Identifier::of(*subject->assembly_id)
                                       : assembly::Identifier::of(about->key));
}

assembly::Outcome UsageCalls::send(const Claim& claim, Request& request) {
  switch (request.verb) {
    case Verb::create_log:
      return client_.create_usage(target(request.about), request.body);
    case Verb::update_log:
      return client_.update_usage(claim.entity.assembly_id.value(), request.body);
    case Verb::remove_log:
      return client_.remove_usage(claim.entity.assembly_id.value());
    case Verb::look:
      return look(claim, request);
    default:
      throw std::logic_error("not a call about a usage log");
  }
}

std::unique_ptr<UsageCalls::Search> UsageCalls::take(const store::Entity& log) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto begun = searches_.find(log.id); begun != searches_.end()) {
      auto search = std::move(begun->second);
      searches_.erase(begun);
      return search;
    }
  }
  return search_of(log, target(sync::parse_state(log.known.value()).about));
}

std::unique_ptr<UsageCalls::Search> UsageCalls::search_of(const store::Entity& log,
                                                          assembly::UsageTarget where) {
  const sync::State sent = sync::parse_state(log.known.value());
  return std::make_unique<Search>(
      Search{UsageSearch(log.key.str(), time_of(sent)), std::move(where)});
}

void UsageCalls::keep(store::RowId log, std::unique_ptr<Search> search) {
  const std::lock_guard lock(mutex_);
  if (searches_.size() >= core::limits::kUsageSearches) searches_.clear();
  searches_.insert_or_assign(log, std::move(search));
}

assembly::Answer<Verdict> UsageCalls::next_step(Search& search) const {
  UsageSearch& logs = search.logs;
  if (const auto suspect = logs.log_to_read()) {
    return client_.usage_log(*suspect).map([&](const auto& log) { return logs.take_log(log); });
  }
  return client_.list_usage(search.target, UsageSearch::kPage, logs.offset())
      .map([&](const auto& page) { return logs.take_page(page); });
}

assembly::Outcome UsageCalls::look(const Claim& claim, Request& request) {
  std::unique_ptr<Search> search = take(claim.entity);
  const auto verdict = next_step(*search);
  if (!verdict) {
    const auto* refused = std::get_if<assembly::Rejected>(&verdict.error());
    if (refused == nullptr) return to_outcome(verdict.error());
    if (refused->kind != assembly::Rejected::Kind::not_found || !search->target.item) {
      return untold(request, "its usage logs can't be read (" + refused->reason + ")");
    }
    // What it is about is gone. Should the log have outlived it, the list of all has it.
    keep(claim.entity.id, search_of(claim.entity, assembly::UsageTarget::organisation()));
    return assembly::Delivered{};
  }
  switch (*verdict) {
    case Verdict::more:
      keep(claim.entity.id, std::move(search));
      return assembly::Delivered{};
    case Verdict::found:
      request.look = Request::Look::found;
      return assembly::Delivered{search->logs.log()};
    case Verdict::absent:
      request.look = Request::Look::absent;
      return assembly::Delivered{};
    case Verdict::untold:
      return untold(request, "Assembly does not show the event ids of its usage logs");
    case Verdict::unsteady:
      break;
  }
  return assembly::Transient{"the list of usage logs changes while it is read", std::nullopt};
}

}  // namespace assembly_sync::delivery
