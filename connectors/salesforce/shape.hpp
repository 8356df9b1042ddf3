// What Salesforce says the records of an object hold, as far as reading them depends on it, and for
// how long that is believed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/salesforce/client.hpp"
#include "core/catalogue.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::salesforce {

/// The form of a field's values, in JSON and in CSV.
enum class Form : std::uint8_t {
  text,
  id,
  number,
  boolean,
  date,
  datetime,
  compound,  // several fields in one (an address): never selected
};

struct FieldShape {
  Form form = Form::text;
  bool filterable = false;
};

struct Shape {
  std::string api_name;                                     // Account
  std::map<std::string, FieldShape, std::less<>> fields;    // as the integration user sees them
  std::map<std::string, std::string, std::less<>> parents;  // Owner -> User
  bool replicateable = false;                               // getDeleted knows it

  bool has(std::string_view field) const { return fields.find(field) != fields.end(); }
};

/// Of an answer of `describe`; nothing when it is none.
std::optional<Shape> to_shape(const core::Value& description);
/// The same for people: labels, types, picklists. Relationships and derived values, which the
/// record holds beside its fields, are in it without a type of their own.
std::optional<core::Catalogue> to_catalogue(const core::Value& description, bool with_rollups);

/// The shapes of one source, each asked for at most once an hour. A field that Salesforce refused
/// although it had described it is left out until then, and told of once. Thread-safe.
class Shapes {
 public:
  Answer<std::shared_ptr<const Shape>> get(const std::string& api_name, const Client& client);
  /// Asked for anew at the next get().
  void forget(const std::string& api_name);

  void drop(const std::string& api_name, const std::string& column);
  bool is_dropped(const std::string& api_name, const std::string& column) const;
  /// True the first time since the shape was read. To be asked of what is given to the caller only:
  /// what is lost with a failed call would be told of no more.
  bool tell_once(const std::string& api_name, const std::string& warning);

 private:
  struct Entry {
    std::shared_ptr<const Shape> shape;
    core::WallTime read_at{};
    std::set<std::string> dropped;
    std::set<std::string> told;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace assembly_sync::connectors::salesforce
