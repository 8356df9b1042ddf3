// Loading the configuration again while the daemon runs: what the daemon does when it is asked, by
// SIGHUP or by a verb, and how a verb asks. They meet in the store: the verb leaves a request, the
// daemon an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/problem.hpp"
#include "daemon/app.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::cli {

/// The daemon's side. Used by the thread that runs the verb `run`.
class Reloads {
 public:
  /// `file`: the configuration that the daemon was started with.
  Reloads(app::App& app, std::string file, const config::SecretProvider& secrets,
          core::Clock& clock, telemetry::Log& log);

  /// A verb has left a request that was not answered yet.
  bool asked();
  /// Loads the file, and puts it in force when it has no problem; else everything goes on as
  /// before, and log, status and the asking verb are told why.
  void reload();

 private:
  void answer(const core::Problems& problems, const std::optional<app::App::Reloaded>& reloaded);

  app::App& app_;
  const std::string file_;
  const config::SecretProvider& secrets_;
  core::Clock& clock_;
  telemetry::Log& log_;
  std::int64_t seen_ = 0;  // the newest request that was answered
  core::Problems asked_wrongly_;
};

/// What came of a verb's request.
struct ReloadAnswer {
  bool running = false;   // a daemon drains this store
  bool answered = false;  // it said something in time
  core::Problems problems;
  std::int64_t version = 0;
  bool changed = false;
  bool remaps = false;
};

/// Asks the daemon that drains the store at `store_path` to load `file` again, and waits.
core::Result<ReloadAnswer> ask_to_reload(const std::string& store_path, const std::string& file);

/// Prints it and returns the exit code. `files`: the configuration's, as they are now.
int explain(const Context& context, const ReloadAnswer& answer,
            const std::vector<config::ConfigFile>& files);

}  // namespace assembly_sync::cli
