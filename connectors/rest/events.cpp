#include "connectors/rest/events.hpp"

#include <algorithm>

#include "connectors/record_fields.hpp"
#include "connectors/rest/raw_json.hpp"
#include "connectors/rest/rows.hpp"
#include "core/json_view.hpp"
#include "core/limits.hpp"

namespace assembly_sync::connectors::rest {
namespace {

using core::Notice;
using core::NoticeKind;

constexpr std::size_t kDeliveryBytes = 200;

std::string text_of(const Path& path) {
  std::string text;
  for (const std::string& name : path) text += (text.empty() ? "" : ".") + name;
  return text;
}

/// One event about one object.
class Event {
 public:
  Event(const SourceSpec& spec, const ObjectSpec& object, const WebhookSpec& rule,
        std::string_view raw, core::JsonView view, std::vector<Notice>& out)
      : spec_(spec), object_(object), webhook_(rule), raw_(raw), view_(view), out_(out) {}

  void read() {
    if (read_merge()) return;
    const bool deleted = says_deleted();
    const auto ids = ids_of();
    if (ids.empty()) {
      add({}).dead_reason =
          "expected a text or a whole number as id at " + text_of(webhook_.id) + ", got none";
    }
    for (const core::RecordId& id : ids) {
      Notice& notice = add(id);
      notice.occurred_at_ms = time_in(webhook_.updated, view_).value_or(0);
      if (deleted) notice.kind = NoticeKind::deleted;
      if (webhook_.record && !deleted) {
        read_record(notice);
      } else if (deleted && !object_.detail) {
        notice.record = core::Record{notice.ref, std::string(raw_), notice.occurred_at_ms, {}};
      }
    }
  }

 private:
  Notice& add(const core::RecordId& id) {
    Notice& notice = out_.emplace_back();
    notice.ref = {spec_.name, object_.name, id};
    notice.event = webhook_.deleted.name_of(view_);
    return notice;
  }

  bool says_deleted() const {
    if (!webhook_.deleted.empty() && webhook_.deleted.holds(view_)) return true;
    if (!webhook_.bare_id_is_deletion) return false;
    std::size_t members = 0;
    view_.for_each_member([&](std::string_view, core::JsonView) { ++members; });
    return members == 1;
  }

  /// Both ids, and they differ: the loser went into the winner, which is to be read.
  bool read_merge() {
    const auto merged = merge_in(webhook_.merges, view_);
    if (!merged) return false;
    Notice& notice = add(merged->winner);
    notice.kind = NoticeKind::merged;
    notice.occurred_at_ms = time_in(webhook_.updated, view_).value_or(0);
    notice.merged_ids = {merged->loser};
    return true;
  }

  std::vector<core::RecordId> ids_of() const {
    std::vector<core::RecordId> ids;
    for (const std::string_view raw : raw_find(raw_, webhook_.id)) {
      if (raw.starts_with('[')) {
        for_each_raw_item(raw, [&](std::string_view item) { add_id(item, ids); });
      } else {
        add_id(raw, ids);
      }
    }
    return ids;
  }

  static void add_id(std::string_view raw, std::vector<core::RecordId>& ids) {
    if (auto id = id_in(raw, {})) ids.push_back(std::move(*id));
  }

  void read_record(Notice& notice) const {
    const auto raw = raw_find(raw_, *webhook_.record);
    auto row = Rows(spec_.name, object_).read(raw.empty() ? "null" : raw.front());
    if (!row) {
      notice.dead_reason = row.error().message;
      return;
    }
    if (notice.occurred_at_ms == 0) notice.occurred_at_ms = row->record.version;
    if (row->record.version == 0) row->record.version = notice.occurred_at_ms;
    if (row->deleted) notice.kind = NoticeKind::deleted;
    if (!row->deleted || !object_.detail) notice.record = std::move(row->record);
  }

  const SourceSpec& spec_;
  const ObjectSpec& object_;
  const WebhookSpec& webhook_;
  const std::string_view raw_;
  const core::JsonView view_;
  std::vector<Notice>& out_;
};

/// The rule by which the event is about the object; nullptr = it is not. Without `when` an object
/// is known by its address, or because no other takes webhooks; a `when` that does not fit says at
/// the object's own address too that the event is about something else.
const WebhookSpec* rule_for(const SourceSpec& spec, const ObjectSpec& object,
                            const Received& received, core::JsonView event) {
  const bool addressed = object.name == received.object;
  if (!addressed && !received.object.empty()) return nullptr;
  const bool known =
      addressed || std::count_if(spec.objects.begin(), spec.objects.end(),
                                 [](const ObjectSpec& o) { return !o.webhooks.empty(); }) == 1;
  for (const WebhookSpec& rule : object.webhooks) {
    if (rule.has_when ? rule.when.holds(event) : known) return &rule;
  }
  return nullptr;
}

void read_event(const SourceSpec& spec, const Received& received, std::string_view raw,
                std::vector<Notice>& out) {
  core::JsonDocument document;
  const auto view = document.parse(raw);
  const bool usable = view && view->kind() == core::JsonKind::object;
  if (!usable) {
    Notice& notice = out.emplace_back();
    notice.ref.source = spec.name;
    notice.dead_reason = "expected an event that is an object, got another value";
    return;
  }
  const std::size_t before = out.size();
  for (const ObjectSpec& object : spec.objects) {
    const WebhookSpec* rule = rule_for(spec, object, received, *view);
    if (rule != nullptr) Event(spec, object, *rule, raw, *view, out).read();
  }
  if (out.size() > before) return;
  Notice& notice = out.emplace_back();
  notice.ref.source = spec.name;
  notice.ignore_reason = received.object.empty()
                             ? "no object's `when` fits"
                             : "no `when` of " + received.object.str() + " fits";
}

}  // namespace

core::Result<std::vector<Notice>> decode_events(const SourceSpec& spec, const Received& received) {
  core::JsonDocument document;
  const auto root = document.parse(received.body);
  if (!root) return core::fail(root.error().message);
  if (root->kind() != core::JsonKind::object && root->kind() != core::JsonKind::list) {
    return core::fail("expected a JSON object or a list of them, got " +
                      std::string(webhook::kind_in_words(*root)));
  }
  const auto places = raw_find(received.body, spec.events);
  if (places.empty()) {
    return core::fail("expected events at " + text_of(spec.events) + ", got nothing");
  }
  std::vector<Notice> notices;
  for (const std::string_view place : places) {
    if (place.starts_with('[')) {
      for_each_raw_item(place, [&](std::string_view raw) {
        if (notices.size() <= core::limits::kWebhookRecords) {
          read_event(spec, received, raw, notices);
        }
      });
    } else {
      read_event(spec, received, place, notices);
    }
  }
  if (notices.size() > core::limits::kWebhookRecords) {
    return core::fail("expected at most " + std::to_string(core::limits::kWebhookRecords) +
                      " records in one body, got more");
  }
  return notices;
}

std::string delivery_of(const SourceSpec& spec, const WebhookRequest& request) {
  if (!spec.delivery_header.empty()) {
    const auto header = core::find_header(request.headers, spec.delivery_header);
    if (header && header->size() <= kDeliveryBytes) return std::string(*header);
  }
  if (!spec.delivery) return {};
  core::JsonDocument document;
  const auto body = document.parse(request.body);
  const auto found = body ? spec.delivery->find(*body) : std::nullopt;
  const auto text = found ? scalar_text(*found) : std::nullopt;
  return text && text->size() <= kDeliveryBytes ? *text : std::string();
}

}  // namespace assembly_sync::connectors::rest
