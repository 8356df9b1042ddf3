// Reads what Assembly answers, in every shape that its documentation allows (sections 1.5 and 3 of
// the API notes): unknown members are kept, missing ones are missing, ids are opaque texts. Pure;
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/value.hpp"
#include "daemon/assembly/endpoints.hpp"

namespace assembly_sync::assembly {

/// An account or contact as read.
struct AccountView {
  core::AssemblyId id;
  std::string type;  // `type` or `account_type`; empty when the answer says none
  std::string name;
  std::string domain;
  std::vector<core::Key> keys;  // source_specific_ids
  /// The whole object as read, but labels that came as objects stand as their ids (Q30).
  core::Value attributes;
  /// Nothing when the answer does not show them or shows them in an unknown shape.
  std::optional<core::Value::Object> additional_properties;
};

struct Page {
  std::vector<AccountView> items;  // those with an id
  bool has_next_page = false;
  /// Elements in the answer: the next page begins at offset + received (I18).
  std::size_t received = 0;
};

enum class LabelType : std::uint8_t { tier, stage, company_type, account_tag };

/// `Tier`, `Stage`, `CompanyType`, `AccountTag` (A130).
std::string_view to_text(LabelType type);
/// Also in other cases and as `tag`, `company_type` (section 1.8).
std::optional<LabelType> parse_label_type(std::string_view text);

struct Label {
  core::AssemblyId id;
  std::optional<LabelType> type;  // nothing when it is a type we do not know
  std::string name;
  std::string color;
  std::string description;
};

/// The additional properties of one item (A121).
struct Properties {
  core::AssemblyId id;
  /// Nothing when they came in a shape that is not known (I28); `raw` has them then.
  std::optional<core::Value::Object> values;
  core::Value raw;
};

struct UsageLog {
  core::AssemblyId id;
  std::string timestamp;  // as read
  std::string type;
  std::string attribute;
  std::string content;
  std::optional<core::Value> value;
  std::optional<core::Value> metadata;  // nothing when the answer does not show it
};

struct UsagePage {
  std::vector<UsageLog> items;  // those with an id
  bool has_next_page = false;
  /// Elements in the answer: the next page begins at offset + received (I18). New logs shift the
  /// offsets, so the same id may come twice (Q16).
  std::size_t received = 0;
};

/// The text of an id given as text or number; empty for anything else.
std::string read_id(const core::Value& value);
/// The id in the answer to a write: `{"id":…}`, or inside `account`, `contact`, `label`, `log`.
core::AssemblyId read_written_id(const core::Value& answer);

/// A list element, flat or wrapped in its singular (I10); nothing without an id.
std::optional<AccountView> read_account(Collection collection, const core::Value& element);

/// The answer to a get of one.
enum class Found : std::uint8_t { yes, no, unreadable };
/// `no`: `{}`, or the singular is null or empty (Q21).
Found read_single(Collection collection, const core::Value& answer, AccountView& into);

/// Nothing when there is no list in the answer. Without `has_next_page`, a page as long as `limit`
/// is taken to have a next one.
std::optional<Page> read_page(Collection collection, const core::Value& answer, std::size_t limit);
std::optional<std::vector<Label>> read_labels(const core::Value& answer);
/// Of one label: `{"labels":[x]}` (A139) or `{"label":x}`; an empty list is `no`.
Found read_label(const core::Value& answer, Label& into);

/// `{"id":…,"additional_properties":…}`, also inside `account` or `contact`.
Found read_properties_of(const core::Value& answer, Properties& into);

std::optional<UsagePage> read_usage_page(const core::Value& answer, std::size_t limit);
/// `{"log":{…}}`, `{"usage":{…}}`, `{"logs":[x]}`, `{"logs":{"data":[x]}}` or the log itself (I9).
Found read_usage_log(const core::Value& answer, UsageLog& into);

/// The server's words in an error of any shape (I12), on one line, at most 200 bytes.
std::string read_error_text(std::string_view body);

}  // namespace assembly_sync::assembly
