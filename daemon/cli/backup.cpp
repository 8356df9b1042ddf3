#include "daemon/store/backup.hpp"

#include <filesystem>
#include <fstream>
#include <ostream>

#include "core/clock.hpp"
#include "core/file_owner.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/version.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/progress.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/config/token_file.hpp"

namespace assembly_sync::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using core::Value;

int complain(const Context& context, const char* verb, int code, const std::string& what) {
  context.streams.err << "assembly-sync " << verb << ": " << what << '\n';
  return code;
}

/// Where the store is; empty, and why is told, when the configuration does not say.
std::string store_path_of(const Context& context) {
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  if (loaded.store_path.empty()) load_or_explain(context);
  return loaded.store_path;
}

/// Whose a copy is: a backup that root makes is root's, wherever it lies; a store is the service's.
enum class Owner { maker, folder };

/// The refresh tokens that sources replaced: without them a source may not let us in any more.
/// Their file is for its owner only before anything is in it.
void copy_private(const fs::path& from, const fs::path& to, Owner owner) {
  const fs::path part = to.string() + ".part";
  fs::remove(part);
  if (owner == Owner::folder) core::make_for_owner_of_folder(part.string());
  std::ofstream(part).close();
  fs::permissions(part, fs::perms::owner_read | fs::perms::owner_write);
  fs::copy_file(from, part, fs::copy_options::overwrite_existing);
  fs::permissions(part, fs::perms::owner_read | fs::perms::owner_write);
  fs::rename(part, to);
}

std::string size_text(std::int64_t bytes) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  return bytes < kMegabyte ? std::to_string(bytes / 1000) + " kB"
                           : std::to_string(bytes / kMegabyte) + " MB";
}

Value value_of(const store::BackupInfo& info) {
  return Value::object(
      {{"bytes", info.bytes},
       {"schema_version", info.schema_version},
       {"receipts", info.receipts},
       {"records", info.records},
       {"entities", info.entities},
       {"pending", info.pending},
       {"alive_at",
        info.alive_ms ? Value(core::format_utc(core::from_ms(*info.alive_ms))) : Value()}});
}

std::string text_of(const store::BackupInfo& info) {
  return size_text(info.bytes) + ", schema version " + std::to_string(info.schema_version) + ", " +
         core::count_text(info.records, "record") + ", " + std::to_string(info.entities) +
         " accounts, contacts and usage logs, " + core::count_text(info.pending, "change") +
         " waiting";
}

}  // namespace

int backup(const Context& context, const BackupOptions& options) {
  StopSignals signals;
  const std::string path = store_path_of(context);
  if (path.empty()) return kConfiguration;
  if (!fs::exists(path)) {
    return complain(context, "backup", kUnavailable, "no store at " + path + " yet");
  }
  const std::string tokens = config::token_file_of(options.file).string();
  for (const std::string& file : {options.file, tokens}) {
    if (fs::exists(file) && !options.force) {
      return complain(context, "backup", kUsage,
                      file + " is there already: choose another name, or --force to replace it");
    }
  }
  core::SystemClock clock;
  Progress progress(context.streams.err, true);
  const bool shows = context.streams.out_is_terminal && !context.json;
  const auto made = store::make_backup(path, options.file, [&](double share) {
    if (shows) progress.show("copied", share, clock.steady_now());
    return !signals.wait(0ms);
  });
  progress.end();
  if (!made) return complain(context, "backup", kUnavailable, made.error().message);
  const fs::path kept_tokens = config::token_file_of(path);
  const bool has_tokens = fs::exists(kept_tokens);
  if (has_tokens) copy_private(kept_tokens, tokens, Owner::maker);
  if (context.json) {
    Value out = value_of(*made);
    out.set("file", options.file);
    out.set("tokens", has_tokens ? Value(tokens) : Value());
    out.set("program", core::kVersion);
    context.streams.out << core::dump_json(out) << '\n';
    return kDone;
  }
  context.streams.out << options.file << ": " << text_of(*made)
                      << "; checked, made by assembly-sync " << core::kVersion << '\n';
  if (has_tokens) {
    context.streams.out << tokens
                        << ": the refresh tokens that sources have replaced; a secret, keep it "
                           "beside the backup\n";
  }
  return kDone;
}

int restore(const Context& context, const RestoreOptions& options) {
  const std::string path = store_path_of(context);
  if (path.empty()) return kConfiguration;
  core::SystemClock clock;
  const auto restored = store::restore_backup(options.file, path, core::to_ms(clock.wall_now()));
  if (!restored) {
    const store::RestoreError& error = restored.error();
    return complain(context, "restore", error.busy ? kTryAgain : kUnavailable,
                    error.message + (error.busy ? "" : "; nothing was changed"));
  }
  // Newer tokens than the backup's are the ones that count; the others are void by now.
  const fs::path tokens = config::token_file_of(path);
  const fs::path backed_up = config::token_file_of(options.file);
  const bool takes_tokens = !fs::exists(tokens) && fs::exists(backed_up);
  if (takes_tokens) copy_private(backed_up, tokens, Owner::folder);
  if (context.json) {
    Value out = value_of(restored->info);
    out.set("store", path);
    out.set("replaced", restored->replaced.empty() ? Value() : Value(restored->replaced));
    out.set("doubted", restored->doubted);
    out.set("read_anew", restored->read_anew);
    out.set("looked_for", restored->looked_for);
    out.set("tokens", takes_tokens);
    context.streams.out << core::dump_json(out) << '\n';
    return kDone;
  }
  std::ostream& out = context.streams.out;
  out << path << ": put back from " << options.file << ": " << text_of(restored->info) << '\n';
  if (restored->info.alive_ms) {
    out << "as of        " << core::format_utc(core::from_ms(*restored->info.alive_ms)) << '\n';
  }
  if (!restored->replaced.empty()) {
    out << "kept         the store that was there, as " << restored->replaced << '\n';
  }
  out << "in doubt     " << restored->doubted
      << " accounts and contacts: sent whole the next time they change\n"
      << "read anew    " << core::count_text(restored->read_anew, "record")
      << " that waited to be sent\n"
      << "looked for   " << core::count_text(restored->looked_for, "usage log")
      << " that waited to be sent; from now on also every one that is older than now\n"
      << "not known    what webhooks told since the backup: sources that can be asked are asked "
         "from there on; of the others (webhook only) have it sent again\n"
      << "next         start the daemon; assembly-sync status\n";
  return kDone;
}

}  // namespace assembly_sync::cli
