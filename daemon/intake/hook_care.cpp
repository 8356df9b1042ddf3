#include "daemon/intake/hook_care.hpp"

#include <set>
#include <thread>

#include "daemon/intake/hook_plan.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;
using connectors::HookKeeper;
using Action = HookStep::Action;

/// The shortest-lived subscriptions last a week, and are renewed in their last three days.
constexpr auto kRound = 6h;

}  // namespace

class HookCare::Impl {
 public:
  explicit Impl(HookCareParts parts) : parts_(std::move(parts)) {
    for (const PulledSource& source : parts_.sources) {
      names_.insert(source.name);
      cares_ = cares_ || keeper_of(source) != nullptr;
    }
    cares_ = cares_ && !parts_.public_url.empty();
  }

  void start() {
    if (!cares_) return;
    thread_ = std::jthread([this](const std::stop_token& stop) {
      do {
        try {
          work();
        } catch (const std::exception& error) {
          parts_.log.recurring("hooks_failed", {{"error", error.what()}});
        }
      } while (parts_.clock.sleep_for(kRound, stop));
    });
  }
  void request_stop() { thread_.request_stop(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  void work() {
    for (const PulledSource& source : parts_.sources) {
      if (const auto* keeper = keeper_of(source)) look(source, *keeper);
    }
  }

 private:
  /// A source whose webhooks can't be believed yet wants none.
  static const HookKeeper* keeper_of(const PulledSource& source) {
    return source.connector->takes_webhooks() ? source.connector->hooks() : nullptr;
  }

  void look(const PulledSource& source, const HookKeeper& keeper) {
    const auto hooks = keeper.list(parts_.transport, parts_.clock.wall_now());
    if (!hooks) {
      warn(source, hooks.error().reason);
      return;
    }
    std::int64_t missing = 0;
    for (const HookStep& step :
         plan_hooks(keeper, *hooks, scene_of(source), parts_.clock.wall_now())) {
      if (step.action == Action::renew) {
        tell(source, step, keeper.renew(*step.hook, parts_.transport, parts_.clock.wall_now()));
      } else if (comes_back_alone(keeper, step)) {
        tell(source, step, make(source, keeper, step.name));
      } else if (step.action != Action::keep && step.action != Action::remove) {
        ++missing;
      }
    }
    if (missing == 0) return;
    parts_.log.warn("hooks_missing", {{"source", source.name.str()}, {"count", missing}});
  }

  HookScene scene_of(const PulledSource& source) const {
    return {parts_.public_url, source.name, names_,
            wanted_paths(*parts_.rules, source.name, *source.connector)};
  }

  /// One that runs out by itself is gone when this machine was away past its end.
  static bool comes_back_alone(const HookKeeper& keeper, const HookStep& step) {
    return step.action == Action::create && !step.replaces && keeper.renews() &&
           !keeper.brings_secret();
  }

  std::optional<connectors::ReadError> make(const PulledSource& source, const HookKeeper& keeper,
                                            const std::string& name) {
    const auto made = keeper.create(name, hook_url(parts_.public_url, source.name),
                                    parts_.transport, parts_.clock.wall_now());
    return made ? std::nullopt : std::optional(made.error());
  }

  void tell(const PulledSource& source, const HookStep& step,
            const std::optional<connectors::ReadError>& failed) {
    if (failed) return warn(source, failed->reason);
    parts_.log.info("hook_renewed",
                    {{"source", source.name.str()}, {"name", step.name}, {"why", step.reason}});
  }

  void warn(const PulledSource& source, const std::string& reason) {
    parts_.log.warn("hooks_not_kept", {{"source", source.name.str()}, {"reason", reason}});
  }

  const HookCareParts parts_;
  std::set<core::SourceName> names_;
  bool cares_ = false;
  std::jthread thread_;
};

HookCare::HookCare(HookCareParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
HookCare::~HookCare() {
  request_stop();
  join();
}
void HookCare::start() {
  impl_->start();
}
void HookCare::request_stop() {
  impl_->request_stop();
}
void HookCare::join() {
  impl_->join();
}
void HookCare::work() {
  impl_->work();
}

}  // namespace assembly_sync::intake
