#include "daemon/store/backup.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/support/temp_store.hpp"

namespace assembly_sync::store {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'767'225'600'000;

void execute(const std::string& file, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

class BackupTest : public testing::Test {
 protected:
  std::string file(const std::string& name = "copy.db") const { return (folder_ / name).string(); }
  BackupInfo make() {
    const auto made = make_backup(store_.path(), file(), nullptr);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(BackupInfo{});
  }
  Restored put_back() {
    store_.close();
    const auto restored = restore_backup(file(), store_.path(), kNow + 1000);
    EXPECT_TRUE(restored) << restored.error().message;
    store_.reopen();
    return restored.value_or(Restored{});
  }
  RowId entity(EntityKind kind, const std::string& key, bool present) {
    RowId id = 0;
    store_.write([&](Tx& tx) {
      Entity entity = tx.ensure_entity(kind, Key(key));
      entity.present = present;
      if (present) entity.assembly_id = AssemblyId("id-" + key);
      if (present) entity.known = "{}";
      tx.update_entity(entity);
      id = entity.id;
    });
    return id;
  }
  /// A change that waits to be sent, and the notice that ends with it.
  RowId pending(RowId entity, Lane lane = Lane::live) {
    RowId notice = 0;
    store_.write([&](Tx& tx) {
      Change change;
      change.entity = entity;
      change.lane = lane;
      change.wanted = "{\"w\":1}";
      const RowId id = tx.put_change(change, kNow);
      NewNotice row;
      row.ref = {SourceName("hubspot"), ObjectName("companies"), RecordId("1")};
      notice = tx.add_notice(row);
      tx.link(notice, id);
      tx.await_changes(notice, kNow);
    });
    return notice;
  }
  Entity read_entity(RowId id) {
    return store_.read([&](const View& view) { return view.entity(id).value(); });
  }
  Totals totals() {
    return store_.read([](const View& view) { return view.totals(); });
  }

  test::TempDir folder_;
  test::TempStore store_;
};

TEST_F(BackupTest, ACopyHoldsOneMomentAndIsForItsOwnerOnly) {
  entity(EntityKind::company, "a", true);
  const BackupInfo info = make();
  EXPECT_EQ(info.entities, 1);
  EXPECT_EQ(info.schema_version, known_schema_version());
  struct stat found {};
  ASSERT_EQ(::stat(file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(file() + ".part"));
  EXPECT_FALSE(std::filesystem::exists(file() + "-wal"));
  entity(EntityKind::company, "b", true);
  const auto later = check_backup(file());
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->entities, 1);
}

TEST_F(BackupTest, WritersGoOnMeanwhileAndAreNotInIt) {
  std::string big(200'000, 'x');
  for (int i = 0; i < 200; ++i) {  // 40 MB, so that there are several steps
    store_.write([&](Tx& tx) { tx.add_receipt(SourceName("s"), kNow, big); });
  }
  int steps = 0;
  const auto made = make_backup(store_.path(), file(), [&](double) {
    ++steps;
    store_.write([&](Tx& tx) { tx.add_receipt(SourceName("s"), kNow, "late"); });
    return true;
  });
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GT(steps, 1);
  EXPECT_EQ(made->receipts, 200);
}

TEST_F(BackupTest, StoppedItLeavesNothingBehind) {
  const auto made = make_backup(store_.path(), file(), [](double) { return false; });
  // A store of one step is done before it can be stopped.
  if (!made) {
    EXPECT_FALSE(std::filesystem::exists(file()));
  }
  EXPECT_FALSE(std::filesystem::exists(file() + ".part"));
}

TEST_F(BackupTest, WhatIsNoSoundBackupIsRefused) {
  EXPECT_THAT(check_backup(file("none")).error().message, HasSubstr("no file"));
  test::write_file(file("text"), "this is no database at all, however long it may be");
  EXPECT_FALSE(check_backup(file("text")));
  execute(file("other"), "CREATE TABLE t (a)");
  EXPECT_THAT(check_backup(file("other")).error().message, HasSubstr("no backup"));
  make();
  execute(file(), "PRAGMA user_version = 9999");
  EXPECT_THAT(check_backup(file()).error().message, HasSubstr("9999"));
}

TEST_F(BackupTest, ADamagedOneIsRefusedAndTheStoreStays) {
  for (int i = 0; i < 300; ++i) entity(EntityKind::company, "key-" + std::to_string(i), true);
  make();
  std::fstream damage(file(), std::ios::in | std::ios::out | std::ios::binary);
  damage.seekp(60'000);
  damage << std::string(8192, '\x5a');
  damage.close();
  store_.close();
  EXPECT_FALSE(restore_backup(file(), store_.path(), kNow));
  store_.reopen();
  EXPECT_TRUE(store_.read(
      [](const View& view) { return view.entity(EntityKind::company, Key("key-7")).has_value(); }));
}

TEST_F(BackupTest, AStoreInUseIsNotReplaced) {
  make();
  const auto restored = restore_backup(file(), store_.path(), kNow);
  ASSERT_FALSE(restored);
  EXPECT_TRUE(restored.error().busy);
  EXPECT_TRUE(Store::is_held(store_.path()));
  store_.close();
  EXPECT_FALSE(Store::is_held(store_.path()));
}

TEST_F(BackupTest, PutBackItIsAsItWasAndWhatWasThereIsKept) {
  entity(EntityKind::company, "a", true);
  make();
  entity(EntityKind::company, "b", true);
  const Restored restored = put_back();
  EXPECT_TRUE(store_.read(
      [](const View& v) { return v.entity(EntityKind::company, Key("a")).has_value(); }));
  EXPECT_FALSE(store_.read(
      [](const View& v) { return v.entity(EntityKind::company, Key("b")).has_value(); }));
  const auto kept = check_backup(restored.replaced);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->entities, 2);
}

TEST_F(BackupTest, ABrokenStoreCanBeReplaced) {
  entity(EntityKind::company, "a", true);
  make();
  store_.close();
  test::write_file(store_.path(), "broken");
  const auto restored = restore_backup(file(), store_.path(), kNow);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(test::read_file(restored->replaced), "broken");
  store_.reopen();
  EXPECT_EQ(quick_check(store_.path()), "");
}

TEST_F(BackupTest, Invariant4_WhatIsKnownAndWhatWaitedIsNotTakenForGranted) {
  const RowId present = entity(EntityKind::company, "a", true);
  const RowId notice = pending(present, Lane::backfill);
  store_.write([](Tx& tx) { tx.set_note("directory.as_of_ms", "5"); });
  make();
  const Restored restored = put_back();
  EXPECT_EQ(restored.doubted, 1);
  EXPECT_EQ(restored.read_anew, 1);
  EXPECT_TRUE(read_entity(present).doubtful);
  EXPECT_FALSE(store_.read([&](const View& view) { return view.pending_of(present); }));
  EXPECT_EQ(totals().pending[static_cast<std::size_t>(Lane::backfill)], 0);
  EXPECT_EQ(totals().notices[0], 1);
  const auto open = store_.read(
      [](const View& view) { return view.notices_to_resolve(SourceName("hubspot"), kNow, 10); });
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open.front().id, notice);
  EXPECT_FALSE(open.front().from_mirror);
  store_.read([](const View& view) {
    EXPECT_EQ(view.note("directory.as_of_ms"), "");
    EXPECT_EQ(view.note(kRestoredNote), std::to_string(kNow + 1000));
  });
}

TEST_F(BackupTest, Invariant6_AUsageLogThatWaitedIsInDoubt) {
  const RowId log = entity(EntityKind::usage, "product.logins/7", false);
  pending(log);
  make();
  EXPECT_EQ(put_back().looked_for, 1);
  EXPECT_TRUE(read_entity(log).doubtful);
  EXPECT_EQ(read_entity(log).known, "{\"w\":1}");
  EXPECT_TRUE(store_.read([&](const View& view) { return view.pending_of(log); }));
}

}  // namespace
}  // namespace assembly_sync::store
