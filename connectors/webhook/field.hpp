// A place inside a JSON body, as configured: `data.items`, names divided by dots; a number counts
// in a list, from 0. Constant; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_view.hpp"

namespace assembly_sync::connectors::webhook {

class Field {
 public:
  /// An empty text is the whole body.
  explicit Field(std::string text);

  /// What stands there; nothing when a name on the way is missing or leads through no object.
  std::optional<core::JsonView> find(core::JsonView body) const;
  const std::string& text() const { return text_; }
  bool empty() const { return names_.empty(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  static std::optional<core::JsonView> step(core::JsonView value, const std::string& name);

  std::string text_;
  std::vector<std::string> names_;
};

/// `a text`, `a list`, `nothing`: what stands there, never its content.
std::string_view kind_in_words(const std::optional<core::JsonView>& value);

}  // namespace assembly_sync::connectors::webhook
