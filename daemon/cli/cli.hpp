// The command line: argv -> verb. One verb, one file. Exit codes: 0 done, 1 finished with problems
// that need a human, 2 changes found, 64 usage, 69 unavailable, 75 try again, 78 configuration.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.hpp"

namespace assembly_sync::cli {

inline constexpr int kDone = 0;
inline constexpr int kNeedsHuman = 1;
inline constexpr int kChanges = 2;
inline constexpr int kUsage = 64;
inline constexpr int kUnavailable = 69;
inline constexpr int kTryAgain = 75;
inline constexpr int kConfiguration = 78;

inline constexpr const char* kDefaultConfig = "/etc/assembly-sync/config.yaml";

/// Where a verb prints; tests hand in string streams.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
};

/// What every verb may need of its surroundings.
struct Context {
  Streams streams;
  const config::SecretProvider& secrets;
  std::string config_file = kDefaultConfig;
  bool json = false;
};

/// Runs the program; `arguments` without the program's name.
int run(const std::vector<std::string>& arguments, Streams streams,
        const config::SecretProvider& secrets);

/// Loads the configuration; on problems prints them all and returns nothing (exit 78).
std::optional<config::Config> load_or_explain(const Context& context);

int check(const Context& context, bool online);
/// Prints the configuration's JSON Schema; needs no configuration.
int print_schema(const Context& context);

int run_daemon(const Context& context);

/// Has the running daemon load its configuration again.
int reload(const Context& context);

struct RollbackOptions {
  std::int64_t to = 0;  // version; 0 = the one before the one in force
  bool list = false;
  std::string store;  // path; empty = as the configuration says
};
int rollback(const Context& context, const RollbackOptions& options);

struct BackfillOptions {
  std::vector<std::string> what;
  std::string since;
  std::int64_t limit = 0;  // 0 = none
  bool dry_run = false;
  bool no_wait = false;
  bool accept_shrink = false;
};
int backfill(const Context& context, const BackfillOptions& options);

struct HooksOptions {
  std::vector<std::string> sources;  // none = all
  bool apply = false;
};
int hooks(const Context& context, const HooksOptions& options);

int status(const Context& context, bool watch);

struct TailOptions {
  std::string source;  // empty = all
  std::string since;   // empty = from now on
  bool once = false;   // print what there is and end
};
/// What is received, delivered and ended, as it happens, until Ctrl-C.
int tail(const Context& context, const TailOptions& options);

/// What waits for a person, and what he orders about it.
struct WaitingOptions {
  enum class Act : std::uint8_t { list, show, retry, drop };
  Act act = Act::list;
  std::vector<std::string> what;  // ids, or SOURCE[.OBJECT]
  std::string reason;             // a part of it
  std::string since;
  bool all = false;
  bool dry_run = false;
  std::int64_t limit = 20;  // of a page
  std::int64_t after = 0;   // the id before the page; 0 = the first
  // dead and holds, retry
  bool undo = false;
  std::int64_t undo_order = 0;  // 0 = the last
  bool send_again = false;      // holds only
  // quarantine, retry
  bool accept = false;
};
int dead(const Context& context, const WaitingOptions& options);
int holds(const Context& context, const WaitingOptions& options);
int quarantine(const Context& context, const WaitingOptions& options);

struct WhyOptions {
  std::string entity;  // name, domain, key, Assembly's id, or SOURCE.OBJECT ID
  std::string field;   // empty = all
};
/// The chain from a value in Assembly back to the record it came from.
int why(const Context& context, const WhyOptions& options);

struct WhyNotOptions {
  std::string object;  // SOURCE.OBJECT
  std::string id;
};
/// Where a record stopped, and why.
int why_not(const Context& context, const WhyNotOptions& options);

struct BackupOptions {
  std::string file;
  bool force = false;  // replace a file that is there
};
/// A consistent copy of the store, also while the daemon runs.
int backup(const Context& context, const BackupOptions& options);

struct RestoreOptions {
  std::string file;
};
/// Puts a backup in the store's place; no daemon may hold it.
int restore(const Context& context, const RestoreOptions& options);

/// Whether all that the program needs around it is well.
int doctor(const Context& context);

struct MapOptions {
  std::string object;  // SOURCE.OBJECT
  std::string record;  // a file, - = standard input
  std::string id;
  bool trace = false;
};
int map(const Context& context, const MapOptions& options);

struct PlanOptions {
  std::string mapping;                // empty = all
  std::optional<std::int64_t> limit;  // of the changes shown
};
/// What the configuration would change in Assembly, over all records read so far. Sends nothing.
int plan(const Context& context, const PlanOptions& options);

/// Runs the configuration's own `tests:`.
int test(const Context& context);

struct SandboxCliOptions {
  int port = 0;
  double rate = 30;
  std::string limiter = "sliding";
  int latency_ms = 0;
  std::uint64_t seed = 1;
  std::string api_key;                // empty = any key passes
  std::vector<std::string> switches;  // NAME=VALUE, or help
};
int sandbox(const Context& context, const SandboxCliOptions& options);

struct DemoOptions {
  int seconds = 0;  // 0 = until Ctrl-C
  int companies = 200;
  int contacts = 400;
};
int demo(const Context& context, const DemoOptions& options);

}  // namespace assembly_sync::cli
