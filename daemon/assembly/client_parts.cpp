// Client: additional properties, labels, usage logs.
#include "core/json.hpp"
#include "daemon/assembly/answer_of.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/assembly/writing.hpp"

namespace assembly_sync::assembly {

using core::Value;

Outcome Client::add_properties(Collection collection, const Identifier& identifier,
                               const Body& properties) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  if (auto reason = number_refusal(properties)) return refused_here(std::move(*reason));
  return write("POST", properties_target(collection, identifier), properties, Repeatable::no);
}

Answer<std::optional<Properties>> Client::properties(Collection collection,
                                                     const Identifier& identifier) const {
  if (auto reason = refusal(identifier)) return not_asked(std::move(*reason));
  return one_of<Properties>(read(properties_target(collection, identifier)),
                            "additional_properties", read_properties_of);
}

Outcome Client::set_properties(Collection collection, const Identifier& identifier,
                               const Body& properties) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  if (auto reason = number_refusal(properties)) return refused_here(std::move(*reason));
  return write("PUT", properties_target(collection, identifier), properties, Repeatable::yes);
}

Outcome Client::remove_properties(Collection collection, const Identifier& identifier,
                                  const std::vector<std::string>& names) const {
  if (auto reason = refusal(identifier)) return refused_here(std::move(*reason));
  if (names.empty()) return refused_here("no property is named");
  const Body body{{"properties", Value::list({names.begin(), names.end()})}};
  return write("DELETE", properties_target(collection, identifier), body, Repeatable::yes);
}

Answer<std::vector<Label>> Client::labels() const {
  return whole_of<std::vector<Label>>(read(settings_.labels_path), "labels", read_labels);
}

Answer<std::vector<Label>> Client::labels(LabelType type) const {
  auto all = labels();
  if (all) std::erase_if(*all, [&](const Label& label) { return label.type != type; });
  return all;
}

Answer<std::optional<Label>> Client::label(const core::AssemblyId& id) const {
  if (auto reason = label_refusal(id)) return not_asked(std::move(*reason));
  return one_of<Label>(read(label_target(settings_.labels_path, id)), "label", read_label);
}

Outcome Client::create_label(const NewLabel& label) const {
  Body body;
  body.emplace("type", to_text(label.type));
  body.emplace("name", label.name);
  body.emplace("color", label.color);
  if (!label.description.empty()) body.emplace("description", label.description);
  return write("POST", settings_.labels_path, body, Repeatable::no);
}

Outcome Client::update_label(const core::AssemblyId& id, const Body& changes) const {
  if (auto reason = label_refusal(id)) return refused_here(std::move(*reason));
  return with_id(write("PUT", label_target(settings_.labels_path, id), changes, Repeatable::yes),
                 id);
}

Outcome Client::remove_label(const core::AssemblyId& id) const {
  if (auto reason = label_refusal(id)) return refused_here(std::move(*reason));
  return erase(label_target(settings_.labels_path, id));
}

Outcome Client::create_usage(const UsageTarget& target, const Body& body) const {
  if (auto reason = refusal(target)) return refused_here(std::move(*reason));
  const auto checked = usage_body(UsageBody::whole, body);
  if (!checked) return refused_here(checked.error());
  return write("POST", usage_target(target), *checked, Repeatable::no);
}

Answer<UsagePage> Client::list_usage(const UsageTarget& target, std::size_t limit,
                                     std::size_t offset) const {
  if (auto reason = refusal(target)) return not_asked(std::move(*reason));
  return whole_of<UsagePage>(read(usage_list_target(target, limit, offset)), "logs",
                             [&](const Value& answer) { return read_usage_page(answer, limit); });
}

Answer<std::optional<UsageLog>> Client::usage_log(const core::AssemblyId& log) const {
  if (auto reason = log_refusal(log)) return not_asked(std::move(*reason));
  return one_of<UsageLog>(read(log_target(log)), "log", read_usage_log);
}

Outcome Client::update_usage(const core::AssemblyId& log, const Body& body) const {
  if (auto reason = log_refusal(log)) return refused_here(std::move(*reason));
  const auto checked = usage_body(UsageBody::changes, body);
  if (!checked) return refused_here(checked.error());
  return with_id(write("PUT", log_target(log), *checked, Repeatable::yes), log);
}

Outcome Client::remove_usage(const core::AssemblyId& log) const {
  if (auto reason = log_refusal(log)) return refused_here(std::move(*reason));
  return erase(log_target(log));
}

}  // namespace assembly_sync::assembly
