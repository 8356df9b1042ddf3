#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

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

// Compact texts are written by the hundred thousand (each mapped record is one), so they are
// written from the Value itself. Their form is the library's.

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// Eight bytes at once.
bool is_plain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  const auto zero_bytes = [](std::uint64_t word) { return (word - kOnes) & ~word; };
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t odd = word | (word - 0x20 * kOnes) | zero_bytes(word ^ ('"' * kOnes)) |
                              zero_bytes(word ^ ('\\' * kOnes));
    if ((odd & kHigh) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                     [](char c) { return is_plain(c); });
}

/// The length of the character that begins here when it is UTF-8 beyond ASCII; 0 otherwise.
std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool none = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || none ? 0 : length;
}

/// Plain characters and whole ones beyond ASCII at the begin of the text: its bytes.
std::size_t unescaped_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = is_plain(text[at]) ? 1
                               : (static_cast<unsigned char>(text[at]) & 0x80) != 0
                                   ? utf8_length(text.substr(at))
                                   : 0;
    if (length == 0) break;
    at += length;
  }
  return at;
}

void append(std::string_view text, std::string& out) {
  const bool as_is = is_plain(text) || unescaped_length(text) == text.size();
  if (!as_is) {  // few texts have something to escape or to replace
    out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

template <class Number>
void append_number(Number number, std::string& out) {
  std::array<char, 64> text{};
  char* end = text.data();
  if constexpr (std::is_floating_point_v<Number>) {
    end = nlohmann::detail::to_chars(text.data(), text.data() + text.size(), number);
  } else {
    end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  }
  out.append(text.data(), end);
}

void append(const Value& value, std::string& out) {
  if (value.is_string()) return append(std::string_view(value.as_string()), out);
  if (value.is_int()) return append_number(value.as_int(), out);
  if (value.is_uint()) return append_number(value.as_uint(), out);
  if (value.is_double() && std::isfinite(value.as_double())) {
    return append_number(value.as_double(), out);
  }
  if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_list()) {
    char before = '[';
    for (const Value& item : value.as_list()) {
      out += std::exchange(before, ',');
      append(item, out);
    }
    out += before == '[' ? "[]" : "]";
  } else if (value.is_object()) {
    char before = '{';
    for (const auto& [name, member] : value.as_object()) {
      out += std::exchange(before, ',');
      append(std::string_view(name), out);
      out += ':';
      append(member, out);
    }
    out += before == '{' ? "{}" : "}";
  } else {
    out += "null";
  }
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
  std::string out;
  append(value, out);
  return out;
}

std::string dump_json_pretty(const Value& value) {
  return to_library(value).dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace assembly_sync::core
