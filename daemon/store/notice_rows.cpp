#include "daemon/store/notice_rows.hpp"

namespace assembly_sync::store {
namespace {

NoticeState state_of(const std::string& text) {
  for (int state = 0; state < kNoticeStateCount; ++state) {
    if (to_text(static_cast<NoticeState>(state)) == text) return static_cast<NoticeState>(state);
  }
  throw StoreError("the store holds an unknown state of a notice");
}

Notice read_notice(const Statement& row) {
  Notice notice;
  notice.id = row.integer(0);
  notice.receipt = row.optional_integer(1);
  notice.run = row.optional_integer(2);
  notice.ref = {SourceName(row.text(3)), ObjectName(row.text(4)), RecordId(row.text(5))};
  notice.kind = static_cast<NoticeKind>(row.integer(6));
  notice.lane = static_cast<Lane>(row.integer(7));
  notice.event = row.text(8);
  notice.occurred_ms = row.integer(9);
  notice.received_ms = row.integer(10);
  notice.state = state_of(row.text(11));
  notice.stage = row.text(12);
  notice.reason = row.text(13);
  notice.attempts = static_cast<int>(row.integer(14));
  notice.due_ms = row.integer(15);
  notice.finished_ms = row.optional_integer(16);
  return notice;
}

}  // namespace

std::vector<Notice> read_notices(Statement& query) {
  std::vector<Notice> notices;
  while (query.step()) notices.push_back(read_notice(query));
  return notices;
}

}  // namespace assembly_sync::store
