// Subscriptions for webhooks as a CRM would keep them, for tests.
#pragma once

#include <string>
#include <vector>

#include "daemon/intake/hook_plan.hpp"
#include "tests/unit/daemon/intake/intake_world.hpp"

namespace assembly_sync::intake {

using connectors::Hook;
using connectors::HookTopic;
using connectors::MadeHook;

inline constexpr std::int64_t kNow = 1'767'225'600'500;
inline constexpr std::int64_t kDay = 86'400'000;
inline constexpr const char* kPublicUrl = "https://sync.test";

/// Keeps its list in memory; its names are one letter each.
class ListedHooks final : public connectors::HookKeeper {
 public:
  std::vector<HookTopic> topics(const connectors::WantedPaths&, const std::string&) const override {
    return topics_;
  }
  bool tells_names() const override { return tells; }
  bool renews() const override { return runs_out; }
  bool switches_on() const override { return switches; }
  ReadResult<std::vector<Hook>> list(core::HttpTransport&, core::WallTime) const override {
    return hooks;
  }
  ReadResult<MadeHook> create(const std::string& name, const std::string& url, core::HttpTransport&,
                              core::WallTime) const override {
    hooks.push_back({.id = "made", .name = name, .url = url});
    return MadeHook{.id = "made"};
  }
  std::optional<ReadError> renew(const Hook& hook, core::HttpTransport&,
                                 core::WallTime now) const override {
    for (Hook& one : hooks) {
      if (one.id == hook.id) one.ends_ms = core::to_ms(now) + 7 * kDay;
    }
    return std::nullopt;
  }
  std::optional<ReadError> remove(const Hook& hook, core::HttpTransport&,
                                  core::WallTime) const override {
    std::erase_if(hooks, [&](const Hook& one) { return one.id == hook.id; });
    return std::nullopt;
  }

  std::vector<HookTopic> topics_ = {{"a"}, {"b"}};
  bool tells = true;
  bool runs_out = true;
  bool switches = false;
  mutable std::vector<Hook> hooks;
};

}  // namespace assembly_sync::intake
