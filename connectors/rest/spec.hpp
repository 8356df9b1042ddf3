// A REST source as described, ready to be used: the settings of language.hpp with their templates
// parsed and their fields split. Constant after it was made; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connectors/hooks.hpp"
#include "connectors/registry.hpp"
#include "connectors/rest/pace.hpp"
#include "connectors/rest/template.hpp"
#include "connectors/webhook/field.hpp"
#include "connectors/webhook/records.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"

namespace assembly_sync::connectors::rest {

using webhook::Condition;
using webhook::Field;
using Path = std::vector<std::string>;
using Templates = std::vector<std::pair<std::string, TextTemplate>>;

struct RequestSpec {
  std::string method = "GET";
  TextTemplate path;
  Templates query;
  Templates headers;
  std::optional<BodyTemplate> body;

  bool uses(std::string_view variable) const;
};

struct PagesSpec {
  enum class Scheme : std::uint8_t { none, offset, page, cursor, keyset, next_url, link };
  Scheme scheme = Scheme::none;
  std::int64_t limit = 0;        // {limit}; 0 = none
  std::int64_t first = 0;        // of {offset} or {page}
  std::int64_t most = 100'000;   // pages
  std::optional<Field> value{};  // cursor: its value; next-url: the address; keyset: in a row
  std::optional<Field> more{};   // false there ends the listing
  std::optional<Field> total{};  // offset
  std::optional<Field> token{};  // page: {cursor} instead of {page} as soon as there is one
  bool short_page_ends = false;
  std::string start{};  // keyset: {cursor} of the first page; empty = it has none
};

/// One kind of listing.
struct StreamSpec {
  RequestSpec request;
  Path records;  // empty = the body itself
  PagesSpec pages;
};

/// Where an event names the record that is gone and the one that it went into.
struct MergeSpec {
  Field loser;
  Field winner;
};

struct ChangesSpec {
  enum class Scheme : std::uint8_t { query, client, events };
  Scheme scheme = Scheme::query;
  StreamSpec stream;
  std::int64_t overlap_ms = 60'000;
  bool inclusive = true;
  // Scheme events: what an event is about.
  Field id{""};
  std::vector<Field> updated{};
  Condition deleted{Match{}};
  std::optional<Path> record{};
  std::vector<MergeSpec> merges{};
};

struct DetailSpec {
  RequestSpec request;
  Path records;
  std::size_t batch = 50;
  bool several = false;           // one request for many: it names {ids}
  std::set<int> missing = {404};  // that mean: there is no such row
};

struct DeletionsSpec {
  StreamSpec stream;
  Field id{"id"};
  std::vector<Field> updated{};
};

struct LinkSpec {
  Field field;
  core::ObjectName object;
  Field id;          // of a reference that is an object
  bool all = false;  // a list is a list of references, not an id with its name
};

struct WebhookSpec {
  Condition when{Match{}};
  bool has_when = false;
  Condition deleted{Match{}};
  Path id;
  std::optional<Path> record{};
  std::vector<Field> updated{};
  std::vector<MergeSpec> merges{};
  bool bare_id_is_deletion = false;
};

struct ObjectSpec {
  core::ObjectName name;
  Field id{"id"};
  std::vector<Field> updated{};
  StreamSpec list;
  std::optional<ChangesSpec> changes{};
  std::optional<DetailSpec> detail{};
  std::optional<DeletionsSpec> deletions{};
  Condition deleted{Match{}};
  std::optional<Field> deleted_at{};
  std::optional<LinkSpec> company{};
  std::set<std::string> null_texts{};   // raw values that stand for null: false, "", …
  std::set<std::string> null_except{};  // members that are what they say
  std::optional<std::set<std::string>> roots{};
  std::vector<WebhookSpec> webhooks{};  // the first that fits counts
  bool uses_fields = false;             // some request names {fields}
};

/// Subscriptions for webhooks at the CRM.
struct HooksSpec {
  std::vector<HookTopic> topics;
  StreamSpec list;
  std::optional<Field> id{};
  std::optional<Field> url{};
  std::optional<Field> name{};
  std::optional<Field> ends{};
  Condition working{Match{}};
  Match fits{};                         // one of these texts, where any stands there
  std::optional<Path> tells_at{};       // where its events are listed
  std::optional<BodyTemplate> tells{};  // those that are wanted
  std::optional<Path> narrowed{};       // anything but null there leaves records out
  RequestSpec create;
  std::optional<Field> created_id{};      // in the answer; nothing = it is {hook.id}
  std::optional<Field> created_secret{};  // in the answer
  RequestSpec remove;
  std::optional<RequestSpec> renew{};
  std::int64_t lasts_ms = 0;  // how long a new one is asked to last; 0 = for good
};

struct ResponseRule {
  enum class Action : std::uint8_t { ok, empty, missing, retry, fail, refresh };
  std::set<int> status;
  std::string contains;  // in the body; empty = whatever it holds
  Action action = Action::ok;
};

struct AuthSpec {
  enum class Scheme : std::uint8_t { none, header, query, basic, login, oauth };
  Scheme scheme = Scheme::none;
  std::string name;       // of the header or parameter
  TextTemplate value;     // header, query, login, oauth
  TextTemplate user;      // basic
  TextTemplate password;  // basic
  RequestSpec login;
  Field token{""};
  std::optional<Field> expires{};
  bool expires_in_ms = false;  // else in seconds
  std::int64_t lifetime_ms = 0;
  // oauth
  std::string token_url;
  TextTemplate client_id;
  TextTemplate client_secret;
  TextTemplate refresh_token;
  bool client_credentials = false;
  bool client_in_header = false;
  Templates form;
  std::vector<std::string> fields;  // of the token's answer

  bool has_token() const { return scheme == Scheme::login || scheme == Scheme::oauth; }
};

struct SourceSpec {
  core::SourceName name;
  std::string base_url;  // without a slash at its end
  std::map<std::string, core::Secret> secrets;
  std::map<std::string, std::string> config;
  Templates headers;
  AuthSpec auth;
  std::vector<ResponseRule> responses;
  std::string wait_header;         // beside Retry-After
  std::string wait_pattern;        // RE2, its first group is the wait; empty = the whole value
  std::optional<RateSpec> rate{};  // nothing = as often as there is something to ask
  Path events;                     // in a webhook's body
  std::optional<Field> delivery{};
  std::string delivery_header;
  std::optional<HooksSpec> hooks{};
  std::vector<ObjectSpec> objects;

  const ObjectSpec* find(const core::ObjectName& object) const;
};

/// Problems are appended with their path inside the block.
SourceSpec make_spec(const core::SourceName& name, const Block& block,
                     std::vector<SettingProblem>& problems);

}  // namespace assembly_sync::connectors::rest
