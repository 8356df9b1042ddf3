#include "mapping/property_value.hpp"

#include "core/limits.hpp"
#include "mapping/numbers.hpp"

namespace assembly_sync::mapping {
namespace {

using core::limits::kProducedTextBytes;
using core::limits::kPropertyBytes;
using core::limits::kPropertyDepth;
using core::limits::kPropertyItems;

/// Copies one value; after the first breach it only walks on, without copying.
class Copy {
 public:
  core::Value of(const Datum& value, std::size_t depth) {
    if (value.is_text()) return text(value.as_text());
    if (value.is_number()) return narrowed(value).to_value();
    if (!value.is_list() && !value.is_object()) return value.to_value();
    if (depth == kPropertyDepth) {
      breach("a value nested at most " + std::to_string(kPropertyDepth) +
             " deep, got a deeper one");
      return {};
    }
    return value.is_list() ? list(value, depth + 1) : object(value, depth + 1);
  }

  const std::string& error() const { return error_; }

 private:
  core::Value text(std::string_view text) {
    if (text.size() > kProducedTextBytes) {
      breach("a text of at most " + std::to_string(kProducedTextBytes) +
             " bytes, got a longer one");
    }
    return take(text.size()) ? core::Value(text) : core::Value();
  }

  core::Value list(const Datum& value, std::size_t depth) {
    core::Value::List out;
    for_each_item(value, [&](const Datum& item) {
      if (depth == 1 && item.is_null()) return;
      if (one_more()) out.push_back(of(item, depth));
    });
    return out;
  }

  core::Value object(const Datum& value, std::size_t depth) {
    core::Value::Object out;
    value.as_view().for_each_member([&](std::string_view name, const core::JsonView& member) {
      if (one_more() && take(name.size())) {
        out.insert_or_assign(std::string(name), of(Datum(member), depth));
      }
    });
    return out;
  }

  bool one_more() {
    if (++items_ > kPropertyItems) {
      breach("a value of at most " + std::to_string(kPropertyItems) +
             " elements, got a larger one");
    }
    return error_.empty();
  }
  bool take(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > kPropertyBytes) {
      breach("a value with texts of at most " + std::to_string(kPropertyBytes) +
             " bytes together, got a larger one");
    }
    return error_.empty();
  }
  void breach(const std::string& what) {
    if (error_.empty()) error_ = "expected " + what;
  }

  std::string error_;
  std::size_t items_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

tl::expected<core::Value, std::string> property_value(const Datum& value) {
  Copy copy;
  core::Value out = copy.of(value, 0);
  if (!copy.error().empty()) return tl::unexpected(copy.error());
  return out;
}

}  // namespace assembly_sync::mapping
