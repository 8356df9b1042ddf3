#include "connectors/webhook/records.hpp"

#include <algorithm>

#include "connectors/record_fields.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

using core::JsonKind;
using core::JsonView;
using core::NoticeKind;

constexpr std::size_t kEventNameBytes = 100;

/// `when` where `deleted` says nothing about a field, else what `deleted` says.
Match overridden(Match when, const Match& deleted) {
  for (const auto& [field, texts] : deleted) when[field] = texts;
  return when;
}

}  // namespace

Condition::Condition(const Match& match) {
  for (const auto& [field, texts] : match) fields_.emplace_back(Field(field), texts);
}

bool Condition::holds(JsonView event) const {
  return std::all_of(fields_.begin(), fields_.end(), [&](const auto& entry) {
    const auto& [field, texts] = entry;
    const auto value = field.find(event);
    const auto text = value ? scalar_text(*value) : std::nullopt;
    return text && std::find(texts.begin(), texts.end(), *text) != texts.end();
  });
}

std::string Condition::name_of(JsonView event) const {
  const auto value = fields_.empty() ? std::nullopt : fields_.front().first.find(event);
  const auto text = value ? scalar_text(*value) : std::nullopt;
  return text && text->size() <= kEventNameBytes ? *text : std::string();
}

ObjectRule::ObjectRule(const ObjectSettings& settings)
    : name(settings.name),
      id(settings.id),
      records(settings.records),
      deleted_records(settings.deleted_records.empty() ? settings.records
                                                       : settings.deleted_records),
      when(settings.when),
      deleted(settings.deleted),
      when_deleted(overridden(settings.when, settings.deleted)),
      takes_deletions(!settings.deleted.empty()) {
  if (!settings.updated.empty()) updated.emplace(settings.updated);
}

BodyReader::BodyReader(core::SourceName source, const std::vector<ObjectSettings>& objects)
    : source_(std::move(source)) {
  for (const ObjectSettings& object : objects) objects_.emplace_back(object);
}

/// One walk over one body.
class BodyReader::Walk {
 public:
  Walk(const BodyReader& reader, const Received& received) : reader_(reader), received_(received) {}

  core::Result<std::vector<core::Notice>> read(JsonView root) {
    if (root.kind() == JsonKind::object) {
      read_event(root);
    } else if (root.kind() == JsonKind::list) {
      several_ = true;
      root.for_each([&](JsonView event) { read_event(event); });
    } else {
      return core::fail("expected a JSON object or a list of them, got " +
                        std::string(kind_in_words(root)));
    }
    if (full()) {
      return core::fail("expected at most " + std::to_string(core::limits::kWebhookRecords) +
                        " records in one body, got more");
    }
    return std::move(notices_);
  }

 private:
  struct Choice {
    const ObjectRule* object = nullptr;
    bool deletion = false;

    const Field& place() const { return deletion ? object->deleted_records : object->records; }
  };

  Choice choose(JsonView event) const {
    for (const ObjectRule& object : reader_.objects_) {
      const bool addressed = object.name == received_.object;
      if (!addressed && !received_.object.empty()) continue;
      // Without a rule of its own an object is known by its address, or because there is no other.
      const bool known = addressed || !object.when.empty() || reader_.objects_.size() == 1;
      if (!known) continue;
      const Condition& deletion = addressed ? object.deleted : object.when_deleted;
      if (object.takes_deletions && deletion.holds(event)) return {&object, true};
      if (addressed || object.when.holds(event)) return {&object, false};
    }
    return {};
  }

  void read_event(JsonView event) {
    ++events_;
    if (full()) return;
    records_ = 0;
    if (event.kind() != JsonKind::object) {
      core::Notice& notice = add(nullptr, event);
      notice.dead_reason = where() + "expected an object, got " + std::string(kind_in_words(event));
      return;
    }
    const Choice choice = choose(event);
    if (choice.object == nullptr) {
      add(nullptr, event).ignore_reason = where() + "no object's `when` fits";
      return;
    }
    const auto found = choice.place().find(event);
    if (found && found->kind() == JsonKind::list) {
      found->for_each([&](JsonView record) {
        ++records_;
        if (!full()) read_record(event, choice, record);
      });
    } else if (found && found->kind() != JsonKind::null) {
      read_record(event, choice, *found);
    } else {
      add(choice.object, event).dead_reason = where() + "expected a record or a list of them at " +
                                              choice.place().text() + ", got " +
                                              std::string(kind_in_words(found));
    }
  }

  void read_record(JsonView event, const Choice& choice, JsonView record) {
    const ObjectRule& object = *choice.object;
    core::Notice& notice = add(&object, event);
    if (choice.deletion) notice.kind = NoticeKind::deleted;
    const bool is_record = record.kind() == JsonKind::object;
    if (!is_record && !choice.deletion) {
      notice.dead_reason = where() + "expected a record, got " + std::string(kind_in_words(record));
      return;
    }
    // Some senders name what they deleted and nothing more.
    const auto id = is_record ? object.id.find(record) : std::optional(record);
    const auto record_id = id_of(id);
    if (!record_id) {
      notice.dead_reason = where() + "expected a text or a whole number as id at " +
                           object.id.text() + ", got " + std::string(kind_in_words(id));
      return;
    }
    notice.ref.id = *record_id;
    const auto updated = object.updated ? updated_of(*object.updated, event, record) : std::nullopt;
    const auto version = version_of(updated);
    if (object.updated && !version && !(choice.deletion && !updated)) {
      notice.dead_reason = where() + "expected a time at " + object.updated->text() + ", got " +
                           std::string(kind_in_words(updated)) +
                           (updated && updated->kind() == JsonKind::text ? " of another form" : "");
      return;
    }
    notice.occurred_at_ms = version.value_or(0);
    // A body that is a record is kept as it was written.
    const bool whole = !several_ && is_record && choice.place().empty();
    notice.record =
        core::Record{notice.ref,
                     whole ? std::string(received_.body) : core::dump_json(record.to_value()),
                     version.value_or(0),
                     {}};
  }

  /// In the record or, where it has none, in the event around it.
  static std::optional<JsonView> updated_of(const Field& field, JsonView event, JsonView record) {
    const auto own = field.find(record);
    return own ? own : field.find(event);
  }

  core::Notice& add(const ObjectRule* object, JsonView event) {
    core::Notice& notice = notices_.emplace_back();
    notice.ref.source = reader_.source_;
    if (object == nullptr) return notice;
    notice.ref.object = object->name;
    notice.event = object->when_deleted.name_of(event);
    return notice;
  }

  bool full() const { return notices_.size() > core::limits::kWebhookRecords; }

  /// `event 3, record 2: `, as far as there are several.
  std::string where() const {
    std::string text;
    if (several_) text = "event " + std::to_string(events_);
    if (records_ > 0) text += (text.empty() ? "record " : ", record ") + std::to_string(records_);
    return text.empty() ? text : text + ": ";
  }

  const BodyReader& reader_;
  const Received& received_;
  bool several_ = false;
  std::size_t events_ = 0;
  std::size_t records_ = 0;  // of the event, where it holds a list
  std::vector<core::Notice> notices_;
};

core::Result<std::vector<core::Notice>> BodyReader::read(const Received& received) const {
  const bool addressable = !received.object.empty() || objects_.size() == 1 ||
                           std::any_of(objects_.begin(), objects_.end(),
                                       [](const ObjectRule& o) { return !o.when.empty(); });
  if (!addressable) {
    return core::fail("expected the address of an object, /hooks/" + source_.str() +
                      "/OBJECT, because several are configured and none has `when`");
  }
  core::JsonDocument document;
  const auto root = document.parse(received.body);
  if (!root) return core::fail(root.error().message);
  return Walk(*this, received).read(*root);
}

}  // namespace assembly_sync::connectors::webhook
