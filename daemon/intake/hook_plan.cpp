#include "daemon/intake/hook_plan.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

namespace assembly_sync::intake {
namespace {

using connectors::Hook;
using connectors::HookTopic;
using Action = HookStep::Action;
using Hooks = std::vector<Hook>;

/// Long enough for somebody to see to it when renewing fails.
constexpr std::chrono::hours kRenewBefore{72};

/// Without query and slashes at the end: a secret may stand in the one, the CRM may add the other.
std::string_view place(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

class Planner {
 public:
  Planner(const connectors::HookKeeper& keeper, const Hooks& hooks, const HookScene& scene,
          core::WallTime now)
      : keeper_(keeper),
        hooks_(hooks),
        scene_(scene),
        url_(hook_url(scene.public_url, scene.source)),
        topics_(keeper.topics(scene.wanted, url_)),
        now_ms_(core::to_ms(now)) {}

  std::vector<HookStep> plan() {
    for (const HookTopic& topic : topics_) settle(topic);
    for (const Hook& hook : hooks_) remove_stray(hook);
    drop_removals_of_kept();
    return std::move(steps_);
  }

 private:
  // -- whose is it

  /// It sends to the source's address. One without an address goes where the app's address says.
  bool is_here(const Hook& hook) const { return hook.url.empty() || place(hook.url) == url_; }

  /// The object to whose own address it sends; nothing when it sends elsewhere.
  std::optional<core::ObjectName> object_of(const Hook& hook) const {
    const std::string below = url_ + '/';
    const std::string_view there = place(hook.url);
    if (!there.starts_with(below)) return std::nullopt;
    return core::ObjectName(std::string(there.substr(below.size())));
  }

  /// It sends to a source that is not configured any more.
  bool is_orphan(const Hook& hook) const {
    const std::string ours = scene_.public_url + "/hooks/";
    const std::string_view there = place(hook.url);
    if (!there.starts_with(ours)) return false;
    const std::string_view rest = there.substr(ours.size());
    return !scene_.sources.contains(core::SourceName(std::string(rest.substr(0, rest.find('/')))));
  }

  bool is_about(const Hook& hook, const HookTopic& topic) const {
    return !keeper_.tells_names() || hook.name == topic.name;
  }

  bool ended(const Hook& hook) const { return hook.ends_ms && *hook.ends_ms <= now_ms_; }

  /// Entries of one subscription that tells of several things: renewing it for one could take the
  /// others away.
  bool is_shared(const Hook& hook) const {
    return std::count_if(hooks_.begin(), hooks_.end(),
                         [&](const Hook& one) { return one.id == hook.id; }) > 1;
  }

  /// Why one at the source's own address can't stay; empty = it can.
  std::string misfit(const HookTopic& topic, const Hook& hook) const {
    if (!hook.misfit.empty()) return hook.misfit;
    if (hook.narrowed) return "a filter leaves out a part of what is wanted";
    const bool other = !topic.own_id.empty() && hook.id != topic.own_id;
    return other ? "it was made under another id, and may tell of other things too" : "";
  }

  bool is_good(const HookTopic& topic, const Hook& hook) const {
    return hook.working && !ended(hook) && misfit(topic, hook).empty();
  }

  /// At the address of an object a filter is what one expects.
  bool is_good_below(const HookTopic& topic, const Hook& hook) const {
    const bool known = topic.objects.empty() || topic.objects.contains(*object_of(hook));
    const bool renewable = topic.own_id.empty() || hook.id == topic.own_id || !is_shared(hook);
    return hook.working && !ended(hook) && hook.misfit.empty() && known && renewable;
  }

  // -- one topic

  void settle(const HookTopic& topic) {
    if (topic.is_address) return settle_address(topic);
    Hooks here;
    Hooks below;
    for (const Hook& hook : hooks_) {
      if (!is_about(hook, topic)) continue;
      if (is_here(hook)) {
        here.push_back(hook);
      } else if (object_of(hook)) {
        below.push_back(hook);
      }
    }
    // Several at one address that can't be told apart: none is taken for a second one.
    if (!keeper_.tells_names() && topics_.size() > 1 && !here.empty()) here.resize(1);
    if (!below.empty() && may_stay_below(topic, here, below)) {
      keep_below(topic, below);
      for (const Hook& hook : here)
        remove(topic.name, hook, "those at its objects' addresses tell the same");
      return;
    }
    settle_here(topic, here);
    for (const Hook& hook : below)
      remove(topic.name, hook, "the one at " + url_ + " tells the same");
  }

  /// Those at the objects' addresses do it alone: all of them work, and there is either none at the
  /// source's address or nothing left for it to tell.
  bool may_stay_below(const HookTopic& topic, const Hooks& here, const Hooks& below) const {
    const bool good = std::all_of(below.begin(), below.end(),
                                  [&](const Hook& hook) { return is_good_below(topic, hook); });
    return good && (here.empty() || untold(topic, below).empty());
  }

  /// The objects that nothing at an address of their own tells of.
  std::vector<std::string> untold(const HookTopic& topic, const Hooks& below) const {
    std::vector<std::string> names;
    for (const core::ObjectName& object : topic.objects) {
      if (!scene_.wanted.empty() && !scene_.wanted.contains(object)) continue;
      const bool told = std::any_of(below.begin(), below.end(),
                                    [&](const Hook& hook) { return object_of(hook) == object; });
      if (!told) names.push_back(object.str());
    }
    return names;
  }

  void keep_below(const HookTopic& topic, const Hooks& below) {
    const auto open = untold(topic, below);
    for (auto hook = below.begin(); hook != below.end(); ++hook) {
      const bool second = std::any_of(below.begin(), hook, [&](const Hook& before) {
        return object_of(before) == object_of(*hook);
      });
      if (second) {
        remove(topic.name, *hook, "there is another one for the same");
        continue;
      }
      std::string reason = "of " + object_of(*hook)->str() + " alone";
      for (const std::string& name : open) reason += ", nothing tells of " + name;
      keep_or_renew(topic.name, *hook, reason);
    }
  }

  void settle_here(const HookTopic& topic, const Hooks& here) {
    if (here.empty()) {
      steps_.push_back({Action::create, topic.name, {}, "there is none"});
      return;
    }
    const auto kept = std::min_element(here.begin(), here.end(), [&](const Hook& a, const Hook& b) {
      return better(topic, a, b);
    });
    settle_kept(topic, *kept);
    for (const Hook& hook : here) {
      if (&hook != &*kept) remove(topic.name, hook, "there is another one for the same");
    }
  }

  /// Of several the one to keep: one that is as it should be, then the one that lasts longest, then
  /// the first.
  bool better(const HookTopic& topic, const Hook& a, const Hook& b) const {
    const bool good = is_good(topic, a);
    if (good != is_good(topic, b)) return good;
    return a.ends_ms.value_or(INT64_MAX) > b.ends_ms.value_or(INT64_MAX);
  }

  void settle_kept(const HookTopic& topic, const Hook& hook) {
    const std::string why = misfit(topic, hook);
    if (!why.empty()) {
      replace(topic.name, hook, why, "in place of the one that does not fit");
    } else if (ended(hook) && !keeper_.renews()) {
      replace(topic.name, hook, "it has run out", "in place of the one that ran out");
    } else if (!hook.working && keeper_.switches_on()) {
      steps_.push_back({Action::switch_on, topic.name, hook, "it is switched off"});
    } else if (!hook.working) {
      replace(topic.name, hook, "the CRM has switched it off: was this address away?",
              "in place of the one that is off");
    } else {
      keep_or_renew(topic.name, hook, "");
    }
  }

  void keep_or_renew(const std::string& name, const Hook& hook, const std::string& reason) {
    const std::int64_t margin = std::chrono::milliseconds(kRenewBefore).count();
    if (!hook.ends_ms || !keeper_.renews() || *hook.ends_ms - now_ms_ >= margin) {
      steps_.push_back({Action::keep, name, hook, reason});
    } else {
      steps_.push_back(
          {Action::renew, name, hook, ended(hook) ? "it has run out" : "it runs out soon"});
    }
  }

  void settle_address(const HookTopic& topic) {
    const auto set = std::find_if(hooks_.begin(), hooks_.end(),
                                  [&](const Hook& hook) { return is_about(hook, topic); });
    if (set == hooks_.end()) {
      steps_.push_back({Action::create, topic.name, {}, "there is none"});
    } else if (is_here(*set)) {
      steps_.push_back({Action::keep, topic.name, *set, ""});
    } else {
      sends_elsewhere_ = true;
      steps_.push_back({Action::redirect, topic.name, *set,
                        "it is " + std::string(place(set->url)) + ", and there is only one"});
    }
  }

  // -- what goes

  void replace(const std::string& name, const Hook& hook, std::string why, std::string instead) {
    remove(name, hook, std::move(why));
    steps_.push_back({Action::create, name, {}, std::move(instead), true});
  }

  void remove(const std::string& name, const Hook& hook, std::string reason) {
    steps_.push_back({Action::remove, name, hook, std::move(reason)});
  }

  void remove_stray(const Hook& hook) {
    const bool asked_for = std::any_of(topics_.begin(), topics_.end(), [&](const HookTopic& topic) {
      return is_about(hook, topic);
    });
    // Where all went to another address until now, nobody knows what is asked for there.
    const bool ours = object_of(hook) || (is_here(hook) && !sends_elsewhere_);
    if (ours && !asked_for) remove(hook.name, hook, "it tells what nobody here asks for");
    if (is_orphan(hook)) remove(hook.name, hook, "its source is not configured any more");
  }

  /// One subscription may be listed once for each thing it tells: it goes once, and not at all
  /// where one of them stays.
  void drop_removals_of_kept() {
    std::set<std::string> ids;
    for (const HookStep& step : steps_) {
      if (step.hook && step.action != Action::remove) ids.insert(step.hook->id);
    }
    std::erase_if(steps_, [&](const HookStep& step) {
      return step.action == Action::remove && !ids.insert(step.hook->id).second;
    });
  }

  const connectors::HookKeeper& keeper_;
  const Hooks& hooks_;
  const HookScene& scene_;
  const std::string url_;
  const std::vector<HookTopic> topics_;
  const std::int64_t now_ms_;
  bool sends_elsewhere_ = false;
  std::vector<HookStep> steps_;
};

}  // namespace

std::string hook_url(const std::string& public_url, const core::SourceName& source) {
  return public_url + "/hooks/" + source.str();
}

connectors::WantedPaths wanted_paths(const mapping::Rules& rules, const core::SourceName& source,
                                     const connectors::Connector& connector) {
  connectors::WantedPaths wanted;
  for (const core::ObjectName& object : connector.objects()) {
    if (rules.reads(source, object)) wanted.emplace(object, rules.paths(source, object));
  }
  return wanted;
}

std::vector<HookStep> plan_hooks(const connectors::HookKeeper& keeper,
                                 const std::vector<connectors::Hook>& hooks, const HookScene& scene,
                                 core::WallTime now) {
  return Planner(keeper, hooks, scene, now).plan();
}

}  // namespace assembly_sync::intake
