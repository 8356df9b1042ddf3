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
  WhyOptions why;
  WhyNotOptions why_not;
  bool online = false;
  bool schema = false;
  bool watch = false;
  RollbackOptions rollback;
  BackfillOptions backfill;
  HooksOptions hooks;
  TailOptions tail;
  BackupOptions backup;
  RestoreOptions restore;
  WaitingOptions dead;
  WaitingOptions holds;
  WaitingOptions quarantine;
  MapOptions map;
  PlanOptions plan;
  SandboxCliOptions sandbox;
  DemoOptions demo;
};

// -- what waits for a person: dead, holds, quarantine

void add_filters(CLI::App& act, WaitingOptions& o) {
  act.add_option("--reason", o.reason, "only those whose reason holds this text");
  act.add_option("--since", o.since,
                 "only those of that time or later: 12h, yesterday, 2026-01-31");
}

void add_order(CLI::App& act, WaitingOptions& o, const char* what) {
  act.add_option("what", o.what, what);
  add_filters(act, o);
  act.add_flag("--all", o.all, "all of them");
  act.add_flag("--dry-run", o.dry_run, "only say how many it would be about");
}

/// `list`, `show`, `retry` and `drop` of a verb; returns `retry`. Without any it is `list`.
CLI::App* add_acts(CLI::App& verb, WaitingOptions& o, const char* retries, const char* drops) {
  using Act = WaitingOptions::Act;
  const auto add = [&](const char* name, const char* help, Act act) {
    CLI::App* sub = verb.add_subcommand(name, help);
    sub->fallthrough();  // -c and --json behind it are the verb's
    sub->parse_complete_callback([&o, act] { o.act = act; });
    return sub;
  };
  verb.require_subcommand(0, 1);
  CLI::App* list = add("list", "which, why, and how many for each reason", Act::list);
  list->add_option("what", o.what, "SOURCE or SOURCE.OBJECT; default: all");
  add_filters(*list, o);
  list->add_option("--limit", o.limit, "show at most so many")->check(CLI::Range(0, 10'000));
  list->add_option("--after", o.after, "go on after this id")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 62));
  add("show", "all that is known of one", Act::show)->add_option("what", o.what, "ids")->required();
  CLI::App* retry = add("retry", retries, Act::retry);
  add_order(*retry, o, "ids, or SOURCE[.OBJECT]");
  add_order(*add("drop", drops, Act::drop), o, "ids, or SOURCE[.OBJECT]");
  return retry;
}

void add_undo(CLI::App& retry, WaitingOptions& o) {
  retry.add_flag("--undo", o.undo, "take the last order back of which something is on its way");
  retry.add_option("--order", o.undo_order, "with --undo: this order (`list` names them)")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 62));
}

void add_why_verbs(Verbs& verbs, const Context& context, Options& o) {
  auto* why_verb =
      verbs.add("why", "where a value in Assembly came from", [&] { return why(context, o.why); });
  why_verb
      ->add_option("entity", o.why.entity,
                   "its name, domain, key or id, or the record it came from, in quotes")
      ->required();
  why_verb->add_option("field", o.why.field, "this field only, e.g. tier");
  auto* why_not_verb =
      verbs.add("why-not", "why a record is not in Assembly, or not as you expect it there",
                [&] { return why_not(context, o.why_not); });
  why_not_verb->add_option("object", o.why_not.object, "SOURCE.OBJECT, e.g. hubspot.companies")
      ->required();
  why_not_verb->add_option("id", o.why_not.id, "the record's id in the source");
}

void add_waiting_verbs(Verbs& verbs, const Context& context, Options& o) {
  auto* tail_verb = verbs.add("tail", "what is received, delivered and ended, as it happens",
                              [&] { return tail(context, o.tail); });
  tail_verb->add_option("source", o.tail.source, "of this source only");
  tail_verb->add_option("--since", o.tail.since, "begin earlier: 12h, yesterday, 2026-01-31");
  tail_verb->add_flag("--once", o.tail.once, "print what there is, and end");

  auto* dead_verb = verbs.add("dead", "what failed for good: show it, try again, drop it",
                              [&] { return dead(context, o.dead); });
  add_undo(*add_acts(*dead_verb, o.dead, "read and map again with today's mapping, and send",
                     "accept the loss"),
           o.dead);
  auto* holds_verb =
      verbs.add("holds", "usage logs that may be in Assembly already and are not sent again",
                [&] { return holds(context, o.holds); });
  auto* retry = add_acts(*holds_verb, o.holds, "look for them once more, send what is not there",
                         "they are there, or not wanted");
  add_undo(*retry, o.holds);
  retry->add_flag("--send-again", o.holds.send_again,
                  "send without a look: one that is in Assembly already counts twice");
  auto* quarantine_verb =
      verbs.add("quarantine", "webhooks that failed verification: show, verify again, drop",
                [&] { return quarantine(context, o.quarantine); });
  add_acts(*quarantine_verb, o.quarantine, "verify again with today's secrets, and take them",
           "throw them away")
      ->add_flag("--accept", o.quarantine.accept, "take them unverified: you vouch for them");
}

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

  add_why_verbs(verbs, context, o);
  add_waiting_verbs(verbs, context, o);
  auto* backup_verb = verbs.add("backup", "a consistent copy of the store, also while it is used",
                                [&] { return backup(context, o.backup); });
  backup_verb->add_option("file", o.backup.file, "where to")->required();
  backup_verb->add_flag("--force", o.backup.force, "replace a file that is there");
  verbs
      .add("restore", "put a backup in the store's place, while no daemon runs",
           [&] { return restore(context, o.restore); })
      ->add_option("file", o.restore.file, "the backup")
      ->required();
  verbs.add("doctor", "whether all that the program needs around it is well",
            [&] { return doctor(context); });

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
