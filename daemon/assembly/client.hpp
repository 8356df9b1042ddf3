// The API of Assembly, typed: every operation of its documentation. Each method makes exactly one
// HTTP request, or none when it refuses its arguments (Rejected with status 0): so one call of a
// method is one event of the budget, which the caller spends before (I22). No state, no retry, no
// redirect. Thread-safe.
//
// Rules and marks (A…, F…, I…, Q…) are those of docs/assembly-api.md.
//
// A POST may have had its effect although it was not answered: its 5xx and time-outs are Ambiguous,
// and the caller looks before it repeats (Q5, Q11).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/http.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "core/value.hpp"
#include "daemon/assembly/classify.hpp"
#include "daemon/assembly/endpoints.hpp"
#include "daemon/assembly/outcome.hpp"
#include "daemon/assembly/reading.hpp"

namespace assembly_sync::assembly {

struct ClientSettings {
  std::string base_url;  // https://api.wavelength.cx; where the key goes is never guessed (Q32)
  core::Secret api_key;
  std::chrono::milliseconds timeout{30'000};     // of one call in all
  std::string labels_path = "/accounts/labels";  // the documentation also says /account/labels (I6)
};

struct NewLabel {
  LabelType type = LabelType::tier;
  std::string name;
  std::string color;        // #RRGGBB; sent as given (Q29)
  std::string description;  // left out when empty
};

class Client {
 public:
  using Body = core::Value::Object;

  /// `transport` and `clock` must outlive the client.
  Client(core::HttpTransport& transport, const core::Clock& clock, ClientSettings settings);

  // Accounts and contacts. In a body, an absent member stays as it is (A41, A93, I14); a null is
  // sent only when the caller put one in (Q26); of contacts' companies exactly one is named (I24).

  /// POST /accounts, /contacts (A13-A23, A66-A74): not to be repeated after Ambiguous.
  Outcome create(Collection collection, const Body& body) const;

  /// PUT /accounts/upsert?source_specific_id=KEY. `body` holds the create-required attributes
  /// (A56, A108); the key is added to its source_specific_ids, without which a repeated upsert
  /// might create a second account (Q6, Q33).
  Outcome upsert(Collection collection, const core::Key& key, Body body) const;

  /// The same by any identifier. By domain, the body gets that domain when it has none. By Assembly
  /// ID, or by a domain other than the body's, a second try may create a second account (I17, Q33):
  /// then a 5xx is Ambiguous.
  Outcome upsert(Collection collection, const Identifier& identifier, Body body) const;

  /// PUT /accounts/ID: only the members of `body` change (A41); tags and source_specific_ids are
  /// added (A46, A48), properties merged (A42, A43). The id in Delivered is the one in the answer,
  /// else `id`; by domain or key it may be empty.
  Outcome update(Collection collection, const core::AssemblyId& id, const Body& body) const;
  Outcome update(Collection collection, const Identifier& identifier, const Body& body) const;

  /// DELETE. What is not there any more counts as removed (Q22).
  Outcome remove(Collection collection, const Identifier& identifier) const;

  /// GET of one; nothing when Assembly has none by that identifier (Q21).
  Answer<std::optional<AccountView>> get(Collection collection, const Identifier& identifier) const;

  /// GET of a page. A page may be shorter than `limit` and yet have a next one (I19).
  Answer<Page> list(Collection collection, std::size_t limit, std::size_t offset) const;

  /// A page of the contacts of a company (A79-A84); Rejected::not_found when there is no company.
  Answer<Page> contacts_of(const Identifier& company, std::size_t limit, std::size_t offset) const;

  // Additional properties of one account or contact.

  /// POST: Rejected::already_exists when one of them is there already (A118); which of the others
  /// were made then is not known (Q24).
  Outcome add_properties(Collection collection, const Identifier& identifier,
                         const Body& properties) const;
  /// GET; nothing when there is no such item.
  Answer<std::optional<Properties>> properties(Collection collection,
                                               const Identifier& identifier) const;
  /// PUT: changes those that are there, adds the others (A123, A124).
  Outcome set_properties(Collection collection, const Identifier& identifier,
                         const Body& properties) const;
  /// DELETE with the names in its body (A127). Rejected::not_found may mean the item or, on a
  /// server that minds, a name (Q25): only properties() tells whether they are gone.
  Outcome remove_properties(Collection collection, const Identifier& identifier,
                            const std::vector<std::string>& names) const;

  // Labels (A129-A145).

  /// All labels of all types.
  Answer<std::vector<Label>> labels() const;
  /// Those of one type, chosen here: how a type is written in a path is not known (I7).
  Answer<std::vector<Label>> labels(LabelType type) const;
  Answer<std::optional<Label>> label(const core::AssemblyId& id) const;
  /// POST: not to be repeated after Ambiguous before labels() was read.
  Outcome create_label(const NewLabel& label) const;
  /// PUT: any of type, name, color, description (A142).
  Outcome update_label(const core::AssemblyId& id, const Body& changes) const;
  /// DELETE. What is not there any more counts as removed (Q22).
  Outcome remove_label(const core::AssemblyId& id) const;

  // Usage logs (A146-A169). Values are passed on as they are, never summed (Q12).

  /// POST; Delivered.id is the log's. Repeated, it is a second log (Q11). See usage_body().
  Outcome create_usage(const UsageTarget& target, const Body& body) const;
  /// A page, newest first (A161).
  Answer<UsagePage> list_usage(const UsageTarget& target, std::size_t limit,
                               std::size_t offset) const;
  Answer<std::optional<UsageLog>> usage_log(const core::AssemblyId& log) const;
  /// PUT: only the members of `body` change, but `metadata` is replaced whole (A165, A166).
  Outcome update_usage(const core::AssemblyId& log, const Body& body) const;
  /// DELETE. What is not there any more counts as removed (Q22).
  Outcome remove_usage(const core::AssemblyId& log) const;

 private:
  tl::expected<core::HttpResponse, core::HttpFailure> call(const char* method,
                                                           std::string_view target,
                                                           std::string body = {}) const;
  Outcome write(const char* method, std::string_view target, const Body& body,
                Repeatable repeatable) const;
  /// DELETE; not found is Delivered.
  Outcome erase(std::string_view target) const;
  Answer<core::Value> read(std::string_view target) const;
  Answer<Page> read_page_at(std::string_view target, Collection collection,
                            std::size_t limit) const;
  std::int64_t now_ms() const;

  core::HttpTransport& transport_;
  const core::Clock& clock_;
  const ClientSettings settings_;
};

}  // namespace assembly_sync::assembly
