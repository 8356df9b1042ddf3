// The answer to `why` for people.
#include <string>

#include "daemon/answers/entities.hpp"
#include "daemon/answers/lines.hpp"
#include "daemon/answers/why.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;

constexpr std::size_t kValueWidth = 200;

/// A list as its items.
std::string shown_value(const Value& value) {
  if (!value.is_list()) return one_line(shown(value), kValueWidth);
  std::string text;
  for (const Value& item : value.as_list()) text += (text.empty() ? "" : ", ") + shown(item);
  return text.empty() ? "none" : one_line(text, kValueWidth);
}

std::string line(const std::string& label, const std::string& text) {
  return "  " + label + std::string(label.size() < 10 ? 10 - label.size() : 1, ' ') + text + '\n';
}

std::string at_text(const Value& one) {
  const std::string at = one.text_or("received_at");
  return at.empty() ? "" : ", heard of at " + at;
}

std::string trigger_text(const Value& one) {
  std::string text;
  if (one.at("loaded").is_int()) {
    text = "configuration " + std::to_string(one.at("loaded").as_int()) +
           " was loaded, by which every record was mapped again (run " +
           std::to_string(one.at("run").as_int()) + ')';
    return text + at_text(one);
  }
  if (one.at("receipt").is_int()) {
    text = "webhook " + std::to_string(one.at("receipt").as_int());
  } else if (one.at("run").is_int()) {
    text = "run " + std::to_string(one.at("run").as_int());
  } else {
    text = one.find("event") == nullptr ? "another record's change" : "asking the source";
  }
  if (const std::string event = one.text_or("event"); !event.empty()) text += " (" + event + ')';
  return text + at_text(one);
}

std::string word_text(const Value& one) {
  std::string text;
  if (const Value& record = one.at("record"); record.is_object()) {
    text += line("record",
                 record_text(record) + (one.find("version") == nullptr
                                            ? ""
                                            : ", as changed there at " + one.text_or("version")));
  }
  if (const std::string mapping = one.text_or("mapping"); !mapping.empty()) {
    std::string rule = "mapping " + mapping;
    if (const Value& at = one.at("rule"); at.is_object()) {
      rule += ", " + at.text_or("file") + ':' + std::to_string(at.at("line").as_int()) + ": " +
              at.text_or("text");
    }
    if (one.at("config").is_int()) {
      rule += "  (configuration " + std::to_string(one.at("config").as_int()) + ')';
    }
    text += line("rule", rule);
  }
  return text;
}

std::string steps_text(const Value& steps) {
  std::string text;
  if (!steps.is_list()) return text;
  for (const Value& step : steps.as_list()) {
    const bool failed = step.find("error") != nullptr;
    text += line(text.empty() ? "today" : "",
                 step.text_or("expression") + "  =>  " +
                     (failed ? "ERROR: " + step.text_or("error") : shown_value(step.at("result"))));
  }
  return text;
}

std::string field_text(const Value& field) {
  std::string text = field.text_or("field") + " = " + shown_value(field.at("value")) + '\n';
  if (field.find("at") != nullptr) {
    text += line("since", field.text_or("at") + ", before: " + shown_value(field.at("from")));
  } else {
    text += line("since", field.text_or("note"));
  }
  text += word_text(field);
  if (const Value& words = field.at("words"); words.is_list()) {
    for (const Value& word : words.as_list()) text += word_text(word);
  }
  if (const Value& rule = field.at("rule_before"); rule.is_object()) {
    text += line("was", rule.text_or("text") + "  (configuration " +
                            std::to_string(rule.at("config").as_int()) + ')');
  }
  if (field.find("at") != nullptr) {
    text += line("because", trigger_text(field));
    const Value& request = field.at("request");
    text += line("sent", request.text_or("method") + ' ' + request.text_or("path") + ", attempt " +
                             std::to_string(request.at("attempt").as_int()) + ", delivered");
  }
  return text + steps_text(field.at("steps"));
}

std::string sets_text(const Value& sets) {
  std::string text;
  for (const Value& set : sets.as_list()) {
    text += (text.empty() ? "" : "; ") + set.text_or("field") + ": " + shown_value(set.at("from")) +
            " -> " + shown_value(set.at("to"));
  }
  return text;
}

std::string pending_text(const Value& pending) {
  std::string text;
  for (const Value& change : pending.as_list()) {
    std::string what = change.text_or("state") == "in_flight"
                           ? "being sent now"
                           : "waits in lane " + change.text_or("lane");
    if (const std::string why = change.text_or("waits_for"); !why.empty()) what += ": " + why;
    if (change.at("attempts").as_int() > 0) {
      what += ", after " + std::to_string(change.at("attempts").as_int()) +
              " attempts; next not before " + change.text_or("due");
    }
    if (change.find("removes") != nullptr) {
      what += "; it will be removed from Assembly";
    } else {
      what += "; " + sets_text(change.at("sets"));
    }
    text += "on its way  " + what + '\n';
  }
  return text;
}

std::string merged_text(const Value& why) {
  std::string text;
  for (const Value& one : why.at("merged").as_list()) {
    text += "merged in   ";
    text += one.find("kind") != nullptr ? title_of(one) : "";
    if (const Value& record = one.at("record"); record.is_object()) {
      text += (one.find("kind") != nullptr ? ", record " : "record ") + record_text(record);
    }
    if (const std::string at = one.text_or("merged_at"); !at.empty()) text += ", at " + at;
    text += '\n';
  }
  if (const Value& into = why.at("merged_into"); into.is_object()) {
    text += "merged into " + title_of(into) + ": ask for that one\n";
  }
  return text;
}

}  // namespace

std::string why_text(const Value& why) {
  const Value& entity = why.at("entity");
  std::string text = title_of(entity);
  text += entity.at("present") == Value(true)
              ? ", in Assembly as " + entity.text_or("assembly_id") + '\n'
              : ", not in Assembly\n";
  for (const Value& field : why.at("fields").as_list()) text += '\n' + field_text(field);
  const std::string below = merged_text(why) + pending_text(why.at("pending"));
  if (!below.empty()) text += '\n' + below;
  const auto& history = why.at("history").as_list();
  if (!history.empty()) text += "\nhistory, the newest first\n";
  for (const Value& one : history) {
    const std::string of = one.text_or("of");
    text +=
        "  " + one.text_or("at") + "  " + (of.empty() ? "" : of + ": ") + sets_text(one.at("sets"));
    if (one.at("config").is_int()) {
      text += "  (configuration " + std::to_string(one.at("config").as_int()) + ')';
    }
    text += '\n';
  }
  const auto& attempts = why.at("attempts").as_list();
  if (!attempts.empty() && attempts.front().text_or("outcome") != "delivered") {
    const Value& last = attempts.front();
    text += "\nlast attempt " + last.text_or("at") + ": " + last.text_or("outcome") +
            (last.text_or("reason").empty() ? "" : ", " + last.text_or("reason")) + '\n';
  }
  return text;
}

}  // namespace assembly_sync::answers
