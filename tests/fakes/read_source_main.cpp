// read_source CONFIG SOURCE.OBJECT list | changes SINCE_MS [CURSOR] | read ID...: what a connector
// makes of its CRM, through real HTTP, so that it can be compared with what somebody else's client
// reads. Prints one JSON line each:
//
//   {"id":…,"version":…,"record":{…},"related":["OBJECT ID",…]}                      a record
//   {"notice":KIND,"id":…,"event":…,"merged":[…],"record":{…}}                     a change
//   {"missing":ID,"archived":…}   {"remapped":ID,"to":ID}                          of read
//   {"bad_row":…}   {"warning":…}   {"cursor":…}                                    after pages
//
// Exit codes: 0 read to the end, 1 the source refused (told on standard error), 64 usage, 78
// configuration.
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "daemon/config/config.hpp"
#include "daemon/http/client.hpp"

namespace {

using namespace assembly_sync;
using core::Value;

constexpr int kRefused = 1, kUsage = 64, kConfiguration = 78;
constexpr int kMostAsked = 100;  // for a page that is not there yet

void print(const Value& line) {
  std::cout << core::dump_json(line) << '\n';
}

/// The record's text stays as it is: numbers exact, members in order.
Value with_record(Value line, const core::Record& record) {
  const auto parsed = core::parse_json(record.json);
  if (!parsed) throw std::runtime_error("a record that is no JSON: " + parsed.error().message);
  line.set("version", record.version);
  line.set("record", *parsed);
  Value related = Value::list();
  for (const core::RecordRef& ref : record.related) {
    related.as_list().emplace_back(ref.object.str() + ' ' + ref.id.str());
  }
  line.set("related", std::move(related));
  return line;
}

void print(const core::Record& record) {
  print(with_record(Value::object({{"id", record.ref.id.str()}}), record));
}

void print(const core::Notice& notice) {
  Value line = Value::object({{"notice", core::to_text(notice.kind)},
                              {"id", notice.ref.id.str()},
                              {"event", notice.event}});
  Value merged = Value::list();
  for (const core::RecordId& id : notice.merged_ids) merged.as_list().emplace_back(id.str());
  line.set("merged", std::move(merged));
  if (notice.ignore_reason) line.set("ignored", *notice.ignore_reason);
  if (notice.dead_reason) line.set("dead", *notice.dead_reason);
  print(notice.record ? with_record(std::move(line), *notice.record) : line);
}

void print_told(const std::vector<std::string>& bad_rows,
                const std::vector<std::string>& warnings) {
  for (const std::string& row : bad_rows) print(Value::object({{"bad_row", row}}));
  for (const std::string& warning : warnings) print(Value::object({{"warning", warning}}));
}

class SourceReader {
 public:
  SourceReader(const connectors::Connector& connector, core::ObjectName object,
               connectors::Paths wanted)
      : connector_(connector), object_(std::move(object)), wanted_(std::move(wanted)) {}

  int list() {
    std::optional<std::string> cursor;
    int asked_again = 0;
    while (true) {
      const auto page = connector_.list(object_, cursor, wanted_, transport_, clock_.wall_now());
      // A fake's work is done by being asked again, so that nothing has to be waited for.
      const bool not_yet = !page && page.error().kind == connectors::ReadError::Kind::not_yet;
      if (not_yet && ++asked_again < kMostAsked) continue;
      if (!page) return refused(page.error());
      for (const core::Record& record : page->records) print(record);
      print_told(page->bad_rows, page->warnings);
      if (!page->next) return 0;
      cursor = page->next;
    }
  }

  int changes(std::string cursor) {
    while (true) {
      const auto page = connector_.changes(object_, cursor, wanted_, transport_, clock_.wall_now());
      if (!page) return refused(page.error());
      for (const core::Notice& notice : page->notices) print(notice);
      print_told(page->bad_rows, page->warnings);
      cursor = page->next;
      if (!page->more) break;
    }
    print(Value::object({{"cursor", cursor}}));
    return 0;
  }

  std::string cursor_since(std::int64_t ms) const {
    return connector_.changes_since(object_, core::from_ms(ms));
  }

  int read(const std::vector<core::RecordId>& ids) {
    for (std::size_t begin = 0; begin < ids.size(); begin += connector_.batch_size()) {
      const std::size_t end = std::min(ids.size(), begin + connector_.batch_size());
      const auto batch = connector_.read(object_,
                                         {ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                          ids.begin() + static_cast<std::ptrdiff_t>(end)},
                                         wanted_, transport_, clock_.wall_now());
      if (!batch) return refused(batch.error());
      for (const core::Record& record : batch->records) print(record);
      for (const auto& missing : batch->missing) {
        print(Value::object({{"missing", missing.id.str()}, {"archived", missing.archived}}));
      }
      for (const auto& [asked, now] : batch->remapped) {
        print(Value::object({{"remapped", asked.str()}, {"to", now.str()}}));
      }
    }
    return 0;
  }

 private:
  static int refused(const connectors::ReadError& error) {
    std::cerr << "read_source: " << error.reason;
    if (error.retry_after) std::cerr << " (again after " << error.retry_after->count() << " ms)";
    std::cerr << '\n';
    return kRefused;
  }

  const connectors::Connector& connector_;
  const core::ObjectName object_;
  const connectors::Paths wanted_;
  core::SystemClock clock_;
  http::PooledTransport transport_{clock_};
};

int run(const std::vector<std::string>& words) {
  if (words.size() < 3) throw std::invalid_argument("expected CONFIG SOURCE.OBJECT VERB");
  const auto secrets = config::make_system_secret_provider();
  const config::LoadResult loaded = config::load_file(words[0], *secrets);
  if (!loaded.config) {
    for (const core::Problem& problem : loaded.problems) {
      std::cerr << core::to_text(problem) << '\n';
    }
    return kConfiguration;
  }
  const std::size_t dot = words[1].find('.');
  const core::SourceName name(words[1].substr(0, dot));
  const config::SourceConfig* source = loaded.config->source(name);
  if (source == nullptr || dot == std::string::npos) {
    throw std::invalid_argument("no source " + words[1]);
  }
  const core::ObjectName object(words[1].substr(dot + 1));
  SourceReader reader(*source->connector, object, loaded.config->rules->paths(name, object));
  if (words[2] == "list" && words.size() == 3) return reader.list();
  if (words[2] == "changes" && words.size() == 4) {
    return reader.changes(reader.cursor_since(std::stoll(words[3])));
  }
  if (words[2] == "changes" && words.size() == 5) return reader.changes(words[4]);
  if (words[2] == "read" && words.size() > 3) {
    return reader.read({words.begin() + 3, words.end()});
  }
  throw std::invalid_argument("expected list, changes SINCE_MS [CURSOR] or read ID...");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::invalid_argument& error) {
    std::cerr << "read_source: " << error.what() << '\n';
    return kUsage;
  }
}
