// rollback: puts the files of an earlier configuration back in their place and has the daemon load
// them.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/reload.hpp"
#include "daemon/config/document.hpp"
#include "daemon/put_back.hpp"

namespace assembly_sync::cli {
namespace {

namespace fs = std::filesystem;
using core::Value;
using store::ConfigVersion;

std::string loaded_at(const ConfigVersion& version) {
  return core::format_utc(core::from_ms(version.loaded_ms));
}

void list_versions(const Context& context, const std::vector<ConfigVersion>& versions) {
  Value list = Value::list();
  for (const ConfigVersion& version : versions) {
    const bool in_force = version.version == versions.front().version;
    if (context.json) {
      list.as_list().push_back(Value::object({{"version", version.version},
                                              {"hash", version.hash},
                                              {"loaded_at", loaded_at(version)},
                                              {"in_force", in_force}}));
    } else {
      context.streams.out << "version " << version.version << "  loaded " << loaded_at(version)
                          << "  sha256 " << version.hash.substr(0, 12)
                          << (in_force ? "  in force" : "") << '\n';
    }
  }
  if (context.json) {
    context.streams.out << core::dump_json(Value::object({{"versions", std::move(list)}})) << '\n';
  }
}

/// The wanted one. Else the one in force where the files (of `hash`) were edited since it was
/// loaded, and the newest that differs from it where they were not.
core::Result<ConfigVersion> choose(const std::vector<ConfigVersion>& versions, std::int64_t wanted,
                                   const std::string& hash) {
  if (versions.empty()) return core::fail("no configuration was in force yet");
  if (wanted == 0 && hash != versions.front().hash) return versions.front();
  for (const ConfigVersion& version : versions) {
    if (wanted > 0 ? version.version == wanted : version.hash != versions.front().hash) {
      return version;
    }
  }
  if (wanted == 0) return core::fail("there is no version before the one in force");
  return core::fail("version " + std::to_string(wanted) + " is not kept; --list shows which are");
}

core::Result<std::vector<config::ConfigFile>> files_of(const std::string& text,
                                                       const std::string& main_file) {
  const auto list = core::parse_json(text);
  if (!list || !list->is_list() || list->as_list().empty()) {
    return core::fail("the text of that version is not kept");
  }
  std::vector<config::ConfigFile> files;
  for (const Value& file : list->as_list()) {
    files.push_back({file.text_or("path"), file.text_or("text")});
  }
  if (files.front().path != main_file) {
    return core::fail("expected a version of " + main_file + ", got one of " + files.front().path +
                      ": name that file with -c");
  }
  return files;
}

/// Files that the configuration reads now and that version did not.
std::vector<std::string> strangers(const std::vector<config::ConfigFile>& now,
                                   const std::vector<config::ConfigFile>& files) {
  std::vector<std::string> paths;
  for (const config::ConfigFile& file : now) {
    const std::string path = config::full_path(file.path);
    const auto same = [&](const config::ConfigFile& one) { return one.path == path; };
    if (std::none_of(files.begin(), files.end(), same)) paths.push_back(path);
  }
  return paths;
}

/// The files as they were in `version`; an error text when it did not come to that, with everything
/// undone.
std::optional<std::string> restore(const Context& context, const ConfigVersion& version,
                                   const std::vector<config::ConfigFile>& files,
                                   app::PutBack& put) {
  const auto read = [&] { return config::load_file(context.config_file, context.secrets).files; };
  try {
    put.place(files);
    for (const std::string& path : strangers(read(), files)) put.remove(path);
    if (config::hash_of(read()) == version.hash) return std::nullopt;
  } catch (const std::exception& error) {
    put.undo();
    return std::string(error.what()) + "; nothing was changed";
  }
  put.undo();
  return "the files could not be made what they were in version " +
         std::to_string(version.version) + "; nothing was changed";
}

void tell(const Context& context, const app::PutBack& put, const ConfigVersion& version,
          bool in_force) {
  std::ostream& out = context.streams.out;
  for (const app::PutBack::Done& done : put.done()) {
    if (done.placed) {
      out << done.path.string() << " is again as in version " << version.version << " (loaded "
          << loaded_at(version) << (in_force ? ", in force)" : ")");
    } else {
      out << done.path.string() << " is taken away";
    }
    if (!done.kept.empty()) out << "; what it was is in " << done.kept.string();
    out << '\n';
  }
}

int fail(const Context& context, const std::string& why, int code) {
  context.streams.err << "assembly-sync rollback: " << why << '\n';
  return code;
}

}  // namespace

int rollback(const Context& context, const RollbackOptions& options) {
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  const std::string store_path =
      !options.store.empty() ? fs::absolute(options.store).string() : loaded.store_path;
  if (store_path.empty()) {
    return fail(context,
                context.config_file + " does not tell where the state is: name it with --store",
                kConfiguration);
  }
  if (!fs::exists(store_path)) {
    return fail(context, "no store at " + store_path + ", so no version before", kUnavailable);
  }
  std::vector<ConfigVersion> versions;
  core::Result<ConfigVersion> target = core::fail("");
  std::string text;
  {
    core::SystemClock clock;
    const auto store = store::Store::open(store_path, clock, {.exclusive = false});
    if (!store) return explain(store.error(), context.streams.err);
    (*store)->read([&](const store::View& view) {
      versions = view.config_versions();
      target = choose(versions, options.to, config::hash_of(loaded.files));
      if (target) text = view.config_files(target->version).value_or("");
    });
  }
  if (options.list) {
    list_versions(context, versions);
    return kDone;
  }
  if (!target) return fail(context, target.error().message, kUsage);
  const std::string main_file = config::full_path(context.config_file);
  const auto files = files_of(text, main_file);
  if (!files) return fail(context, files.error().message, kUnavailable);

  app::PutBack put;
  if (const auto why = restore(context, *target, *files, put)) {
    return fail(context, *why, kUnavailable);
  }
  if (!context.json) {
    tell(context, put, *target, target->version == versions.front().version);
  }
  const auto answer = ask_to_reload(store_path, context.config_file);
  if (!answer) return fail(context, answer.error().message, kUnavailable);
  if (answer->answered && !answer->problems.empty()) put.undo();
  const int code = explain(context, *answer, *files);
  return code == kUnavailable ? kDone : code;
}

}  // namespace assembly_sync::cli
