#include <ostream>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/http/client.hpp"
#include "daemon/intake/hook_plan.hpp"

namespace assembly_sync::cli {
namespace {

using connectors::HookKeeper;
using core::Value;
using intake::HookStep;
using Action = HookStep::Action;

const char* word_of(Action action) {
  constexpr const char* kWords[] = {"there", "create", "renew", "remove", "switch on", "redirect"};
  return kWords[static_cast<int>(action)];
}

/// A step of one source, and what became of it.
struct Line {
  core::SourceName source;
  HookStep step;
  bool done = false;
  std::string id{};       // of a subscription that was made
  std::string problem{};  // why it could not be done
};

Value to_value(const Line& line) {
  const auto& hook = line.step.hook;
  Value out = Value::object({{"source", line.source.str()},
                             {"name", line.step.name},
                             {"action", word_of(line.step.action)},
                             {"reason", line.step.reason},
                             {"done", line.done}});
  if (!line.id.empty()) out.set("id", line.id);
  if (hook) out.set("id", hook->id);
  if (hook && hook->ends_ms) out.set("ends", core::format_utc(core::from_ms(*hook->ends_ms)));
  if (!line.problem.empty()) out.set("problem", line.problem);
  return out;
}

std::string to_text(const Line& line) {
  const auto& [action, name, hook, reason, replaces] = line.step;
  std::string text = line.source.str() + (name.empty() ? "" : ' ' + name) + ": ";
  text +=
      action == Action::keep ? "there" : std::string(line.done ? "done: " : "") + word_of(action);
  const std::string& id = hook ? hook->id : line.id;
  if (!id.empty()) text += " (id " + id + ')';
  if (hook && hook->ends_ms) {
    text += ", until " + core::format_utc(core::from_ms(*hook->ends_ms));
  }
  if (!reason.empty()) text += ": " + reason;
  if (!line.problem.empty()) text += "\n  could not be done: " + line.problem;
  return text;
}

class Hooks {
 public:
  Hooks(const Context& context, const config::Config& config) : context_(context), config_(config) {
    for (const config::SourceConfig& source : config.sources) names_.insert(source.name);
  }

  int run(const HooksOptions& options) {
    for (const std::string& name : options.sources) {
      if (!config_.source(core::SourceName(name))) {
        context_.streams.err << "assembly-sync hooks: no source " << name << '\n';
        return kUsage;
      }
    }
    if (config_.listen.public_url.empty()) {
      context_.streams.err << "assembly-sync hooks: expected listen.public_url, the address under "
                              "which CRMs reach this program, got nothing\n";
      return kConfiguration;
    }
    for (const config::SourceConfig& source : config_.sources) {
      const auto& wanted = options.sources;
      const bool chosen = wanted.empty() || std::find(wanted.begin(), wanted.end(),
                                                      source.name.str()) != wanted.end();
      if (chosen) look(source, options.apply);
    }
    print();
    return code(options.apply);
  }

 private:
  /// What a CRM does not tell is no reason to leave out the others.
  void look(const config::SourceConfig& source, bool apply) {
    const HookKeeper* keeper = source.connector->hooks();
    if (keeper == nullptr) {
      if (source.connector->takes_webhooks()) by_hand_.push_back(source.name);
      return;
    }
    const auto hooks = keeper->list(transport_, clock_.wall_now());
    if (!hooks) {
      context_.streams.err << "assembly-sync hooks: " << source.name.str() << ": "
                           << hooks.error().reason << '\n';
      unavailable_ = true;
      return;
    }
    const intake::HookScene scene{
        config_.listen.public_url, source.name, names_,
        intake::wanted_paths(*config_.rules, source.name, *source.connector)};
    for (HookStep& step : intake::plan_hooks(*keeper, *hooks, scene, clock_.wall_now())) {
      lines_.push_back({.source = source.name, .step = std::move(step)});
      if (apply) carry_out(source, *keeper, lines_.back());
    }
  }

  void carry_out(const config::SourceConfig& source, const HookKeeper& keeper, Line& line) {
    const auto& [action, name, hook, reason, replaces] = line.step;
    std::optional<connectors::ReadError> failed;
    if (action == Action::keep) return;
    if (action == Action::create || action == Action::redirect) {
      const auto made =
          keeper.create(name, intake::hook_url(config_.listen.public_url, line.source), transport_,
                        clock_.wall_now());
      if (made) {
        line.id = made->id;
        if (made->secret) tell_secret(source, keeper.secret_key(), *made->secret);
      } else {
        failed = made.error();
      }
    } else if (action == Action::renew || action == Action::switch_on) {
      failed = keeper.renew(*hook, transport_, clock_.wall_now());
    } else {
      failed = keeper.remove(*hook, transport_, clock_.wall_now());
    }
    line.done = !failed;
    if (failed) line.problem = failed->reason;
  }

  /// The one place where a secret is printed: the CRM chose it and shows it this once, and only
  /// whoever asked for the subscription can put it where it belongs.
  void tell_secret(const config::SourceConfig& source, const std::string& key,
                   const core::Secret& secret) {
    const std::string where = "sources." + source.name.str() + '.' + key;
    const std::string then =
        source.connector->takes_webhooks()
            ? "Put it where one of the list " + where + " is read from, or add it to the list."
            : "Put it where a new list " + where + " is read from: until then no webhook counts.";
    context_.streams.err << source.name.str()
                         << ": the CRM signs these webhooks with a secret that it shows only "
                            "now:\n  "
                         << secret.reveal() << "\n  " << then << "\n  Then: assembly-sync reload\n";
  }

  void print() const {
    std::ostream& out = context_.streams.out;
    if (context_.json) {
      Value lines = Value::list();
      for (const Line& line : lines_) lines.as_list().push_back(to_value(line));
      Value by_hand = Value::list();
      for (const core::SourceName& name : by_hand_) by_hand.as_list().emplace_back(name.str());
      out << core::dump_json(
                 Value::object({{"hooks", std::move(lines)}, {"by_hand", std::move(by_hand)}}))
          << '\n';
      return;
    }
    for (const Line& line : lines_) out << to_text(line) << '\n';
    for (const core::SourceName& name : by_hand_) {
      out << name.str() << ": its webhooks are set up in the CRM by hand; they go to "
          << intake::hook_url(config_.listen.public_url, name) << '\n';
    }
    if (lines_.empty() && by_hand_.empty() && !unavailable_) out << "no source sends webhooks\n";
  }

  int code(bool apply) const {
    if (unavailable_) return kUnavailable;
    bool changes = false;
    for (const Line& line : lines_) {
      if (!line.problem.empty()) return kNeedsHuman;
      changes = changes || line.step.action != Action::keep;
    }
    if (changes && !apply) {
      context_.streams.err << "assembly-sync hooks --apply does it\n";
      return kChanges;
    }
    return kDone;
  }

  const Context& context_;
  const config::Config& config_;
  std::set<core::SourceName> names_;
  core::SystemClock clock_;
  http::PooledTransport transport_{clock_};
  std::vector<Line> lines_;
  std::vector<core::SourceName> by_hand_;
  bool unavailable_ = false;  // some CRM did not tell
};

}  // namespace

int hooks(const Context& context, const HooksOptions& options) {
  const auto config = load_or_explain(context);
  if (!config) return kConfiguration;
  return Hooks(context, *config).run(options);
}

}  // namespace assembly_sync::cli
