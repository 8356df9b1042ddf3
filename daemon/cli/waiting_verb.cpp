#include "daemon/cli/waiting_verb.hpp"

#include <algorithm>
#include <charconv>
#include <ostream>

#include "core/json.hpp"
#include "daemon/cli/times.hpp"

namespace assembly_sync::cli {
namespace {

std::optional<store::RowId> id_of(const std::string& text) {
  store::RowId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace

std::optional<Chosen> choose(const Context& context, const std::string& verb,
                             const WaitingOptions& options, core::WallTime now) {
  const auto wrong = [&](const std::string& what) {
    context.streams.err << "assembly-sync " << verb << ": " << what << '\n';
    return std::nullopt;
  };
  Chosen chosen;
  for (const std::string& word : options.what) {
    if (const auto id = id_of(word)) {
      chosen.ids.push_back(*id);
      continue;
    }
    if (chosen.source) return wrong("expected one SOURCE or SOURCE.OBJECT, got a second: " + word);
    const std::size_t dot = word.find('.');
    chosen.source = core::SourceName(word.substr(0, dot));
    if (dot != std::string::npos) chosen.object = core::ObjectName(word.substr(dot + 1));
  }
  const auto since = parse_time(options.since, now);
  if (!since) return wrong(since.error().message);
  chosen.since_ms = *since;
  if (!chosen.ids.empty() && (chosen.is_narrowed(options) || options.all)) {
    return wrong("expected ids, or filters, got both");
  }
  return chosen;
}

bool says_which(const Context& context, const std::string& verb, const WaitingOptions& options,
                const Chosen& chosen) {
  const bool narrowed = chosen.is_narrowed(options);
  if (options.all && narrowed) {
    context.streams.err << "assembly-sync " << verb << ": expected --all, or filters, got both\n";
    return false;
  }
  if (options.all || narrowed || !chosen.ids.empty()) return true;
  context.streams.err << "assembly-sync " << verb
                      << ": expected ids (`list` shows them), a filter (SOURCE[.OBJECT], --reason, "
                         "--since) or --all, got nothing\n";
  return false;
}

void print(const Context& context, const core::Value& document,
           const std::function<std::string(const core::Value&)>& text) {
  if (context.json) {
    context.streams.out << core::dump_json(document) << '\n';
  } else {
    context.streams.out << text(document);
  }
}

}  // namespace assembly_sync::cli
