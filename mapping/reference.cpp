#include "mapping/reference.hpp"

#include <algorithm>
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

A function given null gives null, unless the sentence about null beside it says otherwise; so a missing
property flows through `properties.website | domain_of | lower` without harm. What becomes of a field or
additional property that comes out null, its `on_null` says: see [No value](#no-value). The empty text, which
CRMs send for a cleared property, is a value; `default`, `concat`, `lookup` and the functions that read numbers,
money and dates treat it like null.

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
    to: company                            # company, customer, contact or usage
    when: properties.lifecyclestage == "customer"   # optional; otherwise every record
    key: concat("hubspot-company-", id)    # the source-specific ID in Assembly
    fields:
      name: properties.name
      domain: properties.domain | default(properties.website | domain_of)
      contract_type: {value: Year}         # a literal
      tier: {expr: 'properties.tier | lookup(tiers, null)', on_null: clear}
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

constexpr std::string_view kMappings = R"md(## Mappings

| key | in mappings to | is | default |
|---|---|---|---|
| `name` | all | a name of its own | required |
| `from` | all | SOURCE.OBJECT: which records it reads | required |
| `to` | | `company` and `customer` (accounts), `contact` (a person of a company) or `usage` (a usage log) | required |
| `when` | all | only records for which this is true | every record |
| `key` | company, customer, contact | the source-specific ID; makes the account or contact if there is none | this or `match` |
| `match` | company, customer, contact | `{key: expression}` or `{domain: expression}`: see [Several mappings](#several-mappings) | |
| `more_keys` | company, customer, contact | further source-specific IDs of the same account or contact: a text or a list; nothing and repeated ones are dropped | none |
| `company` | contact | the key of its company, or `{domain: expression}` | required; not with `match` |
| `about` | usage | `{company: expression}`, `{customer: expression}` or `{contact: expression}` with a key, or the word `none` | required |
| `event_id` | usage | the event's own id | required |
| `fields` | all | attributes: see [Attributes](#attributes) | |
| `additional_properties` | company, customer, contact | properties of your own choice | none |
| `metadata` | usage | any further values, by name | none |
| `on_null` | all | `skip`, `clear`, `keep` or `fail`: see [No value](#no-value) | `skip` |
| `tags_mode` | company, customer, contact | `mirror`: tags that came from here and are wanted no more go; `exact`: also those that a person set | `mirror` |
| `properties_mode` | company, customer, contact | `merge`: properties that are left out stay; `mirror`: those that came from here go | `merge` |
| `on_change` | usage | `ignore`: a log that was sent stays as it is; `update`: it follows its record | `ignore` |
| `on_delete` | all | when the record is deleted in the CRM: `ignore`, `delete` or, for accounts and contacts, `tag` | `ignore` |

A record for which `when` is true no more ends as `filtered`: nothing of it is sent, and what was sent before stays in
Assembly as it is. To have Assembly show that a record left, let the rule map it all the same and say so in a field
(`stage: if(is_customer, "Live", "Former")`).

A deletion by `on_delete: delete` takes away the record's own account or contact. What Assembly does with the contacts of
a company that is deleted is not documented; their records are left as they are here.

### No value

An entry of `fields` or `additional_properties` is an expression, `{value: literal}`, or
`{expr: expression, on_null: policy}`. The policy says what happens when the expression gives null; the
mapping's own `on_null` holds for all entries that don't say it.

| policy | when there is no value |
|---|---|
| `skip` | it is left out: Assembly keeps what it has |
| `clear` | the attribute is emptied, the property removed |
| `keep` | the last value from here stays wanted, as if the record still had it |
| `fail` | the record is refused |

Labels, dates and `contract_type` take the empty text for null, so the policy holds for it too. For texts the
empty text is a value and is sent; `if(not_empty(a), a)` makes null of it. An empty list is a value: with
`skip`, tags that are null are left alone, while an empty list means that there are to be none. What Assembly
requires refuses null whatever the policy is. Usage logs know `skip` and `fail` only.

### Several mappings

Several records can feed one account or contact: mappings that give the same `key`, and mappings with `match`,
which make nothing themselves but add to what another one makes, found by its key or domain. They need no
`name` and `domain`. Until there is something to add to, the record waits. Of two values for one attribute that
of the later mapping in the file counts.

```yaml
  - name: plans
    from: billing.plans
    to: company
    match: {domain: email | email_domain}
    fields:
      contract_value: {expr: monthly | to_number, on_null: clear}
    tags_mode: mirror
```

### Usage logs

```yaml
  - name: logins
    from: product.logins
    to: usage
    about: {company: 'concat("hubspot-company-", company_id)'}
    event_id: id
    fields:
      timestamp: at
      type: {value: Action}
      content: concat(user, " logged in")
      attribute: {value: Login}
    metadata:
      Browser: browser
```

One event of one object is one log: its `event_id` is kept with it, as `SOURCE.OBJECT/ID` under the name
`event_id` of its metadata, and an event that comes twice is sent once. So two mappings of one object can't
have the same `event_id`; `concat(id, "-cost")` is another. A `value` is passed on as it is, never summed up,
also for `CumulativeMetric`. When the key in `about` is null the log is about nobody and is not sent;
`about: none` means a log of the organisation as a whole.

)md";

constexpr std::pair<Subject, std::string_view> kSubjects[] = {
    {Subject::choice, "Choosing"},           {Subject::text, "Texts"},
    {Subject::pattern, "Patterns"},          {Subject::number, "Numbers and money"},
    {Subject::date, "Dates and time zones"}, {Subject::list, "Lists"},
    {Subject::domain, "Domains and e-mail"}, {Subject::digest, "Hashes and JSON"}};

constexpr std::string_view kAttributeTypes[] = {
    "text; a number is written as text",
    "a label's name; the empty text is null",
    "list of texts; one text is a list of one; empty ones are dropped",
    "list of label names; one text is a list of one; empty and repeated ones are dropped",
    "number",
    "whole number",
    "`Month` or `Year`",
    "date, in any form that `to_date` takes",
    "domain such as company.com",
    "e-mail address such as name@company.com",
    "date and time, in any form that `to_date` takes; sent in UTC and whole seconds",
    "`Action`, `Metric` or `CumulativeMetric`",
    "",
    "",
};

constexpr std::array kKinds = {core::EntityKind::company, core::EntityKind::customer,
                               core::EntityKind::contact, core::EntityKind::usage};

/// One row for each form that an attribute has; most have the same for all kinds of entity.
std::string attribute_rows(const std::string& name) {
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
    of += (of.empty() ? "" : ", ") + std::string(noun(kind));
  }
  std::string out;
  for (const auto& [type, of] : forms) {
    out += "| `" + name + "` | " + of + " | " +
           std::string(kAttributeTypes[static_cast<std::size_t>(type)]) +
           (required ? "; required" : "") + " |\n";
  }
  return out;
}

/// All names, each once, in the order of the table.
std::vector<std::string> all_attributes() {
  std::vector<std::string> out;
  for (const core::EntityKind kind : kKinds) {
    for (std::string& name : attribute_names(kind)) {
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    }
  }
  return out;
}

std::string attributes_section() {
  std::string out =
      "## Attributes\n\nWhat may stand under `fields`. An expression's value must have the type; "
      "it "
      "is not guessed.\n\n| attribute | of | value |\n|---|---|---|\n";
  for (const std::string& name : all_attributes()) out += attribute_rows(name);
  return out +
         "\nA usage log of type `Metric` or `CumulativeMetric` needs a `value`; required "
         "attributes "
         "are not required in a mapping with `match`.\n\n`additional_properties` and `metadata` "
         "take any value under any name: texts, numbers, true/false, lists and objects, which are "
         "passed on whole. Only nulls directly in a list are dropped.\n";
}

std::string limits_section() {
  using namespace core::limits;
  return "\n## Limits\n\nAn expression has at most " + std::to_string(kExpressionBytes) +
         " bytes and " + std::to_string(kExpressionDepth) +
         " levels of nesting (each `|` is one). A text that it makes or sends has at most " +
         std::to_string(kProducedTextBytes) + " bytes, a list at most " +
         std::to_string(kProducedListItems) +
         " elements. A value of an additional property or of metadata holds at most " +
         std::to_string(kPropertyItems) + " elements and " + std::to_string(kPropertyBytes) +
         " bytes of text and is nested at most " + std::to_string(kPropertyDepth) + " deep.\n";
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
  out += kMappings;
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
