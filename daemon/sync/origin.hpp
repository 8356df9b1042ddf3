// Origin: whose word a change is. Written beside every change when it is put into the outbox, since
// by the time it is delivered records and rules may be others. JSON, kept short: a row of the
// outbox may stand there a million times.
#pragma once

#include <string>
#include <vector>

#include "daemon/store/store.hpp"

namespace assembly_sync::sync {

/// One record's word, by one mapping.
struct Word {
  std::string mapping;
  core::RecordRef record;
  core::RecordVersion version = 0;  // of the reading that was mapped; 0 = it is no longer known
  /// Of an entity that several feed: what stands as this word has it, by the names that
  /// lineage.hpp gives attributes. Of others empty: all of it.
  std::vector<std::string> attributes;

  friend bool operator==(const Word&, const Word&) = default;
};

struct Origin {
  store::RowId config = 0;  // version of the configuration in force; 0 = none was recorded
  std::vector<Word> words;  // the stronger later

  friend bool operator==(const Origin&, const Origin&) = default;
};

std::string to_text(const Origin& origin);
/// Of a text that to_text() made, or of an empty one, which knows nothing.
Origin parse_origin(const std::string& text);

/// The word by which an attribute stands; nullptr when it is nobody's.
const Word* word_for(const Origin& origin, const std::string& attribute);

/// As Tx::put_change(), with its origin: all of sync puts its changes by this.
store::RowId put_change(store::Tx& tx, store::Change change, std::int64_t now_ms);

}  // namespace assembly_sync::sync
