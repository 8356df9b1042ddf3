#include "connectors/rest/template.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace assembly_sync::connectors::rest {
namespace {

std::string text_of(const core::Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_uint()) return std::to_string(value.as_uint());
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (!value.is_list()) return {};
  std::string text;
  for (const core::Value& item : value.as_list()) text += (text.empty() ? "" : ",") + text_of(item);
  return text;
}

constexpr const char* kExpected =
    "expected a variable in braces such as {since}, and a brace that is meant twice, got ";

struct Parts {
  int year, month, day, hour, minute, second, ms;
  unsigned weekday;
};

Parts parts_of(core::WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time - day)};
  return {int{date.year()},
          static_cast<int>(unsigned{date.month()}),
          static_cast<int>(unsigned{date.day()}),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count()),
          weekday{day}.c_encoding()};
}

std::string calendar_text(const Parts& p, char divider, bool with_ms, const char* zone) {
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d", p.year, p.month, p.day,
                divider, p.hour, p.minute, p.second);
  std::string out = text;
  if (with_ms) {
    std::snprintf(text, sizeof text, ".%03d", p.ms);
    out += text;
  }
  return out + zone;
}

std::string http_date(const Parts& p) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays.at(p.weekday),
                p.day, kMonths.at(static_cast<std::size_t>(p.month - 1)), p.year, p.hour, p.minute,
                p.second);
  return text;
}

}  // namespace

const std::vector<std::string>& time_formats() {
  static const std::vector<std::string> kFormats = {
      "rfc3339", "rfc3339-ms", "offset", "datetime", "naive", "epoch", "epoch-ms", "http-date"};
  return kFormats;
}

std::optional<core::Value> format_time(core::WallTime time, const std::string& format) {
  const Parts parts = parts_of(time);
  const std::int64_t ms = core::to_ms(time);
  if (format.empty() || format == "rfc3339") return calendar_text(parts, 'T', false, "Z");
  if (format == "rfc3339-ms") return calendar_text(parts, 'T', true, "Z");
  if (format == "offset") return calendar_text(parts, 'T', false, "+00:00");
  if (format == "datetime") return calendar_text(parts, ' ', false, "");
  if (format == "naive") return calendar_text(parts, 'T', false, "");
  if (format == "epoch") return core::Value(ms / 1000);
  if (format == "epoch-ms") return core::Value(ms);
  if (format == "http-date") return http_date(parts);
  return std::nullopt;
}

core::Result<TextTemplate> TextTemplate::parse(std::string_view text) {
  TextTemplate out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      out.literals_.back() += c;
    } else if (i + 1 < text.size() && text[i + 1] == c) {
      out.literals_.back() += c;
      ++i;
    } else if (c == '}') {
      return core::fail(std::string(kExpected) + "} without {");
    } else {
      const std::size_t close = text.find('}', i);
      if (close == std::string_view::npos)
        return core::fail(std::string(kExpected) + "{ without }");
      const std::string_view inside = text.substr(i + 1, close - i - 1);
      const std::size_t colon = std::min(inside.find(':'), inside.size());
      Use use{std::string(inside.substr(0, colon)),
              std::string(inside.substr(std::min(colon + 1, inside.size())))};
      if (use.name.empty()) return core::fail(std::string(kExpected) + "nothing between them");
      out.uses_.push_back(std::move(use));
      out.literals_.emplace_back();
      i = close;
    }
  }
  return out;
}

std::optional<std::string> TextTemplate::fill(
    const Variables& variables, const std::function<std::string(std::string_view)>& encode) const {
  std::string out = literals_.front();
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    const auto value = variables.find(uses_[i].name, uses_[i].format);
    if (!value) return std::nullopt;
    const std::string text = text_of(*value);
    out += encode ? encode(text) : text;
    out += literals_[i + 1];
  }
  return out;
}

std::optional<core::Value> TextTemplate::value(const Variables& variables) const {
  const bool alone = uses_.size() == 1 && literals_.front().empty() && literals_.back().empty();
  if (alone) return variables.find(uses_.front().name, uses_.front().format);
  auto text = fill(variables);
  if (!text) return std::nullopt;
  return core::Value(std::move(*text));
}

bool TextTemplate::uses(std::string_view name) const {
  return std::any_of(uses_.begin(), uses_.end(), [&](const Use& use) { return use.name == name; });
}

std::string TextTemplate::written() const {
  std::string out = literals_.front();
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    out += '{' + uses_[i].name + '}' + literals_[i + 1];
  }
  return out;
}

core::Result<BodyTemplate> BodyTemplate::parse(const core::Value& value) {
  BodyTemplate out;
  if (value.is_string()) {
    auto text = TextTemplate::parse(value.as_string());
    if (!text) return tl::unexpected(text.error());
    out.kind_ = Kind::text;
    out.text_ = std::move(*text);
  } else if (value.is_list()) {
    out.kind_ = Kind::list;
    for (const core::Value& item : value.as_list()) {
      auto inner = parse(item);
      if (!inner) return inner;
      out.items_.push_back(std::move(*inner));
    }
  } else if (value.is_object()) {
    out.kind_ = Kind::object;
    for (const auto& [name, member] : value.as_object()) {
      auto inner = parse(member);
      if (!inner) return inner;
      out.members_.emplace_back(name, std::move(*inner));
    }
  } else {
    out.value_ = value;
  }
  return out;
}

std::optional<core::Value> BodyTemplate::fill(const Variables& variables) const {
  if (kind_ == Kind::plain) return value_;
  if (kind_ == Kind::text) return text_.value(variables);
  if (kind_ == Kind::object) {
    core::Value out = core::Value::object();
    for (const auto& [name, member] : members_) {
      if (auto value = member.fill(variables)) out.set(name, std::move(*value));
    }
    return out;
  }
  core::Value::List out;
  for (const BodyTemplate& item : items_) {
    auto value = item.fill(variables);
    if (!value && item.kind_ == Kind::text) return std::nullopt;
    if (value) out.push_back(std::move(*value));
  }
  return core::Value::list(std::move(out));
}

std::vector<TextTemplate::Use> BodyTemplate::uses() const {
  std::vector<TextTemplate::Use> all = text_.uses();
  const auto add = [&](const BodyTemplate& inner) {
    for (TextTemplate::Use& use : inner.uses()) all.push_back(std::move(use));
  };
  for (const BodyTemplate& item : items_) add(item);
  for (const auto& [name, member] : members_) add(member);
  return all;
}

bool BodyTemplate::uses(std::string_view name) const {
  const auto all = uses();
  return std::any_of(all.begin(), all.end(), [&](const auto& use) { return use.name == name; });
}

}  // namespace assembly_sync::connectors::rest
