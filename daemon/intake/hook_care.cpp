#include "daemon/intake/hook_care.hpp"

#include <set>
#include <thread>

#include "daemon/intake/hook_plan.hpp"

namespace assembly_sync::intake {
namespace {

using namespace std::chrono_literals;

/// The shortest-lived subscriptions last a week, and are renewed in their last three days.
constexpr auto kRound = 6h;

}  // namespace

class HookCare::Impl {
 public:
  explicit Impl(HookCareParts parts) : parts_(std::move(parts)) {
    for (const PulledSource& source : parts_.sources) {
      names_.insert(source.name);
      cares_ = cares_ || source.connector->hooks() != nullptr;
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
      if (const auto* keeper = source.connector->hooks()) look(source, *keeper);
    }
  }

 private:
  void look(const PulledSource& source, const connectors::HookKeeper& keeper) {
    const auto hooks = keeper.list(parts_.transport, parts_.clock.wall_now());
    if (!hooks) {
      warn(source, hooks.error().reason);
      return;
    }
    std::int64_t missing = 0;
    for (const HookStep& step : plan_hooks(keeper, *hooks, parts_.public_url, source.name, names_,
                                           parts_.clock.wall_now())) {
      if (step.action == HookStep::Action::create) ++missing;
      if (step.action != HookStep::Action::renew) continue;
      const auto failed = keeper.renew(*step.hook, parts_.transport, parts_.clock.wall_now());
      if (failed) warn(source, failed->reason);
    }
    if (missing == 0) return;
    parts_.log.warn("hooks_missing", {{"source", source.name.str()}, {"count", missing}});
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
