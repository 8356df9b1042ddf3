#include "daemon/sandbox/crm_search.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>

#include "core/time_text.hpp"
#include "daemon/sandbox/items.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::size_t kBodyCharacters = 3000;
constexpr std::size_t kGroups = 5;
constexpr std::size_t kFiltersPerGroup = 6;
constexpr std::size_t kFilters = 18;
constexpr std::size_t kPage = 200;
constexpr std::size_t kReach = 10'000;

/// A property's value in a form that compares: numbers and times by size, texts by letter.
struct Key {
  bool set = false;
  bool numeric = false;
  double number = 0;
  std::string text;

  friend bool operator==(const Key& a, const Key& b) {
    return a.set == b.set && a.numeric == b.numeric && a.number == b.number && a.text == b.text;
  }
};

bool less(const Key& a, const Key& b) {
  if (a.set != b.set) return !a.set;
  if (a.numeric != b.numeric) return a.numeric;
  return a.numeric ? a.number < b.number : a.text < b.text;
}

std::optional<double> to_number(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> to_time(const std::string& text) {
  if (const auto ms = to_number(text)) return ms;
  auto time = core::parse_rfc3339(text);
  if (!time) time = core::parse_date(text);
  if (!time) return std::nullopt;
  return static_cast<double>(core::to_ms(*time));
}

Key key_of(const CrmProperty& property, const core::Value& value) {
  if (!value.is_string()) return {};
  const std::string& text = value.as_string();
  const bool time = property.type == "datetime" || property.type == "date";
  if (time || property.type == "number") {
    if (const auto number = time ? to_time(text) : to_number(text))
      return {true, true, *number, {}};
  }
  // Enumeration values compare exactly, texts without regard to case.
  return {true, false, 0, property.type == "enumeration" ? text : lower_ascii(text)};
}

/// The same as of its text, but quicker: what long series of pages are filtered and sorted by.
Key key_of(const CrmStore& store, CrmObject object, const CrmRecord& record,
           const CrmProperty& property, const std::string& name) {
  if (name == modified_property(object)) {
    return {true, true, static_cast<double>(record.modified_ms), {}};
  }
  if (name == "hs_object_id") return {true, true, static_cast<double>(record.id), {}};
  return key_of(property, store.property(object, record, name));
}

struct Filter {
  std::string property;
  const CrmProperty* definition = nullptr;
  std::string op;
  Key value;
  Key high;
  std::vector<Key> values;
};
using FilterGroup = std::vector<Filter>;

struct Query {
  std::vector<FilterGroup> groups;
  std::string words;  // lower case; empty = any
  std::string sort_property = "hs_object_id";
  const CrmProperty* sort_definition = nullptr;
  bool descending = false;
  std::size_t limit = 10;
  std::size_t after = 0;
};

/// A filter value may come as a text or as a number.
std::optional<core::Value> as_text(const core::Value& value) {
  if (value.is_string()) return value;
  if (value.is_int()) return core::Value(std::to_string(value.as_int()));
  return std::nullopt;
}

class Reader {
 public:
  Reader(const CrmStore& store, CrmObject object) : store_(store), object_(object) {}

  tl::expected<Query, Refusal> read(const core::Value& body) {
    Query query;
    if (!body.is_object()) return refuse(400, "invalid input JSON");
    for (const auto& [name, value] : body.as_object()) {
      if (auto refusal = member(name, value, query)) return tl::unexpected(*refusal);
    }
    if (query.sort_definition == nullptr) {
      query.sort_definition = store_.schema().find(object_, query.sort_property);
    }
    return query;
  }

 private:
  std::optional<Refusal> member(const std::string& name, const core::Value& value, Query& query) {
    if (name == "filterGroups") return groups(value, query);
    if (name == "sorts") return sorts(value, query);
    if (name == "limit") return number(name, value, kPage, query.limit);
    if (name == "after") return number(name, value, kReach - 1, query.after);
    if (name == "query" && value.is_string()) {
      query.words = lower_ascii(value.as_string());
      return std::nullopt;
    }
    if (name == "properties") return std::nullopt;  // read by the caller
    return Refusal{400, "invalid input JSON: unknown field " + name};
  }

  static std::optional<Refusal> number(const std::string& name, const core::Value& value,
                                       std::size_t most, std::size_t& into) {
    const auto text = as_text(value);
    if (!text) return Refusal{400, name + " must be a number"};
    if (text->as_string().empty() && name == "after") return std::nullopt;
    const auto parsed = to_number(text->as_string());
    if (!parsed || *parsed < 0) return Refusal{400, name + " must be a number"};
    if (*parsed > static_cast<double>(most)) {
      return Refusal{400, name + " must be at most " + std::to_string(most)};
    }
    into = static_cast<std::size_t>(*parsed);
    return std::nullopt;
  }

  std::optional<Refusal> sorts(const core::Value& value, Query& query) {
    if (!value.is_list() || value.as_list().size() > 1) return Refusal{400, "one sort is allowed"};
    if (value.as_list().empty()) return std::nullopt;
    const core::Value& sort = value.as_list().front();
    query.sort_property = sort.is_string() ? sort.as_string() : sort.text_or("propertyName");
    query.sort_definition = store_.schema().find(object_, query.sort_property);
    if (query.sort_definition == nullptr) return Refusal{400, "sort names no property"};
    query.descending = sort.text_or("direction", "ASCENDING") == "DESCENDING";
    return std::nullopt;
  }

  std::optional<Refusal> groups(const core::Value& value, Query& query) {
    if (!value.is_list() || value.as_list().size() > kGroups) {
      return Refusal{400, "at most 5 filterGroups are allowed"};
    }
    std::size_t count = 0;
    for (const core::Value& group : value.as_list()) {
      const core::Value& filters = group.at("filters");
      if (!filters.is_list() || filters.as_list().size() > kFiltersPerGroup) {
        return Refusal{400, "at most 6 filters are allowed in a group"};
      }
      query.groups.emplace_back();
      for (const core::Value& one : filters.as_list()) {
        if (++count > kFilters) return Refusal{400, "at most 18 filters are allowed"};
        query.groups.back().emplace_back();
        if (auto refusal = filter(one, query.groups.back().back())) return refusal;
      }
    }
    return std::nullopt;
  }

  std::optional<Refusal> filter(const core::Value& value, Filter& into) {
    static const std::set<std::string, std::less<>> kWithValue = {"EQ", "NEQ", "GT",     "GTE",
                                                                  "LT", "LTE", "BETWEEN"};
    into.property = value.text_or("propertyName");
    into.definition = store_.schema().find(object_, into.property);
    if (into.definition == nullptr) return Refusal{400, "filter names no property"};
    into.op = value.text_or("operator");
    if (into.op == "HAS_PROPERTY" || into.op == "NOT_HAS_PROPERTY") return std::nullopt;
    if (into.op == "IN" || into.op == "NOT_IN") return list(value.at("values"), into);
    if (!kWithValue.contains(into.op)) return Refusal{400, "unknown filter operator"};
    const auto low = as_text(value.at("value"));
    if (!low) return Refusal{400, "filter has no value"};
    into.value = key_of(*into.definition, *low);
    if (into.op != "BETWEEN") return std::nullopt;
    const auto high = as_text(value.at("highValue"));
    if (!high) return Refusal{400, "BETWEEN has no highValue"};
    into.high = key_of(*into.definition, *high);
    return std::nullopt;
  }

  static std::optional<Refusal> list(const core::Value& values, Filter& into) {
    if (!values.is_list()) return Refusal{400, "filter has no values"};
    for (const core::Value& value : values.as_list()) {
      const auto text = as_text(value);
      if (!text) return Refusal{400, "filter has no values"};
      into.values.push_back(key_of(*into.definition, *text));
    }
    return std::nullopt;
  }

  const CrmStore& store_;
  CrmObject object_;
};

bool matches(const Filter& filter, const Key& key) {
  const auto listed = [&] {
    return std::find(filter.values.begin(), filter.values.end(), key) != filter.values.end();
  };
  if (filter.op == "HAS_PROPERTY") return key.set;
  if (filter.op == "NOT_HAS_PROPERTY") return !key.set;
  if (filter.op == "NEQ") return !(key == filter.value);
  if (filter.op == "NOT_IN") return !listed();
  if (!key.set) return false;
  if (filter.op == "IN") return listed();
  if (filter.op == "EQ") return key == filter.value;
  if (key.numeric != filter.value.numeric) return false;
  if (filter.op == "GT") return less(filter.value, key);
  if (filter.op == "GTE") return !less(key, filter.value);
  if (filter.op == "LT") return less(key, filter.value);
  if (filter.op == "LTE") return !less(filter.value, key);
  return !less(key, filter.value) && !less(filter.high, key);  // BETWEEN
}

bool has_words(const CrmStore& store, CrmObject object, const CrmRecord& record,
               const std::string& words) {
  constexpr std::string_view kSearched[] = {"name",      "domain",   "website", "phone",
                                            "firstname", "lastname", "email"};
  return words.empty() ||
         std::any_of(std::begin(kSearched), std::end(kSearched), [&](std::string_view name) {
           const core::Value value = store.property(object, record, name);
           return value.is_string() &&
                  lower_ascii(value.as_string()).find(words) != std::string::npos;
         });
}

bool matches(const CrmStore& store, CrmObject object, const CrmRecord& record, const Query& query) {
  if (record.archived_ms || !store.is_searchable(record)) return false;
  if (!has_words(store, object, record, query.words)) return false;
  const auto fits = [&](const Filter& filter) {
    return matches(filter, key_of(store, object, record, *filter.definition, filter.property));
  };
  return query.groups.empty() ||
         std::any_of(query.groups.begin(), query.groups.end(), [&](const FilterGroup& group) {
           return std::all_of(group.begin(), group.end(), fits);
         });
}

std::vector<const CrmRecord*> find_all(const CrmStore& store, CrmObject object,
                                       const Query& query) {
  std::vector<std::pair<Key, const CrmRecord*>> found;
  for (const auto& [id, record] : store.records(object)) {
    if (!matches(store, object, record, query)) continue;
    found.emplace_back(key_of(store, object, record, *query.sort_definition, query.sort_property),
                       &record);
  }
  // The records come by id, so that a stable sort leaves ties by id.
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    return query.descending ? less(b.first, a.first) : less(a.first, b.first);
  });
  std::vector<const CrmRecord*> out;
  out.reserve(found.size());
  for (const auto& [key, record] : found) out.push_back(record);
  return out;
}

}  // namespace

tl::expected<CrmSearchResult, Refusal> search_crm(const CrmStore& store, CrmObject object,
                                                  std::string_view body_text,
                                                  const core::Value& body) {
  if (body_text.size() > kBodyCharacters) return refuse(400, "the search body is too long");
  const auto query = Reader(store, object).read(body);
  if (!query) return tl::unexpected(query.error());
  const auto found = find_all(store, object, *query);
  CrmSearchResult result;
  result.total = found.size();
  const std::size_t first = std::min(query->after, found.size());
  const std::size_t last = std::min({first + query->limit, found.size(), kReach});
  result.page.assign(found.begin() + static_cast<std::ptrdiff_t>(first),
                     found.begin() + static_cast<std::ptrdiff_t>(std::max(first, last)));
  if (last < found.size() && query->limit > 0) result.next_after = last;
  return result;
}

}  // namespace assembly_sync::sandbox
