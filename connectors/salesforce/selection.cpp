#include "connectors/salesforce/selection.hpp"

#include <algorithm>
#include <set>

#include "connectors/salesforce/rollups.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

/// Salesforce takes about 16 KB of URL and head together, proxies less; the ids of a batch need
/// 4 KB more.
constexpr std::size_t kChunkBytes = 4000;
/// How far SOQL follows relationships.
constexpr std::size_t kPathSteps = 6;

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& step : path) text += (text.empty() ? "" : ".") + step;
  return text;
}

/// The name that differs in case only.
template <class Map>
std::string other_case(const Map& names, const std::string& name) {
  for (const auto& [known, value] : names) {
    if (core::equal_ignoring_case(known, name)) return known;
  }
  return {};
}

class Selector {
 public:
  Selector(const Object& object, Shapes& shapes, const Client& client,
           std::vector<std::string>& warnings)
      : object_(object), shapes_(shapes), client_(client), warnings_(warnings) {}

  Answer<Selection> select(const Paths& wanted) {
    const auto shape = shapes_.get(object_.api_name, client_);
    if (!shape) return tl::unexpected(shape.error());
    Selection out;
    out.replicateable = (*shape)->replicateable;
    out.deletable = (*shape)->has("IsDeleted");
    out.mergeable = (*shape)->has("MasterRecordId");
    out.stamp = stamp_of(**shape);
    for (const std::string& name :
         {std::string("Id"), std::string("IsDeleted"), std::string("MasterRecordId"), out.stamp}) {
      if ((*shape)->has(name)) add({name}, (*shape)->fields.find(name)->second.form);
    }
    for (const std::vector<std::string>& path : wanted) {
      if (path.empty()) continue;
      if (path.front() == kRollups && object_.name.str() == kAccounts) {
        out.rollups = true;
      } else if (auto failed = follow(*shape, path)) {
        return tl::unexpected(std::move(*failed));
      }
    }
    out.account = texts_.contains("AccountId");
    out.chunks = chunks();
    return out;
  }

 private:
  static std::string stamp_of(const Shape& shape) {
    for (const char* name : {"SystemModstamp", "LastModifiedDate", "CreatedDate"}) {
      const auto found = shape.fields.find(name);
      if (found != shape.fields.end() && found->second.filterable) return name;
    }
    return {};
  }

  void add(std::vector<std::string> path, Form form) {
    std::string text = joined(path);
    if (shapes_.is_dropped(object_.api_name, text)) {
      warn("field " + text + " of " + object_.api_name +
           " is refused by Salesforce (INVALID_FIELD) and left out: the integration user may not "
           "see it");
      return;
    }
    if (!texts_.insert(text).second) return;
    columns_.push_back({.path = std::move(path), .text = std::move(text), .form = form});
  }

  void warn(std::string warning) { warnings_.push_back(std::move(warning)); }

  /// Adds what a path of the mapping leads to.
  std::optional<Failure> follow(std::shared_ptr<const Shape> shape,
                                const std::vector<std::string>& path) {
    const std::string of = " of " + object_.api_name;
    std::vector<std::string> steps;
    for (const std::string& step : path) {
      steps.push_back(step);
      if (const auto field = shape->fields.find(step); field != shape->fields.end()) {
        if (field->second.form == Form::compound) {
          warn("field " + joined(steps) + of +
               " is made of several fields and is left out: use those instead, as BillingCity "
               "instead of BillingAddress");
        } else {
          add(std::move(steps), field->second.form);
        }
        return std::nullopt;
      }
      const auto parent = shape->parents.find(step);
      if (parent == shape->parents.end() || parent->second.empty()) {
        unknown(*shape, steps);
        return std::nullopt;
      }
      if (steps.size() == path.size() || steps.size() == kPathSteps) {
        warn(joined(steps) + of +
             " is another record and is left out: name one of its fields, as " + joined(steps) +
             ".Name");
        return std::nullopt;
      }
      auto next = shapes_.get(parent->second, client_);
      if (!next) {
        // That object may be closed to the user while this one is open.
        if (next.error().error.kind != ReadError::Kind::rejected) return next.error();
        warn(joined(path) + of +
             " can't be read and is left out: the integration user may not see " + parent->second);
        return std::nullopt;
      }
      shape = *next;
    }
    return std::nullopt;
  }

  void unknown(const Shape& shape, const std::vector<std::string>& steps) {
    std::string near = other_case(shape.fields, steps.back());
    if (near.empty()) near = other_case(shape.parents, steps.back());
    warn("field " + joined(steps) + " of " + object_.api_name +
         " can't be read and is left out: there is none, or the integration user may not see it" +
         (near.empty() ? std::string() : "; did you mean " + near + '?'));
  }

  std::vector<std::vector<Column>> chunks() const {
    std::vector<std::vector<Column>> out(1);
    std::size_t bytes = 0;
    for (const Column& column : columns_) {
      if (bytes > 0 && bytes + column.text.size() + 1 > kChunkBytes) {
        out.push_back({columns_.front()});  // Id, by which the chunks are put together
        bytes = columns_.front().text.size() + 1;
      }
      out.back().push_back(column);
      bytes += column.text.size() + 1;
    }
    return out;
  }

  const Object& object_;
  Shapes& shapes_;
  const Client& client_;
  std::vector<std::string>& warnings_;
  std::vector<Column> columns_;
  std::set<std::string> texts_;
};

}  // namespace

std::vector<Column> Selection::all() const {
  std::vector<Column> out;
  for (const std::vector<Column>& chunk : chunks) {
    out.insert(out.end(), chunk.begin() + (out.empty() ? 0 : 1), chunk.end());
  }
  return out;
}

std::string Selection::mark() const {
  constexpr std::size_t kDigits = 16;
  std::string texts;
  for (const Column& column : all()) texts += column.text + ',';
  return core::to_hex(core::sha256(texts)).substr(0, kDigits);
}

bool wants_rollups(const Object& object, const Paths& wanted) {
  return object.name.str() == kAccounts &&
         std::any_of(wanted.begin(), wanted.end(), [](const std::vector<std::string>& path) {
           return !path.empty() && path.front() == kRollups;
         });
}

Answer<Selection> select(const Object& object, const Paths& wanted, Shapes& shapes,
                         const Client& client, std::vector<std::string>& warnings) {
  return Selector(object, shapes, client, warnings).select(wanted);
}

}  // namespace assembly_sync::connectors::salesforce
