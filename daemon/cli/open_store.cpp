#include "daemon/cli/open_store.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "core/text.hpp"
#include "daemon/cli/open_error.hpp"

namespace assembly_sync::cli {

std::optional<std::string> OpenedStore::unknown(const core::SourceName& source) const {
  if (config && config->source(source) != nullptr) return std::nullopt;
  const auto heard = store->read([](const store::View& view) { return view.sources_heard(); });
  if (std::find(heard.begin(), heard.end(), source) != heard.end()) return std::nullopt;
  std::string names;
  if (config) {
    for (const config::SourceConfig& one : config->sources) {
      names += (names.empty() ? "; it has: " : ", ") + one.name.str();
    }
  }
  return "expected a source of the configuration, got \"" + source.str() + '"' + names;
}

tl::expected<OpenedStore, int> open_store(const Context& context, core::Clock& clock) {
  std::ostream& err = context.streams.err;
  config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  OpenedStore opened;
  opened.path = loaded.store_path;
  if (opened.path.empty()) {
    load_or_explain(context);
    return tl::unexpected(kConfiguration);
  }
  if (!std::filesystem::exists(opened.path)) {
    err << "assembly-sync: no store at " << opened.path
        << " yet: start `assembly-sync run` or `assembly-sync backfill` first\n";
    return tl::unexpected(kUnavailable);
  }
  if (!loaded.problems.empty()) {
    err << context.config_file << " has "
        << core::count_text(static_cast<std::int64_t>(loaded.problems.size()), "problem")
        << " now (`assembly-sync check` shows them); this is what is in force:\n";
  }
  if (loaded.config) opened.config = std::make_shared<config::Config>(std::move(*loaded.config));
  auto store = store::Store::open(opened.path, clock, {.exclusive = false});
  if (!store) return tl::unexpected(explain(store.error(), err));
  opened.store = std::move(*store);
  return opened;
}

}  // namespace assembly_sync::cli
