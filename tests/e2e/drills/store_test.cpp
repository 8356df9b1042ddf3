// The store is damaged, cut off, or without its log. What can be told is told; the program never
// crashes and never answers 200 to what it did not store.
#include <fstream>
#include <iostream>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "tests/e2e/drills/drill.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

/// A store that has seen some traffic and was closed properly, and a copy of it beside.
class StoreDrill : public testing::Test {
 protected:
  StoreDrill() : world_({.labels = false, .rate_per_second = 200}) {
    world_.crm().populate(30, 60);
    world_.start();
    EXPECT_EQ(post(world_, touch_all(world_, "BEFORE")).status, 200);
    EXPECT_TRUE(world_.wait_settled());
    EXPECT_EQ(world_.daemon().stop(), 0);
    fs::copy_file(world_.store(), backup_);
  }

  /// What the operator does: the backup in its place, start, and read all again.
  void restore() {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(world_.store().string() + suffix);
    fs::copy_file(backup_, world_.store());
    world_.start();
    EXPECT_EQ(world_.run({"backfill"}).code, 0);
    ASSERT_TRUE(world_.wait_settled());
    EXPECT_THAT(world_.wrong(), IsEmpty());
  }

  World world_;
  const fs::path backup_ = world_.file("backup.db");
};

/// `CREATE TABLE` and its kin tell on which page a tree begins.
int root_page(const fs::path& file, const char* name) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(database, "SELECT rootpage FROM sqlite_schema WHERE name = ?1", -1, &query,
                     nullptr);
  sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
  const int page = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int(query, 0) : 0;
  sqlite3_finalize(query);
  sqlite3_close(database);
  return page;
}

void damage_page(const fs::path& file, int page) {
  std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
  bytes.seekp(static_cast<std::streamoff>(page - 1) * 4096);
  bytes << std::string(4096, '\x7f');
}

TEST_F(StoreDrill, ADamagedPageStopsWhatNeedsItAndSaysWhatToDo) {
  const int page = root_page(world_.store(), "receipt");
  ASSERT_GT(page, 1);
  damage_page(world_.store(), page);
  world_.start();  // no other table is concerned
  const Answered answer = post(world_, touch_all(world_, "DURING"));
  std::cout << "--- a page of the table of webhooks is damaged: they are answered " << answer.status
            << '\n';
  show(world_, "and the operator sees");
  show_log(world_, "the file is damaged");
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.retry_after.empty());
  EXPECT_TRUE(world_.daemon().running());
  EXPECT_TRUE(wait_until(
      [&] { return world_.daemon().log().find("the file is damaged") != std::string::npos; }));
  EXPECT_EQ(world_.daemon().stop(), 0);
  restore();
}

TEST_F(StoreDrill, AFileThatWasCutOffIsRefused) {
  fs::resize_file(world_.store(), fs::file_size(world_.store()) / 2 / 4096 * 4096);
  const Finished refused = world_.run({"run"});
  std::cout << "--- half of the file is missing\n    " << refused.err << refused.out;
  EXPECT_EQ(refused.code, 69);
  EXPECT_THAT(refused.err, HasSubstr("the file is damaged: stop the program"));
  restore();
}

TEST_F(StoreDrill, AFileThatIsNoDatabaseIsRefused) {
  write_file(world_.store(), std::string(8192, 'x'));
  const Finished refused = world_.run({"run"});
  std::cout << "--- the file is something else\n    " << refused.err;
  EXPECT_EQ(refused.code, 69);
  EXPECT_THAT(refused.err, HasSubstr("file is not a database"));
  EXPECT_THAT(refused.err, HasSubstr("put a backup in its place"));
  restore();
}

TEST_F(StoreDrill, WithoutItsLogTheLastCommitsAreMissingAndABackfillBringsThemBack) {
  world_.start();
  ASSERT_EQ(post(world_, touch_all(world_, "LAST")).status, 200);
  ASSERT_TRUE(world_.wait_settled());
  world_.daemon().kill();
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(world_.store().string() + suffix);
  world_.start();
  EXPECT_EQ(world_.run({"backfill"}).code, 0);
  show(world_, "the log of a killed program was deleted, and a backfill has run");
  ASSERT_TRUE(world_.wait_settled());
  EXPECT_THAT(world_.wrong(), IsEmpty());
  EXPECT_EQ(world_.status().at("dead"), Value(0));
}

TEST_F(StoreDrill, EveryFileWithContentIsItsOwnersAlone) {
  world_.start();
  ASSERT_EQ(post(world_, touch_all(world_, "DURING")).status, 200);
  int seen = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(world_.store().parent_path())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("store.db")) continue;
    ++seen;
    const auto others = fs::perms::group_all | fs::perms::others_all;
    EXPECT_EQ(entry.status().permissions() & others, fs::perms::none) << name;
  }
  EXPECT_GE(seen, 5);  // .db, -wal, -shm, .lock, .budget
}

}  // namespace
}  // namespace assembly_sync::test
