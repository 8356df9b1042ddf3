#include "daemon/cli/cli.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>

#include "core/problem.hpp"
#include "core/version.hpp"

namespace assembly_sync::cli {
namespace {

/// One CLI11 sub-command and what it runs.
class Verbs {
 public:
  Verbs(CLI::App& app, Context& context) : app_(app), context_(context) {}

  CLI::App* add(const std::string& name, const std::string& help, std::function<int()> run) {
    CLI::App* verb = app_.add_subcommand(name, help);
    verb->add_option("-c,--config", context_.config_file, "configuration file")
        ->capture_default_str();
    verb->add_flag("--json", context_.json, "print JSON");
    runs_.emplace_back(verb, std::move(run));
    names_.push_back(name);
    return verb;
  }
  int run_chosen() const {
    for (const auto& [verb, run] : runs_) {
      if (verb->parsed()) return run();
    }
    return kUsage;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  CLI::App& app_;
  Context& context_;
  std::vector<std::pair<CLI::App*, std::function<int()>>> runs_;
  std::vector<std::string> names_;
};

struct Options {
  bool online = false;
  bool schema = false;
  bool watch = false;
  RollbackOptions rollback;
  BackfillOptions backfill;
  HooksOptions hooks;
  MapOptions map;
  PlanOptions plan;
  SandboxCliOptions sandbox;
  DemoOptions demo;
};

void add_verbs(Verbs& verbs, const Context& context, Options& o) {
  verbs.add("run", "the daemon: webhooks and delivery", [&] { return run_daemon(context); });

  auto* check_verb = verbs.add("check", "find every problem of the configuration", [&] {
    return o.schema ? print_schema(context) : check(context, o.online);
  });
  auto* online = check_verb->add_flag(
      "--online", o.online,
      "also ask Assembly and the CRM: credentials, scopes, properties, options");
  check_verb
      ->add_flag("--schema", o.schema,
                 "print the configuration's JSON Schema, for editors, instead")
      ->excludes(online);

  auto* backfill_verb =
      verbs.add("backfill", "read whole objects once and bring Assembly up to date",
                [&] { return backfill(context, o.backfill); });
  backfill_verb->add_option("what", o.backfill.what,
                            "SOURCE or SOURCE.OBJECT; default: everything mapped");
  auto* since = backfill_verb->add_option("--since", o.backfill.since,
                                          "only records modified since, e.g. 2026-01-31");
  auto* limit =
      backfill_verb->add_option("--limit", o.backfill.limit, "read at most so many records");
  limit->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000'000}));
  backfill_verb
      ->add_flag("--accept-shrink", o.backfill.accept_shrink,
                 "what the source does not show any more is gone, however much it is")
      ->excludes(since)
      ->excludes(limit);
  backfill_verb->add_flag("--dry-run", o.backfill.dry_run, "show what would be sent, send nothing");
  backfill_verb->add_flag("--no-wait", o.backfill.no_wait, "leave it to the running daemon");

  auto* hooks_verb = verbs.add("hooks", "the subscriptions by which CRMs send their webhooks here",
                               [&] { return hooks(context, o.hooks); });
  hooks_verb->add_option("sources", o.hooks.sources, "these only; default: all");
  hooks_verb->add_flag("--apply", o.hooks.apply,
                       "make what is missing, renew what runs out, take strays away");

  auto* status_verb = verbs.add("status", "queue, budget, freshness and problems",
                                [&] { return status(context, o.watch); });
  status_verb->add_flag("--watch", o.watch, "again every two seconds, until Ctrl-C");

  auto* map_verb = verbs.add("map", "show what the mapping makes of one record; sends nothing",
                             [&] { return map(context, o.map); });
  map_verb->add_option("object", o.map.object, "SOURCE.OBJECT, e.g. hubspot.companies")->required();
  auto* record = map_verb->add_option("--record", o.map.record,
                                      "JSON file with the record, - for standard input");
  auto* id = map_verb->add_option("--id", o.map.id, "read the record with this id from the CRM");
  record->excludes(id);
  map_verb->add_flag("--trace", o.map.trace, "show each step of each field");

  auto* plan_verb = verbs.add("plan", "show what the configuration would change; sends nothing",
                              [&] { return plan(context, o.plan); });
  plan_verb->add_option("--mapping", o.plan.mapping, "this mapping only");
  plan_verb->add_option("--limit", o.plan.limit, "show at most so many changes in full")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));

  verbs.add("test", "run the mapping tests written in the configuration",
            [&] { return test(context); });

  verbs.add("reload", "have the running daemon load its configuration again",
            [&] { return reload(context); });

  auto* rollback_verb = verbs.add(
      "rollback", "undo an edit that is not in force, else go back to the configuration before",
      [&] { return rollback(context, o.rollback); });
  rollback_verb->add_option("--to", o.rollback.to, "this version, instead of the one before")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000'000}));
  rollback_verb->add_flag("--list", o.rollback.list, "only show the versions that are kept");
  rollback_verb->add_option("--store", o.rollback.store,
                            "the store's file, where the configuration is too broken to tell");

  auto* sandbox_verb = verbs.add("sandbox", "a local Assembly for trying things out",
                                 [&] { return sandbox(context, o.sandbox); });
  sandbox_verb->add_option("--port", o.sandbox.port, "0 = any free port")
      ->check(CLI::Range(0, 65535));
  sandbox_verb->add_option("--rate", o.sandbox.rate, "events per second")
      ->check(CLI::Range(0.01, 100'000.0));
  sandbox_verb->add_option("--limiter", o.sandbox.limiter, "how the rate is judged")
      ->check(CLI::IsMember({"sliding", "fixed", "bucket"}));
  sandbox_verb->add_option("--latency", o.sandbox.latency_ms, "ms before each answer")
      ->check(CLI::Range(0, 600'000));
  sandbox_verb->add_option("--seed", o.sandbox.seed, "for ids and jitter");
  sandbox_verb->add_option("--api-key", o.sandbox.api_key,
                           "the only key that is accepted; default: any");
  sandbox_verb->add_option("--switch", o.sandbox.switches,
                           "NAME=VALUE: how to read what Assembly's documentation leaves open; may "
                           "be repeated; help lists all");

  auto* demo_verb = verbs.add("demo", "sandbox, sample CRM and daemon in one process",
                              [&] { return demo(context, o.demo); });
  demo_verb->add_option("--seconds", o.demo.seconds, "stop by itself; default: until Ctrl-C")
      ->check(CLI::Range(0, 1'000'000));
  demo_verb->add_option("--companies", o.demo.companies, "sample companies")
      ->check(CLI::Range(1, 100'000));
  demo_verb->add_option("--contacts", o.demo.contacts, "sample contacts")
      ->check(CLI::Range(0, 100'000));
}

}  // namespace

int run(const std::vector<std::string>& arguments, Streams streams,
        const config::SecretProvider& secrets) {
  Context context{streams, secrets};
  Options options;
  CLI::App app("Keeps Assembly true to a company's CRM.", "assembly-sync");
  app.set_version_flag("--version", "assembly-sync " + std::string(core::kVersion));
  app.require_subcommand(1);
  Verbs verbs(app, context);
  add_verbs(verbs, context, options);

  if (!arguments.empty() && !arguments.front().starts_with('-')) {
    const auto& names = verbs.names();
    if (std::find(names.begin(), names.end(), arguments.front()) == names.end()) {
      const std::string near = core::nearest(arguments.front(), names);
      streams.err << "assembly-sync: no verb " << arguments.front()
                  << (near.empty() ? "" : "; did you mean " + near + '?') << '\n'
                  << "Verbs:";
      for (const std::string& name : names) streams.err << ' ' << name;
      streams.err << "\nassembly-sync --help tells more.\n";
      return kUsage;
    }
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, streams.out, streams.err);
    return code == 0 ? kDone : kUsage;
  }
  try {
    return verbs.run_chosen();
  } catch (const std::exception& error) {
    streams.err << "assembly-sync: " << error.what() << '\n';
    return kUnavailable;
  }
}

}  // namespace assembly_sync::cli
