#include "mapping/reader.hpp"

#include <algorithm>
#include <utility>

#include "mapping/entries.hpp"
#include "mapping/hints.hpp"

namespace assembly_sync::mapping {
namespace {

using core::EntityKind;
using core::YamlNode;

const std::vector<std::string> kMappingKeys = {
    "name",      "from",     "to",        "when",
    "key",       "match",    "more_keys", "company",
    "about",     "event_id", "fields",    "additional_properties",
    "metadata",  "on_null",  "tags_mode", "properties_mode",
    "on_change", "on_delete"};
const std::vector<std::string> kTargets = {"company", "customer", "contact", "usage"};

/// Keys that not every mapping has.
struct Reserved {
  std::string_view key;
  std::string_view targets;
  bool (*fits)(EntityKind);
  std::string_view instead;  // what the others have
};

bool is_usage(EntityKind kind) {
  return kind == EntityKind::usage;
}
bool is_entity(EntityKind kind) {
  return kind != EntityKind::usage;
}
bool is_contact(EntityKind kind) {
  return kind == EntityKind::contact;
}

constexpr std::string_view kEntities = "company, customer or contact";
constexpr Reserved kReserved[] = {
    {"key", kEntities, is_entity, "a usage log has event_id"},
    {"match", kEntities, is_entity, "a usage log is always one of its own"},
    {"more_keys", kEntities, is_entity, ""},
    {"company", "contact", is_contact, "a usage log has about"},
    {"additional_properties", kEntities, is_entity, "a usage log has metadata"},
    {"tags_mode", kEntities, is_entity, ""},
    {"properties_mode", kEntities, is_entity, ""},
    {"about", "usage", is_usage, ""},
    {"event_id", "usage", is_usage, "accounts and contacts have key"},
    {"metadata", "usage", is_usage, "accounts and contacts have additional_properties"},
    {"on_change", "usage", is_usage, "accounts and contacts always follow their record"}};

}  // namespace

const std::vector<std::string>& mapping_keys() {
  return kMappingKeys;
}

bool has_key(EntityKind kind, std::string_view key) {
  return std::all_of(std::begin(kReserved), std::end(kReserved), [&](const Reserved& reserved) {
    return reserved.key != key || reserved.fits(kind);
  });
}

Mapping MappingReader::read(const YamlNode& node, int position, const std::string& path) {
  Mapping out;
  out.position = position;
  scope_.path = path;
  out.path = path;
  scope_.roots = nullptr;
  scope_.catalogue_root = nullptr;
  scope_.known_target = false;
  if (!node.is_map()) {
    scope_.sink.add(node, scope_.path,
                    "expected a mapping with name, from, to, key and fields, got " +
                        std::string(node.kind_name()));
    return out;
  }
  scope_.sink.unknown_keys(node, scope_.path, kMappingKeys);
  name(node, out);
  from(node, out);
  target(node, out);
  when(node, out);
  identity(node, out);
  more_keys(node, out);
  company(node, out);
  about(node, out);
  entries(node, out);
  modes(node, out);
  on_delete(node, out);
  return out;
}

/// The text of a required key; nullptr when it is missing or of another kind, which is reported.
const YamlNode* MappingReader::text_of(const YamlNode& node, const std::string& key,
                                       const std::string& expected) {
  const YamlNode* found = node.find(key);
  if (found != nullptr && found->is_scalar() && !found->scalar.empty()) return found;
  if (found == nullptr && core::misspells(node, kMappingKeys, key)) return nullptr;
  scope_.report(
      found == nullptr ? node : *found, key,
      "expected " + expected + ", got " +
          (found == nullptr || found->is_scalar() ? "nothing" : std::string(found->kind_name())));
  return nullptr;
}

void MappingReader::name(const YamlNode& node, Mapping& out) {
  const YamlNode* found = text_of(node, "name", "a name for the mapping");
  if (found == nullptr) return;
  out.name = found->scalar;
  if (!names_.insert(out.name).second) {
    scope_.report(*found, "name",
                  "expected a name that no other mapping has, got `" + out.name + "` again");
  }
}

void MappingReader::from(const YamlNode& node, Mapping& out) {
  const YamlNode* found = text_of(node, "from", "SOURCE.OBJECT");
  if (found == nullptr) return;
  const std::size_t dot = found->scalar.find('.');
  out.source = core::SourceName(found->scalar.substr(0, dot));
  if (dot != std::string::npos) out.object = core::ObjectName(found->scalar.substr(dot + 1));
  const auto schema = schemas_.find(found->scalar);
  if (schema != schemas_.end()) {
    scope_.roots = &schema->second.roots;
    if (schema->second.readable) scope_.catalogue_root = &schema->second.catalogue_root;
    return;
  }
  std::vector<std::string> known;
  for (const auto& [name, entry] : schemas_) known.push_back(name);
  std::string near = did_you_mean(found->scalar, known);
  for (const std::string& name : known) {  // the right object of a source that is called otherwise
    if (near.empty() && dot != std::string::npos && name.ends_with(found->scalar.substr(dot))) {
      near = ", did you mean `" + name + "`?";
    }
  }
  scope_.report(
      *found, "from",
      "expected SOURCE.OBJECT of a configured source, got `" + found->scalar + '`' + near +
          (known.empty() ? " (no source is configured)" : " (configured: " + listed(known) + ")"));
}

void MappingReader::target(const YamlNode& node, Mapping& out) {
  const std::string expected = either(kTargets);
  const YamlNode* found = text_of(node, "to", expected);
  if (found == nullptr) return;
  if (const auto kind = core::parse_entity_kind(found->scalar)) {
    out.kind = *kind;
    scope_.known_target = true;
    return;
  }
  const std::string_view hint = target_hint(found->scalar);
  scope_.report(*found, "to",
                "expected " + expected + ", got " + found->scalar +
                    (hint.empty() ? did_you_mean(found->scalar, kTargets) : std::string(hint)));
}

/// Reports a key that mappings to this kind don't have.
bool MappingReader::fits_target(const YamlNode& found, std::string_view key, EntityKind kind) {
  if (!scope_.known_target) return true;
  for (const Reserved& reserved : kReserved) {
    if (reserved.key != key || reserved.fits(kind)) continue;
    const bool hint =
        !reserved.instead.empty() && is_usage(kind) != reserved.fits(EntityKind::usage);
    scope_.report(found, std::string(key),
                  "expected only in mappings to " + std::string(reserved.targets) +
                      ", got it in one to " + std::string(core::to_text(kind)) +
                      (hint ? " (" + std::string(reserved.instead) + ')' : ""));
    return false;
  }
  return true;
}

/// The key's value, when there is one and mappings to this kind have it.
const YamlNode* MappingReader::part(const YamlNode& node, std::string_view key,
                                    const Mapping& out) {
  const YamlNode* found = node.find(key);
  return found != nullptr && fits_target(*found, key, out.kind) ? found : nullptr;
}

void MappingReader::when(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("when");
  if (found == nullptr) return;
  out.when = scope_.expression("when", *found);
  scope_.check_type(*out.when, kBool);
}

/// What tells which entity a record is about: key, match or event_id.
void MappingReader::identity(const YamlNode& node, Mapping& out) {
  const YamlNode* key = part(node, "key", out);
  const YamlNode* matched = part(node, "match", out);
  const YamlNode* event = part(node, "event_id", out);
  if (scope_.known_target && is_usage(out.kind)) {
    if (event == nullptr) {
      return scope_.report(node, "event_id",
                           "expected an expression for the event's own id, got nothing");
    }
    out.key = scope_.own_identifier("event_id", *event, "event id");
  } else if (key != nullptr && matched != nullptr) {
    scope_.report(*matched, "match", "expected key or match, got both");
  } else if (matched != nullptr) {
    match(*matched, out);
  } else if (key != nullptr) {
    out.key = scope_.own_identifier("key", *key, "id");
  } else if (core::misspells(node, kMappingKeys, "key")) {
    return;
  } else if (scope_.known_target || event == nullptr) {
    scope_.report(node, "key",
                  "expected an expression for the source-specific ID (or match, in a mapping that "
                  "only enriches), got nothing");
  }
}

void MappingReader::match(const YamlNode& found, Mapping& out) {
  const std::string expected = "expected {key: expression} or {domain: expression}, got ";
  out.match = core::Match::key;  // whatever is wrong with it: required attributes are not
  if (!found.is_map()) {
    return scope_.report(found, "match", expected + std::string(found.kind_name()));
  }
  const bool unknown = scope_.sink.unknown_keys(found, scope_.key_path("match"), {"key", "domain"});
  const YamlNode* key = found.find("key");
  const YamlNode* domain = found.find("domain");
  if (key != nullptr && domain != nullptr) {
    return scope_.report(found, "match", expected + "both");
  }
  if (key != nullptr) {
    out.key = scope_.own_identifier("match.key", *key, "key");
  } else if (domain != nullptr) {
    out.match = core::Match::domain;
    out.key = scope_.own_identifier("match.domain", *domain, "domain");
  } else if (!unknown) {
    scope_.report(found, "match", expected + "a map without key or domain");
  }
}

void MappingReader::more_keys(const YamlNode& node, Mapping& out) {
  const YamlNode* found = part(node, "more_keys", out);
  if (found == nullptr) return;
  out.more_keys = scope_.expression("more_keys", *found);
  scope_.check_type(*out.more_keys, accepted(AttributeType::keys));
}

void MappingReader::company(const YamlNode& node, Mapping& out) {
  const YamlNode* found = part(node, "company", out);
  if (found != nullptr && out.match != core::Match::own_key) {
    return scope_.report(*found, "company",
                         "expected only beside key, got it beside match (what only enriches a "
                         "contact does not place it)");
  }
  if (found == nullptr) {
    const bool wanted = scope_.known_target && is_contact(out.kind) &&
                        out.match == core::Match::own_key && node.find("company") == nullptr;
    if (!wanted) return;
    return scope_.report(
        node, "company",
        "expected the key or {domain: …} of the contact's company (A68), got nothing");
  }
  if (!found->is_map()) {
    out.company = scope_.identifier("company", *found);
    return;
  }
  out.company_by_domain = true;
  if (const YamlNode* policy = found->find("on_null")) {
    return scope_.report(*policy, "company.on_null",
                         "expected no on_null for a contact's company, which Assembly requires "
                         "(A68), got it");
  }
  const bool unknown = scope_.sink.unknown_keys(*found, scope_.key_path("company"), {"domain"});
  const YamlNode* domain = found->find("domain");
  if (domain != nullptr) {
    out.company = scope_.identifier("company.domain", *domain);
  } else if (!unknown) {
    scope_.report(*found, "company",
                  "expected an expression or {domain: expression}, got a map without domain");
  }
}

/// `none`, or one of {company: …}, {customer: …}, {contact: …}.
void MappingReader::about(const YamlNode& node, Mapping& out) {
  const std::string expected =
      "expected {company: expression}, {customer: expression}, {contact: expression} or none "
      "(A155, A156), got ";
  const YamlNode* found = part(node, "about", out);
  if (found == nullptr) {
    const bool wanted = scope_.known_target && is_usage(out.kind);
    if (wanted) scope_.report(node, "about", expected + "nothing");
    return;
  }
  if (found->is_scalar() && found->scalar == "none") return;
  if (!found->is_map()) {
    return scope_.report(*found, "about", expected + std::string(found->kind_name()));
  }
  const std::vector<std::string> kinds = {"company", "customer", "contact"};
  if (scope_.sink.unknown_keys(*found, scope_.key_path("about"), kinds)) return;
  if (found->members.size() != 1) {
    return scope_.report(*found, "about",
                         expected + (found->members.empty() ? "an empty map" : "several of them"));
  }
  const auto& [kind, key] = found->members.front();
  out.about_kind = *core::parse_entity_kind(kind.scalar);
  out.about = scope_.identifier("about." + kind.scalar, key);
}

void MappingReader::entries(const YamlNode& node, Mapping& out) {
  EntryReader entries(scope_, out);
  entries.default_on_null(node);
  entries.fields(node);
  const YamlNode* properties = part(node, "additional_properties", out);
  if (properties != nullptr) entries.additional_properties(*properties);
  const YamlNode* metadata = part(node, "metadata", out);
  if (metadata != nullptr) entries.metadata(*metadata);
  if (out.match == core::Match::own_key || node.find("fields") != nullptr ||
      properties != nullptr || out.more_keys) {
    return;
  }
  scope_.report(node, "fields",
                "expected fields, additional_properties or more_keys beside match, got none");
}

void MappingReader::modes(const YamlNode& node, Mapping& out) {
  const YamlNode* tags = part(node, "tags_mode", out);
  out.exact_tags =
      scope_.word<bool>(tags, "tags_mode", {{"mirror", false}, {"exact", true}}, false);
  out.mirror_properties = scope_.word<bool>(part(node, "properties_mode", out), "properties_mode",
                                            {{"merge", false}, {"mirror", true}}, false);
  out.update_on_change = scope_.word<bool>(part(node, "on_change", out), "on_change",
                                           {{"ignore", false}, {"update", true}}, false);
  const bool has_tags = std::any_of(out.fields.begin(), out.fields.end(),
                                    [](const Rule& rule) { return rule.name == "tags"; });
  if (out.exact_tags && !has_tags) {
    scope_.report(*tags, "tags_mode", "expected fields.tags beside tags_mode: exact, got none");
  }
}

void MappingReader::on_delete(const YamlNode& node, Mapping& out) {
  using core::OnDelete;
  const YamlNode* found = node.find("on_delete");
  if (scope_.known_target && is_usage(out.kind)) {
    out.on_delete = scope_.word<OnDelete>(
        found, "on_delete", {{"ignore", OnDelete::ignore}, {"delete", OnDelete::remove}},
        OnDelete::ignore);
    return;
  }
  out.on_delete = scope_.word<OnDelete>(
      found, "on_delete",
      {{"ignore", OnDelete::ignore}, {"tag", OnDelete::tag}, {"delete", OnDelete::remove}},
      OnDelete::ignore);
}

}  // namespace assembly_sync::mapping
