#include "connectors/hubspot/cursor.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/json.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::Value;

/// A later form of the cursor gets another number.
constexpr std::int64_t kVersion = 1;
constexpr std::array<std::string_view, 3> kStages = {"records", "deals", "recycle_bin"};
constexpr std::array<std::string_view, 3> kWays = {"by_time", "by_id", "listing"};

template <class Names>
std::optional<std::size_t> index_of(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Value pass_value(const Pass& pass) {
  Value place = Value::object({{"way", kWays[static_cast<std::size_t>(pass.place.way)]},
                               {"ms", pass.place.ms},
                               {"id", pass.place.id},
                               {"after", pass.place.after}});
  return Value::object({{"stage", kStages[static_cast<std::size_t>(pass.stage)]},
                        {"from", pass.window.from},
                        {"to", pass.window.to},
                        {"place", std::move(place)},
                        {"after", pass.after},
                        {"pages", pass.pages}});
}

/// Reads members and remembers whether one was not as it should be.
class Members {
 public:
  explicit Members(const Value& value) : value_(value), good_(value.is_object()) {}

  std::int64_t number(std::string_view name) {
    const auto number = optional_number(name);
    good_ = good_ && number;
    return number.value_or(0);
  }
  std::optional<std::int64_t> optional_number(std::string_view name) {
    const Value& value = value_.at(name);
    if (value.is_int()) return value.as_int();
    good_ = good_ && value.is_null();
    return std::nullopt;
  }
  std::string text(std::string_view name) {
    good_ = good_ && value_.at(name).is_string();
    return value_.text_or(name);
  }
  template <class Names>
  std::size_t choice(std::string_view name, const Names& names) {
    const auto index = index_of(names, value_.text_or(name));
    good_ = good_ && index;
    return index.value_or(0);
  }
  bool good() const { return good_; }

 private:
  const Value& value_;
  bool good_;
};

std::optional<Pass> parse_pass(const Value& value) {
  Members members(value);
  Members place(value.at("place"));
  Pass pass;
  pass.stage = static_cast<Pass::Stage>(members.choice("stage", kStages));
  pass.window = {members.number("from"), members.number("to")};
  pass.after = members.text("after");
  pass.pages = members.number("pages");
  pass.place.way = static_cast<Place::Way>(place.choice("way", kWays));
  pass.place.ms = place.number("ms");
  pass.place.id = place.text("id");
  pass.place.after = place.text("after");
  if (!members.good() || !place.good()) return std::nullopt;
  return pass;
}

Value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? Value(*number) : Value();
}

}  // namespace

std::string to_text(const ChangeCursor& cursor) {
  return core::dump_json(
      Value::object({{"v", kVersion},
                     {"read_to", cursor.read_to_ms},
                     {"deep", number_or_null(cursor.deep_ms)},
                     {"bin", number_or_null(cursor.bin_ms)},
                     {"bin_pages", cursor.bin_pages},
                     {"pass", cursor.pass ? pass_value(*cursor.pass) : Value()}}));
}

core::Result<ChangeCursor> parse_cursor(const std::string& text) {
  const auto document = core::parse_json(text);
  if (!document)
    return core::fail("the cursor of HubSpot's changes is " + document.error().message);
  Members members(*document);
  ChangeCursor cursor;
  const bool known = members.number("v") == kVersion;
  cursor.read_to_ms = members.number("read_to");
  cursor.deep_ms = members.optional_number("deep");
  cursor.bin_ms = members.optional_number("bin");
  cursor.bin_pages = members.number("bin_pages");
  const Value& pass = document->at("pass");
  if (!pass.is_null()) cursor.pass = parse_pass(pass);
  if (!known || !members.good() || (!pass.is_null() && !cursor.pass)) {
    return core::fail("the cursor of HubSpot's changes is none of this version's");
  }
  return cursor;
}

}  // namespace assembly_sync::connectors::hubspot
