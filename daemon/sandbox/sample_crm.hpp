// A local HubSpot for demo and tests: companies, contacts and deals in memory behind the documented
// paths (list, single get, batch read, search, associations v4, properties, owners, lists,
// pipelines, OAuth tokens, an app's webhook settings and subscriptions), and the signed webhooks it
// sends when a record changes, whatever is subscribed to. Runs on 127.0.0.1 only. Checked against
// HubSpot's official client in the tests. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/value.hpp"
#include "daemon/sandbox/crm_directory.hpp"
#include "daemon/sandbox/crm_schema.hpp"

namespace assembly_sync::sandbox {

struct SampleCrmOptions {
  std::uint16_t port = 0;
  std::string access_token = "sample-token";    // another one is answered 401
  std::string client_secret = "sample-secret";  // signs the webhooks; of the OAuth app too
  std::string client_id = "sample-client";
  std::string refresh_token = "sample-refresh";
  std::string app_id = "4004";
  std::string developer_api_key = "sample-developer-key";
  std::uint64_t seed = 1;
  CrmMergeRule merge_rule = CrmMergeRule::new_record;
  /// Answers show what was there when the request came, and are held back by up to this (seeded):
  /// to a GET (a page of a list) and to a POST (records by id, associations). So a page may be
  /// older than a reading that was asked for after it.
  std::chrono::milliseconds get_latency{0};
  std::chrono::milliseconds post_latency{0};
};

class SampleCrm {
 public:
  SampleCrm(SampleCrmOptions options, core::Clock& clock);
  ~SampleCrm();

  std::string url() const;

  /// Fills it with plausible invented companies and contacts (reserved domains only), the same for
  /// the same seed. Every contact has a primary company.
  void populate(std::size_t companies, std::size_t contacts);

  /// Creates a record; returns its id. `properties` are texts or null.
  std::string create(const std::string& object, core::Value::Object properties);
  /// Sets properties and moves the modified date; returns false when there is no such record.
  bool update(const std::string& object, const std::string& id, core::Value::Object properties);
  void set_primary_company(const std::string& contact_id,
                           const std::optional<std::string>& company_id);
  void set_company_of_deal(const std::string& deal_id,
                           const std::optional<std::string>& company_id);
  void archive(const std::string& object, const std::string& id);
  void restore(const std::string& object, const std::string& id);
  void erase(const std::string& contact_id);  // GDPR: gone at once, from the recycle bin too
  /// Both become aliases of a new record that takes the primary's values, or the secondary one of
  /// the primary (`merge_rule`); returns the survivor's id.
  std::string merge(const std::string& object, const std::string& primary,
                    const std::string& secondary);

  /// The records of an object that are not archived, as the API shows them (all properties).
  std::vector<core::Value> records(const std::string& object) const;

  /// The events since the last call, as HubSpot would send them (subscription types, ids,
  /// occurredAt), ready for webhook().
  std::vector<core::Value> take_events();
  /// A signed webhook request (v1 and v3 headers) for `events`, addressed to `deliver_to` but
  /// signed for `public_url`, as behind a TLS proxy.
  core::HttpRequest webhook(const std::vector<core::Value>& events, const std::string& public_url,
                            const std::string& deliver_to) const;

  /// Requests answered so far, by "METHOD path-without-ids".
  std::vector<std::pair<std::string, std::uint64_t>> calls() const;
  /// Coming requests to a path containing `path_contains` get `status` (`count` times).
  void add_fault(const std::string& path_contains, int status, int count,
                 std::vector<core::HttpHeader> headers = {});
  /// From now on a change is found by search only this long after it was made (by the clock).
  void set_search_lag(std::chrono::milliseconds lag);
  /// From now on this is the lasting access token, and the one before is answered 401.
  void set_access_token(std::string token);
  /// Ends the access tokens that the token endpoint has given out.
  void expire_tokens();
  void add_owner(CrmOwner owner);
  void add_list(CrmList list);
  /// Puts a record into a list or takes it out; moves no date.
  void set_member(const std::string& list_id, const std::string& record_id, bool member);
  /// Takes a scope (`crm.schemas.companies.read`) from the access token, or gives it back; in the
  /// beginning it has all. What needs it is answered 403 with MISSING_SCOPES.
  void set_scope(const std::string& scope, bool granted);
  /// Defines a property of an object, also instead of one of that name.
  void define_property(const std::string& object, const std::string& name, CrmProperty property);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::sandbox
