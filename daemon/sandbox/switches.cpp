#include "daemon/sandbox/switches.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/problem.hpp"

namespace assembly_sync::sandbox {
namespace {

using S = Switches;

/// A row for `Member` whose n-th name stands for the n-th of `Values`.
template <auto Member, auto... Values>
SwitchRow row(std::string_view name, std::vector<std::string_view> values, std::string_view rule,
              std::string_view help) {
  const auto set = [](Switches& switches, std::size_t value) {
    constexpr std::array kValues{Values...};
    switches.*Member = kValues.at(value);
  };
  const auto get = [](const Switches& switches) -> std::size_t {
    constexpr std::array kValues{Values...};
    return static_cast<std::size_t>(std::find(kValues.begin(), kValues.end(), switches.*Member) -
                                    kValues.begin());
  };
  return {name, std::move(values), rule, help, set, get};
}

template <auto Member>
SwitchRow off_on(std::string_view name, std::vector<std::string_view> values, std::string_view rule,
                 std::string_view help) {
  return row<Member, false, true>(name, std::move(values), rule, help);
}

std::vector<SwitchRow> answer_rows() {
  return {
      row<&S::already_exists_status, 409, 400>("already_exists", {"409", "400"}, "I13",
                                               "status of what exists already"),
      row<&S::missing, Missing::status_404, Missing::status_400, Missing::null, Missing::empty>(
          "not_found", {"404", "400", "null", "empty"}, "Q21",
          "a missing thing: a status, or 200 with null or {} where one is read"),
      row<&S::error_body, ErrorBody::error, ErrorBody::number, ErrorBody::message,
          ErrorBody::object, ErrorBody::text, ErrorBody::empty>(
          "error_body", {"error", "number", "message", "object", "text", "empty"}, "I12",
          R"({"error":text}, {"error":status,"message":text}, {"message":text}, {"error":{…}}, )"
          "plain text, nothing"),
      row<&S::key_problem_status, 401, 403>("key_problem", {"401", "403"}, "Q31",
                                            "status of a missing, wrong or revoked key"),
      row<&S::create_status, 200, 201, 204>("create_answer", {"200", "201", "204"}, "I11",
                                            "status of a create; 204 has no body, so no id"),
      row<&S::delete_status, 200, 204>("delete_answer", {"200", "204"}, "I11",
                                       "status of a delete; 204 has no body"),
      row<&S::delete_missing_is_error, true, false>("delete_missing", {"error", "ok"}, "Q22",
                                                    "deleting what is gone"),
      row<&S::retry_after, RetryAfter::seconds, RetryAfter::date, RetryAfter::none>(
          "retry_after", {"seconds", "date", "none"}, "Q2", "what a 429 says of the wait"),
      off_on<&S::only_writes_count>("counted", {"all", "writes"}, "I22",
                                    "which requests are events of the limit"),
      off_on<&S::refused_counts>("refused_counts", {"no", "yes"}, "Q3",
                                 "does a 429 count towards the limit"),
  };
}

std::vector<SwitchRow> read_rows() {
  return {
      off_on<&S::wrapped_elements>("list_elements", {"flat", "wrapped"}, "I10",
                                   R"(elements of a list bare or as {"account":{…}})"),
      row<&S::account_type_on_read, true, false>("type_on_read", {"account_type", "type"}, "I10",
                                                 "what a returned account calls its type"),
      row<&S::page_cap, 1000, 50, 2>("page_cap", {"1000", "50", "2"}, "I19",
                                     "most elements of a page, whatever limit was asked for"),
      row<&S::next_cursor, NextCursor::offset, NextCursor::zero, NextCursor::null,
          NextCursor::absent>("next_cursor", {"offset", "zero", "null", "absent"}, "I20",
                              "the next offset, null on the last page; 0 there; always null; none"),
      off_on<&S::contacts_among_accounts>("accounts_list", {"accounts", "with_contacts"}, "I26",
                                          "are contacts listed among the accounts"),
      off_on<&S::names_by_bytes>("name_order", {"ignoring_case", "bytes"}, "Q17",
                                 "what alphabetical means"),
      off_on<&S::first_log_first>("tie_order", {"last_first", "first_first"}, "Q16",
                                  "order of usage logs with one timestamp"),
      off_on<&S::company_contacts_bare>("company_contacts", {"page", "list"}, "I8",
                                        "contacts of a company as a page or a bare list of all"),
      off_on<&S::properties_as_list>("properties_on_read", {"object", "list"}, "I28",
                                     "additional properties as a map or as [{name,value}]"),
      off_on<&S::labels_as_objects>("labels_on_read", {"id", "object"}, "Q30",
                                    "labels of an account as ids or as objects"),
      row<&S::usage_one, UsageOne::log, UsageOne::logs_page, UsageOne::logs_list, UsageOne::usage,
          UsageOne::bare>("usage_one", {"log", "logs_page", "logs_list", "usage", "bare"}, "I9",
                          "what one usage log is wrapped in"),
      row<&S::metadata_in_list, true, false>("metadata_in_list", {"shown", "hidden"}, "Q11",
                                             "does a list of usage logs show their metadata"),
  };
}

std::vector<SwitchRow> label_rows() {
  return {
      row<&S::labels_path, LabelsPath::accounts, LabelsPath::account, LabelsPath::both>(
          "labels_path", {"accounts", "account", "both"}, "I6",
          "/accounts/labels as in the examples, /account/labels as in the text, or both"),
      row<&S::label_segments, LabelSegments::snake, LabelSegments::lower, LabelSegments::pascal>(
          "label_segments", {"snake", "lower", "pascal"}, "I7",
          "a label type in a path: company_type and tag, companytype, or CompanyType"),
      off_on<&S::wrong_label_ignored>("wrong_label", {"refused", "ignored"}, "Q30",
                                      "an id of no label, or of another type's"),
      off_on<&S::deleted_label_stays>("label_delete", {"clears", "keeps"}, "Q23",
                                      "does a deleted label leave the accounts"),
      off_on<&S::color_free>("color", {"checked", "free"}, "Q29", "must a color be #RRGGBB"),
      off_on<&S::label_names_unique>("label_names", {"shared", "unique"}, "Q29",
                                     "may two labels of one type have one name"),
  };
}

std::vector<SwitchRow> identity_rows() {
  return {
      off_on<&S::domain_unique>("domain", {"shared", "unique"}, "Q10",
                                "may two accounts, or two contacts, have one domain"),
      row<&S::domain_case, DomainCase::ignored, DomainCase::exact, DomainCase::lowered>(
          "domain_case", {"ignored", "exact", "lowered"}, "Q28",
          "domains match without case, exactly, or are stored in small letters"),
      off_on<&S::keys_unique_everywhere>("key_scope", {"kind", "organisation"}, "Q9",
                                         "where a source specific id is unique"),
      off_on<&S::upsert_matches_body>("upsert_matches", {"url", "body"}, "Q5",
                                      "does an upsert also look at the ids in its body"),
      off_on<&S::upsert_links_key>("upsert_links_key", {"no", "yes"}, "Q6",
                                   "is the key in the URL linked to what an upsert creates"),
      off_on<&S::upsert_takes_id>("upsert_id", {"new", "url"}, "I17",
                                  "id of what an upsert on an unknown id creates"),
      off_on<&S::empty_key_lists>("empty_key", {"refused", "list"}, "Q19",
                                  "GET with an empty source_specific_id"),
      off_on<&S::path_wins>("two_identifiers", {"refused", "path"}, "Q20",
                            "an id in the path and a key in the query"),
  };
}

std::vector<SwitchRow> write_rows() {
  return {
      row<&S::null_means, NullMeans::refused, NullMeans::clears, NullMeans::ignored>(
          "null", {"refused", "clears", "ignored"}, "Q26", "null as an attribute's value"),
      off_on<&S::unknown_ignored>("unknown_attributes", {"refused", "ignored"}, "A18",
                                  "attributes that the documentation does not name"),
      off_on<&S::other_type_ignored>("other_type", {"refused", "ignored"}, "I25",
                                     "attributes that belong to the other type of account"),
      off_on<&S::first_company_wins>("several_companies", {"refused", "first"}, "I24",
                                     "more than one company identifier in a contact"),
      off_on<&S::upsert_replaces_tags>("upsert_tags", {"add", "replace"}, "Q7",
                                       "what an upsert's tags do to those that are there"),
      off_on<&S::adding_present_is_error>("add_present", {"ok", "error"}, "Q8",
                                          "adding a tag or key that is there"),
      off_on<&S::removing_absent_is_error>("remove_absent", {"ok", "error"}, "Q8",
                                           "removing a tag or key that is not there"),
      off_on<&S::removals_first>("add_and_remove", {"add_first", "remove_first"}, "I27",
                                 "the order when one update does both"),
      off_on<&S::company_takes_contacts>("company_delete", {"keeps_contacts", "cascades"}, "Q23",
                                         "does a deleted company take its contacts along"),
      off_on<&S::deleted_takes_logs>("logs_of_deleted", {"kept", "deleted"}, "Q23",
                                     "usage logs of a deleted account or contact"),
      off_on<&S::properties_created_partly>(
          "property_create", {"whole", "partial"}, "Q24",
          "a create of new and present properties: nothing, or the new ones"),
      off_on<&S::deleting_absent_property_is_error>("property_delete_absent", {"ok", "error"},
                                                    "Q25", "deleting a property that is not there"),
      off_on<&S::simple_properties_only>(
          "property_values", {"any", "simple"}, "Q27",
          "may a property be more than a string, a number or a list of them"),
  };
}

std::vector<SwitchRow> usage_rows() {
  return {
      row<&S::usage_value, UsageValue::number, UsageValue::not_negative, UsageValue::text_too>(
          "usage_value", {"number", "not_negative", "text_too"}, "Q13",
          "what may stand as a usage log's value"),
      off_on<&S::whole_seconds_only>("timestamps", {"any", "seconds"}, "Q14",
                                     "any RFC 3339 time, or whole seconds with Z only"),
      off_on<&S::future_logs_refused>("future_logs", {"accepted", "refused"}, "Q15",
                                      "usage logs of the future"),
      off_on<&S::action_value_refused>("action_value", {"accepted", "refused"}, "Q15",
                                       "an Action with a value"),
      off_on<&S::same_log_once>("same_log", {"twice", "once"}, "Q11",
                                "the same usage log sent again"),
  };
}

std::vector<SwitchRow> all_rows() {
  std::vector<SwitchRow> all;
  for (auto rows :
       {answer_rows(), read_rows(), label_rows(), identity_rows(), write_rows(), usage_rows()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

std::string joined(const std::vector<std::string_view>& values, std::string_view between) {
  std::string text;
  for (const std::string_view value : values) {
    if (!text.empty()) text += between;
    text += value;
  }
  return text;
}

const SwitchRow* find_row(std::string_view name) {
  const auto table = switch_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const SwitchRow& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string no_switch(std::string_view name) {
  std::vector<std::string> names;
  for (const SwitchRow& row : switch_table()) names.emplace_back(row.name);
  const std::string near = core::nearest(std::string(name), names);
  return "no switch " + std::string(name) + (near.empty() ? "" : "; did you mean " + near + "?");
}

}  // namespace

std::span<const SwitchRow> switch_table() {
  static const std::vector<SwitchRow> kTable = all_rows();
  return kTable;
}

core::Result<Switches> with_switch(Switches switches, std::string_view name,
                                   std::string_view value) {
  const SwitchRow* const row = find_row(name);
  if (row == nullptr) return core::fail(no_switch(name));
  const auto found = std::find(row->values.begin(), row->values.end(), value);
  if (found == row->values.end()) {
    return core::fail(std::string(name) + ": expected " + joined(row->values, " or ") + ", got " +
                      std::string(value));
  }
  row->set(switches, static_cast<std::size_t>(found - row->values.begin()));
  return switches;
}

core::Result<Switches> with_switch(Switches switches, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    if (find_row(assignment) == nullptr) return core::fail(no_switch(assignment));
    return core::fail("expected NAME=VALUE, got " + std::string(assignment));
  }
  return with_switch(switches, assignment.substr(0, equals), assignment.substr(equals + 1));
}

core::Result<Switches> with_switches(Switches switches, const core::Value& object) {
  if (!object.is_object()) return core::fail("expected an object of switches and their values");
  for (const auto& [name, value] : object.as_object()) {
    if (!value.is_string()) {
      return core::fail(name + ": expected a text, got " + std::string(value.type_name()));
    }
    auto changed = with_switch(switches, name, value.as_string());
    if (!changed) return changed;
    switches = *changed;
  }
  return switches;
}

core::Value to_value(const Switches& switches) {
  core::Value out = core::Value::object();
  for (const SwitchRow& row : switch_table()) {
    out.set(std::string(row.name), row.values.at(row.get(switches)));
  }
  return out;
}

std::string switch_help() {
  std::string text;
  for (const SwitchRow& row : switch_table()) {
    std::string line(row.name);
    line += '=' + joined(row.values, "|");
    if (line.size() < 52) line.resize(52, ' ');
    text += line + ' ' + std::string(row.rule) + ": " + std::string(row.help) + '\n';
  }
  return text;
}

}  // namespace assembly_sync::sandbox
