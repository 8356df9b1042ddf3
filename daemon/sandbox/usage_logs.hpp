// The usage logs of the local Assembly and their endpoints (A146-A169). There is no idempotency key
// (Q11): the same log sent twice is stored twice. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/items.hpp"
#include "daemon/sandbox/page.hpp"

namespace assembly_sync::sandbox {

/// What a log is about; nothing when it is organisation-wide (A156).
struct UsageOwner {
  ItemKind kind = ItemKind::account;
  std::string id;
};

class UsageLogs {
 public:
  Outcome create(const std::string& id, int created_status, const std::optional<UsageOwner>& owner,
                 const core::Value& body);
  /// All logs, or those of one owner: newest timestamp first (A161), then the last stored.
  Outcome list(const std::optional<UsageOwner>& owner, Page page) const;
  /// `{"log":{…}}` (I9).
  Outcome get(const std::string& id) const;
  /// Partial, but `metadata` is replaced whole (A165, A166).
  Outcome update(const std::string& id, const core::Value& body);
  /// False when there is no such log.
  bool erase(const std::string& id);

  std::vector<core::Value> all() const;

 private:
  struct Log {
    std::string id;
    std::uint64_t number = 0;
    std::int64_t timestamp_ms = 0;
    std::optional<UsageOwner> owner;
    core::Value::Object attributes;
  };
  struct NewestFirst {
    bool operator()(const Log* a, const Log* b) const;
  };

  static core::Value shown(const Log& log);

  std::unordered_map<std::string, Log> logs_;
  std::set<const Log*, NewestFirst> ordered_;
  std::uint64_t last_number_ = 0;
};

}  // namespace assembly_sync::sandbox
