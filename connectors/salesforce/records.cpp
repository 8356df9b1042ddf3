#include "connectors/salesforce/records.hpp"

#include <algorithm>
#include <cmath>

#include "connectors/salesforce/ids.hpp"
#include "connectors/salesforce/rollups.hpp"
#include "core/calendar.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

/// The value that a path leads to; null when one of its steps is null.
const core::Value& value_at(const core::Value& row, const std::vector<std::string>& path) {
  const core::Value* value = &row;
  for (const std::string& step : path) value = &value->at(step);
  return *value;
}

void set_at(core::Value& object, const std::vector<std::string>& path, std::size_t step,
            core::Value value) {
  if (step + 1 == path.size()) {
    object.set(path[step], std::move(value));
    return;
  }
  const core::Value* present = object.find(path[step]);
  core::Value inner = present != nullptr && present->is_object() ? *present : core::Value::object();
  set_at(inner, path, step + 1, std::move(value));
  object.set(path[step], std::move(inner));
}

/// The record that another one refers to, of which every value is null, is null: a CSV can't tell
/// it from one that is not there.
core::Value collapsed(const core::Value& value) {
  if (!value.is_object()) return value;
  core::Value::Object members;
  bool known = false;
  for (const auto& [name, member] : value.as_object()) {
    core::Value inner = collapsed(member);
    known = known || !inner.is_null();
    members.emplace(name, std::move(inner));
  }
  return known ? core::Value::object(std::move(members)) : core::Value();
}

core::Value normal_text(std::string text, Form form) {
  std::erase(text, '\0');
  if (text.empty()) return {};
  if (form == Form::id) {
    if (auto id = to_18(text)) return std::move(*id);
  }
  if (form == Form::datetime) {
    if (const auto ms = core::parse_calendar_ms(text)) return core::format_utc(core::from_ms(*ms));
  }
  return text;
}

core::Value normal(const core::Value& value, Form form) {
  if (value.is_string()) return normal_text(value.as_string(), form);
  if (value.is_number()) return normal_number(value);
  return value;
}

core::Value value_of_csv(const std::string& text, Form form) {
  if (text.empty()) return {};
  if (form == Form::boolean) return core::Value(text == "true");
  if (form != Form::number) return text;
  // NaN and Infinity, which formulas can make, are no JSON.
  const auto number = core::parse_json(text);
  return number && number->is_number() ? *number : core::Value();
}

}  // namespace

core::Value normal_number(const core::Value& number) {
  constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53: beyond, a double has no units
  if (!number.is_double()) return number;
  const double value = number.as_double();
  if (std::trunc(value) != value || std::abs(value) >= kExact) return number;
  return static_cast<std::int64_t>(value);
}

core::Value normal_row(const core::Value& row, const std::vector<Column>& columns) {
  core::Value out = core::Value::object();
  for (const Column& column : columns) {
    set_at(out, column.path, 0, normal(value_at(row, column.path), column.form));
  }
  core::Value::Object members;
  for (const auto& [name, member] : out.as_object()) members.emplace(name, collapsed(member));
  return core::Value::object(std::move(members));
}

core::Value row_of_csv(const std::vector<std::string>& header,
                       const std::vector<std::string>& fields, const std::vector<Column>& columns) {
  core::Value row = core::Value::object();
  for (std::size_t i = 0; i < std::min(header.size(), fields.size()); ++i) {
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const Column& one) {
      return core::equal_ignoring_case(one.text, header[i]);
    });
    if (column == columns.end()) continue;
    set_at(row, column->path, 0, value_of_csv(fields[i], column->form));
  }
  return row;
}

std::int64_t version_of(const Selection& selection, const core::Value& row) {
  if (selection.stamp.empty()) return 0;
  return core::parse_calendar_ms(row.text_or(selection.stamp)).value_or(0);
}

std::optional<core::Record> make_record(const core::SourceName& source, const Object& object,
                                        const Selection& selection, const core::Value& row) {
  const auto id = to_18(row.text_or("Id"));
  if (!id) return std::nullopt;
  core::Record record;
  record.ref = {source, object.name, core::RecordId(*id)};
  record.json = core::dump_json(row);
  record.version = version_of(selection, row);
  const std::string account = row.text_or("AccountId");
  if (selection.account && !account.empty()) {
    record.related.push_back({source, core::ObjectName(kAccounts), core::RecordId(account)});
  }
  return record;
}

}  // namespace assembly_sync::connectors::salesforce
