// Texts and bodies with variables in braces: `updatedAt[gte]:"{since}"`. The form is another than
// that of ${env:…}, which the configuration resolves when it is loaded; what stands here is filled
// in at each request. A brace that is meant is written twice. Constant; thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/value.hpp"

namespace assembly_sync::connectors::rest {

/// What the variables stand for at one request.
class Variables {
 public:
  virtual ~Variables() = default;
  /// The value of a variable, without braces; nothing when it has none at this request.
  /// `{since:epoch}` is asked for as name `since` and format `epoch`.
  virtual std::optional<core::Value> find(const std::string& name,
                                          const std::string& format) const = 0;
};

class TextTemplate {
 public:
  TextTemplate() = default;
  /// "expected a variable in braces, got …": without the text itself.
  static core::Result<TextTemplate> parse(std::string_view text);

  /// Nothing when a variable has no value: whoever holds the text leaves it out. `encode` is put
  /// over each variable's text and not over what stands between them.
  std::optional<std::string> fill(
      const Variables& variables,
      const std::function<std::string(std::string_view)>& encode = {}) const;
  /// The variable's value with its type, when the text is one variable and nothing else; else as
  /// fill().
  std::optional<core::Value> value(const Variables& variables) const;

  struct Use {
    std::string name;
    std::string format;
  };
  /// The variables it names.
  const std::vector<Use>& uses() const { return uses_; }
  bool uses(std::string_view name) const;
  /// As it was written, with the variables' names in place of their values: for messages.
  std::string written() const;

 private:
  // Literal i stands before variable i; one literal more than variables.
  std::vector<std::string> literals_ = {""};
  std::vector<Use> uses_;
};

/// A JSON value in whose texts variables stand.
class BodyTemplate {
 public:
  static core::Result<BodyTemplate> parse(const core::Value& value);

  /// A member without value is left out of its object. A list in which a text has no value has
  /// none either, and is left out where it stands: ["updated", ">=", "{since}"].
  std::optional<core::Value> fill(const Variables& variables) const;

  bool uses(std::string_view name) const;
  /// Of all its texts.
  std::vector<TextTemplate::Use> uses() const;

 private:
  core::Value value_;  // where there are no texts inside
  TextTemplate text_;  // kind text
  std::vector<BodyTemplate> items_;
  std::vector<std::pair<std::string, BodyTemplate>> members_;
  enum class Kind { plain, text, list, object } kind_ = Kind::plain;
};

/// The format of `{id:integer}` and `{ids:integer}`: in a body they are numbers, not texts.
inline constexpr std::string_view kIntegerFormat = "integer";
/// The formats of `{since}` and `{now}`; the first is the one without a name.
const std::vector<std::string>& time_formats();
/// Nothing for an unknown format.
std::optional<core::Value> format_time(core::WallTime time, const std::string& format);

}  // namespace assembly_sync::connectors::rest
