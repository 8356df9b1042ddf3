#include "daemon/sandbox/labels.hpp"

#include <algorithm>
#include <cctype>

namespace assembly_sync::sandbox {
namespace {

struct LabelType {
  std::string_view name;         // in bodies (A130)
  std::string_view segments[3];  // in paths, as LabelSegments (I7)
};
constexpr LabelType kTypes[] = {{"Tier", {"tier", "tier", "Tier"}},
                                {"Stage", {"stage", "stage", "Stage"}},
                                {"CompanyType", {"company_type", "companytype", "CompanyType"}},
                                {"AccountTag", {"tag", "accounttag", "AccountTag"}}};
constexpr std::string_view kMembers[] = {"type", "name", "color", "description"};
constexpr std::string_view kRequired[] = {"type", "name", "color"};

bool is_hex_color(const std::string& text) {
  return text.size() == 7 && text[0] == '#' &&
         std::all_of(text.begin() + 1, text.end(),
                     [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

bool is_label_type(const std::string& text) {
  return std::any_of(std::begin(kTypes), std::end(kTypes),
                     [&](const LabelType& type) { return type.name == text; });
}

std::optional<Refusal> check_member(const std::string& name, const core::Value& value,
                                    const Switches& switches) {
  if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers)) {
    if (switches.unknown_ignored) return std::nullopt;
    return Refusal{400, "unknown attribute: " + name};
  }
  if (!value.is_string()) return Refusal{400, name + " must be a string"};
  const std::string& text = value.as_string();
  if (name == "type" && !is_label_type(text)) {
    return Refusal{400, "type must be one of Tier, Stage, CompanyType, AccountTag"};
  }
  if (name == "name" && text.empty()) return Refusal{400, "name is required"};
  if (name == "color" && !switches.color_free && !is_hex_color(text)) {
    return Refusal{400, "color must be a hex code"};
  }
  return std::nullopt;
}

std::optional<Refusal> check_body(const core::Value& body, const Switches& switches) {
  if (!body.is_object()) return Refusal{400, "body must be a JSON object"};
  for (const auto& [name, value] : body.as_object()) {
    if (auto refusal = check_member(name, value, switches)) return refusal;
  }
  return std::nullopt;
}

/// Lays the members that a label has over `label`.
void take_members(const core::Value::Object& body, core::Value::Object& label) {
  for (const std::string_view name : kMembers) {
    if (const auto member = body.find(name); member != body.end())
      label[member->first] = member->second;
  }
}

Answer labels_answer(core::Value::List labels) {
  return {200, core::Value::object({{"labels", core::Value(std::move(labels))}})};
}

}  // namespace

std::optional<Refusal> Labels::check_name(const std::string& id, const core::Value::Object& label,
                                          const Switches& switches) const {
  if (!switches.label_names_unique) return std::nullopt;
  for (const auto& [other_id, other] : labels_) {
    if (other_id != id && other.at("type") == label.at("type") &&
        other.at("name") == label.at("name")) {
      return Refusal{switches.already_exists_status, "label already exists"};
    }
  }
  return std::nullopt;
}

Outcome Labels::create(const std::string& id, const core::Value& body, const Switches& switches) {
  if (auto refusal = check_body(body, switches)) return tl::unexpected(*refusal);
  for (const std::string_view name : kRequired) {
    if (body.find(name) == nullptr) return refuse(400, std::string(name) + " is required");
  }
  core::Value::Object label;
  take_members(body.as_object(), label);
  if (auto refusal = check_name(id, label, switches)) return tl::unexpected(*refusal);
  labels_[id] = std::move(label);
  return id_answer(switches.create_status, id);
}

Outcome Labels::get(const std::optional<std::string>& segment, LabelSegments segments) const {
  const auto type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const LabelType& one) {
    return segment && one.segments[static_cast<int>(segments)] == *segment;
  });
  core::Value::List found;
  if (segment && type == std::end(kTypes)) {
    const auto label = labels_.find(*segment);
    if (label == labels_.end()) return refuse(404, "label not found");
    found.push_back(shown(label->first));
    return labels_answer(std::move(found));
  }
  for (const auto& [id, label] : labels_) {
    if (!segment || label.at("type").as_string() == type->name) found.push_back(shown(id));
  }
  return labels_answer(std::move(found));
}

Outcome Labels::update(const std::string& id, const core::Value& body, const Switches& switches) {
  const auto label = labels_.find(id);
  if (label == labels_.end()) return refuse(404, "label not found");
  if (auto refusal = check_body(body, switches)) return tl::unexpected(*refusal);
  core::Value::Object changed = label->second;
  take_members(body.as_object(), changed);
  if (auto refusal = check_name(id, changed, switches)) return tl::unexpected(*refusal);
  label->second = std::move(changed);
  return id_answer(200, id);
}

std::optional<std::string_view> Labels::type_of(const std::string& id) const {
  const auto label = labels_.find(id);
  if (label == labels_.end()) return std::nullopt;
  return label->second.at("type").as_string();
}

core::Value Labels::shown(const std::string& id) const {
  const auto label = labels_.find(id);
  core::Value out(label == labels_.end() ? core::Value::Object() : label->second);
  return out.set("id", id);
}

std::vector<core::Value> Labels::all() const {
  std::vector<core::Value> out;
  out.reserve(labels_.size());
  for (const auto& [id, label] : labels_) out.push_back(shown(id));
  return out;
}

}  // namespace assembly_sync::sandbox
