// HookKeeper: the subscriptions for webhooks that a CRM keeps for us, where its API allows to list,
// make and take them away. Passive like the connector that it belongs to: what should be there and
// what to do about the rest is decided by whoever calls it. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/secret.hpp"

namespace assembly_sync::connectors {

/// A subscription as the CRM lists it.
struct Hook {
  std::string id;
  std::string name{};   // what it is about, in the CRM's words; empty = the CRM does not tell
  std::string url;      // where it sends
  bool working = true;  // false: the CRM has switched it off
  std::optional<std::int64_t> ends_ms{};  // when it runs out; nothing = never
};

struct MadeHook {
  std::string id;
  /// What its webhooks are signed with, where the CRM chose that: it must become one of the
  /// source's secrets before they can be believed. Shown once.
  std::optional<core::Secret> secret{};
};

class HookKeeper {
 public:
  virtual ~HookKeeper() = default;
  /// What there should be one subscription for each: `organization`, `person`.
  virtual std::vector<std::string> names() const = 0;
  /// True when Hook::name tells what a subscription is about; else its address alone does.
  virtual bool tells_names() const = 0;
  /// True when subscriptions run out; renew() makes them last again.
  virtual bool renews() const = 0;

  virtual ReadResult<std::vector<Hook>> list(core::HttpTransport& transport,
                                             core::WallTime now) const = 0;
  /// `name` is one of names(); `url` is the public address of /hooks/SOURCE.
  virtual ReadResult<MadeHook> create(const std::string& name, const std::string& url,
                                      core::HttpTransport& transport, core::WallTime now) const = 0;
  /// `hook` as list() gave it. Nothing = done.
  virtual std::optional<ReadError> renew(const Hook& hook, core::HttpTransport& transport,
                                         core::WallTime now) const = 0;
  virtual std::optional<ReadError> remove(const Hook& hook, core::HttpTransport& transport,
                                          core::WallTime now) const = 0;
};

}  // namespace assembly_sync::connectors
