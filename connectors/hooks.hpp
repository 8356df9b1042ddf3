// HookKeeper: the subscriptions for webhooks that a CRM keeps for us, where its API allows to list,
// make and take them away. Passive like the connector that it belongs to: what should be there and
// what to do about the rest is decided by whoever calls it. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/secret.hpp"

namespace assembly_sync::connectors {

/// What the rules read, object by object; an object that no rule reads is not in it.
using WantedPaths = std::map<core::ObjectName, Paths>;

/// One thing that the CRM should tell; there is to be one subscription for it.
struct HookTopic {
  std::string name{};  // in the CRM's words: `organization`, `contact.merge`
  /// Whose records it is about. Each of them has an address of its own below the source's, where
  /// subscriptions may send that an admin narrowed to it. Empty = not known.
  std::set<core::ObjectName> objects{};
  /// Where the id is ours to choose; empty = the CRM does.
  std::string own_id{};
  /// The address itself, where the CRM has one for all that it tells: it can't be had twice.
  bool is_address = false;
};

/// A subscription as the CRM lists it.
struct Hook {
  std::string id;
  std::string name{};   // what it is about, in the CRM's words; empty = the CRM does not tell
  std::string url{};    // where it sends; empty = where everything of this app goes
  bool working = true;  // false: the CRM has switched it off
  std::optional<std::int64_t> ends_ms{};  // when it runs out; nothing = never
  /// Why what it sends is not what is wanted: "its version is not 2.0". Empty = it fits.
  std::string misfit{};
  bool narrowed = false;  // a filter leaves records out
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
  /// In the order in which they have to be made. `url` is the public address of /hooks/SOURCE.
  virtual std::vector<HookTopic> topics(const WantedPaths& wanted,
                                        const std::string& url) const = 0;
  /// True when Hook::name tells what a subscription is about; else its address alone does.
  virtual bool tells_names() const = 0;
  /// True when subscriptions run out; renew() makes them last again, also one that has run out.
  virtual bool renews() const = 0;
  /// True when renew() switches on what is switched off.
  virtual bool switches_on() const { return false; }
  /// True when making one brings a secret (MadeHook::secret), which a person has to put in place.
  virtual bool brings_secret() const { return false; }
  /// The key of the source's block where that secret belongs: `webhook_secrets`.
  virtual std::string secret_key() const { return {}; }

  virtual ReadResult<std::vector<Hook>> list(core::HttpTransport& transport,
                                             core::WallTime now) const = 0;
  /// `name` is that of a topic; `url` as in topics().
  virtual ReadResult<MadeHook> create(const std::string& name, const std::string& url,
                                      core::HttpTransport& transport, core::WallTime now) const = 0;
  /// `hook` as list() gave it. Nothing = done.
  virtual std::optional<ReadError> renew(const Hook& hook, core::HttpTransport& transport,
                                         core::WallTime now) const = 0;
  virtual std::optional<ReadError> remove(const Hook& hook, core::HttpTransport& transport,
                                          core::WallTime now) const = 0;
};

}  // namespace assembly_sync::connectors
