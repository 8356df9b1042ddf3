// Copies of the whole store: made while others write, checked, and put back.
//
// A backup is a store in one file, as of one moment. Put back, it is older than Assembly: calls
// were made that it does not know of. So restore() takes nothing for granted:
//   accounts, contacts  what is known of them is in doubt: the next time they are sent whole
//   their changes       that waited to be sent: their records are read anew first, so that no older
//                       state follows a newer one where the source can be asked (I4)
//   usage logs          that waited to be sent are looked for before they are sent, and so is every
//                       one whose event is older than the restore (I6, kRestoredNote)
//   Assembly's lists    are read anew before anything is made
//
// Thread-safe. Throw StoreError when the disk is broken.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::store {

/// The note that says when the store was put back from a backup last, in ms since the epoch.
inline constexpr const char* kRestoredNote = "restored_ms";

struct BackupInfo {
  std::int64_t bytes = 0;
  std::int64_t schema_version = 0;
  std::int64_t receipts = 0;
  std::int64_t records = 0;
  std::int64_t entities = 0;
  std::int64_t pending = 0;  // changes that waited to be sent
  /// When a daemon was last alive with it, ms since the epoch; nothing = never.
  std::optional<std::int64_t> alive_ms;
};

/// The schema version that this program works with.
std::int64_t known_schema_version();

/// Copies the store at `store_path`, whoever uses it, to `file` (0600), which takes the place of an
/// older one only when the copy is complete, durable and sound. `goes_on` hears the share that is
/// done, and ends it by false: then nothing is left, and the error says so.
core::Result<BackupInfo> make_backup(const std::string& store_path, const std::string& file,
                                     const std::function<bool(double)>& goes_on);

/// What a backup holds, all of it checked. An error: it is none, or broken, or of a newer program.
core::Result<BackupInfo> check_backup(const std::string& file);

struct Restored {
  BackupInfo info;
  std::string replaced;         // where the store that was there is now; empty = there was none
  std::int64_t doubted = 0;     // accounts and contacts whose known state is in doubt
  std::int64_t read_anew = 0;   // notices whose records are read again instead of sending a change
  std::int64_t looked_for = 0;  // usage logs to be looked for
};

/// Why a backup was not put back; what was there is as it was.
struct RestoreError {
  bool busy = false;  // a process holds the store
  std::string message;
};

/// Puts a backup in the store's place, in one step; what is there is kept under another name.
tl::expected<Restored, RestoreError> restore_backup(const std::string& file,
                                                    const std::string& store_path,
                                                    std::int64_t now_ms);

/// Checks the pages of a store in use, not all of its content: a second or so a gigabyte. Empty =
/// sound, else what is wrong.
std::string quick_check(const std::string& store_path);

}  // namespace assembly_sync::store
