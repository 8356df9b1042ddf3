#include "daemon/answers/why_not.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "daemon/answers/entities.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/why.hpp"
#include "daemon/sync/parents.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using store::Entity;
using store::Notice;
using store::NoticeState;

constexpr int kNoticesShown = 20;

Value notice_value(const Notice& notice) {
  Value out = Value::object({{"id", notice.id},
                             {"state", store::to_text(notice.state)},
                             {"event", notice.event},
                             {"lane", core::to_text(notice.lane)},
                             {"received_at", time_value(notice.received_ms)}});
  if (!notice.reason.empty()) out.set("reason", notice.reason);
  if (!notice.stage.empty()) out.set("stage", notice.stage);
  if (notice.attempts > 0) out.set("attempts", notice.attempts);
  if (notice.state == NoticeState::open) out.set("due", time_value(notice.due_ms));
  if (notice.finished_ms) out.set("finished_at", time_value(*notice.finished_ms));
  if (notice.receipt) out.set("receipt", *notice.receipt);
  if (notice.run) out.set("run", *notice.run);
  return out;
}

std::string_view name_of(store::RecordState state) {
  constexpr std::string_view kNames[] = {"present", "deleted", "merged"};
  return kNames[static_cast<int>(state)];
}

/// Everything that is known of the record.
struct Known {
  std::optional<store::MirroredRecord> mirrored;
  std::optional<core::RecordRef> survivor;
  std::optional<std::int64_t> erased_ms;
  std::vector<Notice> notices;  // the newest first
  std::vector<Entity> entities;
  std::vector<std::string> awaits;
  Value today;
};

Known gather(const store::View& view, const core::RecordRef& record, const WouldSend& today) {
  Known known;
  known.mirrored = view.record(record);
  known.survivor = view.survivor_of(record);
  known.erased_ms = view.erased_ms(record);
  known.notices = view.notices_of(record, kNoticesShown);
  known.entities = view.entities_of(record);
  for (const store::RowId id : view.fed_by(record)) {
    const auto same = [&](const Entity& entity) { return entity.id == id; };
    if (std::none_of(known.entities.begin(), known.entities.end(), same)) {
      if (auto fed = view.entity(id)) known.entities.push_back(std::move(*fed));
    }
  }
  known.awaits = view.awaited_by(record);
  if (today && known.mirrored && known.mirrored->state == store::RecordState::present) {
    known.today = today(view, record);
  }
  return known;
}

Value record_of(const core::RecordRef& ref, const Known& known) {
  Value out = to_value(ref);
  out.set("mirror", known.mirrored ? Value(name_of(known.mirrored->state)) : Value("never read"));
  if (known.mirrored) {
    out.set("read_at", time_value(known.mirrored->read_ms));
    if (known.mirrored->version > 0) out.set("version", time_value(known.mirrored->version));
  }
  if (known.survivor) out.set("merged_into", to_value(*known.survivor));
  if (known.erased_ms) out.set("erased_at", time_value(*known.erased_ms));
  return out;
}

/// `key:company:…` and the like, as wait_for() writes them, in words.
std::string awaited_text(const std::string& parent) {
  const std::size_t colon = parent.find(':');
  if (colon == std::string::npos) return parent;
  return parent.substr(0, colon) + ' ' + parent.substr(colon + 1);
}

/// The answer in a sentence, and what a person can do.
struct Answer {
  std::string state;
  std::string reason;
  std::string answer;
  std::string next;
};

std::string in_assembly(const Known& known) {
  for (const Entity& entity : known.entities) {
    if (entity.present) {
      return "It is in Assembly as " + title_of(to_value(entity)) +
             (entity.assembly_id ? ", id " + entity.assembly_id->str() : "") + '.';
    }
  }
  return "What came of it is not in Assembly any more.";
}

Answer while_open(const store::View& view, const Notice& notice, const Known& known) {
  Answer out;
  if (notice.stage == "read") {
    out.answer = "It is heard of, and still to be read from the source.";
  } else if (notice.stage == "mirror") {
    out.answer = "It is read, and still to be mapped again.";
  } else {
    out.answer = "It is mapped; its change is in the outbox.";
    for (const Entity& entity : known.entities) {
      const Value all = why(view, entity.id, "");
      for (const Value& change : all.at("pending").as_list()) {
        const std::string waits = change.text_or("waits_for");
        out.answer += " Lane " + change.text_or("lane") + ", since " + change.text_or("since") +
                      (waits.empty() ? "" : ": " + waits) + '.';
      }
    }
  }
  if (!notice.reason.empty()) out.answer += " It was put off: " + notice.reason + '.';
  out.next = "Nothing, it goes on by itself; `assembly-sync status` shows how long the queue is.";
  return out;
}

/// What each final state means for the record, and what to do about it.
Answer when_ended(const core::RecordRef& ref, const Notice& notice, const Known& known) {
  const std::string id = std::to_string(notice.id);
  switch (notice.state) {
    case NoticeState::delivered:
      return {
          "", "", in_assembly(known),
          "If Assembly shows something else: assembly-sync why " +
              (known.entities.empty() ? std::string("ENTITY") : known.entities.front().key.str())};
    case NoticeState::unchanged:
      return {"", "", "Nothing was to be sent. " + in_assembly(known),
              "If a value is missing: see below what today's mapping makes of the record."};
    case NoticeState::filtered:
      return {"", "", "A mapping's `when` leaves it out.",
              "Change the record in its source, or `when` in the configuration, then: "
              "assembly-sync reload"};
    case NoticeState::superseded:
      return {"", "", "Something newer about the same record or entity took its place.",
              "Look at the newest one."};
    case NoticeState::orphaned:
      return {"", "", "What it belongs to is not there.",
              "It is mapped again by itself as soon as its company comes. See why that is not "
              "there: assembly-sync why-not " +
                  ref.source.str() + ".… ID"};
    case NoticeState::held:
      return {"", "", "It is parked until a person decides.",
              "assembly-sync holds show " + id + ", then holds retry or holds drop"};
    case NoticeState::dead:
      return {"", "", "It was refused.",
              "assembly-sync dead show " + id + "; when the cause is mended: dead retry " + id};
    case NoticeState::ignored:
      return {"", "", "Nothing is to be done about it.", ""};
    case NoticeState::open:
      break;
  }
  return {};
}

/// Rows of a backfill that need nobody leave no notice behind: then the mirror and today's mapping
/// tell.
Answer without_notice(const Known& known) {
  if (!known.mirrored) {
    return {
        "unknown", "", "Nothing was ever heard of this record.",
        "Is the id right? Is the object read at all: assembly-sync status shows when the source "
        "was last asked. A backfill reads everything: assembly-sync backfill SOURCE.OBJECT"};
  }
  const auto present = [](const Entity& entity) { return entity.present; };
  if (std::any_of(known.entities.begin(), known.entities.end(), present)) {
    return {"unchanged", "", "Nothing is open about it. " + in_assembly(known), ""};
  }
  Answer out{"unchanged", "", "It was read, and nothing is open about it.",
             "See below what today's mapping makes of it."};
  if (!known.today.is_list()) return out;
  const auto& all = known.today.as_list();
  const auto left_out = [](const Value& one) { return one.text_or("result") == "filtered"; };
  if (all.empty()) {
    out = {"ignored", "no mapping reads this object", "No mapping reads this object.",
           "Add a mapping whose `from` it is."};
  } else if (std::all_of(all.begin(), all.end(), left_out)) {
    out = {"filtered", all.front().text_or("reason"), "A mapping's `when` leaves it out.",
           "Change the record in its source, or `when` in the configuration."};
  }
  return out;
}

Answer answer_for(const store::View& view, const core::RecordRef& ref, const Known& known) {
  Answer out;
  if (known.notices.empty()) {
    out = without_notice(known);
  } else {
    const Notice& newest = known.notices.front();
    out = newest.state == NoticeState::open ? while_open(view, newest, known)
                                            : when_ended(ref, newest, known);
    out.state = store::to_text(newest.state);
    out.reason = newest.reason;
  }
  if (known.survivor) {
    out.answer += " In its source it was merged into " + text_of(*known.survivor) + '.';
    out.next = "assembly-sync why-not " + text_of(*known.survivor);
  }
  if (known.erased_ms)
    out.answer += " Its source erased its data at " + when_text(time_value(known.erased_ms)) + '.';
  return out;
}

}  // namespace

Value why_not(const store::View& view, const core::RecordRef& ref, const WouldSend& today) {
  const Known known = gather(view, ref, today);
  const Answer answer = answer_for(view, ref, known);
  Value out = Value::object({{"record", record_of(ref, known)},
                             {"state", answer.state},
                             {"reason", answer.reason},
                             {"answer", answer.answer},
                             {"next", answer.next}});
  Value notices = Value::list();
  for (const Notice& notice : known.notices) notices.as_list().push_back(notice_value(notice));
  out.set("notices", std::move(notices));
  Value entities = Value::list();
  for (const Entity& entity : known.entities) entities.as_list().push_back(to_value(entity));
  out.set("entities", std::move(entities));
  Value awaits = Value::list();
  for (const std::string& parent : known.awaits) awaits.as_list().push_back(awaited_text(parent));
  out.set("awaits", std::move(awaits));
  out.set("today", known.today);
  return out;
}

std::string why_not_text(const Value& why_not) {
  const Value& record = why_not.at("record");
  std::string text = record_text(record) + ": " + why_not.text_or("state");
  if (const std::string reason = why_not.text_or("reason"); !reason.empty()) text += ", " + reason;
  text += "\n  " + why_not.text_or("answer") + '\n';
  if (const std::string next = why_not.text_or("next"); !next.empty()) {
    text += "  What to do: " + next + '\n';
  }
  text += "mirror      " + record.text_or("mirror");
  if (const std::string at = record.text_or("read_at"); !at.empty()) text += ", read at " + at;
  if (const std::string at = record.text_or("version"); !at.empty()) {
    text += ", as changed in the source at " + at;
  }
  text += '\n';
  for (const Value& parent : why_not.at("awaits").as_list()) {
    text += "awaits      " + parent.as_string() + '\n';
  }
  for (const Value& entity : why_not.at("entities").as_list()) {
    text += "makes       " + title_of(entity) +
            (entity.at("present") == Value(true) ? ", in Assembly\n" : ", not in Assembly\n");
  }
  for (const Value& notice : why_not.at("notices").as_list()) {
    text += "heard       " + notice.text_or("received_at") + "  " + notice.text_or("event") + ": " +
            notice.text_or("state");
    if (const std::string reason = notice.text_or("reason"); !reason.empty()) {
      text += ", " + reason;
    }
    text += '\n';
  }
  if (const Value& today = why_not.at("today"); today.is_list()) {
    for (const Value& one : today.as_list()) {
      text += "today       mapping " + one.text_or("mapping") + ": " + one.text_or("result");
      if (const std::string reason = one.text_or("reason"); !reason.empty()) text += ", " + reason;
      text += '\n';
    }
  }
  return text;
}

}  // namespace assembly_sync::answers
