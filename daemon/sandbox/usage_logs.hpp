// The usage logs of the local Assembly and their endpoints (A146-A169). There is no idempotency
// key: the same log sent twice is stored twice (Q11). Not thread-safe.
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
#include "daemon/sandbox/switches.hpp"

namespace assembly_sync::sandbox {

/// What a log is about; nothing when it is organisation-wide (A156).
struct UsageOwner {
  ItemKind kind = ItemKind::account;
  std::string id;
  friend bool operator==(const UsageOwner&, const UsageOwner&) = default;
};

class UsageLogs {
 public:
  /// `now_ms` (since the epoch) is what the future begins after.
  Outcome create(const std::string& id, const std::optional<UsageOwner>& owner,
                 const core::Value& body, const Switches& switches, std::int64_t now_ms);
  /// All logs, or those of one owner: newest timestamp first (A161), then by order of storing.
  Outcome list(const std::optional<UsageOwner>& owner, Page page, PageStyle style,
               const Switches& switches) const;
  /// `{"log":{…}}` or one of the other shapes (I9).
  Outcome get(const std::string& id, UsageOne shape) const;
  /// Partial, but `metadata` is replaced whole (A165, A166).
  Outcome update(const std::string& id, const core::Value& body, const Switches& switches,
                 std::int64_t now_ms);
  /// False when there is no such log.
  bool erase(const std::string& id);
  /// All of one item.
  void erase_of(const UsageOwner& owner);
  /// Of one timestamp: the first stored first, or the last (Q16).
  void set_tie_order(bool first_first);

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
    bool first_first = false;
    bool operator()(const Log* a, const Log* b) const;
  };

  static core::Value shown(const Log& log);
  const Log* same(const std::optional<UsageOwner>& owner,
                  const core::Value::Object& attributes) const;

  std::unordered_map<std::string, Log> logs_;
  std::set<const Log*, NewestFirst> ordered_;
  std::uint64_t last_number_ = 0;
};

}  // namespace assembly_sync::sandbox
