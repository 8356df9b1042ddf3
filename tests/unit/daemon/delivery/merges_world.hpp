// Merged records from planning to Assembly: the real planner, outbox and settling, and an Assembly
// that holds to the strict readings: a key belongs to one account, a company that is removed must
// have no contacts left.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/delivery/request.hpp"
#include "daemon/delivery/settle.hpp"
#include "daemon/sync/merges.hpp"
#include "daemon/sync/planner.hpp"
#include "daemon/sync/removal.hpp"
#include "tests/support/temp_store.hpp"

namespace assembly_sync::delivery {
using core::OnDelete;
using core::Value;
using store::EntityKind;
using store::NoticeState;
using store::Tx;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

inline core::RecordRef ref_of(const std::string& object, const std::string& id) {
  return {core::SourceName("hubspot"), core::ObjectName(object), core::RecordId(id)};
}

/// Accounts or contacts by id, as written.
class StrictAssembly {
 public:
  struct Item {
    bool contact = false;
    std::string name;
    std::string company;  // id
    std::set<std::string> keys;
    std::set<std::string> tags;
  };

  assembly::Outcome take(const store::Entity& entity, const Request& request) {
    ++calls;
    const bool contact = request.collection == assembly::Collection::contacts;
    std::string id = entity.assembly_id ? entity.assembly_id->str() : "";
    if (request.verb == Request::Verb::upsert) id = holder(contact, entity.key.str());
    if (request.verb == Request::Verb::remove) return remove(contact, id);
    if (request.verb == Request::Verb::update && !items.contains(id)) {
      return assembly::Rejected{404, assembly::Rejected::Kind::not_found, "answered 404", {}};
    }
    Item item = items.contains(id) ? items.at(id) : Item{};
    item.contact = contact;
    if (auto refused = write(request.body, id, item)) return *refused;
    if (id.empty()) {
      if (item.name.empty()) violations.push_back("created without a name");
      id = (contact ? "p" : "a") + std::to_string(++last_id_);
    }
    items[id] = item;
    return assembly::Delivered{core::AssemblyId(id)};
  }

  std::vector<std::string> keys_of(const std::string& id) const {
    const auto& keys = items.at(id).keys;
    return {keys.begin(), keys.end()};
  }
  /// The account that bears the key; empty = none.
  std::string holder(bool contact, const std::string& key) const {
    for (const auto& [id, item] : items) {
      if (item.contact == contact && item.keys.contains(key)) return id;
    }
    return {};
  }
  std::size_t accounts() const {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const auto& item) { return !item.second.contact; }));
  }

  std::map<std::string, Item> items;
  std::vector<std::string> violations;
  int calls = 0;

 private:
  assembly::Outcome remove(bool contact, const std::string& id) {
    for (const auto& [other, item] : items) {
      if (!contact && item.company == id) violations.push_back("removed before its contact left");
    }
    items.erase(id);
    return assembly::Delivered{};
  }

  std::optional<assembly::Outcome> write(const Value::Object& body_members, const std::string& id,
                                         Item& item) {
    const Value body(body_members);
    item.name = body.text_or("name", item.name);
    for (const std::string& key : texts(body.at("source_specific_ids"))) {
      const std::string other = holder(item.contact, key);
      if (!other.empty() && other != id) {
        violations.push_back("key " + key + " on a second account");
        return assembly::Rejected{
            409, assembly::Rejected::Kind::already_exists, "answered 409", {}};
      }
      item.keys.insert(key);
    }
    for (const std::string& key : texts(body.at("removed_source_specific_ids"))) {
      item.keys.erase(key);
    }
    for (const std::string& tag : texts(body.at("tags"))) item.tags.insert(tag);
    for (const std::string& tag : texts(body.at("removed_tags"))) item.tags.erase(tag);
    std::string company = body.text_or("company_id");
    if (const std::string key = body.text_or("company_source_specific_id"); !key.empty()) {
      company = holder(false, key);
    }
    if (item.contact && !company.empty()) item.company = company;
    if (item.contact && !items.contains(item.company)) violations.push_back("company is missing");
    return std::nullopt;
  }

  static std::vector<std::string> texts(const Value& list) {
    std::vector<std::string> out;
    if (!list.is_list()) return out;
    for (const Value& item : list.as_list()) out.push_back(item.as_string());
    return out;
  }

  int last_id_ = 0;
};

class Merges : public testing::Test {
 protected:
  Merges() : random_(core::make_seeded_random(1)) {}

  static sync::Verdict intent(const std::string& id, bool contact, OnDelete on_delete,
                              const std::string& company = "") {
    sync::Verdict verdict;
    verdict.kind = sync::Verdict::Kind::intent;
    core::Intent& intent = verdict.intent;
    intent.mapping = contact ? "contacts" : "companies";
    intent.kind = contact ? EntityKind::contact : EntityKind::company;
    intent.key = core::Key((contact ? "contact-" : "company-") + id);
    intent.fields = {{"name", "N" + id}, {"domain", (contact ? "n@" : "") + ("c" + id + ".test")}};
    intent.on_delete = on_delete;
    if (contact) intent.company_key = core::Key("company-" + company);
    return verdict;
  }

  store::RowId read_as(const core::RecordRef& ref, const sync::Verdict& verdict,
                       std::vector<core::RecordRef> related = {}) {
    store::RowId notice = 0;
    ++now_;
    store_.write([&](Tx& tx) {
      store::NewNotice row;
      row.ref = ref;
      notice = tx.add_notice(row);
      sync::Occasion occasion;
      occasion.record = ref;
      occasion.related = std::move(related);
      occasion.now_ms = now_;
      occasion.read_ms = now_;
      occasion.notice = notice;
      if (const auto why = sync::outdated(tx, occasion)) {
        tx.finish_notice(notice, NoticeState::ignored, *why, now_);
        return;
      }
      tx.put_record({ref, "{}", now_, {}}, now_, now_);
      verdicts_[ref] = verdict;
      sync::plan(tx, occasion, {verdict});
    });
    return notice;
  }
  store::RowId read_company(const std::string& id) {
    return read_as(ref_of("companies", id), intent(id, false, on_delete_));
  }
  store::RowId read_contact(const std::string& id, const std::string& company) {
    return read_as(ref_of("contacts", id), intent(id, true, on_delete_, company),
                   {ref_of("companies", company)});
  }
  void merge(const std::string& object, const std::string& survivor,
             const std::vector<std::string>& losers) {
    ++now_;
    store_.write([&](Tx& tx) {
      int place = 0;
      for (const std::string& loser : losers) {
        sync::note_merge(tx, ref_of(object, loser), core::RecordId(survivor), ++place, now_);
      }
    });
  }
  store::RowId remove(const core::RecordRef& ref) {
    store::RowId notice = 0;
    ++now_;
    store_.write([&](Tx& tx) {
      store::NewNotice row;
      row.ref = ref;
      notice = tx.add_notice(row);
      sync::Occasion occasion;
      occasion.record = ref;
      occasion.now_ms = now_;
      occasion.notice = notice;
      sync::plan_deletion(tx, occasion, "deleted in hubspot");
    });
    return notice;
  }

  std::optional<store::Claim> claim() {
    std::optional<store::Claim> claim;
    store_.write([&](Tx& tx) { claim = tx.claim(now_, "lease"); });
    return claim;
  }
  void settle_claim(const store::Claim& claim) {
    const sync::Difference difference = remaining(claim);
    if (claim.change.action == store::Action::upsert && difference.empty()) {
      store_.write([&](Tx& tx) { settle_unchanged(tx, claim, now_); });
      return;
    }
    const Request request = request_for(
        claim, difference,
        [](const std::string&, const std::string& name) { return core::AssemblyId(name); });
    const auto outcome = assembly_.take(claim.entity, request);
    store_.write([&](Tx& tx) { settle(tx, claim, request, outcome, *random_, now_); });
  }
  /// One step of the machine: a postponed mapping or a call. False when there is nothing to do.
  bool step() {
    now_ += 1500;
    const auto due = store_.read([&](const store::View& view) {
      return view.notices_to_resolve(core::SourceName("hubspot"), now_, 10);
    });
    for (const store::OpenNotice& notice : due) {
      store_.write([&](Tx& tx) {
        sync::Occasion occasion;
        occasion.record = notice.ref;
        occasion.now_ms = now_;
        occasion.notice = notice.id;
        const auto record = tx.record(notice.ref);
        if (!record || record->state != store::RecordState::present) {
          tx.finish_notice(notice.id, NoticeState::ignored, "not in the mirror", now_);
          sync::settle_expected(tx, notice.ref, "its company is not there", now_);
        } else {
          sync::plan(tx, occasion, {verdicts_.at(notice.ref)});
        }
      });
    }
    const auto next = claim();
    if (next) settle_claim(*next);
    return next || !due.empty();
  }
  void drain() {
    for (int steps = 0; steps < 1000; ++steps) {
      if (!step()) return;
    }
    FAIL() << "it does not come to rest";
  }

  std::int64_t count(NoticeState state) {
    return store_.read(
        [&](const store::View& v) { return v.totals().notices[static_cast<std::size_t>(state)]; });
  }
  store::Entity entity(const std::string& key) {
    return store_.read([&](const store::View& v) {
      const bool contact = key.starts_with("contact");
      return v.entity(contact ? EntityKind::contact : EntityKind::company, core::Key(key)).value();
    });
  }
  /// Two companies and a contact of each are in Assembly.
  void two_companies() {
    read_company("1");
    read_company("2");
    read_contact("1", "1");
    read_contact("2", "2");
    drain();
    ASSERT_EQ(assembly_.items.size(), 4U);
  }
  void expect_merged(const std::string& survivor) {
    EXPECT_THAT(assembly_.violations, IsEmpty());
    const std::string account = assembly_.holder(false, "company-" + survivor);
    ASSERT_FALSE(account.empty());
    EXPECT_EQ(assembly_.items.at(account).name, "N" + survivor);
    for (const char* contact : {"contact-1", "contact-2"}) {
      const std::string id = assembly_.holder(true, contact);
      ASSERT_FALSE(id.empty()) << contact;
      EXPECT_EQ(assembly_.items.at(id).company, account) << contact;
    }
    EXPECT_EQ(count(NoticeState::open), 0);
    EXPECT_EQ(count(NoticeState::dead), 0);
  }

  OnDelete on_delete_ = OnDelete::remove;
  std::int64_t now_ = 1'767'225'600'000;
  StrictAssembly assembly_;
  test::TempStore store_;
  std::unique_ptr<core::Random> random_;
  std::map<core::RecordRef, sync::Verdict> verdicts_;
};

}  // namespace assembly_sync::delivery
