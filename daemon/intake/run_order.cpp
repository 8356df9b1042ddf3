#include "daemon/intake/run_order.hpp"

#include <algorithm>
#include <set>

#include "core/problem.hpp"

namespace assembly_sync::intake {

using store::Run;
using store::RunState;

core::Result<std::string> choose_streams(const std::vector<PulledSource>& sources,
                                         const mapping::Rules& rules,
                                         const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  std::string chosen;
  std::set<std::string> used;
  for (const PulledSource& source : sources) {
    known.push_back(source.name.str());
    for (const core::ObjectName& object : source.connector->objects()) {
      const std::string stream = stream_of(source.name, object);
      known.push_back(stream);
      const bool named = std::find(wanted.begin(), wanted.end(), stream) != wanted.end();
      const bool by_source =
          std::find(wanted.begin(), wanted.end(), source.name.str()) != wanted.end();
      if (!source.connector->lists_objects()) {
        if (!named && !by_source) continue;
        return core::fail(stream + " can't be read: its records come by webhook only");
      }
      if (named) used.insert(stream);
      if (by_source) used.insert(source.name.str());
      if (!wanted.empty() && !named && !by_source) continue;
      if (!rules.reads(source.name, object)) {
        if (named) return core::fail("no mapping reads " + stream);
        continue;
      }
      chosen += (chosen.empty() ? "" : ",") + stream;
    }
  }
  for (const std::string& name : wanted) {
    if (used.contains(name)) continue;
    const std::string near = core::nearest(name, known);
    return core::fail("no source or object " + name +
                      (near.empty() ? std::string() : "; did you mean " + near + '?'));
  }
  if (chosen.empty()) return core::fail("nothing to read: no mapping reads any of these objects");
  return chosen;
}

store::RowId order_remap(store::Tx& tx, const std::vector<PulledSource>& sources,
                         const MirrorScope& scope, std::int64_t now_ms) {
  for (const Run& run : tx.unfinished_runs()) {
    if (run.is_remap() && run.state != RunState::draining) {
      tx.update_run(run.id, RunState::cancelled, "a newer configuration came into force", now_ms);
      clear_run_cursors(tx, run);
    }
  }
  Run run;
  run.what = Run::kMirror;  // first: a CRM that does not answer holds up its own records only
  for (const PulledSource& source : sources) {
    if (!source.connector->lists_objects()) continue;
    for (const core::ObjectName& object : source.connector->objects()) {
      const std::string stream = stream_of(source.name, object);
      if (scope.lacking().contains(stream)) run.what += ',' + stream;
    }
  }
  run.created_ms = now_ms;
  return tx.add_run(run);
}

std::vector<std::string> read_streams(const std::vector<PulledSource>& sources,
                                      const mapping::Rules& rules) {
  std::vector<std::string> streams;
  for (const PulledSource& source : sources) {
    for (const core::ObjectName& object : source.connector->objects()) {
      if (rules.reads(source.name, object)) streams.push_back(stream_of(source.name, object));
    }
  }
  return streams;
}

std::string stream_of(const core::SourceName& source, const core::ObjectName& object) {
  return source.str() + '.' + object.str();
}

std::vector<std::string> streams_of(const Run& run) {
  std::vector<std::string> streams;
  std::size_t begin = 0;
  while (begin <= run.what.size()) {
    const std::size_t end = std::min(run.what.find(',', begin), run.what.size());
    if (end > begin) streams.push_back(run.what.substr(begin, end - begin));
    begin = end + 1;
  }
  return streams;
}

std::string run_cursor(store::RowId run, const std::string& stream) {
  return "run:" + std::to_string(run) + ':' + stream;
}

void clear_run_cursors(store::Tx& tx, const Run& run) {
  for (const std::string& stream : streams_of(run)) tx.clear_cursor(run_cursor(run.id, stream));
}

}  // namespace assembly_sync::intake
