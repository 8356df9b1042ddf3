#include "mapping/functions.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace assembly_sync::mapping {

std::size_t Function::least_arguments() const {
  return static_cast<std::size_t>(
      std::count_if(parameters.begin(), parameters.end(),
                    [](const Parameter& p) { return !p.has(Parameter::kOptional); }));
}

const Parameter* Function::parameter(std::size_t index) const {
  if (index < parameters.size()) return &parameters[index];
  if (!parameters.empty() && parameters.back().has(Parameter::kRepeats)) return &parameters.back();
  return nullptr;
}

std::string Function::signature() const {
  std::string out(name);
  out += '(';
  for (const Parameter& parameter : parameters) {
    if (&parameter != &parameters.front()) out += ", ";
    out += parameter.name;
    if (parameter.has(Parameter::kOptional)) out += '?';
    out += ": ";
    if (parameter.has(Parameter::kTable)) {
      out += "table";
    } else if (parameter.has(Parameter::kField)) {
      out += "property";
    } else if (parameter.has(Parameter::kDate)) {
      out += "date";
    } else if (parameter.has(Parameter::kLiteral)) {
      out += to_text(parameter.types) + " in quotes";
    } else {
      out += to_text(parameter.types);
    }
    if (parameter.has(Parameter::kRepeats)) out += ", …";
  }
  return out + ") -> " + to_text(result);
}

std::string Function::null_rule() const {
  constexpr std::pair<NullArgument, std::string_view> kRules[] = {
      {NullArgument::skipped, "is skipped"},
      {NullArgument::empty_text, "counts as the empty text"},
      {NullArgument::is_false, "counts as false"},
      {NullArgument::value, "is a value like any other"}};
  const auto may_be_null = [](const Parameter& p) {
    return !p.has(Parameter::kLiteral) && !p.has(Parameter::kTable);
  };
  std::string out;
  bool other = false;
  for (const auto& [rule, words] : kRules) {
    std::string names;
    for (const Parameter& parameter : parameters) {
      if (!may_be_null(parameter)) continue;
      other = other || parameter.on_null == NullArgument::gives_null;
      if (parameter.on_null != rule) continue;
      names += (names.empty() ? "`" : ", `") + std::string(parameter.name) + '`';
    }
    if (names.empty()) continue;
    out += (out.empty() ? "Null as " : "; as ") + names + ' ' + std::string(words);
  }
  if (out.empty()) return "Null gives null.";
  return out + (other ? "; elsewhere it gives null." : ".");
}

const std::vector<Function>& functions() {
  static const std::vector<Function> kAll = [] {
    std::vector<Function> all;
    for (auto part : {choice_functions(), text_functions(), pattern_functions(), number_functions(),
                      date_functions(), list_functions(), domain_functions(), digest_functions()}) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
  }();
  return kAll;
}

const Function* find_function(std::string_view name) {
  static const std::map<std::string_view, const Function*> kByName = [] {
    std::map<std::string_view, const Function*> index;
    for (const Function& function : functions()) index.emplace(function.name, &function);
    return index;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? nullptr : found->second;
}

}  // namespace assembly_sync::mapping
