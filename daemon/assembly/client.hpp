// The API of Assembly, typed. Each method makes exactly one HTTP request, or none when it refuses
// its arguments (Rejected with status 0): so one call of a method is one event of the budget, which
// the caller spends before (I22). No state, no retry, no redirect. Thread-safe.
//
// Rules and marks (A…, F…, I…, Q…) are those .
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
#include "daemon/assembly/endpoints.hpp"
#include "daemon/assembly/outcome.hpp"
#include "daemon/assembly/reading.hpp"

namespace assembly_sync::assembly {

struct ClientSettings {
  std::string base_url;  // https://api.wavelength.cx; where the key goes is never guessed (Q32)
  core::Secret api_key;
  std::chrono::milliseconds timeout{30'000};  // of one call in all
};

struct NewLabel {
  LabelType type = LabelType::tier;
  std::string name;
  std::string color;        // #RRGGBB
  std::string description;  // left out when empty
};

class Client {
 public:
  /// `transport` and `clock` must outlive the client.
  Client(core::HttpTransport& transport, const core::Clock& clock, ClientSettings settings);

  /// PUT /accounts/upsert?source_specific_id=KEY. `body` holds the create-required attributes
  /// (A56, A108); the key is added to its source_specific_ids, without which a repeated upsert
  /// might create a second account (Q6, Q33).
  Outcome upsert(Collection collection, const core::Key& key, core::Value::Object body) const;

  /// PUT /accounts/ID: only the members of `body` change (A41); tags and source_specific_ids are
  /// added (A46, A48). The id in Delivered is the one in the answer, else `id`.
  Outcome update(Collection collection, const core::AssemblyId& id,
                 const core::Value::Object& body) const;

  /// DELETE. What is not there any more counts as removed (Q22).
  Outcome remove(Collection collection, const Identifier& identifier) const;

  /// DELETE of additional properties by name, in the body (A126, A127).
  Outcome remove_properties(Collection collection, const Identifier& identifier,
                            const std::vector<std::string>& names) const;

  /// GET of one; nothing when Assembly has none by that identifier (Q21).
  Answer<std::optional<AccountView>> get(Collection collection, const Identifier& identifier) const;

  /// GET of a page. A page may be shorter than `limit` and yet have a next one (I19).
  Answer<Page> list(Collection collection, std::size_t limit, std::size_t offset) const;

  /// All labels of all types; the caller filters (I7).
  Answer<std::vector<Label>> labels() const;

  /// POST: not to be repeated after Ambiguous before labels() was read.
  Outcome create_label(const NewLabel& label) const;

 private:
  tl::expected<core::HttpResponse, core::HttpFailure> call(const char* method,
                                                           std::string_view target,
                                                           std::string body = {}) const;
  std::int64_t now_ms() const;

  core::HttpTransport& transport_;
  const core::Clock& clock_;
  const ClientSettings settings_;
};

}  // namespace assembly_sync::assembly
