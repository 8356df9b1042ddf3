#include "daemon/config/keys.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "daemon/config/config.hpp"

namespace assembly_sync::config {
namespace {

using K = KeyKind;

KeyRule section(std::string path, bool required, std::string help) {
  return {std::move(path), K::section, required, "", 0, 0, "map", std::move(help)};
}

KeyRule key(std::string path, KeyKind kind, std::string default_value, std::string help) {
  return {std::move(path), kind, false, std::move(default_value), 0, 0, "", std::move(help)};
}

KeyRule required(std::string path, KeyKind kind, std::string help) {
  return {std::move(path), kind, true, "", 0, 0, "", std::move(help)};
}

KeyRule ranged(std::string path, KeyKind kind, double least, double most, std::string default_value,
               std::string help) {
  return {std::move(path), kind, default_value.empty(), std::move(default_value), least, most, "",
          std::move(help)};
}

/// A key whose value is checked by whoever reads that part of the file.
KeyRule elsewhere(std::string path, std::string type, std::string help,
                  std::string default_value = "") {
  return {std::move(path), K::elsewhere,   false, std::move(default_value), 0, 0,
          std::move(type), std::move(help)};
}

/// As elsewhere(), for one of a closed list of words.
KeyRule words(std::string path, std::vector<std::string> choices, std::string help,
              std::string default_value = "") {
  std::string type;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    type += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
  }
  KeyRule rule =
      elsewhere(std::move(path), std::move(type), std::move(help), std::move(default_value));
  rule.choices = std::move(choices);
  return rule;
}

KeyRule choice(std::string path, std::vector<std::string> choices, std::string default_value,
               std::string help) {
  KeyRule rule = key(std::move(path), K::choice, std::move(default_value), std::move(help));
  rule.choices = std::move(choices);
  return rule;
}

const std::vector<KeyRule>& table() {
  static const std::vector<KeyRule> kTable = {
      ranged("version", K::integer, 1, 1, "", "version of this file's format"),
      elsewhere("include", "file name or pattern, or list of them",
                "further files, with sources, tables, mappings and tests"),

      section("assembly", true, "where changes are sent, and how fast"),
      required("assembly.base_url", K::url, "address of Assembly's API"),
      required("assembly.api_key", K::secret, "Assembly's API key"),
      ranged("assembly.rate_per_second", K::number, 0.1, 1000, "30",
             "calls that may start in one second, all kinds together"),
      ranged("assembly.max_in_flight", K::integer, 1, 256, "16",
             "calls under way at the same time"),
      ranged("assembly.timeout_seconds", K::number, 1, 300, "30", "longest wait for one answer"),
      ranged("assembly.directory_hours", K::number, 0.1, 8760, "24",
             "how long Assembly's own lists are believed before they are read again"),

      section("store", false, "where the program keeps its state"),
      key("store.path", K::path, "/var/lib/assembly-sync/assembly-sync.db",
          "the one file of state"),
      ranged("store.min_free_megabytes", K::integer, 0, 1'000'000, "64",
             "with less free on its disk, senders are told to wait"),

      section("retention", false, "how long what is settled is kept"),
      ranged("retention.receipts_days", K::integer, 1, 3650, "7", "bodies of webhooks"),
      ranged("retention.notices_days", K::integer, 1, 3650, "7",
             "how notices ended; those that need a person stay"),
      ranged("retention.deliveries_days", K::integer, 1, 3650, "7", "attempts to deliver"),
      ranged("retention.quarantine_days", K::integer, 1, 3650, "30",
             "webhooks that failed verification"),
      ranged("retention.lineage_days", K::integer, 1, 3650, "90",
             "where each value in Assembly came from"),
      ranged("retention.lineage_megabytes", K::integer, 1, 1'000'000, "256",
             "the same, by its size"),

      section("health", false, "when /freshz says that data is stale"),
      ranged("health.pending_minutes", K::integer, 0, 10'080, "15",
             "longest wait of a live change that could go; 0 = not looked at"),

      choice("privacy", {"clear", "hashed"}, "clear",
             "how the history of sent values, which `why` shows, keeps them"),

      section("listen", false, "where the program listens"),
      key("listen.webhooks", K::address, "127.0.0.1:8480", "for webhooks, at /hooks/SOURCE"),
      key("listen.admin", K::address, "127.0.0.1:8481", "for the console, metrics and health"),
      key("listen.admin_token", K::secret, "",
          "opens the console; without it a token is made and kept beside the store"),
      key("listen.public_url", K::url, "",
          "how the internet reaches listen.webhooks; required when a source signs the address of "
          "its webhooks"),

      elsewhere("sources", "map of NAME to a source", "the CRM connections"),
      elsewhere("sources.*.type", "name of a connector", "kind of CRM; required"),

      elsewhere("tables", "map of NAME to a table", "look-up tables for the mappings"),
      elsewhere("tables.*", "map of text to text",
                "a table: value in the CRM -> value in Assembly"),

      section("labels", false, "tiers, stages, company types and tags in Assembly"),
      key("labels.create", K::boolean, "false", "create labels that Assembly does not have yet"),
      key("labels.description", K::text, "Kept by assembly-sync", "description of created labels"),
      section("labels.colors", false, "colours of created labels"),
      key("labels.colors.Tier", K::color, "", "colour of created tiers"),
      key("labels.colors.Stage", K::color, "", "colour of created stages"),
      key("labels.colors.CompanyType", K::color, "", "colour of created company types"),
      key("labels.colors.AccountTag", K::color, "", "colour of created tags"),

      elsewhere("mappings", "list of mappings", "what becomes of which record"),
      elsewhere("mappings[].name", "name", "name of the mapping; required"),
      elsewhere("mappings[].from", "SOURCE.OBJECT", "which records it reads; required"),
      words("mappings[].to", {"company", "customer", "contact", "usage"},
            "what it makes; required"),
      elsewhere("mappings[].when", "expression", "only records for which this is true"),
      elsewhere("mappings[].key", "expression",
                "the source-specific ID in Assembly; required, or match"),
      elsewhere("mappings[].match", "map", "what a mapping that only enriches adds to"),
      elsewhere("mappings[].match.key", "expression", "found by the key of another mapping"),
      elsewhere("mappings[].match.domain", "expression", "found by its domain"),
      elsewhere("mappings[].more_keys", "expression", "further source-specific IDs"),
      elsewhere("mappings[].company", "expression, or map", "the key of a contact's company"),
      elsewhere("mappings[].company.domain", "expression", "its domain instead of its key"),
      elsewhere("mappings[].about", "map, or none", "whom a usage log is about; required"),
      elsewhere("mappings[].about.company", "expression", "the key of a company"),
      elsewhere("mappings[].about.customer", "expression", "the key of a customer"),
      elsewhere("mappings[].about.contact", "expression", "the key of a contact"),
      elsewhere("mappings[].event_id", "expression", "a usage log's own id; required"),
      elsewhere("mappings[].fields", "map of attribute to expression", "Assembly's own attributes"),
      elsewhere("mappings[].fields.*.value", "text, number, true/false or list",
                "a fixed value instead of an expression"),
      elsewhere("mappings[].fields.*.expr", "expression", "an expression that has a policy"),
      elsewhere("mappings[].additional_properties", "map of name to expression",
                "free properties of the account or contact"),
      elsewhere("mappings[].metadata", "map of name to expression", "free values of a usage log"),
      words("mappings[].on_null", {"skip", "clear", "keep", "fail"},
            "what becomes of an entry without a value; also beside expr", "skip"),
      words("mappings[].tags_mode", {"mirror", "exact"}, "which other tags are removed", "mirror"),
      words("mappings[].properties_mode", {"merge", "mirror"},
            "whether properties that are left out are removed", "merge"),
      words("mappings[].on_change", {"ignore", "update"},
            "whether a usage log that was sent follows its record", "ignore"),
      words("mappings[].on_delete", {"ignore", "tag", "delete"},
            "what happens in Assembly when the record is deleted in the CRM", "ignore"),

      elsewhere("tests", "list of tests", "examples that `check` and `test` try"),
      elsewhere("tests[].name", "text", "shown when the test fails"),
      elsewhere("tests[].mapping", "name of a mapping", "the mapping to try; required"),
      elsewhere("tests[].record", "record", "a record as the CRM gives it; required"),
      elsewhere("tests[].options", "map of property to {value: label}",
                "what label() knows in this test; [] after a property: it may hold several"),
      elsewhere("tests[].expect", "map", "what must come out of it; required"),
      elsewhere("tests[].expect.key", "text", "the key that must come out"),
      elsewhere("tests[].expect.match", "{key: text} or {domain: text}", "what it adds to"),
      elsewhere("tests[].expect.more_keys", "list of text", "the further keys"),
      elsewhere("tests[].expect.company", "text, or {domain: text}", "the contact's company"),
      elsewhere("tests[].expect.about", "map, or none", "whom the usage log is about"),
      elsewhere("tests[].expect.fields", "map of attribute to value", "the attributes to compare"),
      elsewhere("tests[].expect.tags", "list of text", "the tags"),
      elsewhere("tests[].expect.additional_properties", "map of name to value",
                "the properties to compare"),
      elsewhere("tests[].expect.metadata", "map of name to value", "the metadata to compare"),
      elsewhere("tests[].expect.kept", "list of text", "what keeps its last value: fields.tier"),
      elsewhere("tests[].expect.cleared", "list of text", "what is emptied: fields.tier"),
      elsewhere("tests[].expect.filtered", "true", "the record must not pass `when`"),
      elsewhere("tests[].expect.no_parent", "true", "it must go to nobody"),
      elsewhere("tests[].expect.refused", "text", "a part of the reason for refusing the record"),
  };
  return kTable;
}

KeyKind kind_of(connectors::Setting::Kind kind) {
  using S = connectors::Setting::Kind;
  switch (kind) {
    case S::text:
      return K::text;
    case S::url:
      return K::url;
    case S::secret:
      return K::secret;
    case S::integer:
      return K::integer;
    case S::path:
      return K::path;
    case S::secrets:
      return K::secrets;
    case S::texts:
      return K::texts;
    case S::field:
      return K::field;
    case S::choice:
      return K::choice;
    case S::match:
      return K::match;
    case S::variant:
      return K::variant;
    case S::objects:
      return K::objects;
    case S::boolean:
      return K::boolean;
    case S::fields:
      return K::fields;
    case S::integers:
      return K::integers;
    case S::text_map:
      return K::text_map;
    case S::secret_map:
      return K::secret_map;
    case S::json:
      return K::json;
    case S::block:
      return K::block;
    case S::blocks:
      return K::blocks;
  }
  return K::text;
}

std::vector<KeyRule> settings_rules(const std::vector<connectors::Setting>& settings,
                                    const std::string& section);

KeyRule rule_of(const connectors::Setting& setting, const std::string& section) {
  KeyRule rule;
  rule.path = section + '.' + setting.name;
  rule.kind = kind_of(setting.kind);
  rule.required = setting.required;
  rule.default_value = setting.default_value;
  rule.least = static_cast<double>(setting.least);
  rule.most = static_cast<double>(setting.most);
  rule.choices = setting.choices;
  rule.shared_as = setting.shared_as;
  const bool named = setting.kind == connectors::Setting::Kind::objects;
  const bool listed = setting.kind == connectors::Setting::Kind::blocks;
  rule.members = settings_rules(setting.settings, rule.path + (named ? ".*" : listed ? "[]" : ""));
  for (const connectors::Setting::Variant& variant : setting.variants) {
    rule.choices.push_back(variant.name);
    rule.variants.emplace_back(variant.name, settings_rules(variant.settings, rule.path));
  }
  return rule;
}

std::vector<KeyRule> settings_rules(const std::vector<connectors::Setting>& settings,
                                    const std::string& section) {
  std::vector<KeyRule> rules;
  rules.reserve(settings.size());
  for (const connectors::Setting& setting : settings) rules.push_back(rule_of(setting, section));
  return rules;
}

/// One row per path; those that share it are named in its help.
void merge_row(std::vector<KeyRule>& rows, KeyRule rule, const std::string& owner) {
  const auto same = std::find_if(rows.begin(), rows.end(),
                                 [&](const KeyRule& row) { return row.path == rule.path; });
  if (same != rows.end()) {
    if (!same->help.ends_with(' ' + owner)) same->help += ", " + owner;
    return;
  }
  rule.help = std::string(rule.required ? "required" : "optional") + "; for " + owner;
  rows.push_back(std::move(rule));
}

/// `deep`: with the keys of the blocks inside.
void merge_rows(std::vector<KeyRule>& rows, const std::vector<KeyRule>& rules,
                const std::string& owner, bool deep) {
  for (const KeyRule& rule : rules) {
    if (rule.kind == K::elsewhere) continue;  // `type` stands in the table
    merge_row(rows, rule, owner);
    if (!deep) continue;
    merge_rows(rows, rule.members, owner, deep);
    if (!rule.variants.empty()) merge_row(rows, scheme_rule(rule), owner);
    for (const auto& [scheme, members] : rule.variants) {
      merge_rows(rows, members, "scheme " + scheme, deep);
    }
  }
}

std::vector<KeyRule> source_keys() {
  std::vector<KeyRule> rows;
  for (const connectors::ConnectorType& type : connectors::registry()) {
    merge_rows(rows, rules_of(type), "type " + type.type, type.manual.empty());
  }
  return rows;
}

void append(std::vector<KeyInfo>& out, const KeyRule& rule) {
  out.push_back({rule.path, type_in_words(rule), rule.default_value, rule.help});
}

}  // namespace

std::string_view KeyRule::name() const {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? std::string_view(path) : std::string_view(path).substr(dot + 1);
}

std::vector<KeyRule> rules_of(std::string_view section) {
  const std::string prefix = section.empty() ? "" : std::string(section) + '.';
  std::vector<KeyRule> rules;
  for (const KeyRule& rule : table()) {
    if (rule.path.starts_with(prefix) &&
        rule.path.find_first_of(".[", prefix.size()) == std::string::npos) {
      rules.push_back(rule);
    }
  }
  return rules;
}

std::vector<KeyRule> rules_of(const connectors::ConnectorType& type) {
  std::vector<KeyRule> rules = settings_rules(type.settings, "sources.*");
  rules.insert(rules.begin(), elsewhere("sources.*.type", "", ""));
  return rules;
}

KeyRule scheme_rule(const KeyRule& variant) {
  KeyRule rule;
  rule.path = variant.path + ".scheme";
  rule.kind = K::choice;
  rule.required = true;
  rule.choices = variant.choices;
  return rule;
}

std::string choices_in_words(const KeyRule& rule) {
  std::string text;
  for (const std::string& choice : rule.choices) text += (text.empty() ? "" : ", ") + choice;
  return text;
}

std::string plain_number(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed).ptr;
  return {text, end};
}

std::string type_in_words(const KeyRule& rule) {
  if (!rule.type.empty()) return rule.type;
  const auto range = [&](const std::string& what) {
    if (rule.least == rule.most) return plain_number(rule.least);
    return what + " from " + plain_number(rule.least) + " to " + plain_number(rule.most);
  };
  switch (rule.kind) {
    case K::text:
      return "text";
    case K::url:
      return "https address";
    case K::address:
      return "HOST:PORT";
    case K::path:
      return "file name";
    case K::secret:
      return "secret";
    case K::integer:
      return range("whole number");
    case K::number:
      return range("number");
    case K::boolean:
      return "true or false";
    case K::color:
      return "colour";
    case K::secrets:
      return "list of secrets";
    case K::texts:
      return "list of texts";
    case K::field:
      return "field of a body";
    case K::choice:
      return "one of " + choices_in_words(rule);
    case K::match:
      return "map of field to text";
    case K::objects:
      return "map of NAME to {id: FIELD}";
    case K::fields:
      return "field of a record or list of them";
    case K::integers:
      return range("whole number") + " or list of them";
    case K::text_map:
      return "map of NAME to text";
    case K::secret_map:
      return "map of NAME to a secret";
    case K::json:
      return "any value";
    case K::blocks:
      return "list of maps";
    case K::block:
    case K::variant:
      return "map";
    case K::section:
      return "map";
    case K::elsewhere:
      break;
  }
  return "value";
}

const std::vector<KeyInfo>& known_keys() {
  static const std::vector<KeyInfo> kKeys = [] {
    std::vector<KeyInfo> keys;
    for (const KeyRule& rule : table()) {
      append(keys, rule);
      if (rule.path != "sources.*.type") continue;
      for (const KeyRule& source_rule : source_keys()) append(keys, source_rule);
    }
    return keys;
  }();
  return kKeys;
}

}  // namespace assembly_sync::config
