#include "daemon/intake/mirror_scope.hpp"

#include <algorithm>
#include <set>

#include "core/json.hpp"

namespace assembly_sync::intake {
namespace {

using Lines = std::set<std::string>;

/// A path's words may hold anything, so each path is a JSON list.
std::string line_of(const std::vector<std::string>& path) {
  return core::dump_json(core::Value(core::Value::List(path.begin(), path.end())));
}

Lines lines_of(const connectors::Paths& paths) {
  Lines lines;
  for (const std::vector<std::string>& path : paths) lines.insert(line_of(path));
  return lines;
}

Lines lines_of(const std::string& text) {
  Lines lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string text_of(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

std::string written(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& word : path) text += (text.empty() ? "" : ".") + word;
  return text;
}

}  // namespace

void MirrorScope::examine(const store::View& view, const PulledSource& source,
                          const core::ObjectName& object, const mapping::Rules& rules,
                          std::int64_t now_ms) {
  const connectors::Paths wanted = rules.paths(source.name, object);
  const Lines wanted_lines = lines_of(wanted);
  const auto known = view.mirror_paths(source.name, object);
  // Of an object that was not read so far nothing is known but the time: now.
  store::MirrorPaths next{text_of(wanted_lines), known ? known->since_ms : now_ms};
  std::vector<std::string> news;
  if (known) {
    const Lines held = lines_of(known->paths);
    for (const std::vector<std::string>& path : wanted) {
      if (!held.contains(line_of(path))) news.push_back(written(path));
    }
  }
  if (!news.empty()) next.since_ms = now_ms;
  if (next.since_ms > 0 && view.mirrors_older(source.name, object, next.since_ms)) {
    lacking_.emplace(source.name.str() + '.' + object.str(), std::move(news));
  }
  objects_.insert_or_assign({source.name, object}, std::move(next));
}

MirrorScope MirrorScope::look(const store::View& view, const std::vector<PulledSource>& sources,
                              const mapping::Rules& rules, std::int64_t now_ms) {
  MirrorScope scope;
  for (const PulledSource& source : sources) {
    if (!source.connector->reads_only_wanted()) continue;
    for (const core::ObjectName& object : source.connector->objects()) {
      if (rules.reads(source.name, object)) {
        scope.examine(view, source, object, rules, now_ms);
      }
    }
  }
  return scope;
}

MirrorScope MirrorScope::enter(store::Tx& tx, const std::vector<PulledSource>& sources,
                               const mapping::Rules& rules, std::int64_t now_ms) {
  MirrorScope scope = look(tx, sources, rules, now_ms);
  // What no mapping reads any more may be read with nothing wanted: it holds nothing for sure.
  tx.clear_mirror_paths();
  for (const auto& [object, paths] : scope.objects_) {
    tx.set_mirror_paths(object.first, object.second, paths);
  }
  return scope;
}

bool MirrorScope::holds_all(const core::RecordRef& ref, std::int64_t read_ms) const {
  const auto found = objects_.find({ref.source, ref.object});
  return found == objects_.end() || read_ms >= found->second.since_ms;
}

}  // namespace assembly_sync::intake
