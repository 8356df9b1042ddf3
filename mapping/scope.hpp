// Scope: what the readers of one mapping share: where they are in the file, which names its
// expressions may use, and where problems go. Not thread-safe.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/yaml.hpp"
#include "mapping/problem_sink.hpp"
#include "mapping/rules.hpp"
#include "mapping/tables.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {

struct Scope {
  ProblemSink& sink;
  const Tables& tables;
  std::string path;                                             // mappings[0]
  const std::optional<std::set<std::string>>* roots = nullptr;  // of the object it reads
  const CatalogueRoot* catalogue_root = nullptr;                // of the object it reads
  bool known_target = false;                                    // `to` was understood

  std::string key_path(const std::string& field) const { return path + '.' + field; }
  void report(const core::YamlNode& at, const std::string& field, std::string message) const {
    sink.add(at, key_path(field), std::move(message));
  }

  /// Compiles; every problem is reported at its word.
  Rule expression(const std::string& field, const core::YamlNode& value) const;
  /// As expression(), for what gives a key, a domain or an id: a text or number.
  Rule identifier(const std::string& field, const core::YamlNode& value) const;
  /// As identifier(), for what tells records apart: it must read the record.
  Rule own_identifier(const std::string& field, const core::YamlNode& value,
                      std::string_view what) const;
  /// What is known of the expression's type must meet `wanted`.
  void check_type(const Rule& rule, TypeSet wanted) const;

  /// One of a closed list of words; `otherwise` when there is no such key, or after a report.
  template <class T>
  T word(const core::YamlNode* found, const std::string& field,
         std::initializer_list<std::pair<const char*, T>> words, T otherwise) const {
    if (found == nullptr) return otherwise;
    std::vector<std::string> known;
    for (const auto& [name, meaning] : words) {
      if (found->is_scalar() && found->scalar == name) return meaning;
      known.emplace_back(name);
    }
    report(*found, field,
           "expected " + either(known) + ", got " +
               (found->is_scalar() ? found->scalar + did_you_mean(found->scalar, known)
                                   : std::string(found->kind_name())));
    return otherwise;
  }
};

}  // namespace assembly_sync::mapping
