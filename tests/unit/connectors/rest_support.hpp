// REST sources for tests, made from a block as an admin writes it (references excepted: a secret is
// what stands there), and the answers that a script gives them.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "connectors/block.hpp"
#include "connectors/registry.hpp"
#include "core/yaml.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors::test {

using assembly_sync::test::answer;
using assembly_sync::test::ScriptedTransport;

inline core::WallTime at_ms(std::int64_t ms) {
  return core::WallTime{std::chrono::milliseconds(ms)};
}

/// 2026-03-01T12:00:00Z
inline const core::WallTime kNow = at_ms(1772366400000);

inline SourceSettings settings_from(const std::string& type, const std::string& yaml) {
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(yaml, "test.yaml", problems);
  if (!problems.empty()) throw std::invalid_argument(core::to_text(problems.front()));
  SourceSettings settings;
  settings.name = core::SourceName("crm");
  settings.block = read_block(root, find_type(type)->settings);
  settings.texts = settings.block.texts;
  settings.secrets = settings.block.secrets;
  return settings;
}

inline std::unique_ptr<Connector> make_source(const std::string& type, const std::string& yaml) {
  return find_type(type)->make(settings_from(type, yaml));
}

inline std::unique_ptr<Connector> make_rest(const std::string& yaml) {
  return make_source("rest", "base_url: https://crm.test/api\n" + yaml);
}

/// What is wrong with a block: "objects.people.request.path: expected …".
inline std::vector<std::string> problems_of(const std::string& yaml) {
  try {
    make_rest(yaml);
  } catch (const SettingProblems& found) {
    std::vector<std::string> texts;
    for (const SettingProblem& problem : found.problems) {
      std::string text;
      for (const std::string& step : problem.path) text += (text.empty() ? "" : ".") + step;
      texts.push_back(text + ": " + problem.message);
    }
    return texts;
  }
  return {};
}

inline std::vector<std::string> ids_of(const std::vector<core::Record>& records) {
  std::vector<std::string> ids;
  for (const core::Record& record : records) ids.push_back(record.ref.id.str());
  return ids;
}

/// `upserted 1`, `deleted 2`, `merged 3 <- 4`, with ` +` where the record came along.
inline std::vector<std::string> in_words(const std::vector<core::Notice>& notices) {
  std::vector<std::string> out;
  for (const core::Notice& notice : notices) {
    std::string text = std::string(core::to_text(notice.kind)) + ' ' + notice.ref.id.str();
    for (const core::RecordId& id : notice.merged_ids) text += " <- " + id.str();
    if (notice.record) text += " +";
    if (notice.dead_reason) text += " dead: " + *notice.dead_reason;
    if (notice.ignore_reason) text += " ignored: " + *notice.ignore_reason;
    out.push_back(std::move(text));
  }
  return out;
}

/// All records of a listing, walked to its end.
inline ReadResult<std::vector<core::Record>> list_all(const Connector& source,
                                                      const std::string& object,
                                                      core::HttpTransport& transport,
                                                      const Paths& wanted = {}) {
  std::vector<core::Record> records;
  std::optional<std::string> cursor;
  do {
    auto page = source.list(core::ObjectName(object), cursor, wanted, transport, kNow);
    if (!page) return tl::unexpected(page.error());
    for (core::Record& record : page->records) records.push_back(std::move(record));
    cursor = page->next;
  } while (cursor);
  return records;
}

struct Pass {
  std::vector<core::Notice> notices;
  std::string next;
  std::vector<std::string> warnings;
};

/// All that changed after a cursor, read until there is no more.
inline ReadResult<Pass> all_changes(const Connector& source, const std::string& object,
                                    const std::string& cursor, core::HttpTransport& transport,
                                    core::WallTime now = kNow) {
  Pass pass{{}, cursor, {}};
  while (true) {
    auto changes = source.changes(core::ObjectName(object), pass.next, {}, transport, now);
    if (!changes) return tl::unexpected(changes.error());
    for (core::Notice& notice : changes->notices) pass.notices.push_back(std::move(notice));
    for (std::string& text : changes->warnings) pass.warnings.push_back(std::move(text));
    pass.next = changes->next;
    if (!changes->more) return pass;
  }
}

}  // namespace assembly_sync::connectors::test
