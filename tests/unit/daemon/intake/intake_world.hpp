// What the tests of intake share: a CRM that answers what a test says, mappings for it, and a real
// store whose clock stands still.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "core/json.hpp"
#include "daemon/intake/pipeline.hpp"
#include "mapping/mapping.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::intake {

using connectors::BatchRead;
using connectors::Page;
using connectors::ReadError;
using connectors::ReadResult;
using store::NoticeState;
using store::RowId;

inline const core::SourceName kSource("crm");

/// A record of the CRM; `json` holds its members without the braces.
inline core::Record record(const std::string& object, const std::string& id,
                           core::RecordVersion version, const std::string& json) {
  core::Record out;
  out.ref = {core::SourceName(), core::ObjectName(object), core::RecordId(id)};
  out.version = version;
  out.json = R"({"id":")" + id + "\"," + json + "}";
  return out;
}

/// Answers from what a test set; a webhook is believed when its X-Good header says yes, it names
/// its delivery in X-Delivery, and its body is a JSON list of {"object","id","kind"}.
class ScriptedCrm final : public connectors::Connector {
 public:
  // Set before use.
  std::map<std::string, core::Record> records;   // "companies 1"
  std::map<std::string, bool> missing;           // "companies 1" -> archived
  std::map<std::string, std::string> survivors;  // "companies 1" -> id
  std::function<std::optional<ReadError>(const std::vector<core::RecordId>&)> read_fails;
  std::string stops_at;         // an id that is refused behind others
  std::size_t stops_after = 0;  // records that a read gives before a limit; 0 = none
  std::function<void()> on_read;
  std::function<ReadResult<Page>(const core::ObjectName&, const std::optional<std::string>&)>
      on_list;
  std::function<void()> on_decode;
  std::function<ReadResult<core::Catalogue>(const core::ObjectName&)> on_describe;
  /// Set: the CRM can be asked what changed. The cursor after a page is its answer's own.
  std::function<ReadResult<connectors::Changes>(const core::ObjectName&, const std::string&)>
      on_changes;
  std::string content;  // as fingerprint; empty = can't be told
  bool webhooks = true;
  bool by_id = true;
  bool present_state = false;
  bool only_wanted = false;
  bool object_webhooks = false;
  connectors::Acknowledgement taken;

  std::vector<std::vector<std::string>> reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
  }
  std::vector<std::string> lists() const {
    const std::lock_guard lock(mutex_);
    return lists_;
  }

  void put(core::Record row) {
    records[row.ref.object.str() + ' ' + row.ref.id.str()] = std::move(row);
  }

  std::vector<core::ObjectName> objects() const override {
    return {core::ObjectName("companies"), core::ObjectName("contacts")};
  }
  std::optional<std::set<std::string>> roots(const core::ObjectName&) const override {
    return std::nullopt;
  }
  bool takes_webhooks() const override { return webhooks; }
  connectors::Verification verify(const connectors::WebhookRequest& request,
                                  core::WallTime) const override {
    {
      const std::lock_guard lock(mutex_);
      last_url_ = request.url;
    }
    const bool good = core::find_header(request.headers, "x-good") == "yes";
    return {.ok = good,
            .reason = good ? "" : "signature does not match",
            .delivery = std::string(core::find_header(request.headers, "x-delivery").value_or(""))};
  }
  bool takes_object_webhooks() const override { return object_webhooks; }
  connectors::Acknowledgement acknowledgement() const override { return taken; }
  bool is_credential(std::string_view header) const override { return header == "x-key"; }
  std::string last_url() const {
    const std::lock_guard lock(mutex_);
    return last_url_;
  }

  core::Result<std::vector<core::Notice>> decode(
      const connectors::Received& received) const override {
    if (on_decode) on_decode();
    const auto list = core::parse_json(received.body);
    if (!list || !list->is_list()) return core::fail("expected a JSON list");
    std::vector<core::Notice> notices;
    for (const core::Value& event : list->as_list()) {
      core::Notice notice;
      notice.ref = {kSource, core::ObjectName(event.text_or("object", "companies")),
                    core::RecordId(event.text_or("id"))};
      const std::string kind = event.text_or("kind", "upserted");
      if (kind == "deleted") notice.kind = core::NoticeKind::deleted;
      if (kind == "erased") notice.kind = core::NoticeKind::erased;
      if (kind == "unknown") notice.ignore_reason = "event is not known";
      notice.event = kind;
      if (event.at("at").is_int()) notice.occurred_at_ms = event.at("at").as_int();
      notices.push_back(std::move(notice));
    }
    return notices;
  }

  bool reads_only_wanted() const override { return only_wanted; }
  bool shows_present_state() const override { return present_state; }
  bool reads_by_id() const override { return by_id; }
  std::size_t batch_size() const override { return 100; }
  ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<core::RecordId>& ids,
                             const connectors::Paths&, core::HttpTransport&,
                             core::WallTime) const override {
    {
      const std::lock_guard lock(mutex_);
      reads_.emplace_back();
      for (const core::RecordId& id : ids) reads_.back().push_back(id.str());
    }
    if (on_read) on_read();
    if (read_fails) {
      if (auto error = read_fails(ids)) return tl::unexpected(*error);
    }
    BatchRead out;
    for (const core::RecordId& id : ids) {
      if (id.str() == stops_at && !out.records.empty()) {
        out.stopped = ReadError{ReadError::Kind::rejected, {}, "CRM answered 422"};
        break;
      }
      if (stops_after != 0 && out.records.size() == stops_after) {
        out.stopped = ReadError{ReadError::Kind::throttled, std::chrono::seconds(30), "429"};
        break;
      }
      std::string name = object.str() + ' ' + id.str();
      if (const auto found = survivors.find(name); found != survivors.end()) {
        out.remapped.emplace_back(id, core::RecordId(found->second));
        name = object.str() + ' ' + found->second;
      }
      if (const auto found = records.find(name); found != records.end()) {
        out.records.push_back(found->second);
      } else {
        const auto gone = missing.find(name);
        out.missing.push_back({id, gone != missing.end() && gone->second});
      }
    }
    return out;
  }
  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const connectors::Paths&, core::HttpTransport&,
                        core::WallTime) const override {
    {
      const std::lock_guard lock(mutex_);
      lists_.push_back(object.str() + ' ' + cursor.value_or("-"));
    }
    return on_list(object, cursor);
  }

  std::optional<std::string> fingerprint(const core::ObjectName&) const override {
    return content.empty() ? std::nullopt : std::optional(content);
  }
  bool finds_changes(const core::ObjectName&) const override {
    return static_cast<bool>(on_changes);
  }
  std::string changes_since(const core::ObjectName&, core::WallTime since) const override {
    return "since " + std::to_string(core::to_ms(since));
  }
  ReadResult<connectors::Changes> changes(const core::ObjectName& object, const std::string& cursor,
                                          const connectors::Paths&, core::HttpTransport&,
                                          core::WallTime) const override {
    return on_changes(object, cursor);
  }

  std::optional<std::string> catalogue_root() const override { return std::string(); }
  ReadResult<core::Catalogue> describe(const core::ObjectName& object, core::HttpTransport&,
                                       core::WallTime) const override {
    return on_describe(object);
  }

 private:
  mutable std::mutex mutex_;
  mutable std::vector<std::vector<std::string>> reads_;  // guarded by mutex_
  mutable std::vector<std::string> lists_;               // guarded by mutex_
  mutable std::string last_url_;                         // guarded by mutex_
};

/// The scripted CRM needs none.
class NoTransport final : public core::HttpTransport {
 public:
  tl::expected<core::HttpResponse, core::HttpFailure> send(const core::HttpRequest&) override {
    throw std::logic_error("nobody is to be called");
  }
};

/// The mappings of a configuration that is right; the catalogue's properties stand at the top.
inline std::shared_ptr<const mapping::Rules> rules_of(const char* yaml) {
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(yaml, "c.yaml", problems);
  mapping::Schemas schemas;
  schemas["crm.companies"].catalogue_root = "";
  schemas["crm.contacts"].catalogue_root = "";
  auto rules =
      std::make_shared<const mapping::Rules>(mapping::load(root, "c.yaml", schemas, problems));
  if (!problems.empty()) throw std::logic_error(core::to_text(problems.front()));
  return rules;
}

inline std::shared_ptr<const mapping::Rules> sample_rules() {
  constexpr const char* kYaml = R"yaml(
mappings:
  - name: companies
    from: crm.companies
    to: company
    when: kind != "prospect"
    key: concat("company-", id)
    fields: {name: name, domain: domain, number_of_seats: seats | to_number}
    on_delete: delete
  - name: contacts
    from: crm.contacts
    to: contact
    key: concat("contact-", id)
    company: concat("company-", company)
    fields: {name: name, domain: mail}
)yaml";
  return rules_of(kYaml);
}

/// Ends of notices, read from the store.
class Ends {
 public:
  explicit Ends(test::TempStore& store) : store_(store) {}
  std::int64_t operator()(NoticeState state) const {
    return store_.read([&](const store::View& view) {
      return view.totals().notices[static_cast<std::size_t>(state)];
    });
  }

 private:
  test::TempStore& store_;
};

}  // namespace assembly_sync::intake
