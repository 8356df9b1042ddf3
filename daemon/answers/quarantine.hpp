// Webhooks that were not believed: what came, why it was not taken, and taking it after all.
// Questions read only. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::answers {

struct QuarantineQuery {
  std::optional<core::SourceName> source{};
  std::string reason{};  // a part of it
  std::optional<std::int64_t> since_ms{};
  store::RowId after = 0;  // the page begins after this id; 0 = the newest
  int limit = 20;
};

/// {total, counted, groups[{reason, source, count, example, last_at}], items[{id, source, reason,
/// at, bytes}], next}
core::Value quarantine(const store::View& view, const QuarantineQuery& query);
std::string quarantine_text(const core::Value& list);

/// {id, source, reason, at, path, headers[], body, next_steps[]}; null when there is none.
core::Value quarantined_one(const store::View& view, store::RowId id);
std::string quarantined_one_text(const core::Value& one);

/// What a source's connector says of a webhook with today's secrets.
struct Verdict {
  bool taken = false;
  std::string reason{};       // why not
  std::string delivery{};     // the sender's name of it
  core::ObjectName object{};  // that its address named
};
/// `unverified`: its signature does not count, but it must be a body that can be read.
using Recheck = std::function<Verdict(const store::QuarantinedWebhook& webhook, bool unverified)>;

struct QuarantineOrder {
  QuarantineQuery query{};
  std::vector<store::RowId> ids{};
  bool accept = false;  // take it unverified: a person vouches for it
  bool dry_run = false;
};

/// Those that are believed now become receipts, as if they had just come. {taken, refused,
/// results[{id, source, taken, reason}], not_there[id], accept, dry_run}
core::Value quarantine_retry(store::Store& store, const QuarantineOrder& order,
                             const Recheck& recheck);
std::string quarantine_retry_text(const core::Value& done, bool running);

/// {dropped, not_there[id], dry_run}
core::Value quarantine_drop(store::Store& store, const QuarantineOrder& order);
std::string quarantine_drop_text(const core::Value& done);

}  // namespace assembly_sync::answers
