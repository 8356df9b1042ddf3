#include "daemon/sandbox/labels.hpp"

#include <algorithm>
#include <cctype>

namespace assembly_sync::sandbox {
namespace {

struct LabelType {
  std::string_view name;     // in bodies (A130)
  std::string_view segment;  // in paths (I7)
};
constexpr LabelType kTypes[] = {
    {"Tier", "tier"}, {"Stage", "stage"}, {"CompanyType", "company_type"}, {"AccountTag", "tag"}};
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

std::optional<Refusal> check_member(const std::string& name, const core::Value& value) {
  if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers)) {
    return Refusal{400, "unknown attribute: " + name};
  }
  if (!value.is_string()) return Refusal{400, name + " must be a string"};
  const std::string& text = value.as_string();
  if (name == "type" && !is_label_type(text)) {
    return Refusal{400, "type must be one of Tier, Stage, CompanyType, AccountTag"};
  }
  if (name == "name" && text.empty()) return Refusal{400, "name is required"};
  if (name == "color" && !is_hex_color(text)) return Refusal{400, "color must be a hex code"};
  return std::nullopt;
}

std::optional<Refusal> check_body(const core::Value& body) {
  if (!body.is_object()) return Refusal{400, "body must be a JSON object"};
  for (const auto& [name, value] : body.as_object()) {
    if (auto refusal = check_member(name, value)) return refusal;
  }
  return std::nullopt;
}

core::Value shown(const std::string& id, core::Value::Object label) {
  label["id"] = id;
  return core::Value(std::move(label));
}

Answer labels_answer(core::Value::List labels) {
  return {200, core::Value::object({{"labels", core::Value(std::move(labels))}})};
}

}  // namespace

Outcome Labels::create(const std::string& id, int created_status, const core::Value& body) {
  if (auto refusal = check_body(body)) return tl::unexpected(*refusal);
  for (const std::string_view name : kRequired) {
    if (body.find(name) == nullptr) return refuse(400, std::string(name) + " is required");
  }
  labels_[id] = body.as_object();
  return id_answer(created_status, id);
}

Outcome Labels::get(const std::optional<std::string>& segment) const {
  const auto type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const LabelType& one) {
    return segment && one.segment == *segment;
  });
  core::Value::List found;
  if (segment && type == std::end(kTypes)) {
    const auto label = labels_.find(*segment);
    if (label == labels_.end()) return refuse(404, "label not found");
    found.push_back(shown(label->first, label->second));
    return labels_answer(std::move(found));
  }
  for (const auto& [id, label] : labels_) {
    if (!segment || label.at("type").as_string() == type->name) found.push_back(shown(id, label));
  }
  return labels_answer(std::move(found));
}

Outcome Labels::update(const std::string& id, const core::Value& body) {
  const auto label = labels_.find(id);
  if (label == labels_.end()) return refuse(404, "label not found");
  if (auto refusal = check_body(body)) return tl::unexpected(*refusal);
  for (const auto& [name, value] : body.as_object()) label->second[name] = value;
  return id_answer(200, id);
}

std::optional<std::string_view> Labels::type_of(const std::string& id) const {
  const auto label = labels_.find(id);
  if (label == labels_.end()) return std::nullopt;
  return label->second.at("type").as_string();
}

std::vector<core::Value> Labels::all() const {
  std::vector<core::Value> out;
  out.reserve(labels_.size());
  for (const auto& [id, label] : labels_) out.push_back(shown(id, label));
  return out;
}

}  // namespace assembly_sync::sandbox
