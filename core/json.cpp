#include "core/json.hpp"

#include <nlohmann/json.hpp>

namespace assembly_sync::core {
namespace {

using nlohmann::json;

/// Builds a Value while reading, so that depth is checked before anything deep exists.
class Builder final : public json::json_sax_t {
 public:
  explicit Builder(std::size_t max_depth) : max_depth_(max_depth) {}

  bool null() override { return put(Value{}); }
  bool boolean(bool b) override { return put(Value{b}); }
  bool number_integer(number_integer_t n) override { return put(Value{std::int64_t{n}}); }
  bool number_unsigned(number_unsigned_t n) override { return put(Value{std::uint64_t{n}}); }
  bool number_float(number_float_t n, const string_t&) override { return put(Value{n}); }
  bool string(string_t& s) override { return put(Value{std::move(s)}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value::object()); }
  bool key(string_t& name) override {
    names_.back() = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value::list()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    error_position_ = position;
    return false;
  }

  Value take() { return std::move(root_); }
  bool too_deep() const { return too_deep_; }
  std::size_t error_position() const { return error_position_; }

 private:
  bool put(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().is_list()) {
      stack_.back().as_list().push_back(std::move(value));
    } else {
      stack_.back().set(std::move(names_.back()), std::move(value));
    }
    return true;
  }
  bool open(Value container) {
    if (stack_.size() >= max_depth_) {
      too_deep_ = true;
      return false;
    }
    stack_.push_back(std::move(container));
    names_.emplace_back();
    return true;
  }
  bool close() {
    Value done = std::move(stack_.back());
    stack_.pop_back();
    names_.pop_back();
    return put(std::move(done));
  }

  const std::size_t max_depth_;
  Value root_;
  std::vector<Value> stack_;
  std::vector<std::string> names_;
  bool too_deep_ = false;
  std::size_t error_position_ = 0;
};

std::string position_text(std::string_view text, std::size_t position) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i + 1 < position && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

json to_library(const Value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int()) return value.as_int();
  if (value.is_uint()) return value.as_uint();
  if (value.is_double()) return value.as_double();
  if (value.is_string()) return value.as_string();
  if (value.is_list()) {
    json items = json::array();
    for (const Value& item : value.as_list()) items.push_back(to_library(item));
    return items;
  }
  if (value.is_object()) {
    json members = json::object();
    for (const auto& [name, member] : value.as_object()) members[name] = to_library(member);
    return members;
  }
  return nullptr;
}

}  // namespace

Result<Value> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes) {
    return fail("JSON larger than " + std::to_string(limits.bytes) + " bytes");
  }
  Builder builder(limits.depth);
  if (json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  if (builder.too_deep()) {
    return fail("JSON nested deeper than " + std::to_string(limits.depth));
  }
  return fail("invalid JSON at " + position_text(text, builder.error_position()));
}

std::string dump_json(const Value& value) {
  return to_library(value).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string dump_json_pretty(const Value& value) {
  return to_library(value).dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace assembly_sync::core
