#include "daemon/console/html.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/http.hpp"

namespace assembly_sync::console {
namespace {

void append_escaped(std::string& out, std::string_view plain) {
  for (const char c : plain) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\0':
        out += "\xEF\xBF\xBD";
        break;
      default:
        out += c;
    }
  }
}

template <std::size_t N>
bool one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

constexpr std::string_view kVoid[] = {"br", "hr", "img", "input", "link", "meta", "wbr"};
constexpr std::string_view kAddresses[] = {"href", "src", "action", "formaction"};

}  // namespace

bool is_own_path(std::string_view address) {
  if (address.empty() || address.find('\\') != std::string_view::npos) return false;
  if (address.front() == '#' || address.front() == '?') return true;
  return address.front() == '/' && !address.starts_with("//");
}

Markup& Markup::operator+=(std::string_view text) {
  append_escaped(html_, text);
  return *this;
}

Writer::Writer(HtmlName name, const Attributes& attributes) : name_(name.text()) {
  if (name_ == "style") throw std::logic_error("expected a stylesheet of its own, got <style>");
  std::string& out = piece_.html_;
  out.append("<").append(name_);
  for (const Attribute& attribute : attributes) {
    if (!attribute.value && !attribute.bare) continue;
    out.append(" ").append(attribute.name.text());
    if (!attribute.value) continue;
    if (one_of(attribute.name.text(), kAddresses) && !is_own_path(*attribute.value)) {
      throw std::logic_error("expected a path of this server in an attribute, got another address");
    }
    out += "=\"";
    append_escaped(out, *attribute.value);
    out += '"';
  }
  out += '>';
}

void Writer::expect_no_code() const {
  if (name_ == "script") {
    throw std::logic_error("expected a script of its own, got code inside the page");
  }
}

void Writer::add(const Markup& markup) {
  expect_no_code();
  piece_.html_ += markup.html_;
}

void Writer::add(std::string_view text) {
  expect_no_code();
  piece_ += text;
}

Markup Writer::end() {
  if (!one_of(name_, kVoid)) piece_.html_.append("</").append(name_).append(">");
  return std::move(piece_);
}

Markup text(std::string_view plain) {
  Markup out;
  out += plain;
  return out;
}

std::string document(const Markup& root) {
  return "<!doctype html>\n" + root.html() + '\n';
}

std::string path_to(std::initializer_list<std::string_view> segments,
                    std::initializer_list<std::pair<std::string_view, std::string_view>> query) {
  std::string out;
  for (const std::string_view segment : segments) out += '/' + core::percent_encode(segment);
  if (out.empty()) out = "/";
  char divider = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    out += divider + core::percent_encode(name) + '=' + core::percent_encode(value);
    divider = '&';
  }
  return out;
}

}  // namespace assembly_sync::console
