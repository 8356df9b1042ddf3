// The local HubSpot under a clock that moves by hand, the connector that reads it, and a copy of
// its records kept as the daemon keeps one: from what polls tell and from complete listings.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "core/http.hpp"
#include "core/random.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::test {

/// Calls a function before each request goes out. Not thread-safe.
class MeddlingTransport final : public core::HttpTransport {
 public:
  explicit MeddlingTransport(core::Clock& clock) : inner_(clock) {}
  tl::expected<core::HttpResponse, core::HttpFailure> send(
      const core::HttpRequest& request) override {
    ++calls;
    if (before) before(request);
    return inner_.send(request);
  }
  std::function<void(const core::HttpRequest&)> before;
  std::size_t calls = 0;

 private:
  http::PooledTransport inner_;
};

struct LocalHubspot {
  explicit LocalHubspot(sandbox::SampleCrmOptions options = {}) : crm(std::move(options), clock) {
    connect({}, {{"access_token", core::Secret("sample-token")}});
  }

  /// Another configuration of the source.
  void connect(std::map<std::string, std::string> texts,
               std::map<std::string, core::Secret> secrets) {
    connectors::SourceSettings settings;
    settings.name = core::SourceName("hubspot");
    settings.texts = std::move(texts);
    settings.texts["base_url"] = crm.url();
    settings.secrets = std::move(secrets);
    settings.secrets["client_secret"] = core::Secret("sample-secret");
    source = connectors::find_type("hubspot")->make(settings);
  }

  ManualClock clock;
  core::SystemClock real;
  sandbox::SampleCrm crm;
  MeddlingTransport transport{real};
  std::shared_ptr<connectors::Connector> source;
};

/// One who works in the CRM while it is read.
class Editor {
 public:
  Editor(LocalHubspot& hubspot, std::uint64_t seed)
      : hubspot_(hubspot), random_(core::make_seeded_random(seed)) {}

  std::uint64_t below(std::uint64_t bound) { return random_->next() % bound; }
  void move_on(std::chrono::milliseconds most) {
    hubspot_.clock.advance(
        std::chrono::milliseconds(below(static_cast<std::uint64_t>(most.count()))));
  }

  void edit(const std::string& object) {
    const std::vector<core::Value> live = hubspot_.crm.records(object);
    const auto any = [&] { return live[below(live.size())].text_or("id"); };
    const std::string name = object == "companies" ? "name" : "email";
    const std::string text = "n" + std::to_string(below(1'000'000)) + "@test.example";
    const auto what = below(20);
    if (what < 3 || live.size() < 20) {
      hubspot_.crm.create(object, {{name, text}});
    } else if (what < 16) {
      hubspot_.crm.update(object, any(), {{name, text}});
    } else if (what < 18) {
      hubspot_.crm.archive(object, any());
    } else {
      const std::string first = any();
      const std::string second = any();
      if (first != second) hubspot_.crm.merge(object, first, second);
    }
  }

  /// A batch update: many records in one millisecond.
  void edit_many(const std::string& object, std::size_t count) {
    for (const core::Value& record : hubspot_.crm.records(object)) {
      if (count == 0) return;
      if (below(4) == 0) continue;
      hubspot_.crm.update(object, record.text_or("id"),
                          {{"city", "c" + std::to_string(below(1'000'000))}});
      --count;
    }
  }

 private:
  LocalHubspot& hubspot_;
  std::unique_ptr<core::Random> random_;
};

using RecordTexts = std::map<std::string, std::string>;  // id -> JSON

/// The ids that are not the same in both: `-7` only in `a`, `+7` only in `b`, `~7` in both.
inline std::vector<std::string> differences(const RecordTexts& a, const RecordTexts& b) {
  std::vector<std::string> out;
  for (const auto& [id, json] : a) {
    const auto other = b.find(id);
    if (other == b.end()) out.push_back("-" + id);
    if (other != b.end() && other->second != json) out.push_back("~" + id);
  }
  for (const auto& [id, json] : b) {
    if (!a.contains(id)) out.push_back("+" + id);
  }
  return out;
}

/// What is known of the records of one object.
class Copy {
 public:
  Copy(LocalHubspot& hubspot, const char* object, connectors::Paths wanted)
      : hubspot_(hubspot),
        object_(object),
        wanted_(std::move(wanted)),
        cursor_(hubspot.source->changes_since(object_, hubspot.clock.wall_now())) {}

  /// All pages of what changed; returns the notices.
  std::vector<core::Notice> poll() {
    std::vector<core::Notice> all;
    for (bool more = true; more;) {
      auto changes = hubspot_.source->changes(object_, cursor_, wanted_, hubspot_.transport,
                                              hubspot_.clock.wall_now());
      if (!changes) throw std::runtime_error(changes.error().reason);
      for (const core::Notice& notice : changes->notices) absorb(notice);
      all.insert(all.end(), changes->notices.begin(), changes->notices.end());
      warnings.insert(warnings.end(), changes->warnings.begin(), changes->warnings.end());
      cursor_ = changes->next;
      more = changes->more;
    }
    return all;
  }

  /// All records as a listing shows them, id -> JSON.
  RecordTexts listed() {
    RecordTexts out;
    std::optional<std::string> cursor;
    do {
      auto page = hubspot_.source->list(object_, cursor, wanted_, hubspot_.transport,
                                        hubspot_.clock.wall_now());
      if (!page) throw std::runtime_error(page.error().reason);
      for (const core::Record& record : page->records) out[record.ref.id.str()] = record.json;
      cursor = page->next;
    } while (cursor);
    return out;
  }

  RecordTexts read(const std::vector<std::string>& ids) {
    auto batch = hubspot_.source->read(object_, {ids.begin(), ids.end()}, wanted_,
                                       hubspot_.transport, hubspot_.clock.wall_now());
    if (!batch) throw std::runtime_error(batch.error().reason);
    RecordTexts out;
    for (const core::Record& record : batch->records) out[record.ref.id.str()] = record.json;
    return out;
  }

  void sweep() { records = listed(); }

  RecordTexts records;
  std::vector<std::string> warnings;

 private:
  void absorb(const core::Notice& notice) {
    for (const core::RecordId& merged : notice.merged_ids) records.erase(merged.str());
    const std::string& id = notice.ref.id.str();
    if (notice.record && notice.kind != core::NoticeKind::deleted) {
      records[id] = notice.record->json;
      return;
    }
    records.erase(id);
    for (auto& [read_id, json] : read({id})) records[read_id] = json;
  }

  LocalHubspot& hubspot_;
  core::ObjectName object_;
  connectors::Paths wanted_;
  std::string cursor_;
};

}  // namespace assembly_sync::test
