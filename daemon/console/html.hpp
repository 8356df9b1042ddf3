// HTML that can't be written wrong: a piece of it (Markup) is made only by the functions below, and
// each text that goes in is escaped on the way. Names of elements and attributes are literals of
// the program, checked when it is compiled; there is no way to write a script, a style or an event
// handler into a page, and an address is a path of this server. Pure; thread-safe.
//
//   tag("p", {{"class", "quiet"}}, "read by ", tag("b", name))
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace assembly_sync::console {

/// The name of an element or attribute: a literal of letters, digits and hyphens, and none that
/// could run code.
class HtmlName {
 public:
  consteval HtmlName(const char* name) : text_(name) {
    if (text_.empty()) throw "expected a name";
    for (const char c : text_) {
      const bool good =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      if (!good) throw "expected letters, digits and hyphens";
    }
    if (text_ == "style" || text_ == "srcdoc" || text_.starts_with("on")) {
      throw "expected a name that runs nothing";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// A finished piece of a page. Empty when made by default.
class Markup {
 public:
  Markup() = default;
  const std::string& html() const { return html_; }
  bool empty() const { return html_.empty(); }
  Markup& operator+=(const Markup& more) {
    html_ += more.html_;
    return *this;
  }
  /// Appends as text, whatever is in it.
  Markup& operator+=(std::string_view text);

 private:
  friend class Writer;
  std::string html_;
};

/// An attribute. Without a value it is one that is simply there (`disabled`); a value of nothing
/// leaves it out.
struct Attribute {
  Attribute(HtmlName attribute) : name(attribute), bare(true) {}
  Attribute(HtmlName attribute, std::string_view text) : name(attribute), value(text) {}
  Attribute(HtmlName attribute, const char* text) : name(attribute), value(text) {}
  Attribute(HtmlName attribute, const std::string& text) : name(attribute), value(text) {}
  Attribute(HtmlName attribute, std::int64_t number)
      : name(attribute), value(std::to_string(number)) {}
  Attribute(HtmlName attribute, int number) : name(attribute), value(std::to_string(number)) {}
  /// There when `is` holds.
  Attribute(HtmlName attribute, bool is) : name(attribute), bare(is) {}

  HtmlName name;
  std::optional<std::string> value;
  bool bare = false;
};
using Attributes = std::vector<Attribute>;

/// Puts pieces together; used by tag() only.
class Writer {
 public:
  Writer(HtmlName name, const Attributes& attributes);
  void add(const Markup& markup);
  void add(std::string_view text);
  Markup end();

 private:
  void expect_no_code() const;
  const std::string_view name_;
  Markup piece_;
};

/// An element with what it holds: pieces, and texts, which are escaped. Throws std::logic_error for
/// an address (href, src, action, formaction) that does not begin with a single `/`, with `?` or
/// with `#`, and for an element that would take its content for code (script with content, style).
template <class... Parts>
Markup tag(HtmlName name, const Attributes& attributes, const Parts&... parts) {
  Writer writer(name, attributes);
  (writer.add(parts), ...);
  return writer.end();
}
template <class First, class... Parts>
  requires(!std::is_same_v<First, Attributes>)
Markup tag(HtmlName name, const First& first, const Parts&... parts) {
  return tag(name, Attributes{}, first, parts...);
}
inline Markup tag(HtmlName name) {
  return tag(name, Attributes{});
}

/// Text alone.
Markup text(std::string_view plain);
/// Pieces and texts one after the other.
template <class... Parts>
Markup join(const Parts&... parts) {
  Markup out;
  ((out += parts), ...);
  return out;
}
/// `<!doctype html>` and the root element.
std::string document(const Markup& root);

/// Begins with a single `/`, with `?` or with `#`.
bool is_own_path(std::string_view address);

/// A path of this server: `segments` percent-encoded and joined by `/`, with a query.
std::string path_to(
    std::initializer_list<std::string_view> segments,
    std::initializer_list<std::pair<std::string_view, std::string_view>> query = {});

}  // namespace assembly_sync::console
