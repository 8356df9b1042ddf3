// The one table of the language's functions: name, parameters with types, help, examples, code. The
// compiler checks calls against it, the evaluator runs it, docs/mapping-language.md is made from it
// and a test runs its examples. Constant; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/datum.hpp"
#include "mapping/prepared.hpp"
#include "mapping/types.hpp"

namespace assembly_sync::mapping {

class Call;

enum class Subject : std::uint8_t { choice, text, pattern, number, date, list, domain, digest };

/// What null means as an argument. Stated here once: the evaluator, the reference and a test of
/// every function in every place follow it.
enum class NullArgument : std::uint8_t {
  gives_null,  // the result is null, whatever the other arguments are
  skipped,     // as if the argument were not there
  empty_text,  // as the empty text
  is_false,    // as false
  value,       // a value like any other; the help says what becomes of it
};

struct Parameter {
  enum Flag : std::uint8_t {
    kPlain = 0,
    kOptional = 1,
    kLiteral = 2,   // a text in quotes, known when the rules are read
    kDate = 4,      // what to_date takes; a literal is checked when the rules are read
    kTable = 8,     // the bare name of a table
    kRepeats = 16,  // the last one: any number more of it
    kField = 32,    // a property as the record has it: its path
    kNumeric = 64,  // a text is read as a number
  };
  std::string_view name;
  TypeSet types;
  int flags = kPlain;
  NullArgument on_null = NullArgument::gives_null;

  bool has(Flag flag) const { return (flags & flag) != 0; }
};

/// How a call is evaluated. All but `plain` evaluate only the arguments they need, so that an
/// error in a branch not taken refuses nothing.
enum class Form : std::uint8_t {
  plain,
  choose,
  choose_case,
  first_filled,
  first_known,
  lookup,
  label
};

struct Example {
  std::string_view expression;
  std::string_view record;  // JSON
  std::string_view result;  // JSON; or `refused: REASON`
};

struct Function {
  std::string_view name;
  Subject subject = Subject::text;
  std::vector<Parameter> parameters;
  TypeSet result;  // besides null
  std::string_view help;
  std::vector<Example> examples;
  Datum (*run)(Call&) = nullptr;  // form plain
  Form form = Form::plain;
  Prepare prepare = nullptr;  // makes something of the call's literals first

  std::size_t least_arguments() const;
  /// The parameter that the argument at `index` is for; nullptr when there are too many.
  const Parameter* parameter(std::size_t index) const;
  /// `replace(text: text, find: text, with: text) -> text`
  std::string signature() const;
  /// What null gives, in words: "Null gives null."
  std::string null_rule() const;
};

/// All of them, by subject.
const std::vector<Function>& functions();
const Function* find_function(std::string_view name);

// The subjects' parts of the table, each in the file of that name.
std::vector<Function> choice_functions();
std::vector<Function> text_functions();
std::vector<Function> pattern_functions();
std::vector<Function> number_functions();
std::vector<Function> date_functions();
std::vector<Function> list_functions();
std::vector<Function> domain_functions();
std::vector<Function> digest_functions();

}  // namespace assembly_sync::mapping
