#include "daemon/sync/origin.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/json.hpp"
#include "daemon/sync/lineage.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::sync {
namespace {

using core::Value;

Word word_of(const store::Tx& tx, const std::string& mapping, const core::RecordRef& record) {
  return {mapping, record, tx.record_version(record).value_or(0), {}};
}

/// Each attribute is the word of the last part that has it, as merged() takes them; tags and keys
/// are of all who give some.
std::vector<Word> words_of(const store::Tx& tx, const std::vector<store::Contribution>& parts) {
  std::vector<Word> words;
  std::map<std::string, std::size_t> owner;
  for (const store::Contribution& part : parts) {
    words.push_back(word_of(tx, part.mapping, part.record));
    for (const auto& [name, value] : attributes_of(parse_state(part.wanted))) {
      if (is_of_all(name)) {
        words.back().attributes.push_back(name);
      } else {
        owner[name] = words.size() - 1;
      }
    }
  }
  for (const auto& [name, index] : owner) words[index].attributes.push_back(name);
  return words;
}

Origin origin_of(const store::Tx& tx, const store::Entity& entity) {
  Origin origin;
  if (const auto version = tx.config_version()) origin.config = version->version;
  if (entity.shared) {
    origin.words = words_of(tx, tx.contributions(entity.id));
  } else if (entity.record) {
    origin.words.push_back(word_of(tx, entity.mapping, *entity.record));
  }
  return origin;
}

}  // namespace

std::string to_text(const Origin& origin) {
  Value words = Value::list();
  for (const Word& word : origin.words) {
    Value one = Value::object({{"m", word.mapping},
                               {"s", word.record.source.str()},
                               {"o", word.record.object.str()},
                               {"r", word.record.id.str()},
                               {"v", word.version}});
    if (!word.attributes.empty()) {
      Value::List names(word.attributes.begin(), word.attributes.end());
      one.set("a", std::move(names));
    }
    words.as_list().push_back(std::move(one));
  }
  return core::dump_json(Value::object({{"c", origin.config}, {"w", std::move(words)}}));
}

Origin parse_origin(const std::string& text) {
  Origin origin;
  if (text.empty()) return origin;
  const auto parsed = core::parse_json(text);
  if (!parsed || !parsed->at("w").is_list()) {
    throw std::runtime_error("store: a change's origin is not readable");
  }
  origin.config = parsed->at("c").as_int();
  for (const Value& one : parsed->at("w").as_list()) {
    Word word{one.text_or("m"),
              {core::SourceName(one.text_or("s")), core::ObjectName(one.text_or("o")),
               core::RecordId(one.text_or("r"))},
              one.at("v").as_int(),
              {}};
    if (const Value* names = one.find("a")) {
      for (const Value& name : names->as_list()) word.attributes.push_back(name.as_string());
    }
    origin.words.push_back(std::move(word));
  }
  return origin;
}

const Word* word_for(const Origin& origin, const std::string& attribute) {
  for (auto word = origin.words.rbegin(); word != origin.words.rend(); ++word) {
    const auto& names = word->attributes;
    const bool all = origin.words.size() == 1 && names.empty();
    if (all || std::find(names.begin(), names.end(), attribute) != names.end()) return &*word;
  }
  return nullptr;
}

store::RowId put_change(store::Tx& tx, store::Change change, std::int64_t now_ms) {
  if (const auto entity = tx.entity(change.entity)) change.origin = to_text(origin_of(tx, *entity));
  return tx.put_change(std::move(change), now_ms);
}

}  // namespace assembly_sync::sync
