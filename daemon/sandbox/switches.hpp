// What Assembly's documentation leaves open, one switch each (I… and Q… of docs/assembly-api.md).
// The struct is what the local Assembly goes by; the table names every switch with its values, and
// the command line, the control endpoint and the tests are made from it. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/value.hpp"

namespace assembly_sync::sandbox {

enum class Missing : std::uint8_t { status_404, status_400, null, empty };
enum class ErrorBody : std::uint8_t { error, number, message, object, text, empty };
enum class RetryAfter : std::uint8_t { seconds, date, none };
enum class NextCursor : std::uint8_t { offset, zero, null, absent };
enum class NullMeans : std::uint8_t { refused, clears, ignored };
enum class LabelsPath : std::uint8_t { accounts, account, both };
enum class LabelSegments : std::uint8_t { snake, lower, pascal };
enum class DomainCase : std::uint8_t { ignored, exact, lowered };
enum class UsageOne : std::uint8_t { log, logs_page, logs_list, usage, bare };
enum class UsageValue : std::uint8_t { number, not_negative, text_too };

/// The defaults are the likeliest reading. What each means is in the table.
struct Switches {
  // Answers.
  int already_exists_status = 409;
  Missing missing = Missing::status_404;
  ErrorBody error_body = ErrorBody::error;
  int key_problem_status = 401;
  int create_status = 200;
  int delete_status = 200;
  bool delete_missing_is_error = true;
  RetryAfter retry_after = RetryAfter::seconds;
  bool only_writes_count = false;
  bool refused_counts = false;
  // Lists and reading.
  bool wrapped_elements = false;
  bool account_type_on_read = true;
  int page_cap = 1000;
  NextCursor next_cursor = NextCursor::offset;
  bool contacts_among_accounts = false;
  bool names_by_bytes = false;
  bool first_log_first = false;  // of those with one timestamp
  bool company_contacts_bare = false;
  bool properties_as_list = false;
  bool labels_as_objects = false;
  UsageOne usage_one = UsageOne::log;
  bool metadata_in_list = true;
  // Labels.
  LabelsPath labels_path = LabelsPath::accounts;
  LabelSegments label_segments = LabelSegments::snake;
  bool wrong_label_ignored = false;
  bool deleted_label_stays = false;
  bool color_free = false;
  bool label_names_unique = false;
  // Identity.
  bool domain_unique = false;
  DomainCase domain_case = DomainCase::ignored;
  bool keys_unique_everywhere = false;
  bool upsert_matches_body = false;
  bool upsert_links_key = false;
  bool upsert_takes_id = false;
  bool empty_key_lists = false;
  bool path_wins = false;
  // Writing.
  NullMeans null_means = NullMeans::refused;
  bool unknown_ignored = false;
  bool other_type_ignored = false;
  bool first_company_wins = false;
  bool upsert_replaces_tags = false;
  bool adding_present_is_error = false;
  bool removing_absent_is_error = false;
  bool removals_first = false;
  bool company_takes_contacts = false;
  bool deleted_takes_logs = false;
  // Additional properties.
  bool properties_created_partly = false;
  bool deleting_absent_property_is_error = false;
  bool simple_properties_only = false;
  // Usage logs.
  UsageValue usage_value = UsageValue::number;
  bool whole_seconds_only = false;
  bool future_logs_refused = false;
  bool action_value_refused = false;
  bool same_log_once = false;

  friend bool operator==(const Switches&, const Switches&) = default;
};

struct SwitchRow {
  std::string_view name;
  std::vector<std::string_view> values;  // the first is the default
  std::string_view rule;                 // the number in docs/assembly-api.md
  std::string_view help;                 // one line: what the switch decides
  void (*set)(Switches&, std::size_t value);
  std::size_t (*get)(const Switches&);
};

/// All switches, in the order of the struct.
std::span<const SwitchRow> switch_table();

/// Sets one switch by the names of the table. "no switch NAME; did you mean …?", "NAME: expected a
/// or b, got c".
core::Result<Switches> with_switch(Switches switches, std::string_view name,
                                   std::string_view value);
/// `NAME=VALUE`
core::Result<Switches> with_switch(Switches switches, std::string_view assignment);
/// {"NAME":"VALUE",…} laid over `switches`.
core::Result<Switches> with_switches(Switches switches, const core::Value& object);

/// {"NAME":"VALUE",…} of all switches.
core::Value to_value(const Switches& switches);
/// One line a switch, for people.
std::string switch_help();

}  // namespace assembly_sync::sandbox
