// What the tests of answers share: a store with notices that ended badly, and what became of them.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "daemon/answers/orders.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/sync/planner.hpp"
#include "daemon/sync/state.hpp"
#include "daemon/sync/usage.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::answers {

using core::Value;
using store::EntityKind;
using store::NoticeState;
using store::RowId;

inline constexpr std::int64_t kNow = 1'767'225'600'000;

inline core::RecordRef company_ref(const std::string& id) {
  return {core::SourceName("hubspot"), core::ObjectName("companies"), core::RecordId(id)};
}
inline core::RecordRef login_ref(const std::string& id) {
  return {core::SourceName("product"), core::ObjectName("logins"), core::RecordId(id)};
}

class AnswersTest : public testing::Test {
 protected:
  RowId add(const core::RecordRef& ref, std::optional<RowId> run = std::nullopt) {
    RowId id = 0;
    store_.write([&](store::Tx& tx) {
      store::NewNotice row;
      row.ref = ref;
      row.run = run;
      row.event = "company.propertyChange";
      row.received_ms = kNow;
      id = tx.add_notice(row);
    });
    return id;
  }
  RowId end(const core::RecordRef& ref, NoticeState state, const std::string& reason,
            std::int64_t at_ms = kNow, std::optional<RowId> run = std::nullopt) {
    const RowId id = add(ref, run);
    store_.write([&](store::Tx& tx) { tx.finish_notice(id, state, reason, at_ms); });
    return id;
  }
  RowId die(const std::string& company, const std::string& reason = "refused",
            std::int64_t at_ms = kNow) {
    return end(company_ref(company), NoticeState::dead, reason, at_ms);
  }

  /// As the resolver would plan it: a company of this name, for the notice.
  void plan(RowId notice, const core::RecordRef& ref, const std::string& name,
            std::int64_t now_ms) {
    core::Intent intent;
    intent.mapping = "companies";
    intent.kind = EntityKind::company;
    intent.key = core::Key("company-" + ref.id.str());
    intent.fields = {{"name", name}, {"domain", "c" + ref.id.str() + ".test"}};
    plan(notice, ref, intent, now_ms);
  }
  void plan(RowId notice, const core::RecordRef& ref, const core::Intent& intent,
            std::int64_t now_ms) {
    store_.write([&](store::Tx& tx) {
      sync::Occasion occasion;
      occasion.record = ref;
      occasion.now_ms = now_ms;
      occasion.notice = notice;
      tx.put_record({ref, "{}", 1, {}}, now_ms, now_ms);
      sync::plan(tx, occasion, {{sync::Verdict::Kind::intent, intent.mapping, intent, {}}});
    });
  }

  Value retry(std::vector<RowId> ids, RetryOptions options = {},
              std::int64_t now_ms = kNow + 1000) {
    return answers::retry(*store_, {{.state = state_}, std::move(ids)}, reads_, options, now_ms);
  }
  Value undo(std::int64_t now_ms = kNow + 2000, bool dry_run = false) {
    return answers::undo(*store_, state_, std::nullopt, dry_run, now_ms);
  }

  store::Notice notice(RowId id) {
    return store_.read([&](const store::View& view) { return view.notice(id).value(); });
  }
  std::int64_t count(NoticeState state) {
    return store_.read([&](const store::View& view) {
      return view.totals().notices[static_cast<std::size_t>(state)];
    });
  }
  std::int64_t pending() {
    return store_.read([](const store::View& view) {
      std::int64_t all = 0;
      for (const std::int64_t lane : view.totals().pending) all += lane;
      return all;
    });
  }
  Value list(store::WaitingFilter filter, std::optional<RowId> after = {}, int limit = 20) {
    return store_.read([&](const store::View& view) {
      return waiting(view, {.filter = filter, .after = after, .limit = limit});
    });
  }
  static std::vector<RowId> ids_of(const Value& list) {
    std::vector<RowId> ids;
    for (const Value& item : list.at("items").as_list()) ids.push_back(item.at("id").as_int());
    return ids;
  }

  test::TempStore store_;
  NoticeState state_ = NoticeState::dead;
  ReadsOf reads_ = [](const core::SourceName&) { return Reads::by_id; };
};

}  // namespace assembly_sync::answers
