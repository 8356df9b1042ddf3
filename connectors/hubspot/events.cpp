#include "connectors/hubspot/events.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "connectors/hubspot/objects.hpp"
#include "core/json_view.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::JsonKind;
using core::JsonView;
using core::NoticeKind;

/// Longer names and ids are not HubSpot's; the bound keeps them out of rows and pages.
constexpr std::size_t kNameBytes = 100;

/// A record id: HubSpot sends numbers in webhooks, but documents and other endpoints use texts.
std::optional<core::RecordId> id_of(const JsonView& value) {
  switch (value.kind()) {
    case JsonKind::integer:
      if (value.as_int() < 0) return std::nullopt;
      return core::RecordId(std::to_string(value.as_int()));
    case JsonKind::unsigned_integer:
      return core::RecordId(std::to_string(value.as_uint()));
    case JsonKind::text:
      if (value.as_text().empty() || value.as_text().size() > kNameBytes) return std::nullopt;
      return core::RecordId(value.as_text());
    default:
      return std::nullopt;
  }
}

std::optional<core::RecordId> id_member(const JsonView& event, std::string_view name) {
  const auto member = event.find(name);
  return member ? id_of(*member) : std::nullopt;
}

/// The text member; empty when there is none or it is too long for a name.
std::string_view text_member(const JsonView& event, std::string_view name) {
  const auto member = event.find(name);
  if (!member || member->kind() != JsonKind::text) return {};
  return member->as_text().size() <= kNameBytes ? member->as_text() : std::string_view{};
}

/// Ms since the epoch, which HubSpot also sends as text and with a fraction; 0 when unreadable.
std::int64_t time_member(const JsonView& event, std::string_view name) {
  const auto member = event.find(name);
  if (!member) return 0;
  if (member->kind() == JsonKind::integer) return member->as_int();
  if (member->kind() == JsonKind::number) {
    constexpr double kFarAway = 9e15;
    const double ms = member->as_double();
    return ms >= 0 && ms < kFarAway ? static_cast<std::int64_t>(ms) : 0;
  }
  if (member->kind() != JsonKind::text) return 0;
  const std::string_view text = member->as_text();
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return ms;
}

/// `subscriptionType`; a table in HubSpot's documentation calls it `eventType`.
std::string_view event_name(const JsonView& event) {
  const std::string_view name = text_member(event, "subscriptionType");
  return name.empty() ? text_member(event, "eventType") : name;
}

/// What an event's second word means; nothing = a kind we do not know.
std::optional<NoticeKind> kind_of(std::string_view action) {
  if (action == "creation" || action == "propertyChange" || action == "restore") {
    return NoticeKind::upserted;
  }
  if (action == "deletion") return NoticeKind::deleted;
  if (action == "merge") return NoticeKind::merged;
  if (action == "privacyDeletion") return NoticeKind::erased;
  return std::nullopt;
}

/// One side of an association.
struct End {
  std::string object;  // empty when the event does not say
  std::optional<core::RecordId> id;
};

/// The objects at both ends: from the type ids of generic events, else from the association's name.
std::pair<End, End> association_ends(const JsonView& event) {
  End from{object_of_type_id(text_member(event, "fromObjectTypeId")),
           id_member(event, "fromObjectId")};
  End to{object_of_type_id(text_member(event, "toObjectTypeId")), id_member(event, "toObjectId")};
  if (from.object.empty() || to.object.empty()) {
    // Only a part of the name: labelled associations carry prefixes and suffixes.
    const std::string_view type = text_member(event, "associationType");
    if (type.find("CONTACT_TO_COMPANY") != std::string_view::npos) {
      from.object = kContacts;
      to.object = kCompanies;
    } else if (type.find("COMPANY_TO_CONTACT") != std::string_view::npos) {
      from.object = kCompanies;
      to.object = kContacts;
    }
  }
  return {std::move(from), std::move(to)};
}

/// Reads one event into one notice.
class EventReader {
 public:
  EventReader(const core::SourceName& source, std::size_t number) : number_(number) {
    notice_.ref.source = source;
  }

  core::Notice read(const JsonView& event) {
    if (event.kind() != JsonKind::object) return ignore(where() + " is not an object");
    notice_.occurred_at_ms = time_member(event, "occurredAt");
    const std::string_view name = event_name(event);
    notice_.event = std::string(name);
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) {
      fill_ref(event, {});
      return ignore(where() + " has no subscriptionType");
    }
    const std::string_view prefix = name.substr(0, dot);
    const std::string_view action = name.substr(dot + 1);
    if (action == "associationChange") return read_association(event);
    return read_record_event(event, prefix, action);
  }

 private:
  std::string where() const { return "event " + std::to_string(number_); }

  core::Notice ignore(std::string reason) {
    notice_.ignore_reason = std::move(reason);
    return std::move(notice_);
  }

  void fill_ref(const JsonView& event, std::string object) {
    notice_.ref.object = core::ObjectName(std::move(object));
    notice_.ref.id = id_member(event, "objectId").value_or(core::RecordId{});
  }

  core::Notice read_record_event(const JsonView& event, std::string_view prefix,
                                 std::string_view action) {
    const bool generic = prefix == "object";
    fill_ref(event, generic ? object_of_type_id(text_member(event, "objectTypeId"))
                            : object_of_event_prefix(prefix));
    const auto kind = kind_of(action);
    notice_.kind = kind.value_or(NoticeKind::upserted);
    if (generic && notice_.ref.object.empty()) return ignore(where() + " has no objectTypeId");
    if (is_test_event(event)) return ignore("HubSpot's test event");
    if (!is_synced(notice_.ref.object)) {
      return ignore("object " + notice_.ref.object.str() + " is not synced");
    }
    if (!kind) return ignore("event " + notice_.event + " is not known");
    if (*kind == NoticeKind::merged) read_merge(event);
    if (notice_.ref.id.empty()) return ignore(where() + " has no objectId");
    return std::move(notice_);
  }

  /// The Test button in HubSpot's settings sends these ids for whatever is subscribed.
  bool is_test_event(const JsonView& event) const {
    return notice_.ref.id.str() == "123" && id_member(event, "eventId") == core::RecordId("100");
  }

  /// Since 2025 a merge makes a new record; before, the primary survived.
  void read_merge(const JsonView& event) {
    const auto primary = id_member(event, "primaryObjectId");
    if (const auto created = id_member(event, "newObjectId")) {
      notice_.ref.id = *created;
    } else if (primary) {
      notice_.ref.id = *primary;
    }
    if (primary) add_merged(*primary);
    const auto merged = event.find("mergedObjectIds");
    if (!merged) return;
    if (const auto single = id_of(*merged)) add_merged(*single);
    merged->for_each([&](const JsonView& item) {
      if (const auto id = id_of(item)) add_merged(*id);
    });
  }

  void add_merged(const core::RecordId& id) {
    auto& ids = notice_.merged_ids;
    if (id == notice_.ref.id || std::find(ids.begin(), ids.end(), id) != ids.end()) return;
    ids.push_back(id);
  }

  /// A contact's company is part of the contact's record, so the event is the contact's, whichever
  /// side HubSpot tells it from.
  core::Notice read_association(const JsonView& event) {
    const auto [from, to] = association_ends(event);
    const bool from_contact = from.object == kContacts && to.object == kCompanies;
    const bool to_contact = from.object == kCompanies && to.object == kContacts;
    const End& concerned = to_contact ? to : from;
    notice_.ref.object = core::ObjectName(concerned.object);
    notice_.ref.id = concerned.id.value_or(core::RecordId{});
    if (from.object.empty() || to.object.empty()) {
      if (text_member(event, "associationType").empty()) {
        return ignore(where() + " has no associationType");
      }
      return ignore("association is not between a contact and a company");
    }
    if (!from_contact && !to_contact) {
      return ignore("association of " + from.object + " with " + to.object + " is not synced");
    }
    if (!concerned.id) {
      return ignore(where() + " has no " + (to_contact ? "toObjectId" : "fromObjectId"));
    }
    return std::move(notice_);
  }

  const std::size_t number_;  // from 1, as people count
  core::Notice notice_;
};

}  // namespace

core::Result<std::vector<core::Notice>> decode_events(const core::SourceName& source,
                                                      std::string_view body) {
  core::JsonDocument document;
  const auto root = document.parse(body);
  if (!root) return core::fail(root.error().message);
  if (root->kind() != JsonKind::list) return core::fail("expected a JSON array of events");
  std::vector<core::Notice> notices;
  root->for_each([&](const JsonView& event) {
    notices.push_back(EventReader(source, notices.size() + 1).read(event));
  });
  return notices;
}

}  // namespace assembly_sync::connectors::hubspot
