#include "mapping/reference.hpp"

#include <array>
#include <utility>

#include "core/limits.hpp"
#include "mapping/attributes.hpp"
#include "mapping/functions.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::string_view kIntroduction = R"md(# The mapping language

This page is generated from the program's function table; do not edit it by hand.

An expression computes one value from one record:

```yaml
domain: properties.domain | default(properties.website | domain_of)
```

It can't loop, keep variables, read files or ask for the time: the same record always gives the same
value, in bounded time. Names and types are checked when the configuration is read; a mistake is
reported with its line and column, before any record is touched.

## Values

| written | is |
|---|---|
| `properties.name`, `lines[0].price`, `properties["odd name"]` | a path into the record; `[0]` is a list's first element |
| `.["Company Name"]` | a path whose first name is odd (`.` is the record) |
| `"text"` | a text; `\"`, `\\`, `\/`, `\n`, `\r`, `\t` and `\u00e9` stand for special characters |
| `'text'` | a text taken as it stands |
| `12`, `-0.5`, `1e6` | a number; whole numbers are exact to 64 bits |
| `true`, `false`, `null` | themselves |
| `[a, b, c]` | a list |
| `name(a, b)` | a function's result |
| `a \| name(b)`, `a \| name` | the same as `name(a, b)`, `name(a)` |
| `(a)` | a, to change what belongs together |

A path's first name must be one that the source's records have; a fixed text therefore always stands in
quotes. What a record lacks is `null`, however deep the path.

## Operators

From the tightest to the loosest:

| operator | is |
|---|---|
| `\|` | hands the value on its left to the function on its right |
| `==` `!=` | equal, not equal, by value: CRMs send numbers and true/false as text, so a text equals the number that it is (`"5"` and `"5.0"` equal 5, `"five"` and `" 5"` do not) and the `true` or `false` that it says. Other values of different types are unequal, only null equals null. A list or object refuses the record |
| `<` `<=` `>` `>=` | of two texts (by their characters' codes, so dates as `YYYY-MM-DD` compare rightly), or of two numbers; a text that is a number is one beside a number. False when either is null, or the empty text beside a number; another text beside a number refuses the record |
| `in`, `not in` | whether the list on the right has an element equal to the left; a null list has none |
| `not` | true for false and null |
| `and` | true when both are; the right is looked at only when the left is true |
| `or` | true when one is; the right is looked at only when the left is not true |

Where the types are known when the configuration is read, `length(name) == "5"` is a mistake and told as one.
So `a | lower == "x" and not b` is `((a | lower) == "x") and (not b)`. Comparisons can't be chained. `and`,
`or`, `not` and `if` take null for false and refuse any other value that is not true/false: use `to_bool` or
`not_empty`.

## Null

A function given null gives null, unless the sentence about null beside it says otherwise; so a missing property flows through
`properties.website | domain_of | lower` without harm. A field or additional property that comes out null is
left out: Assembly keeps what it has. The empty text, which CRMs send for a cleared property, is a value;
`default`, `concat`, `lookup` and the functions that read numbers, money and dates treat it like null.

## Dates and time zones

A moment (`2026-01-31T23:30:00Z`, milliseconds since 1970) falls on different days in different places. So every
function of dates takes a zone as its last argument, by its name in quotes: `to_date(properties.closedate,
"Europe/Berlin")`. Without one it is UTC. A day (`2026-01-31`) is no moment and stays the same in every zone.
The zones' rules are those of the system that the program runs on (Debian's package tzdata).

## Refusals

A value that a function can't take (a list for `lower`, a word for `to_number`) refuses the record for that
mapping. It stays visible with mapping, field, line, column and the reason, never the value, until the
mapping or the record is mended.
)md";

constexpr std::string_view kWriting = R"md(
## In the configuration

```yaml
tables:
  tiers: {gold: Gold, silver: Silver}
mappings:
  - name: companies
    from: hubspot.companies                # SOURCE.OBJECT
    to: company                            # company, customer or contact
    when: properties.lifecyclestage == "customer"   # optional; otherwise every record
    key: concat("hubspot-company-", id)    # the source-specific ID in Assembly
    fields:
      name: properties.name
      domain: properties.domain | default(properties.website | domain_of)
      contract_type: {value: Year}         # a literal
      tier: properties.tier | lookup(tiers, null)
    additional_properties:
      Lifecycle stage: properties.lifecyclestage
    on_delete: ignore                      # ignore, tag or delete
```

A mapping to `contact` also has `company`: an expression for the key of its company, or
`{domain: expression}`. When it is null, the contact waits without its company and is not sent.

YAML reads some characters before the expression language does. Put the whole expression in single quotes when
it begins with `"`, `'`, `[`, `{`, `!`, `&`, `*`, `%`, `@` or `>`, or has `: ` or ` #` in it, or stands inside
`{…}` or `[…]` and has a comma; a `'` inside is then written `''`.

)md";

constexpr std::pair<Subject, std::string_view> kSubjects[] = {
    {Subject::choice, "Choosing"},           {Subject::text, "Texts"},
    {Subject::pattern, "Patterns"},          {Subject::number, "Numbers and money"},
    {Subject::date, "Dates and time zones"}, {Subject::list, "Lists"},
    {Subject::domain, "Domains and e-mail"}, {Subject::digest, "Hashes and JSON"}};

constexpr std::string_view kAttributeTypes[] = {
    "text; a number is written as text",
    "a label's name; empty is left out",
    "list of texts; one text is a list of one; empty ones are dropped",
    "list of label names; one text is a list of one; empty and repeated ones are dropped",
    "number",
    "whole number",
    "`Month` or `Year`",
    "date, in any form that `to_date` takes",
    "domain such as company.com",
    "e-mail address such as name@company.com",
    "",
};

/// One row for each form that an attribute has; most have the same for all kinds of entity.
std::string attribute_rows(const std::string& name) {
  constexpr std::array kKinds = {core::EntityKind::company, core::EntityKind::customer,
                                 core::EntityKind::contact};
  std::vector<std::pair<AttributeType, std::string>> forms;
  bool required = false;
  for (const core::EntityKind kind : kKinds) {
    const Attribute* attribute = find_attribute(kind, name);
    if (attribute == nullptr) continue;
    required = attribute->required;
    if (forms.empty() || forms.back().first != attribute->type) {
      forms.emplace_back(attribute->type, "");
    }
    std::string& of = forms.back().second;
    of += (of.empty() ? "" : ", ") + std::string(core::to_text(kind));
  }
  std::string out;
  for (const auto& [type, of] : forms) {
    out += "| `" + name + "` | " + of + " | " +
           std::string(kAttributeTypes[static_cast<std::size_t>(type)]) +
           (required ? "; required" : "") + " |\n";
  }
  return out;
}

std::string attributes_section() {
  std::string out =
      "## Attributes\n\nWhat may stand under `fields`. An expression's value must have the type; "
      "it "
      "is not guessed.\n\n| attribute | of | value |\n|---|---|---|\n";
  for (const std::string& name : attribute_names(core::EntityKind::company)) {
    out += attribute_rows(name);
  }
  return out + attribute_rows("role") +
         "\n`additional_properties` takes texts, numbers, true/false and lists of these, under any "
         "name.\n";
}

std::string limits_section() {
  using namespace core::limits;
  return "\n## Limits\n\nAn expression has at most " + std::to_string(kExpressionBytes) +
         " bytes and " + std::to_string(kExpressionDepth) +
         " levels of nesting (each `|` is one). A text that it makes or sends has at most " +
         std::to_string(kProducedTextBytes) + " bytes, a list at most " +
         std::to_string(kProducedListItems) + " elements.\n";
}

std::string function_section(const Function& function) {
  std::string out = "\n#### `" + function.signature() + "`\n\n" + std::string(function.help) + ' ' +
                    function.null_rule() + "\n\n```text\n";
  for (const Example& example : function.examples) {
    out += std::string(example.expression) + "\n    of " + std::string(example.record) +
           "\n    -> " + std::string(example.result) + '\n';
  }
  return out + "```\n";
}

}  // namespace

std::string reference_markdown() {
  std::string out(kIntroduction);
  out += kWriting;
  out += attributes_section();
  out += limits_section();
  out +=
      "\n## Functions\n\nA `?` marks what may be left out, `…` what may be repeated. The examples "
      "are "
      "run by the program's tests; `tiers` is the table above.\n";
  for (const auto& [subject, title] : kSubjects) {
    out += "\n### " + std::string(title) + '\n';
    for (const Function& function : functions()) {
      if (function.subject == subject) out += function_section(function);
    }
  }
  return out;
}

}  // namespace assembly_sync::mapping
