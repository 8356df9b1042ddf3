#include "daemon/sync/lineage.hpp"

#include <stdexcept>

#include "core/digest.hpp"
#include "core/json.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;

constexpr const char* kTags = "tags";
constexpr const char* kMoreKeys = "more_keys";
constexpr const char* kCompany = "company";
/// The salt of the digests; empty: values are kept as they are.
constexpr const char* kSaltNote = "lineage_salt";
/// Of a digest, as hexadecimal digits: enough to tell two values apart.
constexpr std::size_t kDigestDigits = 16;

Value texts(const std::vector<std::string>& items) {
  return Value::List(items.begin(), items.end());
}

}  // namespace

Attributes attributes_of(const State& state) {
  Attributes out(state.fields.begin(), state.fields.end());
  if (state.tags) out[kTags] = texts(*state.tags);
  for (const auto& [name, value] : state.properties) out["additional_properties." + name] = value;
  for (const auto& [name, value] : state.metadata) out["metadata." + name] = value;
  if (!state.more_keys.empty()) {
    Value::List keys;
    for (const core::Key& key : state.more_keys) keys.emplace_back(key.str());
    out[kMoreKeys] = std::move(keys);
  }
  if (state.company) out[kCompany] = state.company->str();
  if (state.company_domain) out[kCompany] = *state.company_domain;
  return out;
}

bool is_of_all(std::string_view attribute) {
  return attribute == kTags || attribute == kMoreKeys;
}

Settings settings(const State* known, const State& now) {
  const Attributes before = known == nullptr ? Attributes() : attributes_of(*known);
  const Attributes after = attributes_of(now);
  Settings out;
  for (const auto& [name, value] : after) {
    const auto had = before.find(name);
    if (had == before.end() ? value.is_null() && known != nullptr
                            : same_value(had->second, value)) {
      continue;
    }
    out[name] = {had == before.end() ? Value() : had->second, value};
  }
  for (const auto& [name, value] : before) {
    if (!value.is_null() && !after.contains(name)) out[name] = {value, Value()};
  }
  return out;
}

std::string to_text(const Settings& settings, const Keeping& keeping) {
  Value out = Value::object();
  for (const auto& [name, setting] : settings) {
    out.set(name, Value::list({kept(setting.from, keeping), kept(setting.to, keeping)}));
  }
  return core::dump_json(out);
}

Value kept(const Value& value, const Keeping& keeping) {
  if (!keeping.hashed || value.is_null()) return value;
  const std::string digest =
      core::to_hex(core::sha256(keeping.salt + '\n' + core::dump_json(value)));
  return "sha256:" + digest.substr(0, kDigestDigits);
}

void keep_history(store::Tx& tx, bool hashed, core::Random& random) {
  const bool was_hashed = !tx.note(kSaltNote).empty();
  if (hashed == was_hashed) return;
  if (hashed) tx.clear_lineage();
  tx.set_note(kSaltNote, hashed ? std::to_string(random.next()) + std::to_string(random.next())
                                : std::string());
}

Keeping keeping(const store::View& view) {
  Keeping out;
  out.salt = view.note(kSaltNote);
  out.hashed = !out.salt.empty();
  return out;
}

Settings parse_settings(const std::string& text) {
  const auto parsed = core::parse_json(text);
  if (!parsed || !parsed->is_object()) {
    throw std::runtime_error("store: an entry of the lineage is not readable");
  }
  Settings out;
  for (const auto& [name, pair] : parsed->as_object()) {
    const auto& both = pair.as_list();
    if (both.size() != 2)
      throw std::runtime_error("store: an entry of the lineage is not readable");
    out[name] = {both[0], both[1]};
  }
  return out;
}

}  // namespace assembly_sync::sync
