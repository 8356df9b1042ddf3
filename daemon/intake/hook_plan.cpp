#include "daemon/intake/hook_plan.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>

namespace assembly_sync::intake {
namespace {

using connectors::Hook;
using Action = HookStep::Action;

/// Long enough for somebody to see to it when renewing fails.
constexpr std::chrono::hours kRenewBefore{72};

/// Without query and slashes at the end: a secret may stand in the one, the CRM may add the other.
std::string_view place(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

bool ended(const Hook& hook, std::int64_t now_ms) {
  return hook.ends_ms && *hook.ends_ms <= now_ms;
}

/// Of several the one to keep: one that works, then the one that lasts longest, then the first.
bool better(const Hook& a, const Hook& b) {
  if (a.working != b.working) return a.working;
  return a.ends_ms.value_or(INT64_MAX) > b.ends_ms.value_or(INT64_MAX);
}

/// Addresses below ours that belong to a source which is not configured any more.
bool is_orphan(std::string_view url, const std::string& public_url,
               const std::set<core::SourceName>& sources) {
  const std::string ours = public_url + "/hooks/";
  if (!url.starts_with(ours)) return false;
  const std::string_view rest = url.substr(ours.size());
  return !sources.contains(core::SourceName(rest.substr(0, rest.find('/'))));
}

class Planner {
 public:
  Planner(const connectors::HookKeeper& keeper, std::int64_t now_ms)
      : keeper_(keeper), now_ms_(now_ms) {}

  /// `found`: those at our address that tell `name`.
  void settle(const std::string& name, std::vector<Hook> found) {
    if (found.empty()) {
      steps_.push_back({Action::create, name, {}, "there is none"});
      return;
    }
    const auto kept = std::min_element(found.begin(), found.end(), better);
    settle_kept(name, *kept);
    for (const Hook& hook : found) {
      if (hook.id == kept->id) continue;
      steps_.push_back({Action::remove, name, hook, "there is another one for the same"});
    }
  }

  void remove(const Hook& hook, std::string reason) {
    steps_.push_back({Action::remove, hook.name, hook, std::move(reason)});
  }

  std::vector<HookStep> take() { return std::move(steps_); }

 private:
  void settle_kept(const std::string& name, const Hook& hook) {
    const std::int64_t margin = std::chrono::milliseconds(kRenewBefore).count();
    if (!hook.working || ended(hook, now_ms_)) {
      const std::string why =
          hook.working ? "it has run out" : "the CRM has switched it off: was this address away?";
      steps_.push_back({Action::remove, name, hook, why});
      steps_.push_back(
          {Action::create,
           name,
           {},
           "in place of the one that " + std::string(hook.working ? "ran out" : "is off")});
    } else if (hook.ends_ms && keeper_.renews() && *hook.ends_ms - now_ms_ < margin) {
      steps_.push_back({Action::renew, name, hook, "it runs out soon"});
    } else {
      steps_.push_back({Action::keep, name, hook, ""});
    }
  }

  const connectors::HookKeeper& keeper_;
  const std::int64_t now_ms_;
  std::vector<HookStep> steps_;
};

}  // namespace

std::string hook_url(const std::string& public_url, const core::SourceName& source) {
  return public_url + "/hooks/" + source.str();
}

std::vector<HookStep> plan_hooks(const connectors::HookKeeper& keeper,
                                 const std::vector<Hook>& hooks, const std::string& public_url,
                                 const core::SourceName& source,
                                 const std::set<core::SourceName>& sources, core::WallTime now) {
  Planner planner(keeper, core::to_ms(now));
  const std::string url = hook_url(public_url, source);
  const auto ours = [&](const Hook& hook) { return place(hook.url) == place(url); };
  const auto names = keeper.names();
  for (const std::string& name : names) {
    std::vector<Hook> found;
    std::copy_if(hooks.begin(), hooks.end(), std::back_inserter(found), [&](const Hook& hook) {
      return ours(hook) && (!keeper.tells_names() || hook.name == name);
    });
    // Several at one address that can't be told apart: none is taken for a second one.
    if (!keeper.tells_names() && names.size() > 1 && !found.empty()) found.resize(1);
    planner.settle(name, std::move(found));
  }
  for (const Hook& hook : hooks) {
    const bool named =
        !keeper.tells_names() || std::find(names.begin(), names.end(), hook.name) != names.end();
    if (ours(hook) && !named) planner.remove(hook, "it tells what nobody here asks for");
    if (!ours(hook) && is_orphan(place(hook.url), public_url, sources)) {
      planner.remove(hook, "its source is not configured any more");
    }
  }
  return planner.take();
}

}  // namespace assembly_sync::intake
