// Application: one mapping applied to one record. Used once, by one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json_view.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/mapping.hpp"
#include "mapping/rules.hpp"

namespace assembly_sync::mapping {

class Application {
 public:
  Application(const Mapping& mapping, const core::JsonView& record, Arena& arena,
              std::vector<TraceStep>* trace, const core::Catalogue* catalogue);
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  Result run();

 private:
  void step(const Node& node, const Datum& value, const Failure* failure);
  /// A step of `map --trace` that no part of an expression makes.
  void note(const Rule& rule, std::string what, const core::Value& value);
  bool refuse(const Rule& rule, const Failure& failure);
  bool refuse(const Rule& rule, std::string reason);
  /// False: the record has nobody to go to.
  bool orphan(std::string reason);

  std::optional<Datum> value(const Rule& rule);
  std::optional<std::string> identifier_of(const Rule& rule);
  std::optional<bool> when();
  bool key();
  bool own_key(std::string text);
  bool matched(std::string text);
  bool more_keys();
  bool company();
  bool about();
  void parts(bool has_target);

  bool entry(const Rule& rule, core::Value::Object& out, std::set<std::string>& kept);
  bool nothing(const Rule& rule, core::Value::Object& out, std::set<std::string>& kept);
  bool entries(const std::vector<Rule>& rules, core::Value::Object& out,
               std::set<std::string>& kept);
  bool measured();
  bool refused() const { return result_.kind == Result::Kind::refused; }

  const Mapping& mapping_;
  std::vector<TraceStep>* const steps_;
  const Evaluation::Trace trace_;
  Evaluation run_;
  const Rule* rule_ = nullptr;
  Result result_;
};

}  // namespace assembly_sync::mapping
